"""Every setting in one table: name, default, help. Documentation, tests and `scraper config` derive from it.

Precedence: defaults < configuration file < environment (`SCRAPER_<NAME>`) < command-line flags.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scraper.errors import ConfigError
from scraper.nearest import nearest


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    default: Any
    help: str


SETTINGS = (
    Setting("store", "", "the SQLite file; empty: ./.scraper/store.db if there is one, else the one in the user's data directory"),
    Setting("experiment", "default", "the experiment new runs belong to"),
    Setting("batch_seconds", 0.25, "parsed points are committed at the latest this many seconds after they were read"),
    Setting("batch_points", 20_000, "... or when this many are waiting"),
    Setting("poll_seconds", 0.5, "how often files are looked at when no file event says that they changed"),
    Setting("raw_budget", 1_000_000, "raw points kept per series; older ones are thinned to their rollups"),
    Setting("max_line_bytes", 1_048_576, "a printed line is cut here, and the cut counted"),
    Setting("max_series", 10_000, "distinct series per run; further ones are counted and not stored"),
    Setting("max_name_length", 200, "a metric name longer than this is not stored, and counted"),
    Setting("busy_seconds", 30.0, "how long a write waits for another writer's lock before it is tried again later"),
    Setting("pattern_timeout", 0.01, "seconds one user pattern may spend on one line"),
    Setting("pattern_strikes", 5, "a user pattern that timed out this often is quarantined"),
)
NAMES = {s.name: s for s in SETTINGS}


def _convert(setting: Setting, value: Any, where: str) -> Any:
    """Return `value` as the type of the setting's default; ConfigError names `where` it was given."""
    kind = type(setting.default)
    try:
        converted = kind(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{where}: {setting.name} takes a {kind.__name__}, not {value!r}") from None
    if kind in (int, float) and converted <= 0:
        raise ConfigError(f"{where}: {setting.name} must be above 0, not {value!r}")
    return converted


def resolve(
    file: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    file_name: str = "configuration",
) -> dict[str, Any]:
    """Return every setting's value. Flags that are None count as not given. Unknown names in `file` or `flags` raise ConfigError."""
    environ = os.environ if environ is None else environ
    values = {s.name: s.default for s in SETTINGS}
    for where, given in ((file_name, file or {}), ("flags", {k: v for k, v in (flags or {}).items() if v is not None})):
        for name in given:
            if name not in NAMES:
                raise ConfigError(f"{where}: unknown setting {name!r}{nearest(name, list(NAMES))}")
    for name, value in (file or {}).items():
        values[name] = _convert(NAMES[name], value, file_name)
    for setting in SETTINGS:
        variable = f"SCRAPER_{setting.name.upper()}"
        if environ.get(variable):
            values[setting.name] = _convert(setting, environ[variable], variable)
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = _convert(NAMES[name], value, "flags")
    return values


def store_path(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the store to use: `given`, else $SCRAPER_STORE, else ./.scraper/store.db if it exists, else the user data directory."""
    chosen = given or os.environ.get("SCRAPER_STORE")
    if chosen:
        return Path(chosen).expanduser()
    local = Path(".scraper/store.db")
    if local.exists():
        return local
    import platformdirs  # noqa: PLC0415 - only when no nearer store is named

    return Path(platformdirs.user_data_dir("scraper", appauthor=False)) / "store.db"
