"""scikit-learn's own verbose lines: MLPClassifier's losses, and the columns of GradientBoostingClassifier."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Fit a perceptron for 25 iterations (its line counts from 1) and 40 trees (the table thins out after the tenth)."""
    import warnings

    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, y = tables.classes(400, 15)
    net = MLPClassifier((12,), max_iter=25, random_state=15, learning_rate_init=0.02, early_stopping=True, n_iter_no_change=30, verbose=True).fit(x, y)
    for number, (loss, score) in enumerate(zip(net.loss_curve_, net.validation_scores_, strict=True), 1):
        truth.add("loss", number, loss)
        truth.add("Validation score", number, score)
    trees = GradientBoostingClassifier(n_estimators=40, subsample=0.7, random_state=15, verbose=1).fit(x, y)
    for number in [*range(1, 11), *range(20, 41, 10)]:
        truth.add("Train Loss", number, trees.train_score_[number - 1])
        truth.add("OOB Improve", number, trees.oob_improvement_[number - 1])


if __name__ == "__main__":
    record(__file__, train, ("scikit-learn",))
