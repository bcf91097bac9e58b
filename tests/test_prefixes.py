"""What stands before a line's own text: times in the usual notations, levels, and the ranks that launchers put in front."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from parsing import parse, points

from scraper.parse.prefixes import printed_time, take

NOW = datetime(2026, 3, 4, 12, 0, 0).timestamp()  # noqa: DTZ001 - local, as logs print it
BODY = "step 1 loss: 0.5"


def local(*parts: int) -> float:
    return datetime(*parts).timestamp()  # type: ignore[arg-type]  # noqa: DTZ001 - local, as logs print it


def utc(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc]


TIMES: list[tuple[str, float]] = [
    ("2026-01-02 03:04:05,678 ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("INFO  2026-01-02 03:04:05,678 a.b:run - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # sensAI, Tianshou
    ("2026-01-02 03:04:05,678\t44k\tINFO\t", local(2026, 1, 2, 3, 4, 5, 678000)),  # VITS
    ("Fri 02 Jan 2026 03:04:05 INFO  ", local(2026, 1, 2, 3, 4, 5)),  # RecBole
    ("02 Jan 03:04    INFO  ", local(2026, 1, 2, 3, 4)),
    ("2026-01-02T03:04:05.678Z ", utc(2026, 1, 2, 3, 4, 5, 678000)),
    ("2026-01-02T03:04:05+02:00 ", utc(2026, 1, 2, 1, 4, 5)),
    ("2026-01-02 03:04:05-0530 ", utc(2026, 1, 2, 8, 34, 5)),
    ("[2026-01-02 03:04:05 UTC] ", utc(2026, 1, 2, 3, 4, 5)),
    ("2026-01-02 03:04:05 PM ", local(2026, 1, 2, 15, 4, 5)),
    ("2026-01-02 12:04:05 AM ", local(2026, 1, 2, 0, 4, 5)),
    ("[2026-01-02 03:04:05,678][train][INFO] - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # hydra
    ("[2026-01-02 03:04:05,678::train::INFO] ", local(2026, 1, 2, 3, 4, 5, 678000)),  # diffusion-point-cloud and what came of it
    ("[2026-01-02:03:04:05:INFO:sockeye.training:__call__] ", local(2026, 1, 2, 3, 4, 5)),  # Sockeye
    ("2026-01-02 03:04:05,678 - log\\train.log - INFO - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # a logger called as its file
    ("2026-01-02 03:04:05,678 -                train: [    INFO] - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # timm's log files
    ("[01/02/2026 03:04:05 INFO 140123456789012] ", local(2026, 1, 2, 3, 4, 5)),  # SageMaker
    ("2026-01-02 03:04:05,678-INFO-", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("2026-01-02 03:04:05,678 - INFO - main.py - <module> - 315 - ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("2026-01-02 03:04:05,678 - main.py - evaluate - INFO - ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("2026-01-02 03:04:05.678 | INFO     | __main__:train:42 - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # loguru
    ("2026-01-02T03:04:05.678901234Z stdout F ", utc(2026, 1, 2, 3, 4, 5, 678901)),  # a container's log file
    ("2026/01/02 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),
    ("2026-01-02 03:04:05,678 \u2014 agents.vpg \u2014 INFO \u2014 ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("2026-01-02 03:04:05 \u2013 INFO \u2013 ", local(2026, 1, 2, 3, 4, 5)),
    ("[2026-01-02 03:04:05,678-rk0-log_helper.py#105] ", local(2026, 1, 2, 3, 4, 5, 678000)),  # pysot
    ("[01.02.26|03:04:05] ", local(2026, 1, 2, 3, 4, 5)),  # torchlight
    ("[ Fri Jan  2 03:04:05 2026 ] ", local(2026, 1, 2, 3, 4, 5)),  # 2s-AGCN and what came of it
    ("26/01/02 03:04:05 INFO ", local(2026, 1, 2, 3, 4, 5)),  # Spark
    ("02-Jan-26 03:04:05 - ", local(2026, 1, 2, 3, 4, 5)),
    ("2026-01-02 03:04:05 node-7 train[123] INFO ", local(2026, 1, 2, 3, 4, 5)),  # coloredlogs
    ("[I 01/02/2026 03:04:05 train:42] ", local(2026, 1, 2, 3, 4, 5)),
    ("26-01-02 03:04:05.678 - INFO: ", local(2026, 1, 2, 3, 4, 5, 678000)),  # BasicSR
    ("26-01-02 03:04:05 [trainer/trainer.py:70 - INFO ] ", local(2026, 1, 2, 3, 4, 5)),
    ("[LINE:70] INFO     [2026-01-02 03:04:05,678]  ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("train.py[LINE:70]# INFO     [2026-01-02 03:04:05,678]  ", local(2026, 1, 2, 3, 4, 5, 678000)),
    ("[01/02/26 03:04:05] INFO     ", local(2026, 1, 2, 3, 4, 5)),  # rich
    ("01/02/2026 03:04:05 - INFO - __main__ -   ", local(2026, 1, 2, 3, 4, 5)),  # transformers
    ("01-02 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),
    ("*Jan02-0304*  2026-01-02 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),  # Recursive Cascaded Networks
    ("01/02 03:04:05 - mmengine - INFO - ", local(2026, 1, 2, 3, 4, 5)),
    ("[01/02 03:04:05 d2.utils.events]:  ", local(2026, 1, 2, 3, 4, 5)),
    ("I0102 03:04:05.678901 139838 train.py:12] ", local(2026, 1, 2, 3, 4, 5, 678901)),  # glog, absl
    ("[NeMo I 2026-01-02 03:04:05 exp_manager:386] ", local(2026, 1, 2, 3, 4, 5)),
    ("Jan  2 03:04:05 node1 python[123]: ", local(2026, 1, 2, 3, 4, 5)),  # syslog
    ("Fri Jan  2 03:04:05 2026 ", local(2026, 1, 2, 3, 4, 5)),  # ctime
    ("Fri, 02 Jan 2026 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),
    ("02/Jan/2026:03:04:05 +0000 ", utc(2026, 1, 2, 3, 4, 5)),
    ("20260102 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),
    ("1767323045.678 ", 1767323045.678),
    ("[1767323045] ", 1767323045.0),
    ("03:04:05 ", local(2026, 3, 4, 3, 4, 5)),
    ("[03:04:05.250] ", local(2026, 3, 4, 3, 4, 5, 250000)),
    ("[rank3]: 2026-01-02 03:04:05 ", local(2026, 1, 2, 3, 4, 5)),
    ("[rank0]:[titan] 2026-01-02 03:04:05,678 - root - INFO - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # torchtitan
    ("[17041:MainThread](2026-01-02 03:04:05,678) INFO - qlib.LSTM - [pytorch_lstm.py:251] - ", local(2026, 1, 2, 3, 4, 5, 678000)),  # Qlib
    ("[node1] 2026-01-02 03:04:05,678 (trainer:672) INFO: ", local(2026, 1, 2, 3, 4, 5, 678000)),  # ESPnet
    ("2026-01-02T03:04:05 - 0 - levanter.eval - eval.py:123 - INFO :: ", local(2026, 1, 2, 3, 4, 5)),
]


@pytest.mark.parametrize(("prefix", "time"), TIMES, ids=[t[0].strip() for t in TIMES])
def test_a_timestamp_becomes_the_time_of_the_point(prefix: str, time: float) -> None:
    found = parse(f"{prefix}{BODY}\n", NOW).points
    assert [(p.metric, p.step, p.value) for p in found] == [("loss", 1, 0.5)]
    assert found[0].time == pytest.approx(time, abs=1e-6)


def test_a_line_without_a_timestamp_has_the_time_it_was_read() -> None:
    assert parse(f"{BODY}\n", NOW).points[0].time == NOW
    assert parse(f"{BODY}\n", None).points[0].time is None


def test_a_clock_without_a_date_is_unknown_in_a_log_of_long_ago() -> None:
    assert parse(f"03:04:05 {BODY}\n", None).points[0].time is None


def test_a_clock_printed_before_midnight_and_read_after_it_is_yesterdays() -> None:
    now = local(2026, 3, 4, 0, 0, 1)
    assert printed_time("23:59:59 x", now) == local(2026, 3, 3, 23, 59, 59)
    assert printed_time("12/31 23:59:59 x", local(2027, 1, 1, 0, 0, 1)) == local(2026, 12, 31, 23, 59, 59)


def test_a_date_that_does_not_exist_is_no_time() -> None:
    assert parse(f"2026-13-45 03:04:05 {BODY}\n", NOW).points[0].time is None


LEVELS = [
    ("[INFO] ", "info"),
    ("INFO:__main__:", "info"),
    ("INFO - ", "info"),
    ("WARNING: ", "warning"),
    ("[  ERROR ] ", "error"),
    ("2026-01-02 03:04:05 | SUCCESS  | ", "info"),
    ("2026-01-02 03:04:05 WARN ", "warning"),
    ("E0102 03:04:05.678901 1 a.cc:4] ", "error"),
    ("W20260102 03:04:05 123 dinov2 helpers.py:103] ", "warning"),
    ("20260102 03:04:05 ", ""),
    ("[2026-01-02 03:04:05,678] [INFO] [logging.py:96:log_dist] ", "info"),
    ("", ""),
    ("information ", ""),
    ("I am ", ""),
]


OWN = [  # what stands in front, though no time, level or rank of its own tells of it
    "INFO:root:",
    "INFO:train.loop:",
    "2026-01-02T03:04:05.678Z stdout F ",
    "Jan 02 03:04:05 node1 python[123]: ",
    "2026-01-02T03:04:05+0000 node1 train.sh[123]: ",
    "2026-01-02 03:04:05,678 INFO    MainThread:123 [train.py:main():12] ",
    "[2026-01-02 03:04:05] INFO (nni.retiarii.oneshot.pytorch.darts/MainThread) ",
    "[2026-01-02 03:04:05][train.py][line:12][INFO] ",
    "2026-01-02 03:04:05,678 [test] main.py[line:12] INFO: ",
    "[2026-01-02 03:04:05,678 INFO train.py line 12 4321] ",
    "[2026-01-02 03:04:05] INFO [MainThread:69] ",
    "[2026-01-02 03:04:05] INFO     [core.train.logger:71, node-7, rank=0] ",
    "[HUGECTR][03:04:05][INFO] ",
    "[HCTR][03:04:05.678][INFO][RK0][main]: ",
    "03:04:05,678 main MainProcess INFO ",
    "02-Jan-26 03:04:05.678 - [MainProcess:123] ",
    "2026-01-02 03:04:05 | INFO     | train:run:123 - ",
    "2026-01-02 03:04:05 node-7 __main__[123] INFO ",
    "2026-01-02 03:04:05,678 - INFO - [__main__:69] - ",
    "I20260102 03:04:05 123 dinov2 helpers.py:103] ",
    "(AReaL) 20260102-03:04:05.678 StatsLogger INFO: ",
    "\t",
]


@pytest.mark.parametrize("prefix", OWN)
def test_a_line_begins_behind_its_loggers_name(prefix: str) -> None:
    assert prefix[take(prefix + BODY).end :].strip("- ") == ""


def test_what_counts_in_brackets_is_no_logger() -> None:
    front = "2026-01-02 03:04:05,678 INFO "
    assert [take(f"{front}[{name}:3] loss 0.5").end for name in ("epoch", "train", "reward")] == [len(front)] * 3


def test_a_line_that_begins_with_dashes_keeps_them() -> None:
    assert take("  --eval-step 100").end == 2


@pytest.mark.parametrize(("prefix", "level"), LEVELS)
def test_a_level_is_known(prefix: str, level: str) -> None:
    assert take(prefix + BODY).level == level


RANKS: list[tuple[str, dict[str, str]]] = [
    ("[default3]:", {"rank": "3"}),  # torchrun --tee
    ("[trainer3]:", {"rank": "3"}),  # ... with a role
    ("[trainer3|1]:", {"rank": "3"}),  # ... and the rank on the node
    ("[rank3]:", {"rank": "3"}),
    ("[rank3]: ", {"rank": "3"}),
    ("[1,3]<stdout>:", {"rank": "3"}),  # mpirun --tag-output
    ("[prterun-node7-123@1,3]<stderr>: ", {"rank": "3"}),  # Open MPI 5
    ("[3]<stdout>:", {"rank": "3"}),  # horovodrun
    ("Fri Jan  2 03:04:05 2026[3]<stdout>:", {"rank": "3"}),  # ... with the time
    ("Fri Jan  2 03:04:05 2026[1,3]<stdout>:", {"rank": "3"}),  # mpirun --timestamp-output
    ("[RANK 3] ", {"rank": "3"}),
    ("[2026-01-02 03:04:05,678] [INFO] [RANK 3] ", {"rank": "3"}),  # accelerate
    ("[2026-01-02 03:04:05,678] [INFO] [logging.py:96:log_dist] [Rank 3] ", {"rank": "3"}),  # DeepSpeed
    ("10.0.0.3: [2026-01-02 03:04:05,678] [INFO] [Rank 3] ", {"rank": "3", "host": "10.0.0.3"}),  # ... through pdsh
    ("2026-01-02T03:04:05 - 3 - levanter.eval - eval.py:123 - INFO :: ", {"rank": "3"}),
    ("Rank 3: ", {"rank": "3"}),
    ("rank=3 ", {"rank": "3"}),
    ("[worker  3] ", {"rank": "3"}),  # TorchAudio's examples
    ("[GPU3] ", {"rank": "3"}),  # PyTorch's tutorial on DistributedDataParallel
    ("[xla:3] ", {"rank": "3"}),  # PyTorch/XLA's
    ("| Training Device=xla:1/3 Epoch=1 ", {"host": "1", "rank": "3"}),
    ("[FedML-Client(3) @device-id-3] [Fri, 02 Jan 2026 03:04:05] [INFO] [my_trainer.py:60:train] ", {"rank": "3"}),
    ("(pid=1234) ", {"worker": "1234"}),  # Ray
    ("(TrainWorker pid=1234, ip=10.0.0.3) ", {"worker": "1234"}),
    ("(RayTrainWorker pid=1234) [rank3]: ", {"rank": "3", "worker": "1234"}),
    ("[node7:3] ", {"rank": "3", "host": "node7"}),
    ("[ip-10-0-0-1:3]: ", {"rank": "3", "host": "ip-10-0-0-1"}),
    ("10.0.0.3: ", {"host": "10.0.0.3"}),  # pdsh
    ("node07: ", {"host": "node07"}),  # clush
    ("worker-3 | ", {"host": "worker-3"}),  # docker compose
    ("algo-1-x7k2p_1  | ", {"host": "algo-1-x7k2p_1"}),  # SageMaker's on one machine
    ("abc123xyz9-algo-1-x7k2p  | ", {"host": "abc123xyz9-algo-1-x7k2p"}),
    ("[pod/train-abc-3/trainer] ", {"host": "train-abc-3"}),  # kubectl logs --prefix
    ("cuda:3 | ", {"rank": "3"}),
    ("process 3: ", {"rank": "3"}),
    ("[stdout] ", {}),
    ("[Epoch:3] ", {}),
    ("", {}),
    ("[info] ", {}),
]


@pytest.mark.parametrize(("prefix", "labels"), RANKS, ids=[r[0] or "none" for r in RANKS])
def test_the_rank_a_launcher_puts_in_front_becomes_a_label(prefix: str, labels: dict[str, str]) -> None:
    found = parse(f"{prefix}{BODY}\n").points
    assert [(p.metric, p.step, p.value, dict(p.labels)) for p in found] == [("loss", 1, 0.5, labels)]


WITHIN = [
    "step=1 rank={r} loss=0.{r}5",
    "Rank {r}, Epoch: 1, Loss: 0.{r}5",
    "[Rank {r}, Epoch 1] loss 0.{r}5",
    "(rank {r}) epoch 1 loss 0.{r}5",
    "Epoch 1, Rank {r}: loss 0.{r}5",
    '{{"step": 1, "rank": {r}, "loss": 0.{r}5}}',
    "2026-01-02 03:04:05,678 DEBUG TRAIN Batch 0/100 loss 0.{r}5 rank {r}",  # WeNet
    "2026-01-02 03:04:05,678 INFO Epoch 0 Step 100 CV info cv_loss 0.{r}5 rank {r}",
]


@pytest.mark.parametrize("line", WITHIN)
def test_the_rank_that_a_line_states_beside_its_place_becomes_a_label(line: str) -> None:
    found = parse("".join(line.format(r=rank) + "\n" for rank in range(4))).points
    assert [(p.value, dict(p.labels)) for p in found] == [(float(f"0.{rank}5"), {"rank": str(rank)}) for rank in range(4)]


@pytest.mark.parametrize(
    "line",
    [
        "step 1 loss=0.5 lora_rank=8",
        "step 1 loss 0.5, rank: 37",
        "TRAIN step 1: loss 0.5 rank 37",
        "step 1 | mean rank: 12.5 | loss 0.5",
    ],
)
def test_a_rank_among_values_is_no_label(line: str) -> None:
    assert {p.labels for p in parse(line + "\n").points} == {()}


def test_the_task_numbers_of_srun_are_ranks_when_every_line_has_one() -> None:
    log = "".join(f"{rank}: step {step} loss: 0.{step}{rank + 1}\n" for step in range(1, 4) for rank in range(2))
    assert [(dict(p.labels), p.step) for p in parse("0: starting\n1: starting\n" + log).points] == [
        ({"rank": str(rank)}, step) for step in range(1, 4) for rank in range(2)
    ]


def test_a_task_number_is_known_in_front_of_a_line_that_counts_by_itself() -> None:
    assert [dict(p.labels) for p in parse("3: epoch 1 loss: 0.5\n3: epoch 2 loss: 0.4\n").points] == [{"rank": "3"}, {"rank": "3"}]


def test_a_ranks_table_keeps_its_rank_and_its_columns() -> None:
    table = "  epoch    train_loss     dur\n-------  ------------  ------\n      1        0.6931  0.0200\n      2        0.5012  0.0100\n"
    for prefix, rank in (("2: ", "2"), ("[default1]:", "1")):
        log = "".join(f"{prefix}{line}\n" for line in table.splitlines())
        losses = [(p.epoch, p.value, dict(p.labels)) for p in parse(log).points if p.metric == "train_loss"]
        assert losses == [(1, 0.6931, {"rank": rank}), (2, 0.5012, {"rank": rank})]


@pytest.mark.parametrize(
    "front", ["2: ", "[default1]:", "trainer-1  | ", "May 03 12:00:01 gpu01 python[1234]: ", "INFO:__main__:", "(train_fn pid=12) "]
)
def test_a_box_behind_a_front_keeps_its_rows(front: str) -> None:
    rule = "-" * 40
    box = (rule, "| rollout/            |          |", "|    ep_rew_mean      | 12.5     |", "| time/total_timesteps | 200     |", rule)
    log = "".join(f"{front}{line}\n" for line in box)
    assert [(p.metric, p.step, p.value) for p in parse(log).points][:1] == [("rollout/ep_rew_mean", 200, 12.5)]


@pytest.mark.parametrize(
    "front",
    [
        *("[I 260102 03:04:05 train:42] ", "02.01.2026 03:04:05 ", "02-01-2026 03:04:05,678 - "),
        *("2026年1月2日 03:04:05 ", "[2026-01-02 03:04] "),
        *("26/01/02 03:04:05 INFO MyTrainer: ", "2026-01-02T03:04:05.678901Z 01O ", "my job\tRun tests\t2026-01-02T03:04:05.6789012Z "),
        *("12.3s\t42\t", "[  12.3s] ", "0:00:12 ", "[0:00:12] ", "__main__:INFO:", "root - INFO - "),
        "2026-01-02 03:04:05,678 a.b:INFO: ",
        "2026-01-02 03:04:05,678 INFO train - ",
    ],
)
def test_a_table_below_a_header_is_read_behind_any_front(front: str) -> None:
    lines = ("Epoch 3/9", "Train Loss: 0.5", "epoch  loss   val acc", "    4   0.25      0.75")
    found = parse("".join(f"{front}{line}\n" for line in lines)).points
    assert [(p.metric, p.epoch, p.value) for p in found] == [("Train Loss", 3, 0.5), ("loss", 4, 0.25), ("val acc", 4, 0.75)]


FRONTS = ["[0]<stdout>:", "[pod/train-0/trainer] ", "node07: ", "(f pid=12) ", "May 03 12:00:01 ", "[2026-01-02 03:04:05] ", "0: "]


@pytest.mark.parametrize("front", FRONTS)
def test_the_rule_of_a_narrow_first_column_is_no_front(front: str) -> None:
    header, rule = "E    #       LOSS NER  ENTS_F", "---  ------  --------  ------"
    lines = (header, rule, "  0       0     32.50    1.49", "  1     200     12.50   11.49")
    found = parse("".join(f"{front}{line}\n" for line in lines)).points
    assert [(p.metric, p.step, p.epoch, p.value) for p in found] == [
        *(("LOSS NER", 0, 0, 32.5), ("ENTS_F", 0, 0, 1.49)),
        *(("LOSS NER", 200, 1, 12.5), ("ENTS_F", 200, 1, 11.49)),
    ]


@pytest.mark.parametrize("front", FRONTS)
def test_what_is_drawn_over_a_front_is_its_ranks(front: str) -> None:
    bars = "".join(f"{front}Epoch {n}/2\n{front}\r1/8 [==>......] - loss: 0.9\r8/8 [=========] - loss: 0.{n}\n" for n in (1, 2))
    found = parse(bars).points
    assert [(p.epoch, p.value) for p in found if p.value < 0.9] == [(1, 0.1), (2, 0.2)]
    assert len({p.labels for p in found}) == 1


@pytest.mark.parametrize("front", FRONTS)
def test_a_tree_behind_a_front_keeps_its_branches(front: str) -> None:
    begin, end = ("custom_metrics: {}", "info:", "  learner:"), ("lengths:", "  - 13", "  - 15")
    trees = [(*begin, f"    loss: 0.{n}", *end, f"training_iteration: {n}", "") for n in (3, 4)]
    found = parse("".join(f"{front}{line}\n" for tree in trees for line in tree)).points
    assert [(p.metric, p.step, p.value) for p in found] == [("info/learner/loss", 3, 0.3), ("info/learner/loss", 4, 0.4)]


@pytest.mark.parametrize("line", ["0:00:12 0.5 0.25", "loss:INFO", "26/01/02 03:04:05 INFO Accuracy: 0.5", "[12s] of 30"])
def test_what_looks_like_a_front_and_tells_something_stays(line: str) -> None:
    assert [p.metric for p in parse(f"Epoch 3: loss 0.5\n{line}\n").points][1:] == (["Accuracy"] if "Accuracy" in line else [])


def test_dots_in_a_first_line_with_a_task_number_are_no_fraction() -> None:
    log = "0: Loading data...done.\n0: epoch | loss\n0: 3 | 0.5\n"
    assert [(p.epoch, p.value, dict(p.labels)) for p in parse(log).points] == [(3, 0.5, {"rank": "0"})]
    assert {p.labels for p in parse("1: train.py\n2: step 3 loss 0.5\n").points} == {()}


def test_what_a_logger_writes_right_behind_a_bar_is_read() -> None:
    bar = "  8%|8    | 1999/24128 [1:52:09<20:27:23,  3.33s/it]"
    read = parse(f"{bar}[2026-01-02 03:04:05,678] [INFO] [a.py:69:log] step=2000, lr=[0.001], loss=0.5\n")
    assert [(p.metric, p.step, p.value) for p in read.points] == [("lr", 2000, 0.001), ("loss", 2000, 0.5)]


def test_a_heading_right_behind_a_bar_says_which_data_the_values_below_it_are_of() -> None:
    heading = "2026-01-02 03:04:05 - EmbeddingSimilarityEvaluator: Evaluating the model on the sts-dev dataset in epoch 0 after 6 steps:\n"
    below = "2026-01-02 03:04:05 - Cosine-Similarity :\tPearson: 0.8677\tSpearman: 0.8881\n"
    read = points(f"Epoch:  33%|###       | 1/3 [00:00<00:01,  1.14it/s]{heading}{below}")
    assert [(p.metric, p.value) for p in read] == [("val/sts-dev/Cosine/pearson", 0.8677), ("val/sts-dev/Cosine/spearman", 0.8881)]


def test_the_rank_that_a_logger_says_right_behind_a_bar_is_that_lines() -> None:
    line = "{}11/21/2026 19:41:54 - INFO - __main__ - [RANK {}] epoch {}: loss: 0.{}\n"
    bar = "  0%|          | 0/45 [00:00<?, ?it/s]"
    text = "".join(line.format(front, rank, epoch, rank + 2) for epoch, front in enumerate(("", bar, "", bar)) for rank in (0, 1))
    assert [p.labels for p in points(text)] == [(("rank", "0"),), (("rank", "1"),)] * 4


def test_a_logger_that_prints_a_second_only_once_may_write_right_behind_a_bar() -> None:
    line = "{}INFO     Epoch: 0, Step: {}, Rank: 1, loss = 0.5         run.py:12\n"
    bar = "Epoch 0:  10%|#         | {}/20 [00:00<00:01, 9.50it/s]           "
    text = line.format("[03:04:05] ", 1) + line.format(bar.format(2), 2) + line.format("           ", 3) + line.format(bar.format(4), 4)
    assert [(p.step, p.value, p.labels) for p in points(text)] == [(step, 0.5, (("rank", "1"),)) for step in (1, 2, 3, 4)]


def test_the_values_of_a_bar_are_not_of_the_rank_that_a_logger_says_behind_it() -> None:
    bar = "\rSteps:  {}0%|###       | {}/10 [00:00<00:01, 14.07it/s, step_loss={}.5, lr=0.01]"
    said = "11/21/2026 19:41:54 - INFO - __main__ - [RANK 0] Saved state to out/checkpoint-2\n"
    text = "".join(bar.format(n, n, n) + (said if n == 2 else "") for n in range(1, 5))
    losses = [(p.step, p.value, p.labels) for p in points(text + "\n") if p.metric == "step_loss"]
    assert losses == [(n, n + 0.5, ()) for n in range(1, 5)]


def test_a_rank_in_front_of_what_nvidias_translation_prints_is_a_label() -> None:
    text = "starting\n" + "".join(f"{rank}: TRAIN [0][10/90]\tTime 0.5 (0.5)\tLoss/tok 9.{rank} (9.5)\n" for rank in (0, 1))
    assert [(dict(p.labels), p.value) for p in points(text) if p.metric == "train/Loss/tok"] == [({"rank": "0"}, 9.0), ({"rank": "1"}, 9.1)]
    assert points("starting\n3: loss 0.5\n")[0].labels == ()


def test_a_number_and_a_colon_are_no_task_number_where_other_lines_have_none() -> None:
    assert all(not p.labels for p in parse(f"starting\n1: {BODY}\n").points)


def test_steps_of_several_ranks_do_not_restart_each_other() -> None:
    log = "".join(f"[rank{rank}]: step {step} loss: 0.{step}{rank + 1}\n" for rank in (0, 1) for step in (1, 2, 3))
    parsed = parse(log)
    assert parsed.events == []
    assert {(dict(p.labels)["rank"], p.step, p.attempt) for p in parsed.points} == {(r, s, 0) for r in "01" for s in (1, 2, 3)}


@pytest.mark.parametrize(
    "own", ["2026-01-02 03:04:05,678 INFO ", "I0102 03:04:05.678901 1234 train.py:5] ", "[01/02 03:04:05 d2.utils.events]: "]
)
@pytest.mark.parametrize("front", ["2026-01-02T03:04:06.123456789Z ", "2026/01/02 03:04:06 ", "[2026-01-02 03:04:06] "])
def test_a_time_that_a_collector_put_before_the_loggers_own_is_taken_off_with_it(front: str, own: str) -> None:
    text = f"{front}{own}step 3 loss 0.5"
    assert text[take(text).end :] == "step 3 loss 0.5"


def test_a_clock_behind_a_time_is_left_as_it_may_be_a_value() -> None:
    text = "2026-01-02 03:04:06 00:01:12 step 3"
    assert text[take(text).end :] == "00:01:12 step 3"


def test_ranks_that_print_at_once_are_read_apart() -> None:
    text = "[RANK0] Epoch 1 | Loss 0.500[RANK1] Epoch 1 | Loss 0.625[RANK12] Epoch 1 | Loss 0.75\n\n"
    assert [(p.labels, p.epoch, p.value) for p in points(text)] == [
        ((("rank", "0"),), 1, 0.5), ((("rank", "1"),), 1, 0.625), ((("rank", "12"),), 1, 0.75),
    ]  # fmt: skip
    assert [(p.labels, p.value) for p in points("[GPU0] loss: 0.5 [GPU1]\n")] == [((("rank", "0"),), 0.5)]
