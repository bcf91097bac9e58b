"""The page in a real Chromium over a real server: what a person sees, clicks and types."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium_helpers import CHROMIUM, Page, browser
from reading_helpers import STARTED, fill, point
from tailing import until
from web_helpers import Site, serving

from scraper.model import Batch, Event, NewRun, SourceMark
from scraper.points import Points
from scraper.query.smoothing import debiased_ema
from scraper.store.writer import Writer
from scraper.text import number_json

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed, so the page was not looked at")

EVIL = "<img src=x onerror=\"window.hurt=1\">'\"\u202e"
DRAWN = "document.querySelectorAll('.card:not(.loading) canvas').length"
TEXT = "document.body.innerText"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Stores by what is in them."""
    root = tmp_path_factory.mktemp("stores")
    chance = random.Random(1)
    log = root / "train.log"
    lines = [f"step {i}: train/loss {3 * math.exp(-i / 300) + chance.gauss(0, 0.05):.4f} val/acc {i / 30:.2f}\n" for i in range(12_000)]
    log.write_text("".join(lines))
    for name in ("one", "two"):
        points, offset = [], 0
        for i, line in enumerate(lines):
            value = math.nan if i == 1500 else float(line.split()[3])
            points.append(point(offset, value, "train/loss", step=i, time=STARTED + i))
            points.append(point(offset, i / 30, "val/acc", step=i, time=STARTED + i))
            offset += len(line)
        events = [Event(at=points[2000].at, kind="checkpoint", step=1000, epoch=None, time=STARTED + 1000, line="saved", detail={})]
        lr = "0.1" if name == "one" else "0.2"
        fill(root / "two.db", points, log=log, name=name, events=events, command=("python", "train.py", "--lr", lr))
    odd = [point(i * 10, 1 / (i + 1), name, step=i) for i in range(20) for name in (EVIL, "a,b*[c]/d", "x" * 3000)]
    evil = {"name": EVIL, "experiment": EVIL, "tags": (EVIL,), "note": EVIL, "command": (EVIL,)}
    fill(root / "evil.db", odd, events=[Event(5, EVIL, 1, None, None, EVIL, {})], **evil)  # type: ignore[arg-type]
    bad = [math.nan, math.inf, -math.inf]
    fill(root / "nan.db", [point(i * 10, bad[i % 3], step=i) for i in range(3000)], name="diverged")
    fill(root / "far.db", [point(i * 10, value, step=i) for i, value in enumerate((1e308, -1e308, 0.0, 0.0))], name="far")
    for i in range(50):
        fill(root / "fifty.db", [point(j * 10, i + j / 100, step=j) for j in range(200)], name=f"run{i}")
    with Writer(root / "empty.db"):
        pass
    return {path.stem: path for path in root.glob("*.db")}


@pytest.fixture(scope="module")
def site(stores: dict[str, Path]) -> Iterator[Site]:
    with serving(stores["two"]) as found:
        yield found


def looked_at(page: Page, site: Site, query: str = "", *, until: str = f"{DRAWN} > 0") -> Page:
    """Open the page anew, and wait until it shows something."""
    page.size(1280, 900)
    page.call("Page.navigate", url="about:blank")  # the page before may still be asking a server that has ended
    page.until("location.protocol === 'about:'")
    page.problems.clear()
    page.open(f"{site.url}/{query}")
    page.until(until)
    return page


def both(page: Page, site: Site, query: str = "") -> Page:
    """Open the page with both runs."""
    ids = [run["id"] for run in site.get("/runs").json["runs"]]
    return looked_at(page, site, "?" + "&".join(f"runs={one}" for one in ids) + query)


def box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Return left, top, width and height of an element."""
    found = page.js(f"(r => [r.left, r.top, r.width, r.height])(document.querySelector({selector!r}).getBoundingClientRect())")
    return found[0], found[1], found[2], found[3]


def test_a_curve_that_goes_back_as_the_next_fold_does_is_drawn_in_pieces(page: Page, site: Site) -> None:
    looked_at(page, site)
    means = {"xs": [2, 1.5], "values": [4, 1.5], "counts": [3, 2]}
    data = {"xs": [1, 2, 3, 1, 2], "values": [5, 4, 3, 2, 1], "attempts": [0, 0, 0, 1, 1], "key": "loss", "means": means}
    curve = json.dumps({"id": "a", "whole": None, "data": data})
    found = page.js(f"import('/static/plot.js').then(m => m.pieces({curve}))")
    assert [(one["id"], one["data"]["xs"], one["data"]["values"], one["data"]["key"]) for one in found] == [
        ("a", [1, 2, 3], [5, 4, 3], "loss"),
        ("a", [1, 2], [2, 1], "loss"),
    ]
    assert [one["data"]["means"]["counts"] for one in found] == [[3], [2]]
    folds = [{"name": "fold 1", "attempts": [0]}, {"name": "fold 2", "attempts": [1, 2]}]
    named = json.dumps({"id": "a", "name": "cv", "folds": folds, "data": {**data, "attempts": [0, 0, 0, 2, 2]}})
    assert [one["name"] for one in page.js(f"import('/static/plot.js').then(m => m.pieces({named}))")] == ["cv · fold 1", "cv · fold 2"]
    one = json.dumps({"id": "a", "data": {"xs": [1, 2, None, 3], "values": [1, 2, 3, 4]}})
    assert len(page.js(f"import('/static/plot.js').then(m => m.pieces({one}))")) == 1


def test_the_newest_run_is_drawn_at_once_grouped_by_prefix(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    assert page.js("[...document.querySelectorAll('summary')].map(one => one.textContent)") == ["train (1)", "val (1)"]
    cells = page.js("[...document.querySelector('.legend tbody').rows[0].cells].map(one => one.textContent)")
    best, _, where = cells[3].partition(" at ")
    assert (cells[0], cells[1], float(cells[2]) > float(best), where.replace(",", "").isdigit()) == ("two", "", True, True)
    assert "shape of 12,000 points" in page.js(TEXT)
    assert page.js("document.querySelector('.card h3').innerText").split() == ["train/loss", "↓"]
    assert page.problems == []


def test_nothing_is_loaded_from_elsewhere_and_the_policy_holds(page: Page, site: Site) -> None:
    looked_at(page, site)
    urls = page.js("performance.getEntriesByType('resource').map(one => one.name)")
    assert urls
    assert all(url.startswith((site.url, "data:")) for url in urls)
    assert page.problems == []


def test_runs_are_overlaid_each_in_its_colour(page: Page, site: Site) -> None:
    looked_at(page, site, "?m=train")
    page.until("document.title === 'two · scraper'")
    page.js("document.querySelector('#no-runs').click()")
    page.until("document.querySelector('#message').innerText.includes('Choose a run')")
    page.js("document.querySelector('#all-runs').click()")
    page.until("document.querySelectorAll('#grid .card .legend tbody tr').length === 2")
    colours = page.js("[...document.querySelectorAll('#grid .card')[0].querySelectorAll('.dot')].map(one => one.style.borderTopColor)")
    swatches = page.js("[...document.querySelectorAll('#run-list input')].map(one => one.style.accentColor)")
    assert len(set(colours)) == 2
    assert set(colours) == set(swatches)


def test_the_address_holds_the_view(page: Page, site: Site) -> None:
    both(page, site, "&smooth=0.9&log=1&x=relative&m=loss&zoom=100~200")
    page.until("!document.querySelector('#unzoom').hidden")
    assert page.js("document.querySelectorAll('.card').length") == 1
    assert page.js("['x', 'smooth'].map(id => document.getElementById(id).value)") == ["relative", "0.9"]
    assert page.js("document.getElementById('log').checked")
    page.press("0")
    page.press("y")
    page.until("!location.search.includes('zoom') && !location.search.includes('log')")


def test_an_address_may_name_runs_by_name_and_as_latest(page: Page, site: Site) -> None:
    looked_at(page, site, "?runs=latest&runs=one&m=loss")
    page.until("document.querySelectorAll('.legend tbody tr').length === 2")
    ids = {run["id"] for run in site.get("/runs").json["runs"]}
    page.until("new URLSearchParams(location.search).getAll('runs').every(one => one.includes('-'))")
    assert set(page.js("new URLSearchParams(location.search).getAll('runs')")) == ids


def test_smoothing_is_the_debiased_average_of_every_point(page: Page, site: Site) -> None:
    looked_at(page, site)
    values = [3.0, 2.5, math.nan, 2.75, 1.0, 1.25] * 20
    given = json.dumps({"xs": [*range(120)], "values": [number_json(value) for value in values], "raw_count": 120})
    smooth = f"import('/static/smooth.js').then(m => m.smoothed(m.basis({given}), 0.9, 120))"
    expected = [None if math.isnan(value) else pytest.approx(value) for value in debiased_ema(values, 0.9)]
    assert page.js(smooth) == expected
    # A part of a curve goes on from the mean curve of what lies before it, and of a long curve it is the thousandth that counts.
    whole = {"xs": [0], "values": [9], "means": {"xs": [5], "values": [2.0], "counts": [10]}, "raw_count": 10_000}
    given = json.dumps([{"xs": [20, 21], "values": [1.0, 1.0], "raw_count": 10_000}, whole])
    basis = page.js(f"import('/static/smooth.js').then(m => m.basis(...{given}))")
    assert basis == {"xs": [5, 20, 21], "ys": [2, 1, 1], "counts": [10, 1, 1]}
    soft = page.js(f"import('/static/smooth.js').then(m => m.smoothed(m.basis(...{given}), 0.5, 10000))")
    assert soft == [2, pytest.approx((0.5 * 2 * 0.5**0.1 + 1 - 0.5**0.1) / (0.5 * 0.5**0.1 + 1 - 0.5**0.1)), pytest.approx(soft[2])]


def test_a_long_curve_is_smoothed_by_its_means_and_says_so(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    page.js("document.querySelector('#smooth').value = 0.8; document.querySelector('#smooth').dispatchEvent(new Event('input'))")
    told = "one => one.textContent.includes('bold: mean of all points, 0.80 of the past')"
    page.until(f"[...document.querySelectorAll('.note')].every({told})")
    names = "performance.getEntriesByType('resource').map(one => one.name)"
    assert any("means=true" in name for name in page.js(names))


def test_both_axes_may_be_logarithmic(page: Page, site: Site) -> None:
    looked_at(page, site, "?logx=1&log=1", until=f"{DRAWN} === 2")
    page.until("document.querySelector('.note').textContent.includes('at or below 0')")
    assert page.problems == []
    page.js("document.querySelector('#x').value = 'time'; document.querySelector('#x').dispatchEvent(new Event('change'))")
    page.until(f"document.querySelector('#logx').disabled && {DRAWN} === 2")
    assert page.problems == []


def test_a_chart_is_made_larger(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    _, _, width, height = box(page, ".card canvas")
    page.js("document.querySelector('[aria-label=\"Enlarge train/loss\"]').click()")
    page.until(f"document.querySelector('.card.large canvas')?.clientHeight > {height * 1.5}")
    assert box(page, ".card.large canvas")[2] > width
    page.until("location.search.includes('large=train%2Floss')")


def test_printed_colours_are_kept_and_other_escapes_are_not(page: Page, site: Site) -> None:
    looked_at(page, site)
    line = "10%\r20% \x1b[31mred\x1b[0m \x1b[1;38;5;208mamber\x1b[m \x1b]0;title\x07\x1b[2Kend <b>\u202e\r"
    found = page.js(f"import('/static/log.js').then(m => m.printed({json.dumps(line)}).outerHTML)")
    amber = '<span class="bold" style="color: rgb(255, 135, 0);">amber</span>'
    assert found == f'<div class="line ">20% <span class="ansi1">red</span> {amber} end &lt;b&gt;\ufffd</div>'


def test_nothing_jumps_while_the_page_fills(page: Page, site: Site) -> None:
    shifts = "new PerformanceObserver(l => l.getEntries().forEach(e => { window.moved = (window.moved ?? 0) + e.value }))"
    watch = page.call("Page.addScriptToEvaluateOnNewDocument", source=f"{shifts}.observe({{type: 'layout-shift', buffered: true}})")
    looked_at(page, site, until=f"{DRAWN} === 2")
    page.js("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.call("Page.removeScriptToEvaluateOnNewDocument", identifier=watch["identifier"])
    assert page.js("window.moved ?? 0") < 0.01


def test_text_and_curves_stand_out_from_their_ground(page: Page, site: Site) -> None:
    looked_at(page, site)
    for theme in ("light", "dark"):
        _stand_out(page, theme)


def _stand_out(page: Page, theme: str) -> None:
    """Check every colour of a theme as WCAG AA asks for: 4.5 for text, 3 for lines."""
    page.js(f"document.documentElement.dataset.theme = {theme!r}")

    def colour(name: str) -> str:
        return str(page.js(f"getComputedStyle(document.documentElement).getPropertyValue('--{name}')"))

    for ground in ("card", "back", "hover"):
        for name in ("text", "quiet", "accent", "good", "bad", "warn", *(f"ansi{i}" for i in range(8))):
            assert contrast(colour(name), colour(ground)) >= 4.5, (name, ground)
    curves = page.js("import('/static/text.js').then(m => m.release([]) ?? [...Array(10).keys()].map(i => m.colour('run ' + i)))")
    assert len(set(curves)) == 10
    assert min(contrast(one, colour("card")) for one in curves) >= 3


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours `#rrggbb` or `#rgb` as WCAG 2 defines it, 1 to 21."""
    lights = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.strip().lstrip("#")
    digits = digits if len(digits) == 6 else "".join(2 * digit for digit in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_drag_zooms_every_chart_and_fetches_the_range_in_detail(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    left, top, width, _ = box(page, ".card .u-over")
    y = top + 50
    start, middle, end = left + 100, left + 120, left + 140
    page.mouse(("moved", start, y), ("pressed", start, y), ("moved", middle, y), ("moved", end, y), ("released", end, y))
    page.until("location.search.includes('zoom=')")
    page.until("[...document.querySelectorAll('.note')].every(one => !one.textContent.includes('shape of'))")
    asked = page.js("performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('min_step'))")
    assert asked
    assert page.js("new URLSearchParams(location.search).get('zoom').split('~').length") == 2
    assert width > 300


def test_a_click_opens_the_printed_line_in_context(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    left, top, width, height = box(page, ".card .u-over")
    page.click(left + width * 0.5, top + height * 0.5)
    page.until("document.querySelector('.here') !== null")
    assert abs(int(page.js("document.querySelector('.here').textContent").split()[1].rstrip(":")) - 6000) < 100
    assert page.js("document.querySelector('#drawer-title').textContent").startswith("two · ")
    page.press("Escape")
    page.until("document.querySelector('#drawer').hidden")


def test_the_cursor_is_shared_and_tells_run_step_value_and_time(page: Page, site: Site) -> None:
    looked_at(page, site, "?smooth=0.5", until=f"{DRAWN} === 2")
    left, top, width, height = box(page, ".card .u-over")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=left + width / 4, y=top + height / 2)
    page.until("[...document.querySelectorAll('.tip')].filter(one => !one.hidden).length === 1")
    tip = page.js("[...document.querySelectorAll('.tip')].find(one => !one.hidden).innerText")
    assert all(word in tip for word in ("two", "step", "value", "smoothed", "2026"))
    page.until("[...document.querySelectorAll('.legend tbody td:nth-of-type(1)')].every(one => one.textContent)")


def test_charts_are_moved_along_by_keys(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    page.js("document.querySelector('.plot').focus()")
    page.press("ArrowRight")
    page.press("ArrowRight")
    page.until("[...document.querySelectorAll('.tip')].some(one => one.innerText.includes('step'))")
    page.press("Enter")
    page.until("document.querySelector('.here') !== null")
    assert page.js("document.querySelector('.plot').getAttribute('aria-label')").startswith("Chart of train/loss. two: last")


def test_runs_and_metrics_are_filtered_by_regular_expressions(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    page.press("/")
    for key in "^o.e":
        page.press(key)
    page.until("document.querySelectorAll('#run-list li').length === 1")
    page.press("(")
    page.until("document.querySelector('#run-filter').matches('.bad-input')")
    page.press("Escape")
    page.press("m")
    for key in "acc$":
        page.press(key)
    page.until("document.querySelectorAll('.card').length === 1")
    page.until("location.search.includes('m=acc%24')")


def test_pinned_metrics_come_first(page: Page, site: Site) -> None:
    looked_at(page, site, until=f"{DRAWN} === 2")
    page.js("document.querySelector('[aria-label=\"Pin val/acc\"]').click()")
    page.until("document.querySelector('summary').textContent === 'Pinned (1)'")
    assert page.js("document.querySelector('.card h3 span').textContent") == "val/acc"
    page.until("location.search.includes('pins=val%2Facc')")


@pytest.mark.parametrize(("key", "words"), [("s", ["train/loss", "12,000"]), ("d", ["args.lr", "0.1", "0.2"]), ("?", ["double-click"])])
def test_the_drawer_shows_summary_differences_and_help(page: Page, site: Site, key: str, words: list[str]) -> None:
    both(page, site)
    page.press(key)
    for word in words:
        page.until(f"document.querySelector('#drawer-body').innerText.includes({word!r})")


def test_the_log_is_followed_at_its_end(page: Page, site: Site) -> None:
    looked_at(page, site, "?open=log", until="document.querySelector('#drawer .line') !== null")
    assert page.js("document.querySelector('#drawer .line:last-child').textContent").startswith("step 11999:")
    page.until("(one => one.scrollTop + one.clientHeight > one.scrollHeight - 5)(document.querySelector('#drawer-body'))")


def test_a_running_run_grows_on_the_page(page: Page, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    run = fill(store, [point(i * 10, float(i), step=i) for i in range(50)], name="young")
    with serving(store) as site, Writer(store) as writer:
        looked_at(page, site)
        page.until("document.querySelector('#status').textContent.startsWith('live')")
        page.js("window.long = []")
        page.js("new PerformanceObserver(list => long.push(...list.getEntries().map(e => e.duration))).observe({type: 'longtask'})")
        found = writer.find_run_id(run)
        assert found is not None
        source = writer.run_sources(found.key)[0]
        for end in (60, 70):
            more = [point(i * 10, float(i), step=i) for i in range(end - 10, end)]
            writer.commit([Batch(source.id, SourceMark(end * 10, end, "", source.identity, b"", {}), Points(more))])
            page.until(f"document.querySelector('.legend tbody').innerText.includes({str(end - 1)!r})")
        assert page.js("Math.max(0, ...long)") <= 100  # milliseconds of the main thread
        writer.update_run(found.key, status="finished")
        page.until("document.querySelector('#status').textContent === 'up to date'")
        page.until("document.querySelector('#run-list').innerText.includes('finished')")


def test_a_page_that_is_hidden_asks_for_nothing_and_then_catches_up(page: Page, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    run = fill(store, [point(i * 10, float(i), step=i) for i in range(50)])
    turn = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true}), document.dispatchEvent(new Event(%r))"
    with serving(store) as site, Writer(store) as writer:
        looked_at(page, site)
        page.until("document.querySelector('#status').textContent.startsWith('live')")
        page.js(turn % ("true", "visibilitychange"))
        page.until("document.querySelector('#status').textContent === 'paused'")
        found = writer.find_run_id(run)
        assert found is not None
        source = writer.run_sources(found.key)[0]
        writer.commit([Batch(source.id, SourceMark(600, 60, "", source.identity, b"", {}), Points([point(590, 59.0, step=59)]))])
        before = page.js("performance.getEntriesByType('resource').length")
        page.js("new Promise(done => requestIdleCallback(done))")
        assert page.js("performance.getEntriesByType('resource').length") == before
        page.js(turn % ("false", "visibilitychange"))
        page.until("document.querySelector('.legend tbody').innerText.includes('59')")


def test_names_that_are_markup_stay_text(page: Page, stores: dict[str, Path]) -> None:
    with serving(stores["evil"]) as site:
        looked_at(page, site, "?open=summary", until=f"{DRAWN} >= 2")
        page.until("document.querySelector('#drawer-body').innerText.includes('<img')")
        page.press("d")
        assert page.js("window.hurt") is None
        assert page.js("document.querySelectorAll('img').length") == 0
        assert page.js("document.querySelector('.run-name').textContent") == EVIL.replace("\u202e", "\ufffd")
        assert page.js("document.documentElement.scrollWidth <= innerWidth")
        assert page.problems == []


def test_a_run_full_of_nan_is_drawn_with_marks(page: Page, stores: dict[str, Path]) -> None:
    with serving(stores["nan"]) as site:
        looked_at(page, site)
        page.until("document.querySelector('.legend tbody').innerText.includes('Infinity')")
        inked = "(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size)(document.querySelector('canvas'))"
        assert page.js(inked) > 20
        assert page.problems == []


def test_runs_are_listed_by_experiment_and_page_by_page(page: Page, tmp_path: Path) -> None:
    store = tmp_path / "store.db"
    with Writer(store) as writer:
        for i in range(203):
            writer.create_run(NewRun(name=f"run{i}", experiment="many" if i < 201 else "few", started=STARTED + i))
    with serving(store) as site:
        looked_at(page, site, until="document.querySelector('#run-count').textContent === '200+ runs'")
        choose = "(e => { e.value = 'many'; e.dispatchEvent(new Event('change')) })(document.querySelector('#run-experiment'))"
        page.js(choose)
        page.until("document.querySelector('.run-name').textContent === 'run200'")
        page.js("document.querySelector('#more-runs').click()")
        page.until("document.querySelector('#run-count').textContent === '201 runs'")
        page.until("location.search.includes('e=many')")
        assert page.problems == []


def test_a_page_comes_to_rest_while_nothing_moves(page: Page, stores: dict[str, Path]) -> None:
    asked = "performance.getEntriesByType('resource').length"
    pause = f"new Promise(done => {{ const before = {asked}; setTimeout(() => done({asked} - before), 600) }})"

    def drawn() -> list[float]:
        counts = page.call("Performance.getMetrics")["metrics"]
        return [one["value"] for one in counts if one["name"] in ("LayoutCount", "RecalcStyleCount")]

    def rests() -> bool:
        """Whether nothing is asked for and nothing drawn for a while."""
        before = drawn()
        return page.js(pause) == 0 and drawn() == before

    with serving(stores["fifty"]) as site:
        looked_at(page, site)
        page.until("document.querySelector('#status').textContent.startsWith('live')")
        page.call("Performance.enable")
        until(rests, 60)


def test_fifty_runs_are_overlaid(page: Page, stores: dict[str, Path]) -> None:
    with serving(stores["fifty"]) as site:
        ids = [run["id"] for run in site.get("/runs").json["runs"]]
        looked_at(page, site, "?" + "&".join(f"runs={one}" for one in ids))
        page.until("document.querySelectorAll('.legend tbody tr').length === 50")
        assert page.problems == []


def test_empty_store_unknown_run_and_a_server_that_ended_are_said(page: Page, stores: dict[str, Path]) -> None:
    shown = "!document.querySelector('#message').hidden"
    with serving(stores["empty"]) as site:
        looked_at(page, site, until=shown)
        assert "scraper run -- python train.py" in page.js(TEXT)
    with serving(stores["nan"]) as site:
        looked_at(page, site, "?runs=nope", until=shown)
        page.until("document.querySelector('#message').innerText.includes(\"no run 'nope'\")")
        looked_at(page, site)
    page.until("document.querySelector('#status').textContent.includes('connection lost')")
    page.js("document.querySelector('#x').value = 'epoch'; document.querySelector('#x').dispatchEvent(new Event('change'))")
    page.until("document.querySelector('#message').innerText.includes('The server does not answer')")


@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_a_phone_in_both_themes(page: Page, site: Site, *, dark: bool) -> None:
    looked_at(page, site)
    page.size(380, 720, dark=dark)
    page.open(site.url)
    page.until(f"{DRAWN} > 0")
    assert page.js("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert page.js("document.documentElement.scrollWidth <= innerWidth")
    assert page.js("getComputedStyle(document.querySelector('#runs')).display") == "none"
    page.js("document.querySelector('#show-runs').click()")
    assert page.js("getComputedStyle(document.querySelector('#runs')).display") == "block"


def test_values_whose_distance_is_no_number_are_drawn(page: Page, stores: dict[str, Path]) -> None:
    """Of a curve from 1e308 to -1e308 and 0, the part at 0 is in the picture."""
    with serving(stores["far"]) as site:
        looked_at(page, site, f"?runs={site.get('/runs').json['runs'][0]['id']}")
        column = "(c => c.getContext('2d').getImageData(Math.round(c.width * 0.8), 0, 1, c.height).data)(document.querySelector('canvas'))"
        page.until(f"{column}.some((value, i) => i % 4 === 3 && value > 128)")
        assert page.problems == []
