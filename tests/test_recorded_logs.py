from __future__ import annotations

import math
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.config import resolve
from scraper.packfiles import builtin_packs
from scraper.parse.packs import PackSet
from scraper.parse.parser import Parser

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scraper.model import Event, Parsed, Point

LOGS = Path(__file__).parent / "logs"
RECORDED = sorted(path.parent.name for path in LOGS.glob("*/truth.tsv"))
CAPTURES = [(name, capture) for name in RECORDED for capture in ("pipe", "pty")]

PACKS = PackSet(builtin_packs())
SETTINGS = resolve(environ={})

PARTS = ("train", "test")
# What the framework's own record calls otherwise than it prints or a pack stores: folder -> recorded name -> stored name.
ALIASES: dict[str, dict[str, str]] = {
    "ignite": {"Validation mse": "val/mse"},
    "keras_verbose1": {"accuracy once": "evaluate/accuracy", "loss once": "evaluate/loss"},
    "keras_verbose2": {"accuracy once": "evaluate/accuracy", "loss once": "evaluate/loss"},
    "mmengine": {"loss": "train/loss", "lr": "train/lr"},
    "nanogpt": {"time": "time_ms"},
    "pytorch_imagenet": {
        **{f"{part} Acc@{n}": f"{part}/acc{n}" for part in PARTS for n in (1, 5)},
        **{f"{part} Acc@{n} mean": f"{part}/acc{n}_avg" for part in PARTS for n in (1, 5)},
        **{f"{part} Loss": f"{part}/loss" for part in PARTS},
        **{f"{part} Loss mean": f"{part}/loss_avg" for part in PARTS},
        **{f"{part} Time": f"{part}/batch_time" for part in PARTS},
        **{f"{part} Data": f"{part}/data_time" for part in PARTS},
        **{f"final Acc@{n}": f"val/acc{n}" for n in (1, 5)},
    },
    "pytorch_mnist": {"Loss": "train/Loss", "Test Average loss": "test/loss"},
    "timm": {
        f"{part}{name} mean": f"{part}{name}_avg"
        for part in ("", "Test ", "Test (EMA) ")
        for name in ("Loss", "Data", "Time", "Acc@1", "Acc@5")
    },
}  # fmt: skip
# What is printed too, by the clock or of the clock, and stands in no clocks.txt.
TIMED = {
    "autogluon": ("runtime",),
    "coqui": ("loader_time",),
    "espnet": ("time",),
    "gluon": ("time/interval",),
    "mxnet": ("Speed", "Time cost"),
    "olmo_core": ("throughput",),
    "torchvision_classification": ("time", "data"),
    "yolox": ("mem",),
    "deepspeed": ("SamplesPerSec", "MemAllocated"),
    "litgpt": ("iter time", "val time"),
    "fasttext": ("words/sec/thread", "lr", "loss"),  # drawn by the clock
    "mmengine": ("train/time", "train/data_time", "val/time", "val/data_time"),
    "ms_swift": ("train_speed",),
    "pytorch_imagenet": ("batch_time_avg", "data_time_avg"),
    "recbole": ("time",),
    "flair": ("time (sec)", "samples/sec"),
    "timm": ("samples/s",),
}
# A frame of a rich bar that was drawn between a count and its values shows those of the count before.
DRAWN_EARLY = ("lightning_rich",)


def _read(log: bytes, cuts: Iterable[int] = (), restarts: Iterable[int] = ()) -> tuple[list[Point], list[Event], dict[str, int]]:
    """Feed a log cut at `cuts`; at each of `restarts` the parser is saved, thrown away and fed again from where it was."""
    parser = Parser(PACKS, SETTINGS)
    parts: list[Parsed] = []
    at, again = 0, set(restarts)
    for cut in [*sorted(cuts), len(log)]:
        parts.append(parser.feed(log[at:cut], None))
        at = cut
        if cut in again:
            parser = Parser(PACKS, SETTINGS, parser.save())
            at = parser.consumed
    parts.append(parser.flush(None))
    found = sorted((p for part in parts for p in part.points), key=lambda p: (p.at, p.metric, p.labels))
    said = sorted((e for part in parts for e in part.events), key=lambda e: (e.at, e.kind))
    return found, said, parser.counters


def _words(name: str) -> str:
    return " ".join(w for w in re.split(r"[^a-z0-9]+", name.lower()) if w)


def _stored(folder: str, recorded: str) -> str:
    return _words(ALIASES.get(folder, {}).get(recorded, recorded))


def _rows(folder: str, file: str) -> dict[str, list[tuple[str, float]]]:
    """Return (place, value) in printed order by stored name, as words."""
    rows: dict[str, list[tuple[str, float]]] = defaultdict(list)
    path = LOGS / folder / file
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        metric, place, value = line.split("\t")
        once = " once" if file == "sometimes.tsv" and folder.startswith("keras") else ""  # evaluate after fit
        rows[_stored(folder, metric + once)].append((place, float(value)))
    return rows


def _stored_name(point: Point) -> str:
    return _words(f"{point.metric} {' '.join(f'{k} {v}' for k, v in point.labels)}")


def _is_timed(folder: str, name: str) -> bool:
    clocks = LOGS / folder / "clocks.txt"
    recorded = clocks.read_text(encoding="utf-8").splitlines() if clocks.exists() else []
    return name in {_stored(folder, metric) for metric in recorded} or any(_words(timed) in name for timed in TIMED.get(folder, ()))


def _is_at(point: Point, place: str) -> bool:
    """Whether a point stands where the record says: at a step, at an epoch, or at a batch of an epoch."""
    if place == "-":
        return True
    if ":" in place:
        epoch, batch = map(int, place.split(":"))
        return point.epoch == epoch and point.step is not None and (point.step == batch or point.step > batch)
    return float(place) in (point.step, point.epoch) or (point.epoch is not None and abs(point.epoch - float(place)) < 0.006)


def _rounds_to(printed: float, value: float) -> bool:
    if not (math.isfinite(printed) and math.isfinite(value)):
        return printed == value or (math.isnan(printed) and math.isnan(value))
    mantissa, _, exponent = repr(printed).partition("e")
    digits = len(mantissa.partition(".")[2]) if not mantissa.endswith(".0") else 0
    unit = 0.5001 * 10.0 ** (int(exponent or 0) - digits)
    if "e" in f"{value:.3g}" and printed == float(f"{value:.3g}"):  # -1.61e+03
        return True
    return abs(printed - value) <= min(unit, max(0.02 * abs(value), 5e-3)) or math.isclose(printed, value)


def _take(found: list[Point], place: str, value: float) -> bool:
    """Remove the point that a row of the record stands for: of several, the nearest, as an epoch's value has its batches' beside it."""
    fitting = (p for p in found if _is_at(p, place) and _rounds_to(p.value, value))
    hit = min(fitting, key=lambda p: abs(p.value - value), default=None)
    if hit is not None:
        found.remove(hit)
    return hit is not None


@pytest.mark.parametrize(("folder", "capture"), CAPTURES)
def test_what_was_trained_is_what_is_read(folder: str, capture: str) -> None:
    found: dict[str, list[Point]] = defaultdict(list)
    for point in _read((LOGS / folder / f"{capture}.log").read_bytes())[0]:
        found[_stored_name(point)].append(point)
    missing = {name: [row for row in rows if not _take(found[name], *row)] for name, rows in _rows(folder, "truth.tsv").items()}
    assert {name: rows for name, rows in missing.items() if rows} == {}
    for name, rows in _rows(folder, "sometimes.tsv").items():
        for place, value in rows:
            if not _take(found[name], place, value) and folder in DRAWN_EARLY:
                _take(found[name], str(int(place) + 1), value)
    beyond = {name: [(p.step, p.epoch, p.value) for p in rest] for name, rest in found.items() if rest and not _is_timed(folder, name)}
    assert beyond == {}


@pytest.mark.parametrize(("folder", "capture"), CAPTURES)
def test_cuts_and_restarts_change_nothing(folder: str, capture: str) -> None:
    log = (LOGS / folder / f"{capture}.log").read_bytes()
    chance = random.Random(f"{folder} {capture}")
    cuts = [chance.randrange(1, len(log)) for _ in range(40)]
    whole, parted = _read(log), _read(log, cuts, chance.sample(cuts, 12))
    assert [repr(p) for p in parted[0]] == [repr(p) for p in whole[0]]  # by their text, since NaN is not equal to itself
    assert [repr(e) for e in parted[1]] == [repr(e) for e in whole[1]]
    assert parted[2] == whole[2]


def test_every_script_that_records_can_be_read() -> None:
    scripts = sorted(LOGS.rglob("*.py"))
    assert {path.parent.name for path in scripts} >= set(RECORDED), "each log's script lies beside it"
    for path in scripts:
        compile(path.read_bytes(), path, "exec")
