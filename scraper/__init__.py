"""Metrics out of what a training job prints. The names a user imports, and nothing else.

>>> import scraper
>>> run = scraper.open().run("latest")
>>> run.series("val/loss", max_points=1000).values[-1]
1.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scraper.errors import NotFoundError, PackError, ScraperError, SourceError, StoreError, UsageError
    from scraper.query import (
        Aligned,
        Best,
        Checkpoint,
        Comparison,
        Database,
        Difference,
        Fold,
        FoldedMetric,
        LogLine,
        Metric,
        PrintedPoint,
        Run,
        RunEvent,
        RunPage,
        RunSummary,
        Series,
    )
    from scraper.query import open_store as open  # noqa: A004 - `scraper.open` reads as intended

__all__ = [
    "Aligned",
    "Best",
    "Checkpoint",
    "Comparison",
    "Database",
    "Difference",
    "Fold",
    "FoldedMetric",
    "LogLine",
    "Metric",
    "NotFoundError",
    "PackError",
    "PrintedPoint",
    "Run",
    "RunEvent",
    "RunPage",
    "RunSummary",
    "ScraperError",
    "Series",
    "SourceError",
    "StoreError",
    "UsageError",
    "__version__",
    "open",
]
_ELSEWHERE = {"open": ("scraper.query", "open_store")}


def __getattr__(name: str) -> Any:
    """Import a name when it is first used: the wrapper starts a training and must not wait for the reader's modules."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - slow, and rarely asked for

        return version("metric-scraper")
    if name not in __all__:
        raise AttributeError(f"module 'scraper' has no attribute {name!r}")
    module, attribute = _ELSEWHERE.get(name, ("scraper.errors" if name.endswith("Error") else "scraper.query", name))
    found = getattr(import_module(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
