"""Any cut of a log, and a restart at any byte, gives the same points, events and counts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recutting import read

LOGS = sorted((Path(__file__).parent / "logs").glob("*/p*.log"))
# What a terminal shows is for the slow tests where a pipe got the same.
CAPTURES = [pytest.param(p, marks=[pytest.mark.slow] if p.stem == "pty" and p.with_stem("pipe") in LOGS else []) for p in LOGS]
SMALL = 12_000  # bytes that are fed one by one
PART = 60_000  # bytes of a longer recording

EVERYTHING = """\
[INFO] Epoch 1/3
step 10: loss 2.5, val loss 2.25
iter 11: loss nan, time 3.50ms
saving checkpoint to out/ckpt
iter 12: loss 2.125, time 3.50ms
 40%|####      | 4/10 [00:01<00:01,  4.00it/s, loss=0.5]\r 50%|#####     | 5/10 [00:01<00:01,  4.00it/s, loss=0.25]\
Traceback (most recent call last):
  File "train.py", line 3, in step
    loss = 0.5
ValueError: step 3: loss 0.75

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "train.py", line 9, in <module>
    main(lr=0.1)
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
iter 13: loss inf, time 3.50ms
[rank1]: Traceback (most recent call last):
[rank0]: iter 14: loss 1.5, time 3.50ms
[rank1]:   File "train.py", line 3, in step
[rank1]:     loss = 0.5
[rank1]: RuntimeError: no
| step   | loss  |
{'loss': 0.5, 'grad_norm': nan, 'learning_rate': 1e-05, 'epoch': 0.5}
slurmstepd: error: *** JOB 12 ON n1 CANCELLED AT 2026-01-06T04:52:18 DUE TO TIME LIMIT ***
step 3: loss 0.125, val loss 0.5
caf\u00e9 \u635f\u5931 \U0001f600 iter 15: loss 0.5, time 1.00ms
""".encode()


def _random_cuts(size: int, count: int, seed: int) -> list[int]:
    return sorted(random.Random(seed).sample(range(1, size), min(count, size - 1)))


@pytest.mark.parametrize("path", CAPTURES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_recorded_log_gives_the_same_for_random_cuts_and_restarts(path: Path) -> None:
    log = path.read_bytes()[:PART]
    whole = read(log)
    cuts = _random_cuts(len(log), 120, seed=len(log))
    assert read(log, cuts) == whole
    assert read(log, cuts, cuts[::4]) == whole


@pytest.mark.parametrize("path", [p for p in CAPTURES if p.values[0].stat().st_size <= SMALL], ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_recorded_log_gives_the_same_byte_by_byte(path: Path) -> None:
    log = path.read_bytes()
    assert read(log, range(1, len(log))) == read(log)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_restart_at_every_byte_gives_the_same_events(encoding: str) -> None:
    text = EVERYTHING.decode()
    log = text.encode(encoding) if encoding != "utf-16-be" else b"\xfe\xff" + text.encode(encoding)
    whole = read(log)
    assert {"checkpoint", "non_finite", "traceback", "out_of_memory", "killed"} <= {event[1] for event in whole.events}
    assert read(log, range(1, len(log))) == whole
    for at in range(1, len(log), 11 if encoding == "utf-8" else 53):
        assert read(log, (), [at]) == whole, at


def test_what_was_read_before_does_not_tell_how_a_sign_is_read() -> None:
    text = "".join(f"[step {100 + n}] loss=0.{100 + n} grad=0.5/{'-' if n < 80 else ''}0.{100 + n}\n" for n in range(90)).encode()
    assert read(text, (), [text.index(b"[step 180]")]) == read(text)


def test_a_bar_and_what_stands_behind_it_with_its_name_keep_places_of_their_own_after_a_restart_anywhere() -> None:
    log = "".join(
        f"Epoch {epoch}: 100%|#| 40/40 [00:39<00:00, 2.2it/s, loss=0.5{epoch}, val_loss=0.4{epoch}]val_loss 0.3{epoch} val/abs_diff 0.25\n"
        for epoch in (1, 2)
    ).encode()
    whole = read(log)
    assert len({(point[0], point[1]) for point in whole.points}) == len(whole.points) > 4
    for at in range(1, len(log)):
        assert read(log, (), [at]) == whole, at


def test_tables_with_named_rows_are_the_same_after_a_restart_anywhere() -> None:
    table = "Epoch 3/5\nTest results:\n| Class | IoU   | Acc |\n|-------|------:|----:|\n| road  | 97.50 | -   |\n| car   | 61.25 | 70% |\n"
    pairs = "Metric    Value\n------  -------\nEpoch      4/10\nLoss      0.125\n\nF1     0.5 ± 0.25\nEpoch 5/5\n"
    log = (table + pairs).encode()
    whole = read(log)
    assert len(whole.points) == 5
    for at in range(1, len(log)):
        assert read(log, (), [at]) == whole, at


PIECES = st.sampled_from(
    [
        *EVERYTHING.splitlines(keepends=True),
        b"\r",
        b"\r\n",
        b"\n",
        b"\x1b[A",
        b"\x1b[2K",
        b"\x08" * 9,
        b"\x08",
        b"\x00",
        b"\x00" * 7,
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xc4\xa3\xd0\xcd ",
        b"Traceback (most recent call last):\n",
        b"ValueError: x\n",
        b'  File "a.py", line 1, in f\n',
        b"    loss: 0.5\n",
        b"Epoch 2/3\n",
        b"loss=nan step=3\n",
        b"iter 20: loss 0.5, time 3.00ms\r",
        b"\x1b[32mloss\x1b[0m: \x1b[1m0.5\x1b[0m step 7\n",
        b"x" * 90 + b"\n",
        b"Saving checkpoint to a/b\n",
        b"Checkpoint saved to a/b\n",
        b'Script started on 2026-01-01 10:00:00+00:00 [TERM="xterm"]\n',
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(pieces=st.lists(PIECES, max_size=25), data=st.data(), wide=st.sampled_from(["", "utf-16-le", "utf-16-be"]))
def test_generated_text_gives_the_same_for_any_cuts_and_restarts(pieces: list[bytes], data: st.DataObject, wide: str) -> None:
    log = b"".join(pieces)
    if wide:
        log = ("\ufeff" + log.decode(errors="replace")).encode(wide)
    whole = read(log, max_line_bytes=80)
    positions = st.lists(st.integers(min_value=1, max_value=max(len(log) - 1, 1)), max_size=12)
    cuts, restarts = data.draw(positions), data.draw(positions)
    assert read(log, cuts, max_line_bytes=80) == whole
    assert read(log, cuts, restarts, max_line_bytes=80) == whole


def test_a_line_that_is_read_within_a_section_alone_is_read_as_often_whatever_came_before() -> None:
    inner = "\rtrain:   5%|▍         | {n}/900 [01:50<34:{n},  1.{n}s/it, total_it={step}]\x1b[A"
    outer = "\repochs:   0%|          | 0/15 [01:50<?, ?it/s, det_loss={a:.3g}, gan_loss={b:.3g}, lr=0.0073]"  # drawn twice
    draw, parts = random.Random(1), []
    for n in range(100, 300):
        shown = outer.format(a=draw.uniform(1.5, 14), b=draw.uniform(1.5, 14))
        parts += [inner.format(n=n, step=n), "\n", inner.format(n=n, step=n + 1), shown, shown, "\n"]
    log = "".join(parts).encode()
    whole = read(log)
    assert sorted(step for _, metric, _, _, step, *_ in whole.points if metric == "det_loss") == list(range(101, 301))
    ends = [i + 1 for i, byte in enumerate(log) if byte == ord("\n")][::20]
    assert read(log, cuts=ends, restarts=ends) == whole
