"""Every setting in one table: name, default, help. Documentation, tests and `scraper config` derive from it.

Precedence: defaults < configuration file < environment (`SCRAPER_<NAME>`) < command-line flags. Reads no file; `configfile` does.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from scraper.errors import ConfigError
from scraper.nearest import nearest
from scraper.parse.limits import LIMITS


class Setting(NamedTuple):
    """One row of the table. The default's type is the value's: () stands for a list of texts, {} for a table of texts."""

    name: str
    default: Any
    help: str
    example: str = ""  # as written in TOML, where the default says little
    choices: tuple[Any, ...] = ()


SETTINGS = (
    Setting("store", "", "the SQLite file; empty: ./.scraper/store.db if there is one, else the one in the user's data directory"),
    Setting("experiment", "default", "the experiment new runs belong to"),
    Setting("batch_seconds", 0.25, "parsed points are committed at the latest this many seconds after they were read"),
    Setting("batch_points", 20_000, "... or when this many are waiting"),
    Setting("poll_seconds", 0.5, "how often files are looked at when no file event says that they changed"),
    Setting("raw_budget", 1_000_000, "raw points kept per series; older ones are thinned to their rollups"),
    Setting("max_line_bytes", LIMITS["max_line_bytes"], "a printed line is cut here, and the cut counted"),
    Setting("max_series", 10_000, "distinct series per run; further ones are counted and not stored"),
    Setting("max_name_length", 200, "a metric name longer than this is not stored, and counted"),
    Setting("parse_processes", 0, "processes that parse where several files are far behind; 0: one a processor in tail, one in the daemon"),
    Setting("busy_seconds", 30.0, "how long a write waits for another writer's lock before it is tried again later"),
    Setting("plot_every", 0.0, "seconds between pictures of each run that goes on, drawn in plots/ beside the store; 0: none"),
    Setting("pattern_timeout", LIMITS["pattern_timeout"], "seconds one user pattern may spend on one line"),
    Setting("pattern_strikes", LIMITS["pattern_strikes"], "a user pattern that timed out this often is quarantined"),
)
NAMES = {s.name: s for s in SETTINGS}

# The other tables of a configuration file. `[[watch]]` may be there several times, `[metrics."val/loss"]` once a metric.
WATCH: Final = (
    Setting("paths", (), "files, directories and globs (** crosses directories); what is not there yet is waited for", '["~/runs"]'),
    Setting("exclude", (), "globs of what is left out: of file and directory names, or with a / in it of whole paths", '["*.tmp", "old"]'),
    Setting("match", "", "a regex looked for in the path: other files are left out; its groups are placeholders", r"'job(?P<job>\d+)'"),
    Setting("run", "", "the runs' names, of {parent} {grandparent} {stem} {name} and match's groups; empty: the stem", '"{parent}-{stem}"'),
    Setting("join", default=False, help="true: files whose run has the same name join it (ranks, requeued jobs); false: each is a run"),
    Setting("experiment", "", "the experiment of the runs, with the same placeholders; empty: the setting above", '"{grandparent}"'),
    Setting("labels", {}, "labels put on every point, with the same placeholders", '{ node = "{parent}" }'),
    Setting("tags", (), "tags of the runs, with the same placeholders", '["slurm"]'),
    Setting("from", "start", "where to begin in files that are there at the first start", choices=("start", "end")),
)
METRIC: Final = (
    Setting("label", "", "what people call it", '"Validation accuracy"'),
    Setting("format", "float", "how it is printed", choices=("float", "percent", "fraction", "int")),
    Setting("unit", "", "its unit", '"tokens/s"'),
    Setting("higher_is_better", None, "which way is better; without it no best value is offered", "true", (True, False)),
    Setting("description", "", "a sentence about it"),
    Setting("tier", "custom", "how much it matters where there are many", choices=("primary", "standard", "custom")),
)
PATTERNS: Final = (
    Setting("packs", (), "files and directories of your own packs, read before the built-in ones", '["patterns"]'),
    Setting("regexes", (), "one-off patterns, as --pattern takes them", "['cost=(?P<cost>{NUM})']"),
)
TABLES: Final[Mapping[str, tuple[Setting, ...]]] = {"": SETTINGS, "patterns": PATTERNS, "metrics": METRIC, "watch": WATCH}
_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list of texts",
    dict: "a table of texts",
}


class Resolved(NamedTuple):
    """A setting's value, and where it was given: "default", a file's name, a variable's, or "flags"."""

    value: Any
    origin: str


def converted(setting: Setting, value: Any, where: str) -> Any:
    """Return `value`, as read from TOML, as the setting takes it. ConfigError names `where` and the key."""
    kind = type(setting.default)
    fits = {
        int: isinstance(value, int) and not isinstance(value, bool),
        float: isinstance(value, int | float) and not isinstance(value, bool),
        tuple: isinstance(value, list | tuple) and all(isinstance(part, str) for part in value),
        dict: isinstance(value, dict) and all(isinstance(part, str) for part in value.values()),
    }.get(kind, setting.default is None or isinstance(value, kind))
    if not fits:
        raise ConfigError(f"{where}: {setting.name} takes {_KINDS[kind]}, not {value!r}")
    if setting.choices and value not in setting.choices:
        choices = ", ".join(map(json.dumps, setting.choices))  # as TOML writes them
        raise ConfigError(f"{where}: {setting.name} is one of {choices}, not {value!r}{nearest(str(value), [*map(str, setting.choices)])}")
    if kind in (int, float) and not 0 < value < math.inf and value != setting.default:
        raise ConfigError(f"{where}: {setting.name} must be above 0, not {value!r}")
    return value if setting.default is None else kind(value)


def _from_text(setting: Setting, text: str, where: str) -> Any:
    """Return the value written in a variable or flag."""
    kind = type(setting.default)
    try:
        value = kind(text)
    except (TypeError, ValueError):
        raise ConfigError(f"{where}: {setting.name} takes {_KINDS[kind]}, not {text!r}") from None
    return converted(setting, value, where)


def table_values(table: str, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return every key of one of `TABLES` with the value given or the default. ConfigError for an unknown key names the nearest."""
    rows = {setting.name: setting for setting in TABLES[table]}
    check_names(given, rows, where)
    return {name: converted(row, given[name], where) if name in given else row.default for name, row in rows.items()}


def check_names(given: Mapping[str, Any], known: Mapping[str, Any], where: str, kind: str = "setting") -> None:
    """Raise ConfigError for the first name that is not known, with the nearest that is."""
    for name in given:
        if name not in known:
            raise ConfigError(f"{where}: unknown {kind} {name!r}{nearest(name, list(known)) or '; there are ' + ', '.join(known)}")


def resolve(
    file: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    file_name: str = "configuration",
) -> dict[str, Any]:
    """Return every setting's value. Flags that are None count as not given. Unknown names in `file` or `flags` raise ConfigError."""
    return {name: found.value for name, found in origins(file, environ, flags, file_name=file_name).items()}


def origins(
    file: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    *,
    file_name: str = "configuration",
) -> dict[str, Resolved]:
    """Return every setting's value and where it was given, as `resolve` takes them."""
    environ = os.environ if environ is None else environ
    file, flags = file or {}, {name: value for name, value in (flags or {}).items() if value is not None}
    check_names(file, NAMES, file_name)
    check_names(flags, NAMES, "flags")
    found = {s.name: Resolved(s.default, "default") for s in SETTINGS}
    found |= {name: Resolved(converted(NAMES[name], value, file_name), file_name) for name, value in file.items()}
    for setting in SETTINGS:
        variable = f"SCRAPER_{setting.name.upper()}"
        if environ.get(variable):
            found[setting.name] = Resolved(_from_text(setting, environ[variable], variable), variable)
    return found | {name: Resolved(_from_text(NAMES[name], value, "flags"), "flags") for name, value in flags.items()}


def expanded(written: str | os.PathLike[str]) -> Path:
    """Return a path with `~` taken for a home directory. ConfigError where there is none of that name."""
    try:
        return Path(written).expanduser()
    except RuntimeError:
        raise ConfigError(f"{os.fspath(written)}: there is no such user here, or no home directory; write the path out") from None


def user_directory(environ: Mapping[str, str] | None = None) -> Path:
    """Return the directory of the user's own configuration and packs; it need not be there."""
    given = (os.environ if environ is None else environ).get("XDG_CONFIG_HOME") or "~/.config"
    return Path(os.path.expanduser(given)) / "scraper"  # noqa: PTH111 - of a user without a home `~` stays, which is no directory


def user_dirs() -> list[Path]:
    """Return the directories in which a user's own packs are looked for, nearest first."""
    return [Path(".scraper/patterns"), user_directory() / "patterns"]


def there(directories: Iterable[Path]) -> list[Path]:
    """Return those of the directories that are there, as far as one may look: a home may be somebody else's."""
    return [directory for directory in directories if os.path.isdir(directory)]  # noqa: PTH112 - is_dir raises where it may not look


def store_path(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the store to use: `given`, else $SCRAPER_STORE, else the configuration file's, else one that is there or the user's.

    The last two are ./.scraper/store.db if it exists, and store.db in the user's data directory. ConfigError when the file is not valid, or
    there is no such directory.
    """
    chosen = given or os.environ.get("SCRAPER_STORE")
    if not chosen:
        from scraper import configfile  # noqa: PLC0415 - it imports this module, and a store that is named needs no file

        chosen = configfile.load().settings.get("store")
    if chosen:
        return expanded(chosen)
    local = Path(".scraper/store.db")
    if os.path.exists(local):  # noqa: PTH110 - exists raises where it may not look
        return local
    import platformdirs  # noqa: PLC0415 - only when no nearer store is named

    try:
        return Path(platformdirs.user_data_dir("scraper", appauthor=False)) / "store.db"
    except RuntimeError:
        raise ConfigError("there is no home directory to keep the store in; name it with --store or SCRAPER_STORE") from None
