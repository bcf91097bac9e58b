"""Lines that are JSON objects: numbers by their path, facts by their key."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final, NamedTuple

from scraper.parse.packs import Pattern
from scraper.parse.words import PHASES, TOTALS, fact, is_clock, is_metric, is_side, phase

_ASIDE: Final = frozenset(
    ("config", "args", "hparams", "hyperparameters", "params", "options", "settings", "final", "system", "env", "versions")
)
_TIMES: Final = frozenset(("ts", "time", "timestamp", "asctime", "@timestamp", "_timestamp"))
_BOOKKEEPING: Final = frozenset(
    ("percentage", "total_steps", "total_epochs", "exit_code", "level", "lineno", "line", "process", "thread", "pid", "rank",
     "max_steps", "num_epochs", "n_parameters", "num_params")
)
_MESSAGES: Final = frozenset(("msg", "message"))  # keys of what a logger writes: such an object may count anything
_PHASE_KEYS: Final = ("mode", "phase", "split", "stage", "subset", "_type", "type", "kind", "event", "message_type")
_ABOUT: Final = frozenset(  # keys of texts that stand beside values and say nothing of settings
    ("level", "levelname", "name", "logger", "module", "host", "hostname", "caller", "filename", "func", "funcname", "run", "experiment",
     "eta", "date", "datetime", "threadname", "processname", *_TIMES, *_MESSAGES, *_PHASE_KEYS)
)  # fmt: skip
_MOST_TEXTS: Final = 4  # beside values: an object with more texts and switches holds settings, too
_OF: Final = re.compile(r"(\d+)/(\d+)")  # `"epoch": "3/196"`
_MOST_ITEMS: Final = 32  # of a list that is read
_COCO: Final = ("AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl")
_OF_COCO: Final = re.compile(r"coco_eval_(?:bbox|masks|segm)$")  # as DETR and what was made of it write the twelve scores
_LARGEST: Final = math.nextafter(math.inf, 0)  # JSON's whole numbers have no end
_CLOCK: Final = 1e9  # seconds since 1970, in 2001
_TEXT: Final = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_FORMATTED: Final = re.compile(r"[-+]?\d{1,5}\.\d{3,}")  # a value that was rounded, and no version
_NON_FINITE: Final = {"nan": math.nan, "NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "inf": math.inf, "-inf": -math.inf}
_AHEAD: Final = re.compile(r"\s*(?:(?:\[[\w.]+: *\d+\]: )?json_stats: )?")  # Detectron, SlowFast, pycls


class Reading(NamedTuple):
    """What one object says."""

    facts: dict[str, float]
    names: tuple[str, ...]
    values: list[float]
    time: float | None


def read(text: str, pattern: Pattern) -> Reading | None:
    """Return the numbers of a JSON line, or None where it is none or says nothing about a training's progress."""
    start = text.find("{")
    if start < 0 or not text.rstrip().endswith("}") or not _AHEAD.fullmatch(text, 0, start):
        return None
    if pattern.regex is not None and not pattern.regex.search(text, start):
        return None
    try:
        data = json.loads(text[start:])
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    facts: dict[str, float] = {}
    numbers: list[tuple[str, float]] = []
    _walk(data, "", facts, numbers, pattern)
    said = bool(pattern.source) or any(is_metric(name) for name, _ in numbers)
    if not numbers or not (said or (facts and _MESSAGES.isdisjoint(data))):
        return None
    if not pattern.source and _is_configured(data):
        numbers = [(name, number) for name, number in numbers if is_metric(name) or is_side(name)]
    aside = _aside(data) or pattern.prefix
    if aside and "mode" in data and "epoch" in facts and "iter" in data:
        facts.pop("step", None)  # MMCV counts the batches of the evaluation there
    return Reading(facts, tuple(_named(aside, n) for n, _ in numbers), [v for _, v in numbers], _time(data))


def _aside(data: dict[str, Any]) -> str:
    """Return "val/" or "test/" where the object says that its values are of an evaluation, and not of the training."""
    said = next((data[key].lower() for key in _PHASE_KEYS if isinstance(data.get(key), str)), "")
    said = said or next((data[key].lower() for key in _MESSAGES if str(data.get(key)).lower() in PHASES), "")
    first, _, rest = said.replace(" ", "_").partition("_")
    of = PHASES.get(first, "train")
    grain = "epoch/" if rest == "epoch" else ""
    return grain if of == "train" else f"{of}/{grain}"


def _named(aside: str, name: str) -> str:
    """Put in front of a name the data that the object says its values are of, unless the name says the same."""
    return name if aside == f"{phase(name)}/" else aside + name


def _is_configured(data: dict[str, Any]) -> bool:
    """Whether an object says beside its values what the training is made with, as torch7's did: texts and switches tell."""
    said = [(key, value) for key, value in data.items() if isinstance(value, (bool, str))]
    if len(said) < _MOST_TEXTS:
        return False
    own = [key for key, value in said if key.lower() not in _ABOUT and not fact(key) and _number(value, key) is None]
    return len(own) >= _MOST_TEXTS


def _walk(data: dict[str, Any], path: str, facts: dict[str, float], numbers: list[tuple[str, float]], pattern: Pattern) -> None:
    for key, value in data.items():
        if not path and isinstance(value, dict) and key.lower() in _ASIDE:
            continue
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            _walk(value, name, facts, numbers, pattern)
            continue
        if isinstance(value, list):
            numbers += _items(value, name, pattern)
            continue
        if not path and isinstance(value, str) and fact(key) and (m := _OF.fullmatch(value)):
            facts[fact(key)], facts[TOTALS[fact(key)]] = float(m[1]), float(m[2])
            continue
        number = _number(value, key, trusted=bool(pattern.source))
        if number is None or _is_time(key, number) or key.lower() in _BOOKKEEPING or key in pattern.skip:
            continue
        placed = pattern.columns.get(name) or ("" if path else fact(key))
        if placed:
            if placed == "epoch" or number.is_integer():
                facts.setdefault(placed, number)
        elif name.strip() and not is_clock(key):
            numbers.append((pattern.names.get(name, name), number))


def _is_time(key: str, number: float) -> bool:
    """Whether a number tells the time of day; a small "time" is how long something took."""
    return key.lower() in _TIMES and (key != "time" or number > _CLOCK)


def _items(values: list[Any], name: str, pattern: Pattern) -> list[tuple[str, float]]:
    """Return the numbers of a list whose name leaves no doubt, each by its place in the list or by what stands there."""
    if 2 <= len(values) <= len(_COCO) and _OF_COCO.search(name):
        return [(f"{name}/{score}", n) for score, value in zip(_COCO, values, strict=False) if (n := _number(value, "")) is not None]
    if not (2 <= len(values) <= _MOST_ITEMS and (is_metric(name) or f"{name}[0]" in pattern.names)):
        return []
    numbers = [(pattern.names.get(f"{name}[{i}]", f"{name}[{i}]"), _number(value, "")) for i, value in enumerate(values)]
    return [(item, number) for item, number in numbers if number is not None]


def _number(value: Any, key: str, *, trusted: bool = False) -> float | None:
    """Return a number, also one printed as text where its name, its decimals or the pattern (`trusted`) leave no doubt."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value) if not isinstance(value, int) or abs(value) <= _LARGEST else None
    if not isinstance(value, str):
        return None
    if value in _NON_FINITE:
        return _NON_FINITE[value]
    named = trusted or fact(key) or is_metric(key) or is_side(key)
    return float(value) if (_TEXT if named else _FORMATTED).fullmatch(value) else None


def _time(data: dict[str, Any]) -> float | None:
    """Return a numeric time in seconds since the epoch; a printed one is left to the line's reader."""
    for key in ("_timestamp", "ts", "timestamp", "time"):
        value = data.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 1e9 < value < 1e11:  # the years 2001 to 5138
            return float(value)
    return None
