"""Stanza's part-of-speech tagger: a line every few steps, one an evaluation with the mean loss since the last, a table of scores at the end."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import random
from typing import Any

from capture import Truth, record

STEPS, EVERY, EVALUATE = 60, 5, 20
WORDS = {"DET": ("the", "a"), "NOUN": ("dog", "cat", "moon", "sea"), "VERB": ("sees", "likes", "finds"), "ADJ": ("red", "old", "cold"), "PUNCT": (".",)}
FORM = ("DET", "ADJ", "NOUN", "VERB", "DET", "NOUN", "PUNCT")


def _write(path: str, count: int, seed: int) -> None:
    """Write sentences in CoNLL-U; one word in ten has another word's tag."""
    make = random.Random(seed)
    text = ""
    for _ in range(count):
        for number, kind in enumerate(FORM, 1):
            said = kind if make.random() > 0.1 else make.choice(FORM)
            word = make.choice(WORDS[kind])
            text += f"{number}\t{word}\t{word}\t{said}\t{said}\t_\t{0 if number == 1 else 1}\t{'root' if number == 1 else 'dep'}\t_\t_\n"
        text += "\n"
    Path(path).write_text(text, encoding="utf-8")


def train(truth: Truth) -> None:
    """Train 60 steps; the truth is what the trainer's update and the evaluation return."""
    from stanza.models import tagger
    from stanza.models.pos import scorer, trainer

    _write("train.conllu", 160, 72)
    _write("dev.conllu", 40, 73)
    losses: list[float] = []
    update, evaluate = trainer.Trainer.update, scorer.ud_scores

    def kept_update(self: Any, *args: Any, **options: Any) -> Any:
        loss = update(self, *args, **options)
        losses.append(loss)
        if len(losses) % EVERY == 0:
            truth.add("loss", len(losses), loss)
            truth.add("lr", len(losses), 0.003)
        return loss

    def kept_scores(*args: Any, **options: Any) -> Any:
        scores = evaluate(*args, **options)
        for name in ("UPOS", "XPOS", "UFeats", "AllTags"):
            truth.add(f"val/{name}", len(losses), 100 * scores[name].f1)
        truth.add("train_loss", len(losses), sum(losses[-EVALUATE:]) / EVALUATE)
        truth.add("dev_score", len(losses), scores["AllTags"].f1)
        return scores

    trainer.Trainer.update, scorer.ud_scores = kept_update, kept_scores
    small = ["--no_pretrain", "--char_hidden_dim", "8", "--char_emb_dim", "8", "--word_emb_dim", "8", "--hidden_dim", "16", "--deep_biaff_hidden_dim", "16"]
    small += ["--composite_deep_biaff_hidden_dim", "16", "--tag_emb_dim", "8", "--transformed_dim", "8", "--cpu", "--seed", "72"]
    steps = ["--max_steps", str(STEPS), "--log_step", str(EVERY), "--eval_interval", str(EVALUATE), "--fix_eval_interval", "--lr", "0.003", "--batch_size", "60"]
    files = ["--train_file", "train.conllu", "--eval_file", "dev.conllu", "--output_file", "dev.out", "--shorthand", "en_small", "--lang", "en"]
    tagger.main(["--mode", "train", "--save_dir", "saved", "--wordvec_pretrain_file", "none", *files, *steps, *small])


if __name__ == "__main__":
    record(__file__, train, ("stanza", "torch"))
