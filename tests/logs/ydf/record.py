"""Yggdrasil's lines of boosted trees, with those of the model that is kept, and of a random forest, whose values are out of bag."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

BOOSTED = (1, 2, 3, 60)  # the trees of which a line is printed: the first ones, the last, and one a second
RANDOM = (1, 11, 12)


def train(truth: Truth) -> None:
    """Train both, and take each printed tree's values from the log that the model keeps."""
    import numpy as np
    import ydf

    chance = np.random.default_rng(12)
    x = chance.normal(size=(400, 4))
    table = {f"x{i}": x[:, i] for i in range(4)} | {"y": (x[:, 0] * x[:, 1] + chance.normal(0, 0.3, 400) > 0).astype(int)}

    model = ydf.GradientBoostedTreesLearner(label="y", num_trees=BOOSTED[-1], num_threads=1).train(table, verbose=2)
    log = {entry.iteration: entry for entry in model.training_logs()}
    for tree in BOOSTED:
        for data, values in (("train", log[tree].training_evaluation), ("valid", log[tree].evaluation)):
            truth.add(f"{data}-loss", tree, values.loss)
            truth.add(f"{data}-accuracy", tree, values.accuracy)
    kept = model.num_trees()
    truth.add("valid-loss", kept, log[kept].evaluation.loss)
    truth.add("valid-accuracy", kept, log[kept].evaluation.accuracy)

    forest = ydf.RandomForestLearner(label="y", num_trees=RANDOM[-1], num_threads=1).train(table, verbose=2)
    bagged = {entry.iteration: entry.evaluation for entry in forest.training_logs()}
    for tree in RANDOM:
        truth.add("accuracy", tree, bagged[tree].accuracy)
        truth.add("logloss", tree, bagged[tree].loss)
    truth.add("oob/accuracy", "-", bagged[RANDOM[-1]].accuracy)
    truth.add("oob/logloss", "-", bagged[RANDOM[-1]].loss)


if __name__ == "__main__":
    record(__file__, train, ("ydf",))
