"""A Flax training in the manner of its examples: CLU's LoggingWriter under absl's logging, the step in brackets before the values."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record

STEPS, EVERY, EVALUATE = 60, 5, 20


def train(truth: Truth) -> None:
    """Train 60 steps, writing every fifth and evaluating every twentieth; what is written is the truth."""
    import jax
    import jax.numpy as jnp
    import optax
    from absl import logging
    from clu import metric_writers
    from flax import linen

    logging.use_absl_handler()
    logging.set_verbosity(logging.INFO)
    x, y = tables.classes(480, 71)
    model = linen.Sequential([linen.Dense(16), linen.relu, linen.Dense(2)])
    weights, optimizer = model.init(jax.random.key(0), x[:1]), optax.adam(0.02)
    state, writer = optimizer.init(weights), metric_writers.LoggingWriter()

    def loss(weights: object, x: object, y: object) -> object:
        return optax.softmax_cross_entropy_with_integer_labels(model.apply(weights, x), y).mean()

    def write(step: int, values: dict[str, object]) -> None:
        writer.write_scalars(step, values)
        for name, value in values.items():
            truth.add(name, step, value)

    writer.write_hparams({"learning_rate": 0.02, "batch_size": 32, "steps": STEPS})
    for step in range(1, STEPS + 1):
        part = slice(step * 32 % 320, step * 32 % 320 + 32)
        value, gradients = jax.value_and_grad(loss)(weights, x[part], y[part])
        updates, state = optimizer.update(gradients, state, weights)
        weights = optax.apply_updates(weights, updates)
        if step % EVERY == 0:
            write(step, {"train_loss": value, "grad_norm": optax.global_norm(gradients)})
        if step % EVALUATE == 0:
            right = jnp.argmax(model.apply(weights, x[352:]), -1) == y[352:]
            write(step, {"eval_accuracy": right.mean(), "eval_loss": loss(weights, x[352:], y[352:])})


if __name__ == "__main__":
    record(__file__, train, ("clu", "flax", "optax", "jax"))
