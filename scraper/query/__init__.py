"""Reading what was stored: the only SELECT for readers, on read-only connections. Writes nothing and needs no daemon."""

from scraper.query.database import Database, open_store
from scraper.query.run import Run
from scraper.query.values import (
    Best,
    Comparison,
    ComparisonRow,
    Coverage,
    ExperimentSummary,
    Extreme,
    LogLine,
    Metric,
    PrintedPoint,
    RunEvent,
    RunSummary,
    Series,
    SeriesPoint,
)

__all__ = [
    "Best",
    "Comparison",
    "ComparisonRow",
    "Coverage",
    "Database",
    "ExperimentSummary",
    "Extreme",
    "LogLine",
    "Metric",
    "PrintedPoint",
    "Run",
    "RunEvent",
    "RunSummary",
    "Series",
    "SeriesPoint",
    "open_store",
]
