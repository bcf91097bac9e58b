"""Several runs side by side: one metric on a common axis, and in what their configurations differ. Owns the interpolation."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from scraper.errors import NotFoundError, UsageError
from scraper.query.values import Aligned, Difference, Series

if TYPE_CHECKING:
    from scraper.query.run import Axis, Run

_Curve: TypeAlias = tuple[list[float], list[float]]  # ascending places, finite values
_OWN = ("pid", "started", "log_path", "note", "tags")  # facts that always differ, or that somebody wrote afterwards
_READ = 4  # points read of each run for one asked for: M4 needs so many a column


def align(runs: Sequence[Run], metric: str, x: Axis, points: int, labels: Mapping[str, str] | None) -> Aligned:
    """Return the answer to `Database.align`."""
    if not runs:
        raise UsageError("aligning curves needs at least one run")
    if points < 2:
        raise UsageError(f"a common axis has at least 2 points, not {points}")
    series = [_series(run, metric, x, points, labels) for run in runs]
    axes = sorted({one.x for one in series if one is not None})
    if not axes:
        runs[0].require(metric, labels)
    if len(axes) > 1:
        raise UsageError(f"metric {metric!r} has no common axis: some runs know its {' and others its '.join(axes)}; choose with x=")
    curves = [_curve(one) for one in series]
    xs = _places(curves, points)
    values = tuple(tuple(_at(curve, place) for place in xs) for curve in curves)
    exact = all(set(xs) <= set(curve[0]) for curve in curves if curve[0])
    downsampled = any(one is not None and one.downsampled for one in series)
    return Aligned(metric, axes[0], tuple(run.id for run in runs), tuple(run.name for run in runs), xs, values, not exact, downsampled)


def _series(run: Run, metric: str, x: Axis, points: int, labels: Mapping[str, str] | None) -> Series | None:
    """Return a run's series, or None where the run never printed the metric or has none of it on this axis."""
    if not run.series_rows(metric):
        return None
    try:
        return run.series(metric, x=x, max_points=_READ * points, labels=labels)
    except NotFoundError:
        return None


def _curve(series: Series | None) -> _Curve:
    """Return places and finite values in ascending order of place; the later one of two at one place."""
    if series is None:
        return [], []
    pairs = zip(series.xs, series.values, strict=True)
    last = {place: value for place, value in pairs if math.isfinite(value)}
    places = sorted(last)
    return places, [last[place] for place in places]


def _places(curves: Sequence[_Curve], points: int) -> tuple[float, ...]:
    """Return the common axis: every place any run has where these are few enough, else so many evenly apart."""
    every = sorted({place for places, _ in curves for place in places})
    if len(every) <= points:
        return tuple(every)
    low, high = every[0], every[-1]
    apart = [low + (high - low) * i / (points - 1) for i in range(points - 1)]
    if all(place == int(place) for place in every):  # steps are whole
        apart = list(dict.fromkeys(float(round(place)) for place in apart))
    return (*apart, high)


def _at(curve: _Curve, place: float) -> float | None:
    """Return the value at a place: printed there, or on the line between its neighbours; None outside of the run."""
    places, values = curve
    i = bisect_left(places, place)
    if i < len(places) and places[i] == place:
        return values[i]
    if i in (0, len(places)):
        return None
    (left, right), (low, high) = places[i - 1 : i + 1], values[i - 1 : i + 1]
    share = (place - left) / (right - left)
    return low * (1 - share) + high * share


def flat(facts: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested facts under dotted names; lists and values stay as they are.

    >>> flat({"hardware": {"gpus": ["A100"], "cores": 8}})
    {'hardware.gpus': ['A100'], 'hardware.cores': 8}
    """
    found: dict[str, Any] = {}
    for name, value in facts.items():
        found |= flat(value, f"{before}{name}.") if isinstance(value, Mapping) else {f"{before}{name}": value}
    return found


def arguments(command: Sequence[str]) -> dict[str, str]:
    """Return the settings of a command line by name: `--lr 0.1`, `--lr=0.1`, `model.depth=12`; a bare flag is "true".

    >>> arguments(["python", "train.py", "--lr", "0.1", "--amp", "depth=12"])
    {'lr': '0.1', 'amp': 'true', 'depth': '12'}
    """
    found: dict[str, str] = {}
    for word, following in pairwise([*command[1:], "-"]):
        name, equals, value = word.partition("=")
        if equals and name.strip("-"):
            found[name.lstrip("-")] = value
        elif word.startswith("-") and word.strip("-") and not _is_number(word):
            bare = "=" in following or (following.startswith("-") and not _is_number(following))
            found[word.lstrip("-")] = "true" if bare else following
    return found


def diff(runs: Sequence[Run]) -> list[Difference]:
    """Return the answer to `Database.diff`."""
    if len(runs) < 2:
        raise UsageError("a difference needs at least two runs")
    facts = [_facts(run) for run in runs]
    names = dict.fromkeys(name for found in facts for name in found)
    rows = [Difference(name, tuple(found.get(name) for found in facts)) for name in names]
    return [row for row in rows if any(value != row.values[0] for value in row.values)]


def _facts(run: Run) -> dict[str, Any]:
    """Return what was recorded of a run under dotted names, with its arguments by name."""
    config = run.config()
    told = arguments(config["command"])
    config["script"] = " ".join(word for word in config.pop("command") if not _tells(word, told))
    for name in _OWN:
        del config[name]
    return flat({"args": told} | config)


def _tells(word: str, told: Mapping[str, str]) -> bool:
    """Whether a word of the command is already among the named arguments."""
    return word.partition("=")[0].lstrip("-") in told or word in told.values()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
