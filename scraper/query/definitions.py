"""What a metric means in a run: the configuration's word, that of the pack that found it, then the glossary, then its name alone.

The configuration is the one in force now; what was in force when a run was recorded is stored with it.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from scraper.model import MetricDefinition
from scraper.query import directions, glossary

if TYPE_CHECKING:
    from scraper.query.database import Database

_UNSAID = MetricDefinition("")


class Meanings:
    """What is said of the metrics of one run, read once."""

    def __init__(self, db: Database, run_key: int) -> None:
        query = "SELECT metric, label, format, unit, higher_is_better, description, tier, pack FROM metric_definitions WHERE run_key = ?"
        self._stored = {row[0]: _definition(*row) for row in db.rows(query, [run_key])}
        self._configured = db.configured

    def of(self, metric: str) -> tuple[MetricDefinition, str]:
        """Return what is known of a metric, with every field somebody has a word for, and who says which way is better.

        That is "definition" (pack or configuration), "glossary", "name", or "" where nobody says.
        """
        own, stored = self._configured.get(metric), self._stored.get(metric)
        return meaning(metric, _joined(own, stored) if own is not None else stored)


def of_any_run(db: Database, metric: str) -> MetricDefinition:
    """Return what a metric means in the newest run that says something of it."""
    newest = db.rows("SELECT MAX(run_key) FROM metric_definitions WHERE metric = ?", [metric])[0][0]
    return Meanings(db, -1 if newest is None else newest).of(metric)[0]


def _definition(
    metric: str, label: str, form: str, unit: str, higher: int | None, description: str, tier: str, pack: str
) -> MetricDefinition:
    """Return a row of metric_definitions with its stored 0, 1 or NULL as a truth."""
    return MetricDefinition(metric, label, form, unit, None if higher is None else bool(higher), description, tier, pack)


def meaning(metric: str, own: MetricDefinition | None) -> tuple[MetricDefinition, str]:
    """Return what a definition, the glossary and the name say of a metric, and who says which way is better."""
    common = glossary.known(metric)
    found = _joined(own or MetricDefinition(metric), common)
    if found.higher_is_better is not None:
        return found, "definition" if own is not None and own.higher_is_better is not None else "glossary"
    named = None if common else directions.higher_is_better(metric)  # the glossary may know that neither way is better
    return replace(found, higher_is_better=named, label=found.label or metric), "" if named is None else "name"


def _joined(own: MetricDefinition, common: MetricDefinition | None) -> MetricDefinition:
    """Return a definition whose unsaid fields are taken from another, weaker one."""
    if common is None:
        return replace(own, label=own.label or own.metric)
    names = [field.name for field in fields(own) if field.name not in ("metric", "pack")]
    return replace(own, **{name: getattr(common, name) for name in names if getattr(own, name) == getattr(_UNSAID, name)})
