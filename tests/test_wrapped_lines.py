from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from parsing import parse, parser, placed, points


def docker(text: str, **more: object) -> str:
    return json.dumps({"log": text, "stream": "stderr", "time": "2026-01-02T03:04:05.123456789Z", **more}, separators=(",", ":")) + "\n"


def loguru(text: str, **extra: object) -> str:
    """Return a line as loguru writes it with `serialize`."""
    record = {"elapsed": {"repr": "0:00:01", "seconds": 1.5}, "exception": None, "extra": extra, "line": 64, "message": text}
    said = f"2026-01-02 03:04:05.678 | INFO     | __main__:train:64 - {text}\n"
    return json.dumps({"text": said, "record": {**record, "time": {"repr": "2026-01-02 03:04:05", "timestamp": 1767323045.5}}}) + "\n"


def kaggle(*texts: str) -> str:
    """Return a notebook's log as Kaggle gives it: a list with an object a line, of one line or several."""
    said = [json.dumps({"stream_name": "stdout", "time": 1.5 + n, "data": text}, separators=(",", ":")) for n, text in enumerate(texts)]
    return "[" + "\n,".join(said) + "\n]\n"


@pytest.mark.parametrize("wrap", [docker, loguru])
def test_what_was_printed_is_read_out_of_the_object_around_it(wrap: Callable[[str], str]) -> None:
    text = "".join(wrap(line) for line in ("step 10 train_loss 0.5", "step 20 train_loss 0.25", "see https://a.b/c?loss=0.5"))
    assert placed(text) == [("train_loss", 10, None, 0.5), ("train_loss", 20, None, 0.25)]
    assert all(p.time is not None for p in points(text))


def test_a_bar_in_such_an_object_is_drawn_over_as_any_other() -> None:
    """Every drawing has a place of its own in the log, within the object's line."""
    bars = "\r".join(f" 50%|#####     | {n}/9 [00:01<00:01,  9.50it/s, loss=0.{n}]" for n in (1, 2, 3))
    text = docker(f"\r{bars}\n")
    found = points(text + docker("step 9 val_loss 0.5"))
    assert [(p.metric, p.step, p.value) for p in found] == [("loss", 1, 0.1), ("loss", 2, 0.2), ("loss", 3, 0.3), ("val_loss", 9, 0.5)]
    assert 0 < found[0].at < found[1].at < found[2].at < len(text) == found[3].at


def test_colours_and_corrections_in_such_an_object_are_taken_out() -> None:
    (one, two) = placed(docker("\x1b[32mstep 1\x1b[0m loss \x1b[1m0.5\x1b[0m\n") + docker("step 2 loss 0.9\x0825\n"))
    assert (one, two) == (("loss", 1, None, 0.5), ("loss", 2, None, 0.25))


def test_half_a_character_in_such_an_object_costs_nothing_else() -> None:
    reader = parser()
    line = docker("step 3 \ud83d loss 0.5\n")
    assert [(p.metric, p.value) for p in reader.feed(line.encode(), None).points] == [("loss", 0.5)]
    assert reader.counters.keys() == {"lines", "matched"}


@pytest.mark.parametrize("wrap", [docker, loguru])
def test_such_objects_give_the_same_in_every_cut_and_without_a_last_newline(wrap: Callable[[str], str]) -> None:
    bar = "\r".join(f" 50%|#####     | {n}/9 [00:01<00:01,  9.50it/s, loss=0.{n}]" for n in (1, 2, 3))
    text = "".join(map(wrap, ("step 1 acc 0.5", bar, "plainly", "step 4 acc 0.75"))).encode()[:-1]
    whole, reader = points(text), parser()
    pieces = [p for i in range(len(text)) for p in reader.feed(text[i : i + 1], None).points]
    assert sorted([*pieces, *reader.flush(None).points], key=lambda p: p.at) == whole
    assert [p.value for p in whole] == [0.5, 0.1, 0.2, 0.3, 0.75]


def test_an_object_with_values_of_its_own_is_read_as_one() -> None:
    assert [(p.metric, p.value) for p in points(loguru("an epoch ended", epoch=3, val_loss=0.5)) if "loss" in p.metric] == [
        ("record.extra.val_loss", 0.5)
    ]


@pytest.mark.parametrize("line", [docker("loss weights: 0.5"), docker("done")[:-9] + "\n", loguru("ready")])
def test_what_says_nothing_within_says_nothing(line: str) -> None:
    assert points(line) == []


@pytest.mark.parametrize("wrap", [docker, loguru])
def test_a_traceback_in_such_objects_is_one_event_and_no_value(wrap: Callable[[str], str]) -> None:
    front = ("step 1 loss 0.5", "Traceback (most recent call last):")
    lines = (*front, '  File "fit.py", line 7, in fit', "    go()", "ValueError: odd loss: 0.75")
    read = parse("".join(wrap(line) for line in (*lines, "step 2 loss 0.25")))
    assert [(p.metric, p.step, p.value) for p in read.points] == [("loss", 1, 0.5), ("loss", 2, 0.25)]
    (event,) = read.events
    assert event.detail == {"exception": "ValueError", "message": "odd loss: 0.75", "frame": "fit.py:7 in fit", "lines": 4}


def test_a_list_of_what_was_printed_may_have_several_lines_in_an_object() -> None:
    text = kaggle("Epoch 3/9\n", "\n", "train loss: 0.5\nval loss: 0.25\n", "\r 50%|#####     | 1/2", "Epoch 4/9\ntrain loss: 0.125")
    assert placed(text) == [("train loss", None, 3, 0.5), ("val loss", None, 3, 0.25), ("train loss", None, 4, 0.125)]
    found, reader = points(text), parser()
    pieces = [p for i in range(len(text)) for p in reader.feed(text[i : i + 1].encode(), None).points]
    assert sorted([*pieces, *reader.flush(None).points], key=lambda p: p.at) == found
    assert len({p.at for p in found}) == len(found)
