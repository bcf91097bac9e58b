"""spaCy's training table: a header once, then rows of bare numbers in columns."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import json

from capture import Truth, record

TRAINING = {"max_steps": 90, "eval_frequency": 15, "patience": 0, "seed": 91}


def _corpus(count: int, seed: int, path: str) -> None:
    """Write sentences of colours, or of animals, as documents with a class."""
    import random

    import spacy
    from spacy.tokens import DocBin

    make, nlp, store = random.Random(seed), spacy.blank("en"), DocBin()
    words = {"COLOUR": "red green blue grey pink the a".split(), "ANIMAL": "cat dog hen yak emu the a grey".split()}
    for _ in range(count):
        label = make.choice(sorted(words))
        doc = nlp(" ".join(make.choices(words[label], k=3)))
        doc.cats = {name: float(name == label) for name in words}
        store.add(doc)
    store.to_disk(path)


def train(truth: Truth) -> None:
    """Train 90 steps, a row every 15; the truth is ConsoleLogger.v3's own output_file."""
    from spacy.cli.init_config import init_config
    from spacy.cli.train import train as spacy_train

    _corpus(120, 91, "train.spacy")
    _corpus(40, 92, "dev.spacy")
    config = init_config(lang="en", pipeline=["textcat"], optimize="efficiency", gpu=False, silent=True)
    config["paths"] |= {"train": "train.spacy", "dev": "dev.spacy"}
    config["training"] |= TRAINING | {"logger": {"@loggers": "spacy.ConsoleLogger.v3", "output_file": "record.jsonl"}}
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 8}
    config.to_disk("config.cfg")
    spacy_train("config.cfg", "model")
    for line in Path("record.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        truth.add("LOSS TEXTCAT", row["step"], row["losses"]["textcat"])
        for name, value in row["scores"].items():
            truth.add(name.upper(), row["step"], value)
        truth.add("SCORE", row["step"], row["score"])


if __name__ == "__main__":
    record(__file__, train, ("spacy",))
