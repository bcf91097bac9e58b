"""MLPerf's mllog: an event a line as JSON behind its mark, among them the results of evaluations and what is tracked beside."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tables
from capture import Truth, record


def train(truth: Truth) -> None:
    """Train 5 epochs; the truth is what the logger is given."""
    import torch
    from mlperf_logging import mllog
    from mlperf_logging.mllog import constants

    torch.manual_seed(67)
    x, y = tables.classes(480, 67)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    net = torch.nn.Sequential(torch.nn.Linear(6, 16), torch.nn.Tanh(), torch.nn.Linear(16, 2))
    optimizer = torch.optim.SGD(net.parameters(), 0.3)
    mllog.config(filename="mllog.txt", default_namespace="", default_stack_offset=1, root_dir=str(Path(__file__).resolve().parent))
    logger = mllog.get_mllogger()
    logger.event(key=constants.CACHE_CLEAR, value=True)
    logger.start(key=constants.INIT_START)
    logger.event(key=constants.SUBMISSION_BENCHMARK, value="example")
    logger.event(key=constants.GLOBAL_BATCH_SIZE, value=32)
    logger.event(key=constants.OPT_NAME, value="sgd")
    logger.event(key=constants.OPT_BASE_LR, value=0.3)
    logger.event(key=constants.SEED, value=67)
    logger.end(key=constants.INIT_STOP)
    logger.start(key=constants.RUN_START)
    for epoch in range(1, 6):
        logger.start(key=constants.EPOCH_START, metadata={constants.EPOCH_NUM: epoch})
        total = 0.0
        for start in range(0, 384, 32):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(x[start : start + 32]), y[start : start + 32])
            loss.backward()
            optimizer.step()
            total += loss.item()
        logger.end(key=constants.EPOCH_STOP, metadata={constants.EPOCH_NUM: epoch})
        logger.event(key="train_loss", value=total / 12, metadata={constants.EPOCH_NUM: epoch})
        truth.add("train_loss", epoch, total / 12)
        logger.start(key=constants.EVAL_START, metadata={constants.EPOCH_NUM: epoch})
        accuracy = (net(x[384:]).argmax(1) == y[384:]).float().mean().item()
        logger.event(key=constants.EVAL_ACCURACY, value=accuracy, metadata={constants.EPOCH_NUM: epoch})
        truth.add("eval_accuracy", epoch, accuracy)
        logger.end(key=constants.EVAL_STOP, metadata={constants.EPOCH_NUM: epoch})
    logger.end(key=constants.RUN_STOP, metadata={constants.STATUS: constants.SUCCESS})


if __name__ == "__main__":
    record(__file__, train, ("mlperf-logging", "torch"))
