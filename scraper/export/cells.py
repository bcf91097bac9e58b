"""A metric's statistics as the cells of a table, in the same words wherever a table of metrics is shown. Pure: values in, text out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scraper.text import count, duration, number, shown, where

if TYPE_CHECKING:
    from scraper.query import Extreme, Metric

LONGEST: Final = 48  # characters of a name


def statistics_cells(metric: Metric) -> dict[str, str]:
    """Return the cells by their headings; "-" where there is nothing to say."""
    form, unit = metric.format, metric.unit
    return {
        "METRIC": shown(metric.key, LONGEST),
        "MEANING": shown(metric.label, LONGEST) if metric.label != metric.name else "-",
        "TIER": metric.tier,
        "COUNT": count(metric.count) + (f" ({count(metric.thinned)} thinned)" if metric.thinned else ""),
        "FIRST": number(metric.first.value, form),
        "LAST": number(metric.last.value, form, unit),
        "AT": where(metric.last.step, metric.last.epoch),
        "MIN": value_cell(metric.minimum, form),
        "MAX": value_cell(metric.maximum, form),
        "MEAN": number(metric.mean, form),
        "BEST": value_cell(metric.best, form),
        "BEST AT": "-" if metric.best is None else where(metric.best.step, metric.best.epoch),
        "NaN/INF": count(metric.non_finite) if metric.non_finite else "-",
        "ATTEMPTS": ",".join(map(str, metric.attempts)) if len(metric.attempts) > 1 else "-",
        "TOOK": duration(metric.duration),
        "RATE": "-" if metric.rate is None else f"{number(metric.rate)}/s",
    }


def value_cell(place: Extreme | None, form: str) -> str:
    """Return a value in its metric's format."""
    return "-" if place is None else number(place.value, form)
