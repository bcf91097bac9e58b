"""Flair: running means every other batch, the epoch's mean and the dev split's evaluation below, a report of the test split at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import Any

from capture import Truth, record

WORDS = {"good": "good fine nice warm bright".split(), "bad": "bad poor cold dull grey".split()}
BATCHES, EVERY = 20, 2


def _sentences(count: int, seed: int) -> Any:
    import random

    from flair.data import Sentence
    from flair.datasets import FlairDatapointDataset

    make, made = random.Random(seed), []
    for _ in range(count):
        label = make.choice(("good", "bad"))
        said = [make.choice(WORDS[label if make.random() < 0.6 else "bad"] + ["the", "day", "was"]) for _ in range(8)]
        seen = label if make.random() < 0.85 else "bad"
        made.append(Sentence(" ".join(said)).add_label("mood", seen))
    return FlairDatapointDataset(made)


def _watch(truth: Truth) -> Any:
    """Return a plugin that takes the trainer's metric records: the batches' losses become the running means that are printed."""
    from flair.trainers.plugins import TrainerPlugin

    class Watch(TrainerPlugin):
        losses: list[float] = []
        rate = 0.0

        @TrainerPlugin.hook
        def metric_recorded(self, record: Any) -> None:
            name, value = "/".join(record.name.parts), record.value
            if name == "learning_rate":
                (self.rate,) = value
            elif name == "train/batch_loss":
                self.losses.append(value)

        @TrainerPlugin.hook
        def after_training_batch(self, batch_no: int, epoch: int, **_: Any) -> None:
            if (batch_no + 1) % EVERY == 0:
                kept = self.losses[-batch_no - 1 :]
                for name, value in (("loss", sum(kept) / len(kept)), ("lr", self.rate), ("momentum", 0.0)):
                    truth.add(name, f"{epoch}:{batch_no + 1}", value)

        @TrainerPlugin.hook
        def after_training_epoch(self, epoch: int, **_: Any) -> None:
            truth.add("epoch/loss", epoch, sum(self.losses[-BATCHES:]) / BATCHES)
            truth.add("epoch/lr", epoch, self.rate)

        @TrainerPlugin.hook
        def after_evaluation(self, epoch: int, validation_scores: tuple[float, float], **_: Any) -> None:
            for name, value in zip(("val/f1-score (micro avg)", "val/loss"), validation_scores, strict=True):
                truth.add(name, epoch, value)

    return Watch()


def train(truth: Truth) -> None:
    """Train 5 epochs of 20 batches; the truth is what the trainer records for its plugins, and the test's own result."""
    import flair
    from flair.data import Corpus
    from flair.embeddings import DocumentPoolEmbeddings, OneHotEmbeddings
    from flair.models import TextClassifier
    from flair.trainers import ModelTrainer

    flair.set_seed(95)
    corpus = Corpus(train=_sentences(16 * BATCHES, 95), dev=_sentences(64, 96), test=_sentences(64, 97))
    embeddings = DocumentPoolEmbeddings([OneHotEmbeddings.from_corpus(corpus, min_freq=1, embedding_length=16)], fine_tune_mode="nonlinear")
    labels = corpus.make_label_dictionary(label_type="mood", add_unk=False)
    model = TextClassifier(embeddings, label_dictionary=labels, label_type="mood")
    trainer = ModelTrainer(model, corpus)
    trainer.train("out", learning_rate=0.1, mini_batch_size=16, max_epochs=5, plugins=[_watch(truth)])
    result = model.evaluate(corpus.test, gold_label_type="mood")
    report = result.classification_report
    truth.add("test/F-score (micro)", "-", result.main_score)
    truth.add("test/F-score (macro)", "-", report["macro avg"]["f1-score"])
    truth.add("test/Accuracy", "-", report["accuracy"])
    for row, scores in report.items():
        if row == "accuracy":
            truth.add(row, "-", scores)
        elif row != "micro avg":  # which is the accuracy, and printed as such
            for name in ("precision", "recall", "f1-score"):
                truth.add(f"{row}/{name}", "-", scores[name])


if __name__ == "__main__":
    record(__file__, train, ("flair", "torch"), ("time*", "samples*"))
