"""What several verbs share: the options every verb spells the same way, completion, and how numbers and text are shown.

Owns the rule that nothing from a log reaches the terminal as anything but text.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from scraper import text
from scraper.errors import NotFoundError, ScraperError, UsageError

if TYPE_CHECKING:
    from scraper.query import Database, Run

_BAR_FROM = 8 << 20  # bytes to read above which a progress bar is worth its line
_STORE_HELP = "The store to use [default: $SCRAPER_STORE, the configuration's, ./.scraper/store.db, or the user's]."
_CONFIG_HELP = "The configuration to go by [default: $SCRAPER_CONFIG, ./scraper.toml, ./.scraper/scraper.toml, or the user's]."
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
Verb = TypeVar("Verb", bound=Callable[..., Any])
# Verbs take these from here, as all that shows something.
shown, number, count, duration, clock, where = text.shown, text.number, text.count, text.duration, text.clock, text.where
number_json = text.number_json


def examples(*lines: str) -> str:
    """Return the end of a help text: lines of what to type after `scraper`."""
    return "\b\nExamples:\n" + "\n".join(f"  scraper {line}" for line in lines)


def _use(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Have everything below a verb find the configuration that its flag names."""
    if path is not None:
        from scraper.configfile import using

        ctx.with_resource(using(path))


config_option = click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", is_eager=True, expose_value=False, callback=_use, help=_CONFIG_HELP
)


def store_option(verb: Verb) -> Verb:
    """Give a verb `--store FILE`, and `--config FILE`, which may name one too."""
    return click.option("--store", metavar="FILE", help=_STORE_HELP)(config_option(verb))


def print_json(value: Any) -> None:
    """Write plain data to standard output as indented JSON, non-finite numbers as text, whatever could steer a terminal escaped."""
    document = json.dumps(text.portable(value), indent=1, ensure_ascii=False, allow_nan=False)
    click.echo("".join(c if c == "\n" or text.is_plain(c) else f"\\u{ord(c):04x}" for c in document))


def age(moment: float | None, now: float | None = None) -> str:
    """Return how long ago `moment` (seconds since the epoch) was, in its largest unit: "5m ago"; "-" for None."""
    if moment is None:
        return "-"
    return f"{duration((time.time() if now is None else now) - moment).split()[0]} ago"


def table(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), spare: Sequence[str] = ()) -> str:
    """Return rows of cells in aligned columns under a bold header; columns named in `right` are flushed right. No cell is cut.

    On a terminal that is too narrow, columns named in `spare` are left out, the first of them first.
    """
    body = [[shown(cell) for cell in row] for row in rows]
    widths = [max(len(header), *(len(row[i]) for row in body)) if body else len(header) for i, header in enumerate(headers)]
    if spare and sys.stdout.isatty() and sum(widths) + 2 * len(widths) - 2 > terminal_size()[0] and spare[0] in headers:
        kept = [i for i, header in enumerate(headers) if header != spare[0]]
        return table([headers[i] for i in kept], [[row[i] for i in kept] for row in body], right=right, spare=spare[1:])
    flush: list[Callable[[str, int], str]] = [str.rjust if header in right else str.ljust for header in headers]
    put = [[to(cell, width) for to, cell, width in zip(flush, row, widths, strict=True)] for row in [list(headers), *body]]
    lines = ["  ".join(row).rstrip() for row in put]
    return "\n".join([click.style(lines[0], bold=True), *lines[1:]])


def terminal_size() -> tuple[int, int]:
    """Return the columns and rows to draw for: the terminal's, or 100 by 30 where there is none."""
    size = shutil.get_terminal_size((100, 30))
    return size.columns, size.lines


def with_bar(read: Callable[[Callable[[int, int], None]], None]) -> None:
    """Have `read` read, which tells how many bytes it has read and of how many; with a bar on a terminal when that takes a while."""
    bar: Any = None
    with ExitStack() as stack:

        def step(done: int, size: int) -> None:
            nonlocal bar
            if bar is None and size >= _BAR_FROM and sys.stderr.isatty():
                bar = stack.enter_context(click.progressbar(length=size, label="reading", file=sys.stderr))
            if bar is not None:
                bar.update(max(done - bar.pos, 0))

        read(step)


def _completing(ctx: click.Context) -> Database | None:
    """Return the store a half-typed command line means, or None when there is none to read."""
    from scraper.query import open_store

    try:
        return open_store(ctx.params.get("store"))
    except ScraperError:
        return None  # a shell that completes must never show an error


def complete_run(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    """Return the runs whose id or name begins with what was typed, newest first."""
    from click.shell_completion import CompletionItem

    database = _completing(ctx)
    if database is None:
        return []
    with database:
        found = database.runs(limit=500)
    named = [CompletionItem(run.id, help=run.name) for run in found if run.id.startswith(incomplete)]
    return named + [CompletionItem(run.name, help=run.id) for run in found if incomplete and run.name.startswith(incomplete)]


def complete_metric(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    """Return the metrics of the run that was named, or of the newest one, or where that has none such of any run."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in metrics_named(ctx, incomplete)]


def metrics_named(ctx: click.Context, incomplete: str) -> list[str]:
    """Return the names of metrics that begin with what was typed."""
    database = _completing(ctx)
    if database is None:
        return []
    given = ctx.params.get("runs") or ctx.params.get("run") or ctx.args  # an option without its value keeps arguments in `args`
    named = given if isinstance(given, str) else given[0] if given else "latest"
    with database:
        try:
            names = {row.metric for row in database.run(named).series_rows()}
        except ScraperError:
            return []
        if not given and not any(name.startswith(incomplete) for name in names):
            names = {name for (name,) in database.rows("SELECT DISTINCT metric FROM series")}
    return sorted(name for name in names if name.startswith(incomplete))


def chosen_runs(database: Database, named: Sequence[str], query: str | None, *, default: str = "") -> list[Run]:
    """Return the runs named, or all that fit a search, newest first; `default` where neither is given.

    UsageError for both, or for neither without a default; NotFoundError when nothing fits.
    """
    if query is not None:
        if named:
            raise UsageError("--query finds the runs; give either RUN or --query")
        found = database.runs(query=query)
        if not found:
            raise NotFoundError(f"no run fits {query!r}; `scraper ls` shows them")
        return found
    if not named and not default:
        raise UsageError("say which runs: RUN (an id, the beginning of one, a name, or latest) or --query")
    return list(dict.fromkeys(database.run(which) for which in named or [default]))


def names_of(runs: Sequence[Run]) -> dict[str, str]:
    """Return what to call each run, by id: its name where no other of them has the same."""
    names = [run.name for run in runs]
    return {run.id: run.name if names.count(run.name) == 1 else run.id for run in runs}


query_option = click.option("--query", metavar="SEARCH", help="All runs that fit, as in `scraper ls SEARCH`.")
metric_option = click.option(
    "--metric",
    "metrics",
    metavar="GLOB",
    multiple=True,
    shell_complete=complete_metric,
    help="Only metrics that fit, like 'val/*'; repeatable.",
)
