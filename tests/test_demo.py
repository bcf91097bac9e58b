"""`scraper demo`: the bundled training really learns, and the demo stores and draws exactly what it printed."""

from __future__ import annotations

import ast
import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import scraper
from scraper import demo

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"epoch (\d+)/10 \| step (\d+) \| train_loss (\S+) \| val_loss (\S+) \| val_acc (\S+) \| lr (\S+)")
BAR = re.compile(r"\rEpoch (\d+)/10: +\d+%\|[█▏▎▍▌▋▊▉ ]{10}\| (\d+)/40 \[\d\d:\d\d<(?:\d\d:\d\d|\?), [\d.?]+it/s(?:, loss=([\d.]+))?\]")


def _environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCRAPER_")}
    return kept | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "COLUMNS": "100", "LINES": "40", "LANG": "C.UTF-8"}


def _training(tmp_path: Path, *arguments: str) -> tuple[str, str]:
    """Return what the training printed on standard output and on standard error, carriage returns kept."""
    command = [sys.executable, "-m", "scraper.demo", *arguments]
    done = subprocess.run(command, capture_output=True, check=True, env=_environment(tmp_path), cwd=tmp_path, timeout=60)
    return done.stdout.decode(), done.stderr.decode()


def _demo(tmp_path: Path) -> list[str]:
    return [sys.executable, "-m", "scraper", "demo", "--fast", "--store", str(tmp_path / "store.db")]


def _printed(text: str) -> dict[str, list[tuple[int, float]]]:
    """Return every metric of the epoch lines as (step, value)."""
    found = [LINE.search(line) for line in text.splitlines()]
    rows = [match.groups() for match in found if match]
    names = ("train_loss", "val_loss", "val_acc", "lr")
    return {name: [(int(row[1]), float(row[2 + i])) for row in rows] for i, name in enumerate(names)}


def _stored(store: Path) -> dict[str, list[tuple[int, float]]]:
    with scraper.open(store) as db:
        run = db.run("latest")
        assert (run.experiment, run.status) == ("demo", "finished")
        series = {name: run.series(name) for name in ("train_loss", "val_loss", "val_acc", "lr")}
        return {name: [(int(x), value) for x, value in zip(one.xs, one.values, strict=True)] for name, one in series.items()}


def test_the_training_learns_and_the_same_seed_prints_the_same_losses(tmp_path: Path) -> None:
    first, second = (_training(tmp_path, "--fast", "--checkpoints", str(tmp_path / "ckpt"))[0] for _ in range(2))
    assert first == second
    metrics = _printed(first)
    assert [step for step, _ in metrics["val_loss"]] == list(range(40, 401, 40))
    assert metrics["train_loss"][-1][1] < 0.3 * metrics["train_loss"][0][1]
    assert metrics["val_acc"][0][1] < 0.8
    assert metrics["val_acc"][-1][1] > 0.9


def test_a_checkpoint_line_names_a_file_that_holds_the_weights(tmp_path: Path) -> None:
    printed = _training(tmp_path, "--fast")[0]
    paths = [Path(path) for path in re.findall(r"^Saved checkpoint to (.+)$", printed, re.MULTILINE)]
    assert len(paths) == 5
    saved = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    assert [(one["step"], len(one["first"]), len(one["second"])) for one in saved] == [(step, 32, 3) for step in range(80, 401, 80)]
    assert saved[0]["first"] != saved[-1]["first"]


def test_the_gradient_is_the_slope_of_the_loss() -> None:
    make = demo.random.Random(3)
    model, batch = demo.Perceptron.fresh(5, make), demo.spirals(30, make)
    _, by_first, by_second = model.gradients(batch)
    for weights, gradients in ((model.first, by_first), (model.second, by_second)):
        for row, slopes in zip(weights, gradients, strict=True):
            kept = row[1]
            row[1] = kept + 1e-5
            above = model.evaluate(batch)[0]
            row[1] = kept - 1e-5
            below = model.evaluate(batch)[0]
            row[1] = kept
            assert slopes[1] == pytest.approx((above - below) / 2e-5, abs=1e-6)


def test_the_bar_is_in_tqdms_notation_and_ends_full(tmp_path: Path) -> None:
    drawn = _training(tmp_path, "--fast")[1]
    assert BAR.sub("", drawn).strip("\n") == ""
    last = {epoch: (count, loss) for epoch, count, loss in BAR.findall(drawn)}
    assert [count for count, _ in last.values()] == ["40"] * 10
    assert all(loss for _, loss in last.values())


def test_the_training_knows_nothing_of_the_scraper() -> None:
    tree = ast.parse((ROOT / "scraper" / "demo.py").read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


def test_the_demo_stores_what_was_printed_and_draws_it(tmp_path: Path) -> None:
    done = subprocess.run(
        _demo(tmp_path), capture_output=True, text=True, check=False, env=_environment(tmp_path), cwd=tmp_path, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert _stored(tmp_path / "store.db") == _printed(done.stdout)
    _, _, picture = done.stdout.rpartition("Saved checkpoint to ")
    assert all(name in picture for name in ("val_loss", "val_acc"))
    assert "scraper run -- python train.py" in picture


def test_the_demo_draws_its_bar_on_a_terminal(tmp_path: Path) -> None:
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execve(sys.executable, _demo(tmp_path), _environment(tmp_path))  # noqa: S606 - this repository's own command
    shown = _all_of(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert BAR.search(shown)
    assert _stored(tmp_path / "store.db") == _printed(shown)


def _all_of(terminal: int) -> str:
    """Return what a terminal was sent until its last user closed it, which Linux tells as an OSError."""
    parts = []
    try:
        while data := os.read(terminal, 65536):
            parts.append(data)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(parts).decode()


def test_a_terminated_demo_ends_its_training_and_passes_the_status_on(tmp_path: Path) -> None:
    command = [argument for argument in _demo(tmp_path) if argument != "--fast"]
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, **piped, env=_environment(tmp_path), cwd=tmp_path) as process:
        assert process.stdout is not None
        assert "Three spirals" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert "epoch 40/40" not in rest
