"""RecBole: the settings it prints first, a line an epoch of the training and of the evaluation with the results below, bars between, a table at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import os
import random
import warnings
from typing import Any

from capture import Truth, record

SETTINGS = {
    "epochs": 4, "eval_step": 1, "topk": [5, 10], "metrics": ["Recall", "NDCG"], "valid_metric": "NDCG@10", "use_gpu": False, "embedding_size": 8,
    "train_batch_size": 128, "learning_rate": 0.02, "show_progress": True, "data_path": "data", "checkpoint_dir": "saved", "nproc": 1,
}  # fmt: skip


def _write_data() -> None:
    """Write 60 users who like items of their own kind."""
    make = random.Random(71)
    rows = {(user, make.randrange(20) * 3 + (user % 3 if make.random() < 0.8 else make.randrange(3))) for user in range(60) for _ in range(14)}
    lines = [f"{user}\t{item}\t{1 + (user + item) % 5}\t{100 * user + item}" for user, item in sorted(rows)]
    Path("data/small").mkdir(parents=True)
    Path("data/small/small.inter").write_text("user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + "\n".join(lines), encoding="utf-8")


def _old_names() -> None:
    """Give NumPy and PyTorch the defaults that this framework was written for."""
    import numpy as np

    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    for name, kind in {"float": float, "int": int, "bool": bool, "object": object, "complex": complex, "str": str}.items():
        setattr(np, name, kind)


def train(truth: Truth) -> None:
    """Train 4 epochs as run_recbole does; the truth is what the trainer keeps and returns."""
    warnings.simplefilter("ignore")
    _write_data()
    _old_names()
    from logging import getLogger

    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.model.general_recommender import BPR
    from recbole.trainer import Trainer
    from recbole.utils import init_logger, init_seed, set_color

    own, sys.argv = sys.argv, sys.argv[:1]  # it reads them as settings
    config = Config(model="BPR", dataset="small", config_dict=SETTINGS)
    sys.argv = own
    init_seed(config["seed"], config["reproducibility"])
    init_logger(config)
    logger = getLogger()
    logger.info(config)
    data = create_dataset(config)
    logger.info(data)
    fit, valid, test = data_preparation(config, data)
    model = BPR(config, fit.dataset)
    logger.info(model)

    class Keeper(Trainer):  # type: ignore[misc]
        def _valid_epoch(self, *args: Any, **options: Any) -> Any:
            score, results = super()._valid_epoch(*args, **options)
            epoch = len(self.train_loss_dict) - 1
            truth.add("valid_score", epoch, score)
            for name, value in results.items():
                truth.add(f"val/{name}", epoch, value)
            return score, results

    trainer = Keeper(config, model)
    best_score, best = trainer.fit(fit, valid, saved=True, show_progress=True)
    for epoch, loss in trainer.train_loss_dict.items():
        truth.add("train loss", epoch, loss)
    result = trainer.evaluate(test, load_best_model=True, show_progress=True)
    logger.info(set_color("best valid ", "yellow") + f": {best}")
    logger.info(set_color("test result", "yellow") + f": {result}")
    for kind, results in (("val", best), ("test", result)):
        for name, value in results.items():
            (truth.add if kind == "test" else truth.sometimes)(f"{kind}/{name}", "-", value)


if __name__ == "__main__":
    record(__file__, train, ("recbole", "numpy", "torch"), ("*time",))
