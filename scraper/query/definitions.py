"""What a metric means: the configuration's and the packs' word from the store, then the glossary, then its name alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from scraper.model import MetricDefinition
from scraper.query import directions, glossary

if TYPE_CHECKING:
    from scraper.query.database import Database

_UNSAID = MetricDefinition("")


def stored(db: Database) -> dict[str, MetricDefinition]:
    """Return what packs and configuration say about metrics, by name."""
    query = "SELECT metric, label, format, unit, higher_is_better, description, tier, pack FROM metric_definitions"
    return {row[0]: _definition(*row) for row in db.rows(query)}


def _definition(
    metric: str, label: str, form: str, unit: str, higher: int | None, description: str, tier: str, pack: str
) -> MetricDefinition:
    """Return a row of metric_definitions with its stored 0, 1 or NULL as a truth."""
    return MetricDefinition(metric, label, form, unit, None if higher is None else bool(higher), description, tier, pack)


def meaning(said: Mapping[str, MetricDefinition], metric: str) -> tuple[MetricDefinition, str]:
    """Return what is known of a metric, with every field somebody has a word for, and who says which way is better.

    That is "definition" (pack or configuration), "glossary", "name", or "" where nobody says.
    """
    own, common = said.get(metric), glossary.known(metric)
    found = _joined(own or MetricDefinition(metric), common)
    if found.higher_is_better is not None:
        return found, "definition" if own is not None and own.higher_is_better is not None else "glossary"
    named = None if common else directions.higher_is_better(metric)  # the glossary may know that neither way is better
    return replace(found, higher_is_better=named, label=found.label or metric), "" if named is None else "name"


def _joined(own: MetricDefinition, common: MetricDefinition | None) -> MetricDefinition:
    """Return a definition whose unsaid fields are taken from the glossary."""
    if common is None:
        return replace(own, label=own.label or own.metric)
    names = [field.name for field in fields(own) if field.name not in ("metric", "pack")]
    return replace(own, **{name: getattr(common, name) for name in names if getattr(own, name) == getattr(_UNSAID, name)})
