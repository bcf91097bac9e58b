"""How `scraper packs` shows what it found: tables, marked lines and reasons for people, JSON for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from scraper.cli.common import count, number, print_json, shown, table
from scraper.model import STEP_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scraper.model import Point
    from scraper.parse.explain import Explanation, Try
    from scraper.parse.overview import LineKind, Overview
    from scraper.parse.packs import Pack
    from scraper.parse.suggest import Suggestion
    from scraper.parse.trial import Seen, Trial

_HUES: Final = ("green", "cyan", "magenta", "yellow", "blue")
_COLOURS: Final = (*_HUES, *(f"bright_{hue}" for hue in _HUES))
_WIDTH: Final = 200  # characters of a log's line that are shown
_KINDS: Final = 15  # kinds of unread lines that are shown
_TRIES: Final = 8  # patterns tried in vain that are shown


def print_list(packs: Sequence[Pack], *, as_json: bool) -> None:
    """Show packs in the order in which they are tried."""
    if as_json:
        print_json([_pack_json(pack) for pack in packs])
        return
    rows = [[pack.name, str(len(pack.patterns)), pack.title, pack.origin if pack.user else "built-in"] for pack in packs]
    click.echo(table(["NAME", "PATTERNS", "TITLE", "FROM"], rows, right=["PATTERNS"]))


def _pack_json(pack: Pack) -> dict[str, Any]:
    return {
        "name": pack.name,
        "title": pack.title,
        "about": pack.about,
        "source": pack.source,
        "origin": pack.origin,
        "user": pack.user,
        "patterns": [pattern.name for pattern in pack.patterns],
        "metrics": [definition.metric for definition in pack.metrics],
        "samples": len(pack.samples),
    }


def print_checks(reports: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Show what checking packs found: errors, then warnings, and a line for each pack that is in order."""
    if as_json:
        print_json(list(reports))
        return
    for report in reports:
        for error in report["errors"]:
            click.echo(f"{click.style('error', fg='red')} {_plain(error)}")
        for warning in report["warnings"]:
            click.echo(f"{click.style('warning', fg='yellow')} {_plain(warning)}")
        if not report["errors"]:
            said = f"patterns: {count(report['patterns'])}, samples: {count(report['samples'])}; each sample gives its points"
            click.echo(f"{click.style('ok', fg='green')} {shown(report['file'])}: pack {shown(report['pack'])}: {said}")


def _plain(text: str) -> str:
    """Return a message of several lines fit to be shown."""
    return "\n".join(shown(line) for line in text.split("\n"))


# --- packs test


def print_trial(pack: Pack, trial: Trial, log: str, *, as_json: bool) -> None:
    """Show what a pack found in a log."""
    if as_json:
        print_json(_trial_json(pack, trial))
        return
    colours = _colours(trial)
    for seen in trial.shown:
        click.echo(_marked(seen, colours))
    if trial.matched > len(trial.shown):
        click.echo(f"… and {count(trial.matched - len(trial.shown))} lines more")
    click.echo(f"\n{count(trial.matched)} of {count(trial.lines)} lines of {shown(log)} matched by {shown(pack.name)}:")
    for name, lines in trial.patterns.most_common():
        click.echo(f"  {shown(name)}: {count(lines)} lines and redraws")
    idle = [pattern.id for pattern in pack.patterns if pattern.id not in trial.patterns]
    if idle and trial.matched:
        click.echo(f"  never: {shown(', '.join(idle))}")
    if trial.metrics:
        click.echo("\n" + table(["METRIC", "POINTS", "FIRST", "LAST", "LAST AT"], _metric_rows(trial), right=["POINTS", "FIRST", "LAST"]))
    _print_counters(trial.counters)
    if trial.missed:
        click.echo(f"\n{count(trial.missed)} lines look like metrics and were not matched{', first:' if trial.first_missed else ''}")
    for seen in trial.first_missed:
        click.echo(f"{seen.number:>6}  {shown(seen.text, _WIDTH)}")


def _metric_rows(trial: Trial) -> list[list[str]]:
    rows = []
    for metric, tally in trial.metrics.items():
        if tally.first is not None and tally.last is not None:
            rows.append([metric, count(tally.points), number(tally.first.value), number(tally.last.value), _place(tally.last)])
    return rows


def _colours(trial: Trial) -> dict[str, str]:
    """Give each metric a colour of its own, in the order in which they are printed."""
    names = dict.fromkeys(mark.name for seen in trial.shown for mark in seen.marks if not mark.fact)
    return {name: _COLOURS[i % len(_COLOURS)] for i, name in enumerate(names)}


def _marked(seen: Seen, colours: dict[str, str]) -> str:
    """Return a line with the values of metrics in their colours and steps in bold; the terminal's absence takes them out again."""
    out, at = [f"{seen.number:>6}  "], 0
    for mark in seen.marks:
        if mark.start < at or mark.end > _WIDTH:
            continue
        out.append(shown(seen.text[at : mark.start]))
        text = shown(seen.text[mark.start : mark.end])
        out.append(click.style(text, bold=True) if mark.fact else click.style(text, fg=colours[mark.name], bold=True))
        at = mark.end
    out.append(shown(seen.text[at:], max(_WIDTH - at, 1)))
    if seen.values:
        out.append("  → " + ", ".join(f"{shown(name)}={number(value)}" for name, value in seen.values))
    return "".join(out)


def _trial_json(pack: Pack, trial: Trial) -> dict[str, Any]:
    return {
        "pack": pack.name,
        "lines": trial.lines,
        "matched": trial.matched,
        "patterns": {pattern.id: trial.patterns[pattern.id] for pattern in pack.patterns},
        "metrics": {
            metric: {"points": t.points, "first": t.first and _point_json(t.first), "last": t.last and _point_json(t.last)}
            for metric, t in trial.metrics.items()
        },
        "shown": [_seen_json(seen) for seen in trial.shown],
        "missed": trial.missed,
        "first_missed": [{"line": seen.number, "text": seen.text} for seen in trial.first_missed],
        "counters": trial.counters,
    }


def _seen_json(seen: Seen) -> dict[str, Any]:
    values = [{"name": name, "value": value} for name, value in seen.values]
    return {"line": seen.number, "text": seen.text, "marks": [asdict(mark) for mark in seen.marks], "values": values}


# --- packs explain


def print_explanation(explanation: Explanation, *, as_json: bool, everything: bool) -> None:
    """Show how one line was read, and why."""
    if as_json:
        print_json(_explanation_json(explanation))
        return
    line = explanation.line
    click.echo(f"line {line.number}: {shown(line.text, _WIDTH)}")
    click.echo(f"taken off: {_taken_off(explanation)}")
    if explanation.opened:
        kind = line.block.kind if line.block else "block"
        click.echo(f"a row of the {kind} that line {explanation.opened} opened{'; its values are given when it closes' * (kind == 'box')}")
    for record in line.records:
        facts = ", ".join(f"{name}={number(value)}" for name, value in record.facts.items()) or "none"
        values = ", ".join(f"{shown(name)}={number(value)}" for name, value in zip(record.names, record.values, strict=True)) or "none"
        click.echo(f"{click.style('read by ' + shown(record.pattern.id), fg='green')}: facts {facts}; values {values}")
    if not line.read:
        click.echo(click.style("nothing read it", fg="red"))
    _print_points(explanation)
    _print_tries(explanation.tries, everything=everything)
    if explanation.generic:
        click.echo(f"  the reader without a pack {explanation.generic}")


def _taken_off(explanation: Explanation) -> str:
    line = explanation.line
    parts = [f"{name}={value}" for name, value in line.prefix.labels]
    parts += [f"level {line.prefix.level}"] if line.prefix.level else []
    parts += ["a time"] if line.prefix.timed else []
    front = line.text[: line.prefix.end]
    return f"{shown(front)!r} ({', '.join(parts) or 'blanks'})" if front else "nothing"


def _print_points(explanation: Explanation) -> None:
    for point, origin in zip(explanation.points, explanation.origins, strict=True):
        labels = "".join(f" {name}={value}" for name, value in point.labels)
        click.echo(f"  {shown(point.metric)} = {number(point.value)}{shown(labels)} at {_place(point)}: {shown(origin)}")
    if explanation.line.block is None and any(r.values for r in explanation.line.records) and not explanation.points:
        click.echo("  no point of its own: a later redraw took its place, or it repeats what was printed before")


def _place(point: Point) -> str:
    parts = [] if point.step is None else [f"step {count(point.step)}"]
    parts += [] if point.epoch is None else [f"epoch {number(point.epoch)}"]
    return ", ".join(parts) or "no place"


def _print_tries(tries: Sequence[Try], *, everything: bool) -> None:
    """Show the patterns that were tried, those that got far first, and count the ones that were ruled out."""
    tried = sum(t.outcome != "skipped" for t in tries)
    certain = [t for t in tries if t.pattern.user or t.outcome == "read"]
    near = sorted((t for t in tries if t not in certain and t.part > 0), key=lambda t: -t.part)
    shown_tries = tries if everything else [*sorted(certain, key=lambda t: t.outcome != "read"), *near[: max(_TRIES - len(certain), 0)]]
    click.echo(f"patterns: {len(tries)}, of which {tried} were tried; the others need a text that the line does not hold")
    for one in shown_tries:
        colour = {"read": "green", "matches": "yellow"}.get(one.outcome)
        click.echo(f"  {click.style(shown(one.pattern.id), fg=colour)} {shown(one.why)}")
    if len(shown_tries) < len(tries):
        click.echo(f"  … and {len(tries) - len(shown_tries)} more: --all")


def _explanation_json(explanation: Explanation) -> dict[str, Any]:
    line = explanation.line
    front = {"timed": line.prefix.timed, "level": line.prefix.level, "labels": dict(line.prefix.labels)}
    return {
        "line": line.number,
        "text": line.text,
        "prefix": {"text": line.text[: line.prefix.end], **front},
        "read_by": list(dict.fromkeys(pattern.id for pattern in line.patterns)),
        "facts": {name: value for record in line.records for name, value in record.facts.items()},
        "values": [
            {"name": name, "value": value} for r in line.records for name, value in zip(r.names, r.values, strict=True)
        ],
        "points": [{**_point_json(p), "origin": origin} for p, origin in zip(explanation.points, explanation.origins, strict=True)],
        "opened_by_line": explanation.opened or None,
        "tries": [{"pattern": t.pattern.id, "outcome": t.outcome, "why": t.why, "part": t.part} for t in explanation.tries],
        "generic": explanation.generic,
    }


def _point_json(point: Point) -> dict[str, Any]:
    return {
        "metric": point.metric,
        "labels": dict(point.labels),
        "step": point.step,
        "step_kind": STEP_KINDS[point.step_kind],
        "epoch": point.epoch,
        "attempt": point.attempt,
        "value": point.value,
    }


# --- packs explain --log


def print_overview(overview: Overview, *, as_json: bool) -> None:
    """Show what read each kind of line of a log."""
    if as_json:
        print_json(asdict(overview))
        return
    redrawn = f"; {count(overview.redraws)} states of lines that were redrawn are counted below, too" if overview.redraws else ""
    click.echo(f"{count(overview.matched)} of {count(overview.lines)} lines were read; {count(overview.silent)} hold no number{redrawn}")
    if overview.read:
        rows = [[" + ".join(k.readers), count(k.lines), count(k.values), count(k.first), _example(k)] for k in overview.read]
        click.echo("\n" + table(["READ BY", "LINES", "VALUES", "FIRST", "EXAMPLE"], rows, right=["LINES", "VALUES", "FIRST"]))
    _print_counters(overview.counters)
    _print_unread(overview.unread[:_KINDS], len(overview.unread))


def _print_unread(kinds: Iterable[LineKind], total: int) -> None:
    if not total:
        return
    click.echo(f"\n{count(total)} kinds of lines with numbers were not read, those that look like metrics first:")
    for kind in kinds:
        click.echo(f"{kind.first:>6}  {shown(kind.example.strip(), 100)}")
        click.echo(f"        {count(kind.lines)} lines; the reader without a pack {shown(kind.why)}")
    click.echo("look closer: scraper packs explain --log FILE --line N; a pack for them: scraper packs suggest FILE")


def _example(kind: LineKind) -> str:
    return shown(kind.example.strip(), 60)


def _print_counters(counters: dict[str, int]) -> None:
    """Say which patterns ran into their time limit."""
    for name, times in sorted(counters.items()):
        if name.startswith(("pattern_timeout", "quarantined")):
            click.echo(click.style(f"{shown(name.replace('_', ' '))}: {count(times)}", fg="yellow"))


# --- packs suggest


def print_suggestion(found: Suggestion, log: str, out: Path | None) -> None:
    """Say on standard error what was suggested, and what to do next."""
    read = f"{count(found.matched)} lines of {shown(log)} are read already, {count(found.unread)} with numbers are not"
    if not found.text:
        click.echo(f"scraper: {read}; none of those has a form that comes again with a name and a number: nothing to suggest", err=True)
        return
    names = ", ".join(found.metrics[:8]) + (", …" if len(found.metrics) > 8 else "")
    made = f"{count(found.patterns)} patterns made from {count(found.lines)} of them: {shown(names)}"
    file = shown(str(out)) if out else "FILE"
    click.echo(f"scraper: {read}; {made}", err=True)
    click.echo(f"scraper: next: edit it, then scraper packs check {file}, scraper packs test {file} {shown(log)}", err=True)
