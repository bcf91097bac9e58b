"""Reading what was stored: the only SELECT for readers, on read-only connections. Writes nothing and needs no daemon."""

from scraper.query.checkpoints import Checkpoint
from scraper.query.database import Database, open_store
from scraper.query.folds import Fold, FoldedMetric
from scraper.query.run import Run
from scraper.query.values import (
    Aligned,
    Best,
    Comparison,
    ComparisonRow,
    Coverage,
    Difference,
    ExperimentSummary,
    Extreme,
    LogLine,
    Means,
    Metric,
    PrintedPoint,
    RunEvent,
    RunPage,
    RunSummary,
    Series,
    SeriesPoint,
)

__all__ = [
    "Aligned",
    "Best",
    "Checkpoint",
    "Comparison",
    "ComparisonRow",
    "Coverage",
    "Database",
    "Difference",
    "ExperimentSummary",
    "Extreme",
    "Fold",
    "FoldedMetric",
    "LogLine",
    "Means",
    "Metric",
    "PrintedPoint",
    "Run",
    "RunEvent",
    "RunPage",
    "RunSummary",
    "Series",
    "SeriesPoint",
    "open_store",
]
