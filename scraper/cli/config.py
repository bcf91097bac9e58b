"""`scraper config`: write a commented configuration, check one, show the settings in force. All of it derives from `config.TABLES`."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import config_option, count, examples, json_option, print_json, shown, table
from scraper.config import TABLES, origins, store_path
from scraper.configfile import FILE_NAME, Configuration, WatchRule, find, load, read
from scraper.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scraper.config import Setting

_HEADERS: Final = {
    "": "What scraper does; a line begins with # where the default is in force. Relative paths begin at this file's directory.",
    "patterns": "Your own pattern packs.",
    "metrics": 'What a metric means, one table a metric. It comes before what packs say; "loss" is meant for "val/loss" too.',
    "watch": "What the daemon follows, one table a rule; a file belongs to the first rule that takes it.",
}
_TITLES: Final = {"patterns": "[patterns]", "metrics": '[metrics."val/accuracy"]', "watch": "[[watch]]"}
_FILE: Final = click.Path(path_type=Path)
EPILOG = """
\b
Examples:
  scraper config init                    write ./scraper.toml, ready to edit
  scraper config check scraper.toml      what is wrong with it, or what it means
  scraper config show                    every setting, and where it was given
"""


@click.group("config", epilog=EPILOG)
def command() -> None:
    """Write, check and show the configuration.

    Settings come from defaults, the file (--config, else $SCRAPER_CONFIG, else ./scraper.toml, else ./.scraper/scraper.toml, else
    the user's), the environment (SCRAPER_<NAME>) and flags; the later wins. [[watch]] rules are the daemon's alone.
    """


@command.command(epilog=examples("config init", "config init ~/.config/scraper/scraper.toml", "config init - | less"))
@click.argument("file", type=_FILE, default=Path(FILE_NAME))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(file: Path, *, force: bool) -> None:
    """Write a commented configuration to FILE [default: ./scraper.toml]; to standard output for `-`."""
    if str(file) == "-":
        click.echo("".join(sample()), nl=False)
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.writelines(sample())
    except FileExistsError:
        raise ConfigError(f"{file}: it is there already; name another file, or replace it with --force") from None
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}; name a file elsewhere") from error
    name = shown(str(file))
    click.echo(f"wrote {name}; next: edit it, scraper config check {name}, scraper daemon --config {name}")


def sample() -> Iterator[str]:
    """Yield the lines of a configuration in which every setting is explained, and one watch rule is in force."""
    for name, settings in TABLES.items():
        yield from _comment(_HEADERS[name])
        if name:
            yield f"{'' if name == 'watch' else '# '}{_TITLES[name]}\n"
        for setting in settings:
            yield from _explained(setting, in_force=name == "watch" and setting.name == "paths")
        yield "\n"


def _explained(setting: Setting, *, in_force: bool) -> Iterator[str]:
    """Yield a setting's lines: its help, its choices, its example or default."""
    help_text = setting.help + (f": {', '.join(map(toml, setting.choices))}" if setting.choices else "")
    yield from _comment(help_text)
    yield f"{'' if in_force else '#'}{setting.name} = {setting.example or toml(setting.default)}\n"


def _comment(text: str) -> Iterator[str]:
    yield from (f"# {line}\n" for line in textwrap.wrap(text, 118))


def toml(value: Any) -> str:
    """Return a setting's value as TOML writes it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }" if value else "{}"
    if value is None:
        return '""'
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:_}"
    return json.dumps(value, ensure_ascii=False)


@command.command(epilog=examples("config check", "config check scraper.toml"))
@click.argument("file", type=_FILE, required=False)
def check(file: Path | None) -> None:
    """Check FILE [default: the one that would be used]: its keys and values, its packs and their samples, its watch rules.

    Exit status 2 when it is not valid. What is no mistake but may be none of what was meant is told as a hint.
    """
    from scraper.packfiles import load_packs

    path = file or find()
    if path is None:
        raise ConfigError("there is no configuration to check: name a FILE, or write one with: scraper config init")
    configuration = read(path)
    settings = origins(configuration.settings, file_name=configuration.name)
    packs = load_packs(configuration.packs, configuration.regexes, configuration.metrics)
    own = sum(pack.user for pack in packs.packs) - bool(configuration.metrics) - bool(configuration.regexes)
    rules = len(configuration.watch)
    click.echo(f"{shown(str(path))}: valid; {rules} watch rule{'s' * (rules != 1)}, {count(own)} packs of your own, all samples read right")
    for number, sentence in _rules(configuration, store_path(settings["store"].value)):
        click.echo(f"  [[watch]] {number}: {shown(sentence)}")


def _rules(configuration: Configuration, store: Path) -> Iterator[tuple[int, str]]:
    """Yield what every watch rule means now, for a daemon that fills `store`."""
    from scraper.daemon.rules import RuleFiles

    taken: set[Path] = set()
    for number, rule in enumerate(configuration.watch, 1):
        files = set(RuleFiles(rule, store).scan())
        new = files - taken
        taken |= files
        if not files:
            yield number, f"hint: no file yet in {', '.join(rule.paths)}; they are waited for"
        elif not new:
            yield number, "hint: the rules before it take all of its files"
        else:
            yield number, f"{count(len(new))} file{'s' * (len(new) != 1)} now, like {min(new)}"


@command.command(epilog=examples("config show", "config show --config scraper.toml --json"))
@config_option
@json_option
def show(*, as_json: bool) -> None:
    """Show every setting with its value and where it was given."""
    configuration = load()
    found = origins(configuration.settings, file_name=configuration.name)
    rows = {name: {"value": setting.value, "origin": setting.origin} for name, setting in found.items()}
    rows["store"]["value"] = str(store_path(found["store"].value))
    if as_json:
        print_json({"file": str(configuration.path) if configuration.path else None, "settings": rows, **_tables(configuration)})
        return
    click.echo(table(["SETTING", "VALUE", "FROM"], [[name, str(row["value"]), row["origin"]] for name, row in rows.items()]))
    for line in _lines(configuration):
        click.echo(shown(line))


def _tables(configuration: Configuration) -> dict[str, Any]:
    """Return the rest of a configuration file as plain data."""
    fields = [name for name in WatchRule.__dataclass_fields__ if name not in ("labels", "from_end")]
    watch = [
        {**{name: getattr(rule, name) for name in fields}, "labels": dict(rule.labels), "from": "end" if rule.from_end else "start"}
        for rule in configuration.watch
    ]
    metrics = {m.metric: {s.name: getattr(m, s.name) for s in TABLES["metrics"]} for m in configuration.metrics}
    patterns = {"packs": [str(pack) for pack in configuration.packs], "regexes": list(configuration.regexes)}
    return {**patterns, "metrics": metrics, "watch": watch}


def _lines(configuration: Configuration) -> Iterable[str]:
    """Return the rest of a configuration file, in a line each."""
    tables = _tables(configuration)
    yield from (f"{key}: {given}" for key in ("packs", "regexes") for given in tables[key])
    for name, facts in tables["metrics"].items():
        yield f"metric {name}: " + ", ".join(f"{key} {toml(value)}" for key, value in facts.items() if value not in ("", None))
    for number, rule in enumerate(tables["watch"], 1):
        said = {key: value for key, value in rule.items() if value and (key, value) != ("from", "start")}
        yield f"watch {number}: " + ", ".join(f"{key} {toml(value)}" for key, value in said.items())
