"""Sentence Transformers: evaluators that log what the trainer's dict then says once more, and one called by itself after the training."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import logging
import random
from typing import Any

import hf_training
from capture import Truth, record

WORDS = [f"w{i}" for i in range(80)]


def _model() -> Any:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate([*WORDS, "[UNK]"])}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return SentenceTransformer(modules=[StaticEmbedding(made, embedding_dim=16)], device="cpu")


def _pairs(count: int, seed: int) -> list[tuple[str, str, float]]:
    """Return pairs of sentences that share some of six words, and the share, with noise."""
    make, made = random.Random(seed), []
    for _ in range(count):
        first, shared = make.sample(WORDS, 6), make.randrange(7)
        second = first[:shared] + make.sample(WORDS, 6 - shared)
        made.append((" ".join(first), " ".join(second), min(1.0, max(0.0, shared / 6 + make.gauss(0, 0.2)))))
    return made


def train(truth: Truth) -> None:
    """Train 40 steps with an evaluation every 10; the truth is the trainer's log_history, and what the last evaluator returns."""
    import datasets
    import transformers
    from sentence_transformers import SentenceTransformerTrainer, SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer import losses
    from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator

    logging.basicConfig(format="%(asctime)s - %(message)s", datefmt="%Y-%m-%d %H:%M:%S", level=logging.INFO)
    datasets.disable_progress_bars()
    rows, held, test = (list(zip(*_pairs(count, seed), strict=True)) for count, seed in ((320, 98), (64, 99), (64, 100)))
    transformers.set_seed(98)
    model = _model()
    settings = SentenceTransformerTrainingArguments(
        output_dir="out", report_to="none", save_strategy="no", use_cpu=True, dataloader_pin_memory=False, max_steps=40, seed=98,
        per_device_train_batch_size=16, learning_rate=0.05, logging_steps=5, eval_strategy="steps", eval_steps=10,
    )  # fmt: skip
    tables = [datasets.Dataset.from_dict(dict(zip(("sentence1", "sentence2", "score"), table, strict=True))) for table in (rows, held)]
    trainer = SentenceTransformerTrainer(
        model=model, args=settings, train_dataset=tables[0], eval_dataset=tables[1], loss=losses.CosineSimilarityLoss(model),
        evaluator=EmbeddingSimilarityEvaluator(*held, name="toy-dev"),
    )  # fmt: skip
    trainer.train()
    hf_training.note(truth, trainer.state.log_history)
    scores = EmbeddingSimilarityEvaluator(*test, name="toy-test")(model)
    for name in ("pearson", "spearman"):
        truth.add(f"test/toy-test/Cosine/{name}", "-", scores[f"toy-test_{name}_cosine"])


if __name__ == "__main__":
    record(__file__, train, ("sentence-transformers", "transformers", "torch"), hf_training.CLOCKS)
