"""A TensorFlow Estimator, trained and evaluated three times: lines of its hooks with the step rate between them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

EVERY = 20  # steps from one printed loss to the next
STEPS = 60  # of one training


def train(truth: Truth) -> None:
    """Train 3 times 60 steps; the truth is what a hook of ours read beside the framework's own, and what evaluate returned."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import numpy as np
    import tensorflow as tf

    tf.compat.v1.logging.set_verbosity("INFO")
    make = np.random.default_rng(7)
    x = make.normal(size=(400, 5)).astype("float32")
    y = (x[:, 0] + 0.5 * x[:, 1] > 0).astype("int64")
    read = tf.compat.v1.estimator.inputs.numpy_input_fn

    class Reader(tf.estimator.SessionRunHook):
        """Keeps the loss of every step."""

        def __init__(self) -> None:
            self.losses: list[float] = []

        def before_run(self, context: Any) -> Any:
            """Ask for the loss."""
            return tf.estimator.SessionRunArgs(context.session.graph.get_collection(tf.compat.v1.GraphKeys.LOSSES)[0])

        def after_run(self, context: Any, values: Any) -> None:
            """Note them."""
            del context
            self.losses.append(float(values.results))

    one = tf.compat.v1.ConfigProto(inter_op_parallelism_threads=1, intra_op_parallelism_threads=1)
    options = tf.estimator.RunConfig("model", 7, session_config=one, log_step_count_steps=EVERY, save_summary_steps=EVERY)
    columns = [tf.feature_column.numeric_column("x", shape=(5,))]
    model = tf.estimator.DNNClassifier([8], columns, n_classes=2, optimizer=lambda: tf.keras.optimizers.legacy.SGD(0.1), config=options)
    for _ in range(3):
        reader = Reader()
        model.train(read({"x": x[:320]}, y[:320], 16, num_epochs=None, shuffle=False), steps=STEPS, hooks=[reader])
        for loss in reader.losses[::EVERY]:
            truth.add("loss", "-", loss)  # the step is read now before, now after it is counted, and printed so
        truth.add("Loss for final step", "-", reader.losses[-1])
        found = model.evaluate(read({"x": x[320:]}, y[320:], 16, num_epochs=1, shuffle=False))
        for name in sorted(found):
            if name != "global_step":
                truth.add(f"eval/{name}", int(found["global_step"]), found[name])
    for _ in range(3 * 2):
        truth.add("global_step/sec", "-", 0)


if __name__ == "__main__":
    record(__file__, train, ("tensorflow-cpu", "tensorflow-estimator"), ("global_step/sec",))
