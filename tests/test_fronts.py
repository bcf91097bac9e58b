"""What collects a log's lines puts something in front of each: the points are those of the log without it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from parsing import parse

LOGS = Path(__file__).parent / "logs"
# Left out behind a rank: dicts whose bar may come late, where launchers read bars and lines from pipes of their own.
PIPED = ("hf_trainer_v5_resume/pipe", "hf_eval_sets/pipe")
CAPTURES = [f"{path.parent.name}/{path.stem}" for path in sorted(LOGS.glob("*/p[it][py]*.log"))]
CUT = 40_000  # bytes of a log

JOB = ["+ module load cuda", "Job 4242 begins on node17"]  # what a batch script says before its tasks begin
SAID = ["Using device: cuda", "Loading the data", "Building the model"]


def _stamp(number: int) -> str:
    return f"2026-05-03T10:{number // 60 % 60:02d}:{number % 60:02d}.{number * 37 % 10**9:09d}Z"


def _of_tasks(lines: list[str]) -> list[str]:
    return [*JOB, *(f"{task}: {said}" for said in SAID for task in (0, 1, 3, 2)), *(f"0: {line}" for line in lines)]


def _kept(line: dict[str, str]) -> str:
    return json.dumps(line, separators=(",", ":"))


FRONTS: dict[str, Callable[[list[str]], list[str]]] = {
    "kubernetes": lambda lines: [f"{_stamp(n)} stdout F {line}" for n, line in enumerate(lines)],
    "docker": lambda lines: [_kept({"log": f"{line}\n", "stream": "stdout", "time": _stamp(n)}) for n, line in enumerate(lines)],
    "github": lambda lines: [f"train\tRun it\t{_stamp(n)[:-3]}Z {line}" for n, line in enumerate(lines)],
    "terminal": lambda lines: [line[:-1] + "   \r" if line.endswith("\r") else line + "   " for line in lines],  # padded with blanks
    "compose": lambda lines: [f"trainer-1  | {line}" for line in lines],
    "srun": _of_tasks,
}
RANKED = ("compose", "srun")
ALIKE = ("docker", "github")  # by what is learnt from them as Kubernetes' lines; for the slow tests


def _points(lines: list[str]) -> Counter[tuple[str, int | None, float | None, str]]:
    read = parse("\n".join([*lines, ""]).encode(errors="surrogateescape")).points
    return Counter((p.metric, p.step, p.epoch, repr(p.value)) for p in read)


@lru_cache(maxsize=1)
def _plain(name: str) -> tuple[list[str], Counter[tuple[str, int | None, float | None, str]]]:
    text = (LOGS / f"{name}.log").read_bytes()[:CUT].decode(errors="surrogateescape")
    lines = text[: text.rfind("\n") + 1].split("\n")[:-1]
    return lines, _points(lines)


def _is_collected(name: str, front: str) -> bool:
    """Whether a front is tried on a capture: those that name no rank collect lines, and what a terminal shows has the lines of a pipe."""
    return name not in PIPED if front in RANKED else name.endswith("/pipe") or name.replace("/pty", "/pipe") not in CAPTURES


@pytest.mark.parametrize(
    ("name", "front"),
    [
        pytest.param(name, front, marks=[pytest.mark.slow] if front in ALIKE else [])
        for name in CAPTURES
        for front in FRONTS
        if _is_collected(name, front)
    ],
)
def test_a_recorded_log_says_the_same_behind_what_collected_it(name: str, front: str) -> None:
    lines, plain = _plain(name)
    assert _points(FRONTS[front](lines)) == plain


def test_what_another_stream_says_within_a_box_takes_nothing_from_it() -> None:
    rule = "-" * 38
    rows = ("| rollout/            |          |", "|    ep_rew_mean      | 12.5     |", "| time/total_timesteps | 200     |")
    warning = ["/x/env.py:3: UserWarning: the action is clipped", "  warnings.warn("]
    plain = [rule, *rows, rule, "epoch 1 loss: 0.5"]
    want = [("rollout/ep_rew_mean", 200, 12.5), ("time/total_timesteps", 200, 200.0)]
    for at in range(len(plain)):
        found = parse("\n".join([*plain[:at], *warning, *plain[at:], ""])).points
        assert [(p.metric, p.step, p.value) for p in found][:2] == want, at
        assert found[-1].value == 0.5, at
    doubled = [line for one in plain for line in (one, "")]
    assert [(p.metric, p.step, p.value) for p in parse("\n".join(doubled)).points][:2] == want
    assert not parse("\n".join([rule, *rows, *warning * 8, rule, ""])).points


def test_what_is_drawn_over_a_line_has_its_rank() -> None:
    bars = "".join(f"\r{n}/4 [{'=' * n}] - loss: 0.{n}" for n in range(1, 5))
    found = parse("".join(f"{rank}: Epoch {epoch}/2\n{rank}: {bars}\n" for epoch in (1, 2) for rank in (0, 1))).points
    assert {(p.labels, p.epoch) for p in found} == {((("rank", str(rank)),), epoch) for rank in (0, 1) for epoch in (1, 2)}


def test_the_tasks_of_a_job_are_known_behind_what_its_batch_script_says() -> None:
    log = [*JOB, *(f"{task}: {said}" for said in SAID for task in range(2))]
    log += [f"{task}: epoch {epoch} loss: 0.{epoch}{task + 1}" for epoch in range(1, 4) for task in range(2)]
    log += ["slurmstepd: error: *** STEP 4242.0 CANCELLED ***", "1: epoch 4 loss: 0.5"]
    found = parse("\n".join([*log, ""])).points
    assert [(dict(p.labels), p.epoch) for p in found] == [
        *(({"rank": str(task)}, epoch) for epoch in range(1, 4) for task in range(2)), ({"rank": "1"}, 4)
    ]  # fmt: skip


def test_what_says_nothing_keeps_the_rank_of_the_line_it_is_drawn_over() -> None:
    drawn = "\r".join(f"fetching the file {n} of 90" for n in range(90))
    lines = [f"[rank{rank}]: {drawn}\repoch {epoch} loss: 0.{epoch}" for epoch in range(1, 60) for rank in (0, 1)]
    log = "".join(f"{line}\nfetching the file 1 of 90\nstep {n} lr: 0.5\n" for n, line in enumerate(lines))
    found = parse(log).points
    assert [dict(p.labels) for p in found if p.metric == "loss"] == 59 * [{"rank": "0"}, {"rank": "1"}]
    assert {p.labels for p in found if p.metric == "lr"} == {()}


def test_rows_drawn_over_a_line_have_its_rank_and_what_is_below_them_their_epoch() -> None:
    head = "      Epoch    GPU_mem   box_loss   cls_loss   dfl_loss  Instances       Size"
    bar = [f"        {{0}}/2         0G      2.{n}5      3.{n}5       1.25         12         64: {n}0%|#| {n}/4" for n in (1, 2, 3, 4)]
    valid = ["                 Class     Images  Instances      Box(P          R      mAP50  mAP50-95)", " all 6 12 0.5 0.25 0.125 0.75"]
    lines = [line for n in (1, 2) for line in (head, "\r".join(bar).format(n), *valid)]
    plain, wrapped = (parse("".join(f"{front}{line}\n" for line in lines)).points for front in ("", "trainer-1  | "))
    assert ("metrics/precision(B)", 2) in [(p.metric, p.epoch) for p in plain]
    assert [(p.metric, p.step, p.epoch, p.value) for p in wrapped] == [(p.metric, p.step, p.epoch, p.value) for p in plain]
    assert {p.labels for p in wrapped} == {(("host", "trainer-1"),)}


@pytest.mark.parametrize(
    "before",
    [
        ["classes:", "0: airplane", "1: cat", "2: dog"],
        ["train:", "0: airplane", "1: cat", "test:", "0: airplane", "1: cat"],
        ["0: training", "1: validating"],
        ["1: 3 of 10 done", "1: 4 of 10 done", "1: 5 of 10 done"],
    ],
)
def test_what_counts_in_front_of_lines_is_no_task(before: list[str]) -> None:
    found = parse("\n".join(["Starting", *before, *(f"{step}: loss 0.{step + 1}" for step in range(4)), ""])).points
    assert [(p.labels, p.step) for p in found] == [((), step) for step in range(4)]


@pytest.mark.parametrize("front", ["", "[rank0]: ", "[rank0]:", "2026-05-03T10:00:00.000000012Z stdout F ", "trainer-1  | "])
def test_what_comes_behind_a_traceback_glued_to_a_bar_is_read(front: str) -> None:
    glued = " 34%|###4      | 3/10 [00:01<00:02,  1.00it/s]Traceback (most recent call last):"
    lines = [glued, '  File "/x/train.py", line 30, in main', "    step()", "ValueError: bad", "epoch 2 loss: 0.5", "epoch 3 loss: 0.25"]
    assert [p.value for p in parse("".join(f"{front}{line}\n" for line in lines)).points] == [0.5, 0.25]


@pytest.mark.parametrize(
    ("line", "metric"),
    [
        ("[epoch0] train_loss=0.5", "train_loss"),
        ("EP:0 | train_loss 0.5 | ep_r -2", "train_loss"),
        (":::MLLOG " + '{"key": "eval_accuracy", "value": 0.5, "metadata": {"epoch_num": 0}}', "eval_accuracy"),
        ("[2026-05-03 10:00:00,367][root][INFO] - train_loss: 0.5 epoch: 0", "train_loss"),
        ("[0] epoch: 0 train_loss: 0.5", "train_loss"),
        (" [2026-05-03 10:00:00] epoch: 0 | train_loss: 0.5", "train_loss"),
        ("INFO 2026-05-03 10:00:00,143 train.py:  15: epoch: 0 train_loss: 0.5", "train_loss"),
    ],
)
def test_a_line_says_the_same_behind_a_containers_time(line: str, metric: str) -> None:
    for front in ("", f"{_stamp(3)} stdout F ", f"{_stamp(3)} "):
        assert (metric, 0, 0.5) in [(p.metric, p.epoch, p.value) for p in parse(f"{front}{line}\n").points], front


def test_a_number_behind_a_time_is_no_thread_and_no_year() -> None:
    lines = [f"{step} val {loss}" for step, loss in ((750, 0.75), (1000, 0.5), (2000, 0.25))]
    plain = [(p.step, p.value) for p in parse("\n".join([*lines, ""])).points]
    assert plain == [(750, 0.75), (1000, 0.5), (2000, 0.25)]
    for front in ("2026-05-03 10:00:00,123 - INFO - ", "May 03 10:00:00 ", "[2026-05-03 10:00:00] "):
        assert [(p.step, p.value) for p in parse("".join(f"{front}{line}\n" for line in lines)).points] == plain, front


def test_a_word_that_is_a_level_may_be_a_metric() -> None:
    assert [p.value for p in parse("2026-05-03 10:00:00 epoch 1 error = 0.5\n2026-05-03 10:00:01 error = 0.25\n").points] == [0.5, 0.25]
