"""A training diverges, and nan is printed where a number was: it is a value as any other, of the same metric at the same step."""

from __future__ import annotations

import re

import pytest
from parsing import DEFAULTS, points

from scraper.packfiles import builtin_packs
from scraper.parse.packs import Pack, PackSet
from scraper.parse.parser import Parser

PACKS = builtin_packs()
SET = PackSet(PACKS)
FRACTION = re.compile(r"(?<![\w.:/-])-?\d+\.\d+(?:e[-+]?\d+)?(?![\w.:/])")
MOST = 4  # values of a sample
# Packs of which some values are never nan as they print it, or whose samples tell a value twice with other digits.
LEFT_OUT = {
    "allennlp": "tells values twice",
    "coco": "prints -1 for what it could not average",
    "huggingface": "tells values twice",
    "json-lines": "JSON writes NaN",
    "lightning": "tells values twice; cut by the terminal's edge",
    "pix2pix": "a learning rate",
    "raft": "a learning rate",
    "rwkv": "a learning rate",
    "scikit-learn": "inertia and likelihoods, of data that may have no nan",
    "spacy": "prints - where there is no score",
    "stable-baselines3": "the number of steps",
}


def _places(text: str) -> list[tuple[int, str, int | None, float | None]]:
    """Line, metric, step and epoch of every point, in printed order."""
    parser, data = Parser(SET, DEFAULTS), text.encode()
    points = [*parser.feed(data, None).points, *parser.flush(None).points]
    return [(data[: p.at].count(b"\n"), p.metric, p.step, p.epoch) for p in sorted(points, key=lambda p: p.at)]


def _with_nan(text: str, number: re.Match[str]) -> list[str]:
    """Replace a number by nan: alone, or as wide as it was, as where it stands in a column."""
    width = len(number[0])
    return [text[: number.start()] + word + text[number.end() :] for word in ("nan", "nan".rjust(width), "nan".ljust(width))]


@pytest.mark.parametrize("pack", [pack for pack in PACKS if pack.name not in LEFT_OUT], ids=lambda pack: pack.name)
def test_nan_is_a_value_of_the_same_metric_at_the_same_step(pack: Pack) -> None:
    for sample in pack.samples:
        values = {abs(value) for _, _, _, value, *_ in sample.points}
        once = [m for m in FRACTION.finditer(sample.text) if sample.text.count(m[0]) == 1 and abs(float(m[0])) in values]
        plain = _places(sample.text) if once else []
        for number in once[:: len(once) // MOST + 1]:
            assert plain in map(_places, _with_nan(sample.text, number)), number[0]


@pytest.mark.parametrize("word", ["nan", "inf", "0.5"])
def test_a_bar_that_shows_a_batch_at_a_time_is_read_alike_whatever_it_shows(word: str) -> None:
    """Its loop draws six batches before it counts them, and the count draws the last one's value again."""
    shown = ["0.75", "0.625", word, word, "0.25", word]
    drawn = [f"  0%|          | 0/12 [00:00<?, ?it/s, loss={v}]" for v in shown]
    drawn += [f" 50%|█████     | 6/12 [00:01<00:01, 6.00it/s, loss={v}]" for v in [word, *shown]]
    drawn += [f"100%|██████████| 12/12 [00:02<00:00, 6.00it/s, loss={word}]"]
    found = [(p.step, str(p.value)) for p in points("\r".join(["  0%|          | 0/12 [00:00<?, ?it/s]", *drawn]) + "\n")]
    assert found == [(i + 1, v) for i, v in enumerate(shown * 2)]
