"""A small translation with fairseq, for the recordings of what its log formats print."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

from capture import Truth

EVERY = 5
PREPARE = "fairseq-preprocess -s aa -t bb --trainpref train --validpref valid --destdir data --workers 1"
TRAIN = (
    "fairseq-train data --task translation --arch transformer_tiny --optimizer adam --lr 0.003 --lr-scheduler inverse_sqrt --warmup-updates 10 --criterion "
    "label_smoothed_cross_entropy --label-smoothing 0.1 --clip-norm 1.0 --dropout 0.1 --max-tokens 400 --max-epoch 3 --seed 64 --cpu --no-save "
    f"--log-interval {EVERY} --log-format "
)
CLOCKS = ("*wps", "*ups", "*wall")
DISTRIBUTIONS = ("fairseq", "torch", "numpy")


def _texts() -> None:
    make = random.Random(64)
    for part, count in (("train", 400), ("valid", 60)):
        lines = [[make.randrange(20) for _ in range(make.randrange(4, 12))] for _ in range(count)]
        for kind, step in (("aa", 1), ("bb", -1)):
            text = "".join(" ".join(f"{kind}{word}" for word in line[::step]) + "\n" for line in lines)
            Path(f"{part}.{kind}").write_text(text, encoding="utf-8")


def train(truth: Truth, form: str) -> None:
    """Train 3 epochs of 10 updates; the truth is what the bar of this format is given to print."""
    import logging
    import warnings

    warnings.simplefilter("ignore")
    logging.basicConfig(format="%(asctime)s | %(levelname)s | %(name)s | %(message)s", datefmt="%Y-%m-%d %H:%M:%S", level="WARNING", stream=sys.stdout)
    from fairseq.logging import progress_bar
    from fairseq_cli import preprocess
    from fairseq_cli import train as training

    _texts()
    given, sys.argv = sys.argv, PREPARE.split()
    preprocess.cli_main()
    logging.getLogger().setLevel(logging.INFO)
    bar = {"simple": progress_bar.SimpleProgressBar, "json": progress_bar.JsonProgressBar}[form]
    log, end = bar.log, bar.print
    joined = "_" if form == "json" else " "

    def add(prefix: str, stats: dict[str, Any]) -> None:
        values = {name: progress_bar.format_stat(value) for name, value in stats.items()}
        for name, value in values.items():
            if name != "num_updates" and (form == "json" or name != "best_loss"):  # the best is only said again
                truth.add(prefix + name, values["num_updates"], value)

    def kept_log(self: Any, stats: dict[str, Any], tag: str | None = None, step: int | None = None) -> None:
        at = step or self.i or 0
        if at > 0 and at % EVERY == 0:
            add("", stats)
        log(self, stats, tag, step)

    def kept_end(self: Any, stats: dict[str, Any], tag: str | None = None, step: int | None = None) -> None:
        add(f"{tag}{joined}", stats)
        end(self, stats, tag, step)

    bar.log, bar.print = kept_log, kept_end
    sys.argv = [*TRAIN.split(), form]
    training.cli_main()
    sys.argv = given
