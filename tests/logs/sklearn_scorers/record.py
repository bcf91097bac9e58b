"""scikit-learn's searches with several scorers and with the scores of training: all of a fold's values on its line."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Search two settings over three folds; the truth is cv_results_."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    x, y = tables.classes(300, 16)
    names = ("accuracy", "roc_auc", "neg_log_loss")
    for with_train in (False, True):
        search = GridSearchCV(
            LogisticRegression(), {"C": [0.01, 1.0]}, cv=3, verbose=3, scoring=list(names), refit=False, return_train_score=with_train
        ).fit(x, y)
        for candidate in range(2):
            for fold in range(3):
                for name in names:
                    for part in ("train", "test") if with_train else ("test",):
                        truth.add(f"{name}/{part}", "-", search.cv_results_[f"split{fold}_{part}_{name}"][candidate])


if __name__ == "__main__":
    record(__file__, train, ("scikit-learn",))
