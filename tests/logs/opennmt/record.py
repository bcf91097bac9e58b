"""OpenNMT-py: a report every ten steps with right-aligned numbers, and the results of training and validation a line each."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random
from typing import Any

import yaml
from capture import Truth, record

WORDS = [f"w{i}" for i in range(20)]
EVERY, VALID = 10, 40
SETTINGS = {
    "data": {"corpus_1": {"path_src": "train.src", "path_tgt": "train.tgt"}, "valid": {"path_src": "valid.src", "path_tgt": "valid.tgt"}},
    "src_vocab": "words.txt",
    "tgt_vocab": "words.txt",
    "save_model": "made/model",
    "save_checkpoint_steps": VALID,
    "train_steps": 2 * VALID,
    "valid_steps": VALID,
    "report_every": EVERY,
    "batch_size": 16,
    "encoder_type": "brnn",
    "hidden_size": 16,
    "word_vec_size": 16,
    "layers": 1,
    "optim": "adam",
    "learning_rate": 0.01,
    "seed": 5,
    "num_workers": 0,
    "bucket_size": 64,
}


def _write_inputs() -> None:
    make = random.Random(5)
    for name, count in (("train", 400), ("valid", 60)):
        rows = [[make.choice(WORDS) for _ in range(make.randrange(3, 7))] for _ in range(count)]
        Path(f"{name}.src").write_text("".join(" ".join(row) + "\n" for row in rows), encoding="utf-8")
        Path(f"{name}.tgt").write_text("".join(" ".join(reversed(row)) + "\n" for row in rows), encoding="utf-8")
    Path("words.txt").write_text("".join(f"{word}\t1\n" for word in WORDS), encoding="utf-8")
    Path("settings.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")


def train(truth: Truth) -> None:
    """Train 80 steps; the truth is what the trainer's own statistics give for their reports."""
    import warnings

    warnings.simplefilter("ignore")
    from onmt.bin.train import main
    from onmt.utils import ReportMgr, Statistics

    output, step_report = Statistics.output, ReportMgr._report_step

    def noted_output(self: Any, step: int, steps: int, rate: float, start: float) -> None:
        for name, value in (("acc", self.accuracy()), ("ppl", self.ppl()), ("xent", self.xent()), ("lr", rate), ("sents", self.n_sents)):
            truth.add(name, step, value)
        output(self, step, steps, rate, start)

    def noted_step(self: Any, rate: float, patience: Any, step: int, valid_stats: Any = None, train_stats: Any = None) -> None:
        for name, stats in (("Train", train_stats), ("Validation", valid_stats)):
            if stats is not None:
                truth.add(f"{name} perplexity", step, stats.ppl())
                truth.add(f"{name} accuracy", step, stats.accuracy())
        step_report(self, rate, patience, step, valid_stats=valid_stats, train_stats=train_stats)

    Statistics.output, ReportMgr._report_step = noted_output, noted_step
    _write_inputs()
    given, sys.argv = sys.argv, ["onmt_train", "-config", "settings.yaml"]
    main()
    sys.argv = given


if __name__ == "__main__":
    record(__file__, train, ("OpenNMT-py", "torch"))
