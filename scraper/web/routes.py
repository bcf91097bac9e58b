"""The routes of the API: what they take and what they answer. Reads through `chosen` and `documents`; nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, replace
from typing import Annotated, Any, Final, TypeAlias

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from pydantic import BaseModel

from scraper.export import portable
from scraper.query import Database, Run
from scraper.query.definitions import Meanings
from scraper.query.run import Axis
from scraper.query.values import series_key
from scraper.text import portable as plain
from scraper.web import chosen, documents, shapes
from scraper.web.answers import BASIS, Basis, State
from scraper.web.chosen import Asked
from scraper.web.documents import Answer
from scraper.web.readers import Readers

CURSOR: Final = r"^([0-9]{1,9}\.[0-9]{1,13}(_[0-9]{1,9}\.[0-9]{1,13})*)?$"
MOST_EVENTS: Final = 5000
MOST_RUNS: Final = 50  # compared at once
PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": shapes.Problem, "content": {"application/problem+json": {}}, "description": text}
    for status, text in ((400, "The request has no single meaning."), (404, "There is no such thing."), (422, "A parameter is wrong."))
}

RunName = Annotated[str, Path(description="Id, unique beginning of an id, name, or `latest`.", max_length=200)]
Experiment: TypeAlias = str | None  # plain, so that it is taken from the path where it is there, else from the query
Names = Annotated[
    list[Annotated[str, Query(max_length=10_000)]],
    Query(description="Names, globs (`val/*`) or first parts (`val`), several with commas.", max_length=50),
]
Bound = Annotated[float | None, Query(description="A step, or an epoch where no step is known; included.", allow_inf_nan=False)]
Points = Annotated[int, Query(description="Points of each series, about; beyond that M4 keeps the shape.", ge=1, le=10_000)]
Along = Annotated[Axis, Query(description="The axis by which points are placed and thinned out.")]
Labels = Annotated[
    list[Annotated[str, Query(pattern="^[^=]+=", max_length=400)]], Query(description="Only series that carry `name=value`.", max_length=20)
]
Attempt = Annotated[int | None, Query(description="One attempt; without it each ends where the next begins.", ge=0, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Which = Annotated[list[Annotated[str, Query(max_length=200)]], Query(description="Runs, as in a path.", min_length=1, max_length=MOST_RUNS)]
Search = Annotated[str, Query(description="As in `scraper ls`: status:failed metric:val_loss<2.0 WORD …", max_length=1000)]
PageCursor = Annotated[str | None, Query(description="`next` of the page before.", pattern=r"^[0-9-]{15}\.[0-9]{1,18}$")]


async def _found(run: RunName, experiment: Experiment = None) -> Callable[[Database], Run]:
    """Return what finds the run of an address. Like the next one a coroutine, as FastAPI gives functions a thread each."""
    return lambda db: chosen.run_of(db, run, experiment)


async def _asked(
    metric_type: Names = [],  # noqa: B006 - FastAPI copies defaults
    min_step: Bound = None,
    max_step: Bound = None,
    max_points: Points = 1000,
    x: Along = "step",
) -> Asked:
    """Return what of a run an address asks for."""
    return Asked(_types(metric_type), {}, min_step, max_step, max_points, x)


Found: TypeAlias = Annotated[Callable[[Database], Run], Depends(_found)]
Wanted: TypeAlias = Annotated[Asked, Depends(_asked)]


async def answer(request: Request, question: Callable[[Database], Answer], state: State | None = None) -> Response:
    """Ask the store, and answer in the form that the address ends in; the answer is kept until `state` (None: the store) moves."""
    readers: Readers = request.app.state.readers
    as_csv = request.url.path.endswith(".csv")
    basis: Basis = request.scope[BASIS]

    def ask(db: Database) -> bytes:
        if state is not None:  # before the answer is made, so that what is stored meanwhile is found later, never missed
            basis.was, basis.state = state(db), state
        found = question(db)
        return found.csv() if as_csv else found.json()

    body = await readers.ask(ask)
    return Response(body, media_type="text/csv; charset=utf-8" if as_csv else "application/json")


def _types(names: Sequence[str]) -> list[str]:
    """Return the names of a parameter that may be repeated or hold several, parted by commas; a name may hold commas itself."""
    return [name for given in names for name in dict.fromkeys([given, *given.split(",")]) if name]


async def run_list(
    request: Request, q: Search = "", experiment: Experiment = None, limit: Limit = 100, after: PageCursor = None
) -> Response:
    """List runs, newest first."""

    def question(db: Database) -> Answer:
        page = db.page(q, limit=limit, after=after, experiment=experiment)
        rows = [portable.run_facts(run) for run in page.runs]
        columns = list(rows[0]) if rows else ["id"]
        return Answer({"runs": rows, "next": page.cursor}, columns, [[*row.values()] for row in rows])

    return await answer(request, question)


async def experiment_list(request: Request) -> Response:
    """List experiments by name."""

    def question(db: Database) -> Answer:
        rows = [asdict(one) for one in db.experiments()]
        return Answer({"experiments": rows}, ["name", "created", "runs", "last_started"], [[*row.values()] for row in rows])

    return await answer(request, question)


async def run_detail(request: Request, run: Found) -> Response:
    """Show one run: what it was, and what its metrics reached."""
    return await answer(request, lambda db: Answer(portable.run_detail(run(db))))


async def run_metrics(
    request: Request,
    run: Found,
    wanted: Wanted,
    after: Annotated[str, Query(pattern=CURSOR, max_length=4000, description="`cursor` of an earlier answer: only what came since.")] = "",
) -> Response:
    """Give the points of a run's metrics. Points never get lost between an answer and the one `after` it; some may come twice."""
    asked = replace(wanted, marks=documents.marks(after))

    def state(db: Database) -> Hashable:
        found = run(db)
        return (found.status, found.heartbeat, *chosen.basis(found, asked))

    return await answer(request, lambda db: metrics_answer(run(db), asked), state)


def metrics_answer(run: Run, asked: Asked) -> Answer:
    """Return the points of a run's metrics, by metric."""
    read = chosen.read(run, asked)
    metrics, facts, rows = {}, {}, []
    for series in read.series:
        name = series_key(series.metric, series.labels)
        indices = chosen.printed_since(series, asked.marks) if asked.marks else range(len(series))
        metrics[name] = documents.points(series, indices)
        facts[name] = documents.series_facts(series)
        for point, i in zip(metrics[name], indices, strict=True):
            rows.append([series.metric, series.labels, point["step"], series.epochs[i], point["timestamp"], point["value"]])
    metadata = {
        "last_updated": portable.known(run.heartbeat),
        "is_complete": run.status != "running",
        "status": run.status,
        "cursor": read.cursor,
        "series": facts,
        "omitted": read.omitted,
        "unavailable": read.unavailable,
    }
    columns = ["metric", "labels", "step", "epoch", "timestamp", "value"]
    return Answer({"run_id": run.id, "metrics": metrics, "metadata": metadata}, columns, rows)


async def run_series(
    request: Request,
    run: Found,
    wanted: Wanted,
    label: Labels = [],  # noqa: B006 - FastAPI copies defaults
    attempt: Attempt = None,
    means: Annotated[bool, Query(description="Also the mean curve of each series that was thinned out, to smooth it by.")] = False,
) -> Response:
    """Give the points of a run's metrics as columns, with the position of each in the log."""
    asked = replace(wanted, labels=dict(one.split("=", 1) for one in label), attempt=attempt, means=means)

    def question(db: Database) -> Answer:
        found = run(db)
        read = chosen.read(found, asked)
        series = [documents.curve(one, mean) for one, mean in zip(read.series, read.means, strict=True)]
        return Answer(
            {"run_id": found.id, "cursor": read.cursor, "series": series, "omitted": read.omitted, "unavailable": read.unavailable},
            ["key", "x", "step", "epoch", "time", "value", "position", "attempt"],
            [[one["key"], *row] for one in series for row in zip(*(one[name] for name in _CURVE), strict=True)],
        )

    return await answer(request, question, lambda db: chosen.basis(run(db), asked))


_CURVE = ("xs", "steps", "epochs", "times", "values", "positions", "attempts")


async def run_events(
    request: Request, run: Found, kind: Annotated[str | None, Query(max_length=100)] = None
) -> Response:
    """List what happened in a run: checkpoints, restarts, tracebacks, gaps and the like."""

    def question(db: Database) -> Answer:
        found = run(db)
        events = found.events(kind)
        rows = [portable.event(one) for one in events[-MOST_EVENTS:]]
        columns = ["at", "kind", "step", "epoch", "time", "line", "detail"]
        document = {"run_id": found.id, "events": rows, "omitted": max(0, len(events) - MOST_EVENTS)}
        return Answer(document, columns, [[row[name] for name in columns] for row in rows])

    return await answer(request, question)


async def run_lines(
    request: Request,
    run: Found,
    at: Annotated[int, Query(description="A position, from a point or an event.", ge=0, le=2**63 - 1)],
    context: Annotated[int, Query(description="Lines before and after.", ge=0, le=200)] = 5,
) -> Response:
    """Give the printed line of a point, in context, from the kept log."""

    def question(db: Database) -> Answer:
        found = run(db).line(at, context=context)
        rows = list(enumerate([*found.before, found.text, *found.after], -len(found.before)))
        return Answer(documents.lines(found), ["place", "text"], rows)

    return await answer(request, question)


async def run_log(
    request: Request,
    run: Found,
    lines: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:
    """Give the end of a run's log."""

    def question(db: Database) -> Answer:
        found = run(db)
        end = chosen.tail(found, lines)
        shown = [] if end is None else [*end.before, end.text, *end.after]
        if shown and not shown[-1]:
            shown.pop()  # what follows the last line's end
        document = {"run_id": found.id, "path": "" if end is None else end.path, "lines": shown[-lines:]}
        return Answer(document, ["text"], [[line] for line in shown[-lines:]])

    return await answer(request, question)


async def compare(request: Request, run: Which, metric: Annotated[str, Query(max_length=400)]) -> Response:
    """Compare what several runs reached in one metric."""

    def question(db: Database) -> Answer:
        found = db.compare([db.run(one) for one in dict.fromkeys(run)], metric)
        rows: list[dict[str, Any]] = [
            {"run": row.run, "name": row.name, "count": row.count, "last": documents.extreme(row.last), "best": documents.extreme(row.best)}
            for row in found.rows
        ]
        winner = found.winner.run if found.winner else None
        columns = ["run", "name", "count", "last", "last_step", "best", "best_step"]
        table = [[row["run"], row["name"], row["count"], *_value_and_step(row["last"]), *_value_and_step(row["best"])] for row in rows]
        document = {"metric": found.metric, "higher_is_better": found.higher_is_better, "winner": winner, "runs": rows}
        return Answer(document, columns, table)

    return await answer(request, question)


def _value_and_step(found: dict[str, Any] | None) -> tuple[Any, Any]:
    return (None, None) if found is None else (found["value"], found["step"])


async def differences(
    request: Request,
    run: Annotated[
        list[Annotated[str, Query(max_length=200)]], Query(description="Runs, as in a path.", min_length=2, max_length=MOST_RUNS)
    ],
) -> Response:
    """List the recorded facts in which runs differ: arguments, git, hardware, environment."""

    def question(db: Database) -> Answer:
        runs = [db.run(one) for one in run]
        rows = [{"name": one.name, "values": plain(one.values)} for one in db.diff(runs)]
        ids = [one.id for one in runs]
        return Answer({"runs": ids, "differences": rows}, ["name", *ids], [[row["name"], *row["values"]] for row in rows])

    return await answer(request, question)


async def definitions(request: Request, run: Annotated[str, Query(description="As in a path.", max_length=200)] = "latest") -> Response:
    """Say what a run's metrics mean: label, format, unit, which way is better."""

    def question(db: Database) -> Answer:
        named = db.run(run)
        names = dict.fromkeys(row.metric for row in named.series_rows())
        meanings = Meanings(db, named.key)
        rows = [asdict(meanings.of(name)[0]) for name in list(names)[:1000]]
        return Answer({"definitions": rows}, list(rows[0]) if rows else ["metric"], [[*row.values()] for row in rows])

    return await answer(request, question)


_Route = tuple[str, Callable[..., Any], type[BaseModel]]  # path, endpoint, what it answers
_RUN: Final[tuple[_Route, ...]] = (
    ("/metrics", run_metrics, shapes.RunMetrics),
    ("/series", run_series, shapes.Curves),
    ("/events", run_events, shapes.Events),
    ("/lines", run_lines, shapes.Lines),
    ("/log", run_log, shapes.Tail),
)
_STORE: Final[tuple[_Route, ...]] = (
    ("/runs", run_list, shapes.Runs),
    ("/experiments", experiment_list, shapes.Experiments),
    ("/experiments/{experiment}/runs", run_list, shapes.Runs),
    ("/compare", compare, shapes.Compared),
    ("/differences", differences, shapes.Differences),
    ("/definitions", definitions, shapes.Definitions),
)


def install(app: FastAPI) -> None:
    """Add every route: as JSON, with and without `.json`, and as a table with `.csv`. A run's name may end so itself: that has neither."""
    router = APIRouter()
    for run in ("/experiments/{experiment}/runs/{run}", "/runs/{run}"):
        _add(router, run, run_detail, shapes.RunDetail)
        for path, endpoint, shape in _RUN:
            _add_each(router, run + path, endpoint, shape)
    for path, endpoint, shape in _STORE:
        _add_each(router, path, endpoint, shape)
    app.include_router(router)


def _add_each(router: APIRouter, path: str, endpoint: Callable[..., Any], shape: type[BaseModel]) -> None:
    """Add a route under each of its endings."""
    for ending in ("", ".json", ".csv"):
        _add(router, path + ending, endpoint, None if ending == ".csv" else shape)


def _add(router: APIRouter, path: str, endpoint: Callable[..., Any], shape: Any) -> None:
    """Add one route; a `shape` of None answers CSV."""
    content = {"text/csv": {"schema": {"type": "string"}}} if shape is None else {}
    good: dict[str, Any] = {"content": content} if shape is None else {"model": shape}
    responses: dict[int | str, dict[str, Any]] = {200: {"description": "Found.", **good}, **PROBLEMS}
    router.add_api_route(path, endpoint, methods=["GET"], responses=responses, response_class=Response)
