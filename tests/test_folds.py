"""Several trainings in one log, each announced: folds of a cross-validation, runs, trials."""

from __future__ import annotations

from pathlib import Path

import pytest
from parsing import parse
from reading_helpers import fill
from recutting import read

import scraper
from scraper.parse.folds import Folds, begins, may_tell


def begun(line: str, before: str = "") -> str:
    folds = Folds([before] if before else [])
    return folds.seen[-1] if may_tell(line) and folds.take(line)[1] else ""


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("========== Fold 2/5 ==========", "fold 2"),
        ("===== FOLD: 3 =====", "fold 3"),
        ("Starting training for fold 0", "fold 0"),
        ("Training on k-fold 3 of 5...", "fold 3"),
        ("[Fold 5 Ep 074] tr_loss=0.0760", "fold 5"),
        ("Fold: 1, Epoch: 2, loss: 0.5", "fold 1"),
        ('{"fold": 2, "epoch": 1, "loss": 0.5}', "fold 2"),
        ("=== Run 2/10 (seed 42) ===", "run 2"),
        ("Trial 3/20: lr=0.001, bs=32", "trial 3"),
        ("Seed 1/3 | Epoch 3/10 | loss 0.5", "seed 1"),
    ],
)
def test_a_line_that_announces_a_training(line: str, part: str) -> None:
    assert begun(line) == part
    assert begun(line, part) == "", "it is open already"


@pytest.mark.parametrize(
    "line",
    [
        *("fold: 0", "fold=0", "Fold: 3", "folds: 5", "5-fold cross validation", "Unfold 3 layers", "Manifold 3", "Fold 1.5"),
        *("Seed: 42", "Run 3", "Run 2/10: acc 0.91", "Trial 3 finished with value: 0.5", "        Fold 1  Fold 2  Fold 3  Mean"),
        *('{"fold": 2, "lr": 0.1}', "experiment 3: loss 0.5"),
    ],
)
def test_a_line_that_announces_none(line: str) -> None:
    assert begun(line) == ""


def test_a_run_may_have_folds() -> None:
    folds = Folds()
    lines = ("Run 1/2", "Fold 1/2", "Fold 2/2", "Run 2/2", "Fold 1/2", "Fold 2/2", "Fold 1: 0.5", "Fold 2: 0.5")
    assert [folds.take(line)[1] for line in lines] == [True] * 6 + [False] * 2
    assert folds.seen == ["run 1", "run 1, fold 1", "run 1, fold 2", "run 2", "run 2, fold 1", "run 2, fold 2"]


CROSS_VALIDATION = "".join(
    f"===== Fold {fold}/3 =====\n"
    + "".join(
        f"step {n}/40 loss {1 / (n + epoch + fold):.4f}\n" * (n > 0) + f"Epoch {epoch}: val_acc {epoch / 7 + fold / 90:.4f}\n" * (n == 40)
        for epoch in (1, 2)
        for n in (0, 20, 40)
    )
    for fold in (1, 2, 3)
)


def test_each_fold_counts_its_steps_and_epochs_from_the_start() -> None:
    found = parse(CROSS_VALIDATION)
    steps = [(p.attempt, p.step) for p in found.points if p.metric == "loss"]
    assert steps == [(fold, step) for fold in range(3) for step in (20, 40, 60, 80)]
    summaries = [(p.attempt, p.epoch, p.step) for p in found.points if p.metric == "val_acc"]
    assert summaries == [(fold, epoch, 40 * epoch) for fold in range(3) for epoch in (1, 2)]
    assert [(e.kind, e.line, e.detail) for e in found.events] == [
        ("fold", f"fold {fold} begins", {"attempt": fold - 1, "name": f"fold {fold}"}) for fold in (1, 2, 3)
    ]


def test_folds_of_several_runs_are_told_with_their_run() -> None:
    text = "".join(f"Run {n // 2 + 1}/2\n" * (n % 2 == 0) + f"Fold {n % 2 + 1}/2\nEpoch 1: loss 0.5\nEpoch 2: loss 0.4\n" for n in range(4))
    assert [(e.detail["attempt"], e.detail["name"]) for e in parse(text).events] == [
        *((0, "run 1"), (0, "run 1, fold 1"), (1, "run 1, fold 2")),
        *((2, "run 2"), (2, "run 2, fold 1"), (3, "run 2, fold 2")),
    ]


def test_folds_are_the_same_after_a_restart_anywhere() -> None:
    log = CROSS_VALIDATION.encode()
    whole = read(log)
    for at in range(1, len(log), 7):
        assert read(log, (), [at]) == whole, at


def test_folds_in_the_lines_themselves_are_told_where_the_epochs_go_back() -> None:
    text = "".join(f"fold {fold} epoch {epoch}: loss {1 / (epoch + fold):.4f}\n" for fold in (0, 1) for epoch in (1, 2, 3))
    found = parse(text)
    assert [(p.attempt, p.epoch) for p in found.points] == [(fold, epoch) for fold in (0, 1) for epoch in (1, 2, 3)]
    assert [(e.kind, e.line) for e in found.events] == [("fold", "fold 0 begins"), ("fold", "fold 1 begins")]
    by_epoch = "".join(f"fold {fold} epoch {epoch}: loss {1 / (epoch + fold):.4f}\n" for epoch in (1, 2, 3) for fold in (0, 1))
    assert {p.attempt for p in parse(by_epoch).points} == {0}


@pytest.mark.parametrize(
    "form", ["Fold {0}/3\naccuracy: 0.{0}\nauc: 0.5{0}\n", "Fold {0}: accuracy 0.{0}, auc 0.5{0}\n", "fold {0} accuracy = 0.{0}\n"]
)
def test_results_that_tell_no_place_are_each_of_their_fold(form: str) -> None:
    found = parse("accuracy: 0.75\n" + "".join(map(form.format, (1, 2, 3))) + "Mean accuracy: 0.2\n")
    points = [(p.attempt, p.value) for p in found.points if p.metric == "accuracy"]
    assert points == [(0, 0.75), (0, 0.1), (1, 0.2), (2, 0.3)], "what comes before the first is not told apart from it"
    assert [(e.kind, e.line) for e in found.events] == [("fold", f"fold {fold} begins") for fold in (1, 2, 3)]


def test_a_fold_whose_results_come_again_is_one_more() -> None:
    found = parse("".join(f"Fold {fold}: acc 0.{fold}{trial}\nFold {fold}: f1 0.5\n" for trial in (1, 2) for fold in (1, 2)))
    assert [(p.attempt, p.value) for p in found.points if p.metric == "acc"] == [(0, 0.11), (1, 0.21), (2, 0.12), (3, 0.22)]
    assert [e.line for e in found.events] == [f"fold {fold} begins" for fold in (1, 2, 1, 2)]
    many = parse("".join(f"[Fold {fold}] loss: 0.5\n" for _ in range(600) for fold in (1, 2)))
    assert len(many.points) == 1200
    assert len(many.events) == 1001


@pytest.mark.parametrize(
    "line",
    [
        "Namespace(lr=0.1, seed=3)",
        "INFO: Namespace(lr=0.1)",
        "Args: Namespace(lr=0.1)",
        "================ Training Loss (Mon Jan  5 03:04:05 2026) ================",
        "nohup: ignoring input",
        "wandb: Tracking run with wandb version 0.19.1",
    ],
)
def test_a_program_that_begins_anew_repeats_no_value(line: str) -> None:
    text = f"{line}\nepoch: 1, iters: 100, G_A: 0.5\n"
    found = parse(text * 2 + "epoch: 1, iters: 200, G_A: 0.5\n" + line + "\nepoch: 2, iters: 100, G_A: 0.5\n")
    assert [(p.attempt, p.step, p.value) for p in found.points] == [(0, 100, 0.5), (1, 100, 0.5), (1, 200, 0.5), (1, 300, 0.5)]
    assert [e.line for e in found.events if e.kind == "restart"] == ["the step is 100 again"]
    log = (text * 2).encode()
    assert all(read(log, (), [at]) == read(log) for at in range(1, len(log)))


def test_a_bar_of_a_program_that_begins_anew_counts_anew() -> None:
    bar = "\r{0}0%|###       | {0}/4 [00:01<00:01, 1.0it/s, loss=0.{1}{0}5]"
    one, other = ("".join(bar.format(n, run) for n in range(1, 5)) + "\n" for run in (1, 2))
    found = parse(one + "wandb: Tracking run with wandb version 0.19.1\n" + other)
    assert [(p.attempt, p.step) for p in found.points] == [(attempt, step) for attempt in (0, 1) for step in range(1, 5)]
    found = parse(one + "wandb: Run data is saved locally\n" + other)
    assert [(p.attempt, p.step) for p in found.points] == [(0, step) for step in range(1, 9)], "another epoch's, it may be"


@pytest.mark.parametrize(
    "line", ["args.Namespace is read", "Tracking run 5 of 7", "Training Loss (mean) 0.5", "from argparse import Namespace"]
)
def test_a_line_that_no_program_begins_with(line: str) -> None:
    assert not begins(line)


def test_no_fold_is_cut_where_the_next_one_begins(tmp_path: Path) -> None:
    found = parse(CROSS_VALIDATION)
    fill(tmp_path / "store.db", list(found.points), events=list(found.events))
    with scraper.open(tmp_path / "store.db") as db:
        run = db.run()
        assert run.series("val_acc").values == [p.value for p in found.points if p.metric == "val_acc"]
        assert run.series("val_acc").attempts == [0, 0, 1, 1, 2, 2]
        smooth = run.series("val_acc").smoothed(0.5)
        assert smooth[::2] == [p.value for p in found.points if p.metric == "val_acc"][::2], "each fold is smoothed by itself"
        best = run.best("val_acc")
        assert (best.attempt, best.epoch) == (2, 2)


RICH = "Epoch 3/3  ━━━━━━━━━━━━━━━━━━ 24/24 0:00:00 • 0:00:00 745.17it/s train_loss: {0} \n{1}val_loss: {2}  \n"


def test_a_bar_that_a_pipe_gets_once_a_run_is_kept_of_each() -> None:
    runs = [("0.029", "0.112"), ("0.031", "0.112"), ("0.027", "0.108")]
    text = "".join(
        f"GPU available: False, used: False\nTPU available: False, using: 0 TPU cores\n{RICH.format(loss, ' ' * 50, val)}"
        for loss, val in runs
    )
    found = [(p.attempt, p.metric, p.step, p.value) for p in parse(text).points]
    assert found == [
        (attempt, metric, 96, float(value))
        for attempt, values in enumerate(runs)
        for metric, value in zip(("train_loss", "val_loss"), values, strict=True)
    ]
    again = [(p.attempt, p.value) for p in parse(text.replace("GPU available", "GPU found")).points]
    assert again == [(0, 0.027), (0, 0.108)], "nothing tells that it is not the one bar, drawn again"


def test_a_bar_of_a_program_that_begins_anew_counts_from_the_start() -> None:
    def run(epochs: str) -> str:
        bar = "".join(f"\rSteps: {5 * n:3d}%|#| {n}/20 [00:01<00:01, 9.11it/s, loss=0.{n}]" for n in range(1, 21))
        return f"***** Running training *****\n{bar}\n{epochs}"

    found = parse(run("epoch 1: {'accuracy': 0.5}\n") + run("epoch 1: {'accuracy': 0.6}\n")).points
    assert [(p.attempt, p.step, p.epoch) for p in found if p.metric == "loss"] == [(run, n, None) for run in (0, 1) for n in range(1, 21)]


def test_what_stands_below_the_step_of_a_run_appended_is_of_that_step() -> None:
    run = "".join(f"[step={n}/15,epoch=1]\n    train/loss=0.{n}\n" for n in (5, 10, 15))
    found = parse(run + run).points
    assert [(p.attempt, p.step) for p in found] == [(attempt, n) for attempt in (0, 1) for n in (5, 10, 15)]
