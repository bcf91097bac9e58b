"""A second run appended to a log: its points are those of its own log, as another attempt."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest
from parsing import parse

LOGS = Path(__file__).parent / "logs"
MOST = 150_000  # bytes of a log; the longer ones show nothing more here
COUNTED = "values without a step or an epoch are counted on"
REDRAWN = "a table that says nothing new is one that was redrawn"
FIRST = "what is tried before the first step stands where the training was"
ON = "a bar without an epoch goes on, as those do that count batches"
KNOWN = {
    **dict.fromkeys(("autogluon", "fasttext", "gensim", "sklearn_scorers", "sklearn_search", "vowpal_wabbit"), COUNTED),
    **dict.fromkeys(("fastai", "sklearn", "skorch", "spacy"), REDRAWN),
    **dict.fromkeys(("hf_seq2seq", "tianshou"), FIRST),
    **dict.fromkeys(("accelerate_bar", "accelerate_script"), ON),
    "torchtune": "what the bar showed first at a count is known from the lines above alone",
}
CAPTURES = [
    f"{path.parent.name}/{path.stem}"
    for path in sorted(LOGS.glob("*/p[it][py]*.log"))
    if path.parent.name not in KNOWN and path.stat().st_size <= MOST
]


@lru_cache(maxsize=1)
def _printed(name: str) -> bytes:
    data = (LOGS / f"{name}.log").read_bytes()
    return data if data.endswith(b"\n") else data + b"\n"


def _points(data: bytes) -> Counter[tuple[str, object, int | None, float | None, str]]:
    return Counter((p.metric, p.labels, p.step, p.epoch, repr(p.value)) for p in parse(data).points)


@pytest.mark.parametrize("name", CAPTURES)
def test_a_recorded_log_appended_to_itself_says_the_same_twice(name: str) -> None:
    data = _printed(name)
    once = _points(data)
    assert _points(data + data) == Counter({point: 2 * count for point, count in once.items()})
