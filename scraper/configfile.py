"""The configuration file: TOML into settings, packs, metrics and watch rules, each key checked against the tables of `config`.

It finds and reads the file, and refuses what is unknown or does not fit, naming file and key. It opens no log and no store.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scraper.config import NAMES, TABLES, check_names, converted, expanded, resolve, table_values, user_directory
from scraper.errors import ConfigError, PackError
from scraper.model import MetricDefinition
from scraper.nearest import nearest

FILE_NAME: Final = "scraper.toml"
PLACEHOLDERS: Final = ("parent", "grandparent", "stem", "name")
_TEMPLATES: Final = ("run", "experiment", "labels", "tags")
_NAMED: ContextVar[Path | None] = ContextVar("the file that --config names", default=None)


@dataclass(frozen=True, slots=True)
class WatchRule:
    """Which files are followed, and what is known of their runs. `run`, `experiment`, `labels` and `tags` may hold placeholders."""

    paths: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    match: str = ""
    run: str = ""  # "": a name made of the file's
    join: bool = False
    experiment: str = ""  # "": the setting's
    labels: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    from_end: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """One configuration file, checked. Paths are absolute or begin with the file's directory."""

    path: Path | None = None  # None: there is no file
    settings: Mapping[str, Any] = field(default_factory=dict)  # what it says of `config.SETTINGS`
    packs: tuple[Path, ...] = ()
    regexes: tuple[str, ...] = ()
    metrics: tuple[MetricDefinition, ...] = ()
    watch: tuple[WatchRule, ...] = ()

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.path) if self.path else "configuration"

    def patterns(self, given: Sequence[str]) -> tuple[str, ...]:
        """Return the one-off regexes to read with: the file's, then those `given` by --pattern. PackError when one of these is wrong."""
        _check_regexes(given, "--pattern ")
        return (*self.regexes, *given)


def find(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the configuration file to use; None when there is none.

    It is the one of `using`, else $SCRAPER_CONFIG, else ./scraper.toml, else ./.scraper/scraper.toml, else the user's.
    """
    environ = os.environ if environ is None else environ
    if (named := _NAMED.get()) is not None:
        return named
    if environ.get("SCRAPER_CONFIG"):
        return expanded(environ["SCRAPER_CONFIG"])
    user = user_directory(environ) / FILE_NAME
    places = (Path(FILE_NAME), Path(".scraper", FILE_NAME), user)
    return next((path for path in places if os.path.isfile(path)), None)  # noqa: PTH113 - is_file raises where it may not look


@contextmanager
def using(path: Path) -> Iterator[None]:
    """Have `find` return `path` within, as `--config` asks."""
    token = _NAMED.set(path)
    try:
        yield
    finally:
        _NAMED.reset(token)


def load() -> Configuration:
    """Return the configuration of the file that `find` gives; an empty one where there is none. Raises as `read`."""
    path = find()
    return read(path) if path else Configuration()


def read(path: Path) -> Configuration:
    """Return the configuration in a file. ConfigError, naming file and key, when it cannot be read or is not valid."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; write one with: scraper config init {path}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text: {error}") from None
    return parse(text, path)


def parse(text: str, path: Path) -> Configuration:
    """Return the configuration written in `text`; relative paths in it begin at the directory of `path`. Raises ConfigError."""
    import tomllib  # noqa: PLC0415 - every verb comes by here, and most find no file

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    check_names(data, {**NAMES, **{table: None for table in TABLES if table}}, str(path), "key")
    settings = {name: converted(NAMES[name], value, str(path)) for name, value in data.items() if name in NAMES}
    base = path.absolute().parent
    if settings.get("store"):
        settings["store"] = _place(base, settings["store"])
    patterns = table_values("patterns", _table(data, "patterns", str(path)), f"{path}: [patterns]")
    try:
        _check_regexes(patterns["regexes"], f"{path}: [patterns]: regexes ")
    except PackError as error:
        raise ConfigError(str(error)) from None
    return Configuration(
        path,
        settings,
        tuple(Path(_place(base, pack)) for pack in patterns["packs"]),
        tuple(patterns["regexes"]),
        tuple(_metric(name, given, path) for name, given in _table(data, "metrics", str(path)).items()),
        tuple(_rule(given, base, f"{path}: [[watch]] {number}") for number, given in enumerate(_rules(data, path), 1)),
    )


def _check_regexes(sources: Sequence[str], where: str) -> None:
    """Refuse regexes that are no patterns; `where` and their number say which: PackError."""
    if sources:
        from scraper.packfiles import check_one_off  # noqa: PLC0415 - every verb comes by here, and few are given a regex

        for number, source in enumerate(sources, 1):
            check_one_off(source, f"{where}{number}")


def _table(data: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise ConfigError(f"{where}: {name} is a table, written [{name}], not {found!r}")
    return found


def _rules(data: Mapping[str, Any], path: Path) -> list[dict[str, Any]]:
    found = data.get("watch", [])
    if not isinstance(found, list) or not all(isinstance(rule, dict) for rule in found):
        raise ConfigError(f"{path}: watch is a list of tables, each written [[watch]]")
    return found


def _place(base: Path, written: str) -> str:
    """Return a path as it is meant: `~` is the user's home, a relative one begins at the file's directory."""
    return os.path.normpath(base / expanded(written))


def _metric(name: str, given: Any, path: Path) -> MetricDefinition:
    where = f'{path}: [metrics."{name}"]'
    if not isinstance(given, dict):
        raise ConfigError(f"{where} is a table, not {given!r}")
    return MetricDefinition(name, **table_values("metrics", given, where))


def _rule(given: dict[str, Any], base: Path, where: str) -> WatchRule:
    """Return one watch rule, checked."""
    values = table_values("watch", given, where)
    if not values["paths"]:
        raise ConfigError(f"{where}: paths is missing: it names the files to follow, like {TABLES['watch'][0].example}")
    _check_templates(values, [*PLACEHOLDERS, *_groups(values["match"], where)], where)
    if values["join"] and not values["run"]:
        raise ConfigError(f'{where}: join = true joins files whose run has the same name; say which with run, like "{{parent}}"')
    return WatchRule(
        paths=tuple(_place(base, path) for path in values["paths"]),
        exclude=tuple(_place(base, glob) if "/" in glob else glob for glob in values["exclude"]),
        labels=tuple(sorted(values["labels"].items())),
        from_end=values["from"] == "end",
        **{name: values[name] for name in ("match", "run", "join", "experiment", "tags")},
    )


def _groups(pattern: str, where: str) -> list[str]:
    """Return the named groups of a rule's `match`."""
    try:
        return list(re.compile(pattern).groupindex)
    except re.error as error:
        raise ConfigError(f"{where}: match is no valid regex: {error}") from None


def _check_templates(values: Mapping[str, Any], known: list[str], where: str) -> None:
    """Refuse placeholders that mean nothing, before a file is named after them."""
    for key in _TEMPLATES:
        value = values[key]
        for text in [value] if isinstance(value, str) else value.values() if isinstance(value, dict) else value:
            for name in _placeholders(text, f"{where}: {key}"):
                if name not in known:
                    names = ", ".join(f"{{{name}}}" for name in known)
                    raise ConfigError(f"{where}: {key}: unknown placeholder {{{name}}}{nearest(name, known)}; there are {names}")


def _placeholders(text: str, where: str) -> list[str]:
    """Return the names in braces in a text."""
    import string  # noqa: PLC0415 - for watch rules alone

    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ConfigError(f"{where}: {text!r}: {error}; a brace itself is written twice") from None
    if any(form or conversion for _, name, form, conversion in parts if name is not None):
        raise ConfigError(f"{where}: {text!r}: a placeholder is a name in braces and nothing more")
    return [name for _, name, _, _ in parts if name is not None]


def filled(text: str, facts: Mapping[str, str]) -> str:
    """Return a checked template with its placeholders replaced."""
    return text.format_map(facts)


def settings_for(configuration: Configuration, flags: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return every setting's value under this configuration file, the environment and `flags`."""
    return resolve(configuration.settings, flags=flags, file_name=configuration.name)
