"""scikit-learn's rounds of HistGradientBoostingClassifier, the folds of a search, and t-SNE's divergence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Grow 12 rounds of trees, search four settings over three folds, and lay 90 points out in a plane."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.manifold import TSNE, _t_sne
    from sklearn.model_selection import GridSearchCV

    x, y = tables.classes(400, 15)
    trees = HistGradientBoostingClassifier(max_iter=12, early_stopping=True, scoring="loss", random_state=15, verbose=2).fit(x, y)
    for number in range(1, trees.n_iter_ + 1):
        truth.add("max depth", number, max(tree.get_max_depth() for tree in trees._predictors[number - 1]))
        truth.add("train loss", number, -trees.train_score_[number])
        truth.add("val loss", number, -trees.validation_score_[number])
    search = GridSearchCV(LogisticRegression(), {"C": [0.01, 0.1, 1.0, 10.0]}, cv=3, verbose=3).fit(x, y)
    for candidate in range(4):
        for fold in range(3):
            truth.add("score", "-", search.cv_results_[f"split{fold}_test_score"][candidate])
    descend = _t_sne._gradient_descent

    def noted(*given: Any, **named: Any) -> Any:
        found = descend(*given, **named)
        truth.add("KL divergence", found[2] + 1, found[1])
        return found

    _t_sne._gradient_descent = noted
    TSNE(perplexity=10, max_iter=500, random_state=15, verbose=1).fit(x[:90])


if __name__ == "__main__":
    record(__file__, train, ("scikit-learn",))
