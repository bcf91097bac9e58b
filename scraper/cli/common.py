"""What several verbs share: the options every verb spells the same way."""

from __future__ import annotations

import json
import math
from typing import Any

import click

store_option = click.option("--store", metavar="FILE", help="The store to use [default: $SCRAPER_STORE, ./.scraper/store.db, or the user's].")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")


def number_json(value: float | None) -> float | str | None:
    """Return `value` as JSON can carry it: non-finite numbers are "NaN", "Infinity" and "-Infinity"."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def print_json(value: Any) -> None:
    """Write `value` to standard output as indented JSON."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))
