"""gensim's own log lines while a topic model is trained: the bound and perplexity of held-out documents, and how far topics moved."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from capture import Truth, record

WORDS = tuple(f"{kind}{i}" for kind in ("river", "engine", "melody") for i in range(12))


class _Noted(logging.Handler):
    """Keeps the numbers that the library hands to its log, before they are formatted."""

    def __init__(self, truth: Truth) -> None:
        super().__init__()
        self._truth = truth

    def emit(self, line: logging.LogRecord) -> None:
        if str(line.msg).startswith("topic diff="):
            self._note(line, ("topic diff", "rho"))
        elif "per-word bound" in str(line.msg):
            self._note(line, ("per-word bound", "perplexity"))

    def _note(self, line: logging.LogRecord, names: tuple[str, str]) -> None:
        assert isinstance(line.args, tuple)
        for name, value in zip(names, line.args, strict=False):
            self._truth.add(name, "-", value)


def train(truth: Truth) -> None:
    """Train three topics in four passes over 120 short documents, in chunks of 40."""
    import random

    logging.basicConfig(format="%(asctime)s : %(levelname)s : %(message)s", level=logging.INFO)
    logging.getLogger("gensim.models.ldamodel").addHandler(_Noted(truth))
    from gensim.corpora import Dictionary
    from gensim.models import LdaModel

    chance = random.Random(15)
    texts = [[chance.choice(WORDS[topic * 12 : topic * 12 + 12]) for _ in range(20)] for topic in (i % 3 for i in range(120))]
    known = Dictionary(texts)
    LdaModel([known.doc2bow(t) for t in texts], id2word=known, num_topics=3, passes=4, chunksize=40, eval_every=2, random_state=15)


if __name__ == "__main__":
    record(__file__, train, ("gensim",))
