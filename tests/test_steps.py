"""Which step and epoch a value belongs to, one test a way in which training scripts say so."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from parsing import kinds, parse, parser, placed, points
from recutting import read

from scraper.config import resolve
from scraper.parse.packs import PackSet, parse_pack
from scraper.parse.parser import Parser


def steps(text: str, metric: str) -> list[int | None]:
    return [p.step for p in points(text) if p.metric == metric]


def test_a_step_in_the_line_is_the_step() -> None:
    assert placed("iter 100: loss 2.3\n") == [("loss", 100, None, 2.3)]
    assert kinds("iter 100: loss 2.3\n") == {"explicit"}


def test_batches_of_later_epochs_go_on_where_the_first_ended() -> None:
    text = "Epoch: [0][ 10/100] Loss 2.3\nEpoch: [0][ 20/100] Loss 2.2\nEpoch: [1][ 10/100] Loss 2.1\n"
    assert [(p.step, p.epoch) for p in points(text)] == [(10, 0), (20, 0), (110, 1)]


def test_batches_count_from_one_with_epochs_that_do() -> None:
    text = "Epoch: [1][100/100] Loss 2.3\nEpoch: [2][ 50/100] Loss 2.1\n"
    assert [p.step for p in points(text)] == [100, 150]


def test_a_counter_that_runs_through_all_epochs_is_left_alone() -> None:
    text = "".join(f"[Epoch {e}/2] [{n:3d}/100] Loss: {n / 7:.4f}\n" for e, n in ((1, 25), (1, 50), (2, 75), (2, 100)))
    assert steps(text, "Loss") == [25, 50, 75, 100]


def test_a_counter_that_starts_over_is_counted_through() -> None:
    text = "".join(f"Epoch [{e}/2], Step [{n}/100], Loss: {n / 7:.4f}\n" for e, n in ((1, 50), (1, 100), (2, 50), (2, 100)))
    assert steps(text, "Loss") == [50, 100, 150, 200]


@pytest.mark.parametrize(("length", "begins"), [(253, 253), (300, 200), (190, 200)])  # one that does not fit what was counted says nothing
def test_batches_go_on_behind_as_many_as_the_end_of_the_epoch_tells(length: int, begins: int) -> None:
    text = "".join(
        "".join(f"\titers: {n}, epoch: {e} | loss: 0.{e}{n}\n" for n in (100, 200)) + f"Epoch: {e}, Steps: {length} | Train Loss: 0.{e}5\n"
        for e in (1, 2, 3)
    )
    assert steps(text, "loss") == [100, 200, begins + 100, begins + 200, 2 * begins + 100, 2 * begins + 200]
    assert steps(text, "Train Loss") == [length, 2 * length, 3 * length]
    assert steps(text + text, "loss")[6:] == steps(text, "loss")


def test_a_counter_without_an_epoch_starts_over_near_its_total() -> None:
    text = "".join(f"TRAIN Batch {n:04d}/0300, Loss    {2 + n / 1000:.4f}\n" for n in (0, 100, 200, 299, 0, 100))
    assert steps(text, "train/Loss") == [0, 100, 200, 299, 300, 400]


def test_samples_seen_are_counted_in_samples() -> None:
    text = "Train Epoch: 1 [640/2560 (25%)]\tLoss: 1.5\nTrain Epoch: 2 [640/2560 (25%)]\tLoss: 0.5\n"
    assert [p.step for p in points(text)] == [640, 3200]
    assert kinds(text) == {"samples"}


def test_a_header_above_places_the_lines_below() -> None:
    text = "Epoch 2/10\nval_loss: 0.5123\nEpoch 3/10\nval_loss: 0.4123\n"
    assert placed(text) == [("val_loss", None, 2, 0.5123), ("val_loss", None, 3, 0.4123)]
    assert kinds(text) == {"epoch"}


def test_a_summary_takes_the_step_printed_above_in_its_epoch() -> None:
    text = "epoch=0 step=25/100 loss=1.4009\nValidation | epoch: 0 | val/loss: 1.54096\nValidation | epoch: 1 | val/loss: 1.2\n"
    assert placed(text)[1:] == [("val/loss", 25, 0, 1.54096), ("val/loss", None, 1, 1.2)]


def test_all_lines_that_are_the_first_to_tell_an_epoch_stand_at_the_step_above() -> None:
    text = "[Batch: 10] loss: 0.9\n[Batch: 20] loss: 0.8\nEpoch 1 loss_a = 0.7\nEpoch 1 loss_b = 0.6\nval acc: 0.5\n"
    assert [(p.metric, p.step) for p in points(text)[2:]] == [("loss_a", 20), ("loss_b", 20), ("val acc", 20)]


def test_a_dict_takes_its_step_from_the_bar_drawn_next() -> None:
    bar = "\r {0:3d}%|███       | {1}/120 [00:01<00:11,  9.37it/s]"
    text = bar.format(7, 8) + "\r" + " " * 40 + "\r{'loss': 0.5, 'epoch': 0.25}\n" + bar.format(8, 10) + bar.format(16, 19)
    text += "\r" + " " * 40 + "\r{'loss': 0.4, 'epoch': 0.5}\n" + bar.format(17, 20)
    assert placed(text) == [("loss", 10, 0.25, 0.5), ("loss", 20, 0.5, 0.4)]
    assert kinds(text) == {"bar"}


def test_dicts_that_come_late_all_get_their_own_step() -> None:
    bar = "\r {0:3d}%|███       | {1}/120 [00:01<00:11,  9.37it/s]"
    dicts = "".join(f"{{'loss': {1 - e / 10}, 'epoch': {e}}}\n" for e in (0.25, 0.5, 0.75, 1.0))
    assert steps(bar.format(8, 10) + bar.format(33, 40) + dicts + bar.format(33, 40) + "\n", "loss") == [10, 20, 30, 40]


# Held back by a pipe until another bar begins: the training's own has gone on since each was printed.
def test_dicts_that_another_bar_lets_go_get_their_own_step() -> None:
    bar = "\r {0:3d}%|███       | {0}/120 [00:01<00:11,  9.37it/s]"
    other = "\n\r  0%|          | 0/3 [00:00<?, ?it/s]"
    early, late = ("".join(f"{{'loss': {1 - e / 10}, 'epoch': {e}}}\n" for e in epochs) for epochs in ((0.4, 0.8), (1.2, 1.6)))
    text = bar.format(8) + bar.format(16) + bar.format(17) + early + other + bar.format(20) + "{'eval_loss': 0.5, 'epoch': 1.0}\n" + other
    text += bar.format(21) + bar.format(24) + bar.format(37) + late + other + bar.format(40)
    assert steps(text + "\n", "loss") == [8, 16, 24, 32]
    assert steps(text + "\n", "eval_loss") == [20]


# A file gets them when the model is saved, right behind the bar; the evaluation that comes before the saving is held back until the next.
@pytest.mark.parametrize(("total", "known"), [(160, True), (215, False)])  # of whole epochs, or of 1.3 of them
def test_dicts_of_rounded_epochs_that_come_at_once_are_evenly_apart(total: int, known: bool) -> None:
    bar = "\r {0:3d}%|###       | {0}/{1} [00:01<00:11,  9.37it/s]"
    text = ""
    for saved in (50, 100):
        text += "".join(bar.format(n, total) for n in range(saved - 49, saved + 1)) + "\r        \r" + bar.format(saved, total)
        text += "{'eval_loss': 0.5, 'epoch': 0.31}\n" if saved > 50 else ""
        text += "".join(f"{{'loss': {9 - n / 70}, 'epoch': {round(n / 160 - 0.0001, 2)}}}\n" for n in range(saved - 40, saved + 1, 10))
        text += "\n\r  0%|          | 0/7 [00:00<?, ?it/s]\x1b[A\n\r100%|##########| 7/7 [00:03<00:00,  2.00it/s]\x1b[A\n"
    assert steps(text, "loss")[4] == 50
    assert (steps(text, "loss") == list(range(10, 101, 10))) is known
    assert (steps(text, "eval_loss") == [50]) is known


def test_dicts_that_another_bar_lets_go_have_no_step_while_several_would_do() -> None:
    bar = "\r {0:3d}%|███       | {0}/120 [00:01<00:11,  9.37it/s]"
    rows = "{'loss': 0.5, 'epoch': 0.4}\n{'loss': 0.4, 'epoch': 0.8}\n"
    text = bar.format(16) + bar.format(17) + rows + "  0%|          | 0/3 [00:00<?, ?it/s]" + bar.format(20)
    assert steps(text + "\n", "loss") == [None, None]


# Epochs of two digits leave two or three steps; the lines are ten steps apart, and the training has one epoch.
def test_rounded_epochs_of_regular_dicts_get_the_steps_at_which_such_are_printed() -> None:
    bar = "\r {0:3d}%|███       | {0}/181 [00:01<00:11,  9.37it/s]"
    rows = [f"{{'loss': {2 - n / 200}, 'epoch': {n / 181:.2f}}}\n" for n in range(10, 181, 10)]
    text = "".join(map(bar.format, range(101))) + "".join(rows[:10]) + "\n\r  0%|          | 0/40 [00:00<?, ?it/s]" + bar.format(100)
    text += "".join(map(bar.format, range(101, 182))) + "{'eval_loss': 0.5, 'epoch': 0.55}\n" + "".join(rows[10:])
    text += "{'train_runtime': 12.5, 'train_loss': 1.2, 'epoch': 1.0}\n"
    assert steps(text, "loss") == list(range(10, 181, 10))


# torchrun --tee reads what a worker prints and what it draws from two files: a line may come before the bar that was drawn earlier.
def test_dicts_that_a_launcher_reads_apart_from_their_bars_wait_for_the_end() -> None:
    bar = "[default0]:{0:3d}%|###       | {0}/56 [00:01<00:11,  9.37it/s]\n"
    rows = [f"[default0]:{{'loss': {n}.5, 'epoch': {n / 14:.4g}}}\n" for n in range(5, 56, 5)]
    text = bar.format(0) + rows[0] + bar.format(3) + rows[1] + bar.format(5)
    text += "".join(bar.format(n) + rows[n // 5 - 1] for n in range(15, 56, 5)) + bar.format(56)
    text += "[default0]:{'train_runtime': 1.5, 'train_loss': 1.25, 'epoch': 4.0}\n"
    assert steps(text, "loss") == list(range(5, 56, 5))


def test_an_epoch_rounded_to_nothing_takes_the_step_of_the_bar_drawn_next() -> None:
    bar = "\r{:3d}%|##        | {}/60 [00:02<00:06,  4.00it/s]"
    text = bar.format(0, 0)
    for n in (1, 2, 3):
        text += bar.format(n, n) + f"\r{{'loss': {2 - n / 10}, 'epoch': 0.0}}\n" + bar.format(n, n)
    assert placed(text + "\n") == [("loss", n, 0.0, 2 - n / 10) for n in (1, 2, 3)]


def test_bars_without_their_carriage_returns_still_tell_the_step() -> None:
    bar = "{:3d}%|##        | {}/60 [00:02<00:06,  4.00it/s]"
    lines = "".join(bar.format(n, n) + bar.format(n + 4, n + 4) + f"   {{'loss': {2 - n / 10}, 'epoch': {n / 10 + 0.4}}}\n" for n in (0, 4))
    assert [(m, s) for m, s, _, _ in placed(lines + bar.format(8, 8) + "\n")] == [("loss", 4), ("loss", 8)]


def trained(epochs: int, length: int, until: int, every: int = 5) -> str:
    """What a Trainer prints of `length` steps an epoch, with an evaluation of 12 batches after each, up to step `until`."""
    total = epochs * length
    bar = f" 10%|#         | {{}}/{total} [00:02<00:06,  4.00it/s]"
    out = bar.format(0)
    for n in range(1, until + 1):
        out += "\r" + bar.format(n)
        if n % every == 0:
            out += f"\r{' ' * 50}\r{{'loss': {n}.5, 'epoch': {n / length:.2f}}}\n" + bar.format(n)
        if n % length == 0:
            out += "\n100%|##########| 12/12 [00:00<00:00, 99.00it/s]\x1b[A\r" + bar.format(n)
            out += f"\r{' ' * 50}\r{{'eval_loss': {n}.25, 'epoch': {n / length:.2f}}}\n" + bar.format(n)
    return out + "\n"


@pytest.mark.parametrize("until", [28, 19])
def test_a_training_of_another_length_takes_its_steps_from_its_own_bar(until: int) -> None:
    text = trained(2, 14, until) + "100%|##########| 12/12 [00:00<00:00, 99.00it/s]\n" + trained(2, 13, 26) + trained(2, 15, 30)
    told = [(p.step, p.value, p.attempt) for p in points(text)]
    assert [(step, attempt) for step, _, attempt in told] == [(int(value), attempt) for _, value, attempt in told]
    assert sorted({attempt for _, _, attempt in told}) == [0, 1, 2]


def test_what_a_script_prints_at_its_end_stands_at_the_trainings_last_step() -> None:
    text = trained(2, 14, 28) + "{'train_runtime': 1.5, 'train_loss': 0.75, 'epoch': 2.0}\n"
    text += "100%|##########| 60/60 [00:00<00:00, 99.00it/s]\n***** eval metrics *****\n  epoch       =    2.0\n  perplexity  =   8.25\n"
    assert placed(text)[-2:] == [("train_loss", 28, 2.0, 0.75), ("perplexity", 28, 2.0, 8.25)]


def test_values_of_as_many_digits_are_no_repetition_however_close() -> None:
    bar = " 10%|#         | {}/{} [00:02<00:06,  4.00it/s]\r"
    first, again = (
        bar.format(25, total) + f"{{'loss': {loss}, 'epoch': 1.79}}\n" + bar.format(25, total) + bar.format(28, total) + "\n"
        for total, loss in ((28, 0.6903), (56, 0.6901))
    )
    assert [(p.step, p.value) for p in points(first + again)] == [(25, 0.6903), (25, 0.6901)]


def test_two_dicts_whose_epoch_rounds_to_nothing_tell_no_distance() -> None:
    bar = "\r  0%|          | {}/100000 [00:01<09:11,  9.37it/s]"
    text = ""
    for n, at in ((0, 0), (10, 20), (30, 30)):
        drawn = bar.format(n) + bar.format(at)
        text += f"{drawn}\r{' ' * 60}\r{{'loss': {2 - at / 40}, 'learning_rate': 0.1, 'epoch': 0.0}}\n{bar.format(at)}"
    found = parse(text + "\n")
    assert [(p.step, p.value) for p in found.points if p.metric == "loss"] == [(0, 2.0), (20, 1.5), (30, 1.25)]
    assert found.events == []


def test_a_dict_that_names_its_step_waits_for_no_bar() -> None:
    text = " 10%|#         | 6/60 [00:02<00:06,  4.00it/s]\n{'loss': 0.5, 'epoch': 0.5, 'global_step/max_steps': '10/60'}\n"
    assert placed(text) == [("loss", 10, 0.5, 0.5)]


def test_lines_of_one_rounded_epoch_keep_what_does_not_change() -> None:
    text = "".join(f"{{'loss': {loss}, 'learning_rate': 0.1, 'epoch': 0.01}}\n" for loss in (0.5, 0.4, 0.4))
    assert [(m, v) for m, _, _, v in placed(text)] == [("loss", 0.5), ("learning_rate", 0.1), ("loss", 0.4), ("learning_rate", 0.1)]


def test_equal_losses_of_one_epoch_are_kept_where_it_has_several() -> None:
    text = "".join(f"Epoch 1 - Batch loss: {loss}\n" for loss in (0.5, 0.4, 0.4, 0.3))
    assert [v for _, _, _, v in placed(text)] == [0.5, 0.4, 0.4, 0.3]


def test_a_bar_that_contradicts_the_dicts_gives_them_no_step() -> None:
    bar = "\r {0:3d}%|███       | {1}/120 [00:01<00:11,  9.37it/s]"
    dicts = "".join(f"{{'loss': {1 - e / 10}, 'epoch': {e}}}\n" for e in (0.25, 0.5, 0.75))
    assert steps(bar.format(0, 0) + bar.format(8, 10) + dicts + bar.format(33, 40) + "\n", "loss") == [None, None, None]


@pytest.mark.parametrize(("batches", "accumulated", "every", "partial"), [(177, 8, 1, True), (177, 8, 10, False), (5000, 16, 10, True)])
def test_steps_of_accumulated_gradients_are_those_of_the_bar(batches: int, accumulated: int, every: int, partial: bool) -> None:
    bar = "\r {0:3d}%|###       | {0}/2000 [00:01<00:11,  9.37it/s]"
    text, printed, step = bar.format(0), [], 0
    for epoch in range(3):
        for batch in range(1, batches + 1):
            if batch % accumulated == 0 or (partial and batch == batches):
                step += 1
                text += bar.format(step)
                if step % every == 0:
                    text += f"\r{' ' * 30}\r{{'loss': {step}.5, 'epoch': {epoch + batch / batches:.2f}}}\n" + bar.format(step)
                    printed.append(step)
    assert steps(text + "\n", "loss") == printed


def piped(
    batches: int, accumulated: int, every: int, epochs: int, *, partial: bool, digits: int, first: bool = False
) -> tuple[str, list[int]]:
    """What a Trainer gives to a pipe: its bar, and at the end all dicts; and the steps of those of its losses."""
    length = -(-batches // accumulated) if partial else batches // accumulated
    total = length * epochs
    dicts, printed = "", []
    for step in range(1, total + 1):
        before, within = divmod(step - 1, length)
        epoch = before + min(1, (within + 1) * accumulated / batches)
        if step % every == 0 or (first and step == 1):
            printed.append(step)
            dicts += f"{{'loss': {step}.5, 'epoch': {epoch:.{digits}g}}}\n"
        if step % length == 0:
            dicts += f"{{'eval_loss': {step}.25, 'epoch': {epoch:.{digits}g}}}\n"
    dicts += f"{{'train_runtime': 1.5, 'train_loss': {total}.125, 'epoch': {epoch:.{digits}g}}}\n"
    bar = "\r {0:3d}%|###       | {0}/{1} [00:01<00:11,  9.37it/s]"
    return "".join(bar.format(n, total) for n in range(0, total + 1, 2)) + bar.format(total, total) + "\n" + dicts, printed


# What is left of an epoch's batches makes a step of its own, or none; epochs have four digits, or three.
@pytest.mark.parametrize(
    ("batches", "accumulated", "every", "epochs", "partial", "digits", "first"),
    [(29, 4, 3, 5, True, 4, False), (29, 4, 1, 5, True, 4, False), (29, 4, 3, 5, False, 4, True), (103, 8, 5, 4, True, 3, False)],
)
def test_steps_of_accumulated_gradients_are_found_at_the_end_of_a_pipe(
    batches: int, accumulated: int, every: int, epochs: int, partial: bool, digits: int, first: bool
) -> None:
    text, printed = piped(batches, accumulated, every, epochs, partial=partial, digits=digits, first=first)
    assert steps(text, "loss") == printed
    assert all(p.step == int(p.value) for p in points(text) if p.metric in ("eval_loss", "train_loss"))


# Each evaluation lets go what the pipe held; an epoch's batches make a quarter of a step more than its share.
def test_steps_of_accumulated_gradients_go_on_in_later_epochs_where_regular_lines_come() -> None:
    length, batches, total = 95, 379, 285
    bar = "\r {0:3d}%|###       | {0}/285 [00:01<00:11,  9.37it/s]"
    text, held = bar.format(0), ""
    for step in range(1, total + 1):
        before, within = divmod(step - 1, length)
        epoch = f"{before + min(1, (within + 1) * 4 / batches):.4g}"
        text += bar.format(step)
        held += f"{{'loss': {step}.5, 'epoch': {epoch}}}\n" if step % 10 == 0 else ""
        if step % 50 == 0:
            text, held = f"{text}{held}\n\r  0%|          | 0/8 [00:00<?, ?it/s]" + bar.format(step), ""
            text += f"\n\r100%|##########| 8/8 [00:00<?, ?it/s]{{'eval_loss': {step}.25, 'epoch': {epoch}}}\n" + bar.format(step)
    text += f"\n{held}{{'train_runtime': 1.5, 'train_loss': 0.5, 'epoch': 3}}\n"
    assert steps(text, "loss") == list(range(10, total, 10))
    assert steps(text, "eval_loss") == list(range(50, total, 50))


def test_steps_of_accumulated_gradients_stay_open_where_a_line_is_missing() -> None:
    skipped = piped(29, 4, 3, 5, partial=True, digits=4)[0].replace("{'loss': 6.5", "{'lost': 6.5")
    assert set(steps(skipped, "loss")) == {None}


def test_an_evaluation_before_the_training_says_nothing_of_its_steps() -> None:
    text = "\r100%|##########| 12/12 [00:00<00:00, 99.00it/s]\n{'eval_loss': 0.75, 'epoch': 0}\n"
    bar = "\r {0:3d}%|###       | {0}/40 [00:01<00:11,  9.37it/s]"
    for n in (20, 40):
        text += bar.format(n - 20) + bar.format(n - 1) + f"\r{' ' * 40}\r{{'loss': {n}.5, 'epoch': {n // 20}}}\n" + bar.format(n)
    assert steps(text + "\n", "loss") == [20, 40]
    assert steps(text + "\n", "eval_loss") == [0]


def test_a_count_in_a_bars_description_is_of_epochs_where_the_bar_counts_more() -> None:
    bar = "\r[{0}/3] loss: 0.{1}5:  50%|#####     | {1}/4 [00:01<00:01, 9.37it/s]"
    text = "".join(bar.format(epoch, n) for epoch in (1, 2) for n in range(1, 5)) + "\n"
    assert placed(text) == [("loss", 4 * epoch - 4 + n, epoch, round(n / 10 + 0.05, 2)) for epoch in (1, 2) for n in range(1, 5)]
    batches = "\r[{0}/90] loss: 0.5{0}:  50%|#####     | 1/4 [00:01<00:01, 9.37it/s]"
    assert {epoch for _, _, epoch, _ in placed(batches.format(1) + batches.format(2) + "\n")} == {None}


def test_batches_of_a_bar_go_on_behind_an_epochs_end_that_is_told_below_them() -> None:
    drawn = "".join(f"\rFit:  50%|#####     | {n}/4 [00:00<00:01, 50.62it/s, loss=0.{{0}}{n}]" for n in range(1, 5))
    text = "".join(drawn.format(epoch) + f"\r{' ' * 60}\rEpoch {epoch}: val_acc=0.7{epoch}\n" for epoch in range(3))
    assert [(step, value) for name, step, _, value in placed(text) if name == "loss"] == [
        (4 * epoch + n, (10 * epoch + n) / 100) for epoch in range(3) for n in range(1, 5)
    ]
    assert {p.attempt for p in points(text)} == {0}


def test_a_rich_bar_that_is_drawn_where_an_epoch_begins_alone_has_the_values_of_the_one_before() -> None:
    bar = "\rEpoch {0}/9  ━━━━━━━━━━━━ 0/20 0:00:00 • -:--:-- 0.00it/s {1}"
    text = bar.format(0, "") + "".join(bar.format(epoch, f"train_loss: 0.{epoch}00") for epoch in (1, 2, 4))
    assert placed(text + "\n") == [("train_loss", 20 * epoch, epoch - 1, epoch / 10) for epoch in (1, 2, 4)]


@pytest.mark.parametrize(("share", "batches"), [("{:3d}%", 2), ("", "?")])
def test_what_a_hook_logs_when_an_epoch_is_over_is_of_that_epoch_though_the_next_ones_batches_show_it(share: str, batches: object) -> None:
    bars = []
    for epoch, mean in enumerate(("", ", acc=0.500", ", acc=0.500", ", acc=0.750")):
        bars.append(f"Epoch {epoch}: {share.format(0)}|          | 0/{batches} [00:00<?, ?it/s]")
        for batch in (1, 2):
            drawn = f"Epoch {epoch}: {share.format(batch * 50)}|          | {batch}/{batches} [00:00<00:00, 9.00it/s, train_loss="
            bars += [f"{drawn}{epoch}.{batch - 1}00{mean}]", f"{drawn}{epoch}.{batch}00{mean}]"]
    found = placed("\r".join(bars) + "\n")
    assert [p for p in found if p[0] == "acc"] == [("acc", 2, 0, 0.5), ("acc", 4, 1, 0.5), ("acc", 6, 2, 0.75)]
    assert [p[3] for p in found if p[0] == "train_loss"] == [0.1, 0.2, 1.1, 1.2, 2.1, 2.2, 3.1, 3.2]


def test_a_value_that_comes_with_a_later_epoch_and_changes_within_it_is_of_the_batches() -> None:
    drawn = "Epoch 0:  50%|#####     | {0}/2 [00:00<00:00, 9.00it/s, train_loss={0}.000]\r"
    later = "Epoch 1:  50%|#####     | {0}/2 [00:00<00:00, 9.00it/s, train_loss={0}.500, kl={0}.250]\r"
    found = placed("".join(line.format(batch) for line in (drawn, later) for batch in (1, 2)) + "\n")
    assert [p for p in found if p[0] == "kl"][1:] == [("kl", 4, 1, 2.25)]


@pytest.mark.parametrize(("label", "unit"), [("Epochs: ", "it"), ("Fitting: ", "epoch"), ("", "epoch"), ("Epochs on cpu: ", "epoch")])
def test_a_bar_over_the_epochs_that_counts_anew_is_of_another_training(label: str, unit: str) -> None:
    drawn = f"\r{label} 50%|#####     | {{0}}/2 [00:01<00:01,  1.50{unit}/s, val_loss={{1}}.{{0}}5]"
    bars = [f"\r{label}  0%|          | 0/2 [00:00<?, ?{unit}/s]" + "".join(drawn.format(n, run) for n in (1, 2)) for run in (1, 2)]
    found = points("\n".join(bars) + "\n")
    assert [(p.step, p.value, p.attempt) for p in found] == [(1, 1.15, 0), (2, 1.25, 0), (1, 2.15, 1), (2, 2.25, 1)]


def test_batches_of_another_training_begin_where_its_bar_over_the_epochs_does() -> None:
    outer = "\rEpochs:  50%|#####     | {0}/2 [00:01<00:01,  1.50s/it]"
    drawn = [f"\r 3{n}%|###  | {n}/3 [00:00<00:00, 50.00it/s, loss=0.{{0}}{n}]" for n in (1, 2, 3)]
    inner = "".join(["\r  0%|          | 0/3 [00:00<?, ?it/s]", *drawn])
    text = "".join(f"{outer.format(e)}\n{inner.format(e)}\n" for e in (0, 1)) + outer.format(2) + "\n"
    assert [(p.step, p.attempt) for p in points(text * 2)] == [(n, run) for run in (0, 1) for n in range(1, 7)]


def test_a_bar_of_batches_goes_on_though_its_label_says_epoch() -> None:
    drawn = "".join(f"\rTrain epoch:  50%|#####     | {n}/2 [00:01<00:01,  1.50it/s, loss={{0}}.{n}5]" for n in (1, 2))
    assert [(p.step, p.attempt) for p in points("\n".join(map(drawn.format, (1, 2))) + "\n")] == [(n, 0) for n in (1, 2, 3, 4)]


def test_dicts_glued_to_their_bars_stand_at_those() -> None:
    bar = "{0:3d}%|###       | {0}/69 [00:01<00:11,  9.37it/s]"
    glued = "".join(
        bar.format(n) + f"{{'loss': {n}.5, 'epoch': {epoch}}}\n" for n, epoch in ((10, 0.45), (20, 0.9), (30, 1.31), (40, 1.76))
    )
    assert steps(glued + bar.format(69) + "\n", "loss") == [10, 20, 30, 40]


def test_dicts_that_a_pipe_gave_up_behind_the_bar_drawn_anew_below_them_stand_at_it() -> None:
    bar = "\r {0:2d}%|###       | {0}/64 [00:01<00:11,  9.37it/s]"
    printed = ((2, "0.12"), (4, "0.25"), (6, "0.38"), (8, "0.5"))
    drawn = [bar.format(n - 1) + bar.format(n) + f"\r{' ' * 40}\r" + bar.format(n) for n, _ in printed]
    dicts = [f"{{'loss': {n}.5, 'epoch': {epoch}}}\n" for n, epoch in printed]
    each = "".join(f"{a}{b}Some text, which is flushed\n" for a, b in zip(drawn, dicts, strict=True))
    assert steps(each + bar.format(9) + "\n", "loss") == [2, 4, 6, 8]
    assert steps("".join(drawn[:2] + dicts[:2]) + bar.format(5) + bar.format(64) + "\n", "loss") == [2, 4]


_BAR = "\r  {0:d}%|#         | {0}/{1} [00:01<00:11,  9.37it/s]"


def _wiped(total: int, every: int, length: int, rest: int, *, begins: bool = False, cut: int = 0) -> str:
    """Return what a fast Trainer gives a pipe: its bar, drawn anew for each dict and else by the clock; an evaluation lets the dicts go.

    Epochs of `length` steps, the last of which takes a `rest` of four batches; `begins`: with an evaluation before the first step;
    of the dict at step `cut` the pipe had no room for more than half.
    """
    wipe, text, held = f"\r{' ' * 46}\r", _BAR.format(0, total), ""
    batches = 4 * length - 4 + rest
    for step in range(0 if begins else 1, total + 1):
        before, within = divmod(step - 1, length)
        epoch = round(before + min(1.0, (within + 1) * 4 / batches), 2) if step else 0
        text += _BAR.format(step, total) if step % 7 == 3 else ""
        if step and step % every == 0:
            text += wipe + _BAR.format(step, total)
            held += f"{{'loss': {step}.5, 'epoch': {epoch}}}\n" if step != cut else "{'lo\n"
        if step % length == 0:
            text += f"{held}\n\r  0%|          | 0/8 [00:00<?, ?it/s]\x1b[A{wipe}\n{wipe}\x1b[A" + _BAR.format(step, total)
            text += f"\n\r100%|##########| 8/8 [00:00<00:00, 393.02it/s]\x1b[A\n{wipe[:-1]}\x1b[A"
            held = f"{{'eval_loss': {step}.25, 'epoch': {epoch}}}\n"
    text += wipe + _BAR.format(total, total) + "\n"
    return f"{text}{held}{{'train_runtime': 1.5, 'train_loss': {total}.125, 'epoch': {epoch}}}\n"


@pytest.mark.parametrize(("total", "every", "length", "rest"), [(52, 6, 13, 1), (17, 5, 17, 1), (36, 4, 9, 3), (60, 5, 20, 4)])
@pytest.mark.parametrize("begins", [False, True])
def test_dicts_that_a_pipe_held_back_stand_where_the_bar_was_wiped_for_them(
    total: int, every: int, length: int, rest: int, begins: bool
) -> None:
    read = points(_wiped(total, every, length, rest, begins=begins) * 2)
    placed = [(p.metric, p.step, p.attempt) for p in read if p.metric != "train_runtime"]
    assert [step for name, step, _ in placed if name == "loss"] == [*range(every, total + 1, every)] * 2
    assert all(p.step == int(p.value) for p in read if p.metric in ("eval_loss", "train_loss"))
    assert {attempt for *_, attempt in placed} == {0, 1}


def test_a_dict_that_a_full_pipe_cut_moves_no_other() -> None:
    read = points(_wiped(60, 5, 20, 4, cut=30))
    assert [p.step for p in read if p.metric == "loss"] == [n for n in range(5, 61, 5) if n != 30]


def test_a_bar_that_is_gone_when_it_is_complete_was_wiped_for_no_line() -> None:
    text = f"\rTokenizing:  0%|          | 0/40 [00:00<?, ?it/s]\r{' ' * 46}\r{_BAR.format(0, 20)}"
    text += "".join(f"\r{' ' * 46}\r{{'loss': {n}.5, 'epoch': {n / 10}}}\n" + _BAR.format(n, 20) for n in range(4, 21, 4)) + "\n"
    assert steps(text * 2, "loss") == [*range(4, 21, 4)] * 2


def test_an_evaluation_that_is_complete_at_the_last_step_is_not_another_training() -> None:
    wipe, text = f"\r{' ' * 46}\r", _BAR.format(0, 30)
    for n in range(5, 31, 5):
        text += f"\n\r  0%|          | 0/8 [00:00<?, ?it/s]\x1b[A{wipe}\n{wipe}\x1b[A{{'eval_loss': {n}.5, 'epoch': {round(n / 33, 2)}}}\n"
        text += _BAR.format(n, 30) + "\n\r100%|##########| 8/8 [00:00<00:00, 393.02it/s]\x1b[A\n\r" + wipe[1:-1] + "\x1b[A"
    text += f"{wipe}{{'loss': 0.5, 'epoch': 0.91}}\n" + _BAR.format(30, 30) + "\n"
    assert steps(text * 2, "eval_loss") == [*range(5, 31, 5)] * 2


def test_a_bars_last_redraw_of_a_count_is_the_one_that_counts() -> None:
    drawn = ((1, 0.9), (2, 0.9), (2, 0.8), (3, 0.8), (3, 0.7))
    text = "".join(f"\r{n * 10:3d}%|█         | {n}/10 [00:00<00:01, 50.62it/s, loss={v}]" for n, v in drawn)
    assert placed(text + "\n") == [("loss", 1, None, 0.9), ("loss", 2, None, 0.8), ("loss", 3, None, 0.7)]


def test_the_step_that_a_bars_description_says_is_that_of_its_values() -> None:
    bar = "\repoch {0} iter {1}: train loss 0.{2}. lr 6.000000e-04:   {3}0%|###       | {3}/4 [00:00<?, ?it/s]"
    drawn = [(epoch, i, 10 * epoch + i, max(n, 0)) for epoch in (1, 2) for i in range(4) for n in (i - 1, i)]
    text = "".join(bar.format(*d) + ("\n" if d[1] == d[3] == 3 else "") for d in drawn)
    losses = [(epoch, value) for name, _, epoch, value in placed(text) if name == "train loss"]
    assert losses == [(epoch, (10 * epoch + i) / 100) for epoch in (1, 2) for i in range(4)]
    assert [value for name, *_, value in placed(text) if name == "lr"] == [0.0006] * 8


def test_a_bar_at_zero_shows_old_values() -> None:
    assert placed("\r  0%|          | 0/10 [00:00<?, ?it/s, loss=0.9]\n") == []
    ahead = ((0, 0.9), (0, 0.8), (3, 0.8), (3, 0.7))  # the batches were faster than the bar, which has yet to count them
    text = "".join(f"\r{n * 10:3d}%|█         | {n}/10 [00:00<00:01, 50.62it/s, loss={v}]" for n, v in ahead)
    assert placed(text + "\n") == [("loss", 3, None, 0.7)]


def test_a_bar_that_shows_values_before_it_counts_their_batch_has_them_at_that_batch() -> None:
    drawn = ((0, 0.9), (1, 0.9), (1, 0.8), (2, 0.8), (2, 0.7), (3, 0.7))
    bars = ((epoch, n, v - epoch / 100) for epoch in (1, 2) for n, v in drawn)
    text = "".join(f"\rEpoch {e}: {n * 33:3d}%|█         | {n}/3 [00:00<00:01,  5.62it/s, loss={v:.2f}]" for e, n, v in bars)
    assert placed(text + "\n") == [
        ("loss", 1, 1, 0.89), ("loss", 2, 1, 0.79), ("loss", 3, 1, 0.69), ("loss", 4, 2, 0.88), ("loss", 5, 2, 0.78), ("loss", 6, 2, 0.68),
    ]  # fmt: skip


def test_a_bar_that_shows_several_batches_at_a_count_has_the_last_of_them_there() -> None:
    drawn = [(0, 0.9), (1, 0.9), (1, 0.8), (1, 0.7), (2, 0.7), (2, 0.6), (2, 0.5), (3, 0.5), (3, 0.4), (3, 0.3), (4, 0.3), (4, 0.2)]
    text = "".join(f"\rSteps:  1%|#  | {n}/4 [00:01<00:03,  1.00it/s, loss={loss}]" for n, loss in drawn) + "\n"
    assert [(p.step, p.value) for p in points(text)][1:] == [(1, 0.7), (2, 0.5), (3, 0.3), (4, 0.2)]


def test_running_means_count_when_the_bar_is_complete() -> None:
    drawn = ((1, 0.9), (25, 0.8), (50, 0.7))
    text = "Epoch 1/2\n" + "".join(f"\r{n:2d}/50 ━━━━━━━━━━━━━━━━━━━━ 0s 20ms/step - loss: {v}" for n, v in drawn) + "\n"
    assert [(m, e, v) for m, _, e, v in placed(text)] == [("loss", 1, 0.7)]


def test_a_box_gives_all_its_rows_the_step_in_its_middle() -> None:
    rows = "| rollout/           |      |\n|    ep_rew_mean     | 22.3 |\n| time/              |      |\n|    total_timesteps | 256  |\n"
    text = "-" * 30 + "\n" + rows + "-" * 30 + "\n"
    assert placed(text) == [("rollout/ep_rew_mean", 256, None, 22.3), ("time/total_timesteps", 256, None, 256)]


def test_without_any_place_values_are_counted() -> None:
    text = "train_loss=0.5123\ntrain_loss=0.4123\n"
    assert steps(text, "train_loss") == [0, 1]
    assert kinds(text) == {"count"}


def test_json_rows_of_an_evaluation_may_count_by_themselves() -> None:
    rows = (f'{{"step": {i}00, "loss": 0.{i}}}\n{{"step": {i}, "eval_loss": 0.{i}}}\n' for i in range(1, 5))
    found = parse("".join(rows))
    assert [(p.metric, p.step) for p in found.points if p.metric == "eval_loss"] == [("eval_loss", i) for i in range(1, 5)]
    assert found.events == []
    again = parse("".join(f'{{"step": {i}, "loss": 0.5{i}}}\n' for i in (100, 200, 150)))
    assert [e.kind for e in again.events] == ["restart"]


def test_an_unnamed_bar_below_lines_that_count_is_no_step() -> None:
    bar = "  0%|          | 0/3 [00:00<?, ?it/s]\r100%|██████████| 3/3 [00:00<00:00, 66.12it/s]\n"
    log = "epoch 1 - iter 20/20 - loss 0.5\n" + bar + "DEV : loss 0.4\nepoch 2 - iter 20/20 - loss 0.3\n" + bar + "DEV : loss 0.2\n"
    found = [(p.metric, p.step, p.epoch) for p in parse(log).points]
    assert found == [("loss", 20, 1), ("val/loss", 20, 1), ("loss", 40, 2), ("val/loss", 40, 2)]


def test_an_unnamed_bar_below_one_with_values_is_no_step() -> None:
    trained = "100%|██████████| 16/16 [00:00<00:00, 99.12it/s, train_loss=0.4]\n"
    evaluated = "100%|██████████| 6/6 [00:00<00:00, 99.12it/s]\nvalid loss: 0.3\n"
    assert [(p.metric, p.step) for p in parse(trained + evaluated).points] == [("train_loss", 16), ("valid loss", 16)]


def test_an_evaluation_within_an_epoch_that_counts_its_own_batches_is_no_restart() -> None:
    lines = [f"Epoch {e}/3\nstep 10/20 - loss: 0.{e}1\nstep 20/20 - loss: 0.{e}2\nstep 5/5 - loss: 0.{e}3\n" for e in (1, 2, 3)]
    found = parse("".join(lines))
    assert found.events == []
    assert {p.attempt for p in found.points} == {0}


def test_an_evaluation_that_is_done_again_within_an_epoch_is_no_restart() -> None:
    valid = "".join(f"Valid | Epoch {{e}} | {n}/3 | Loss 0.{n}{v}\n" for v in (1, 2) for n in (1, 2))
    text = "".join(f"Train | Epoch {e} | 20/20 | Loss 0.{e}\n" + valid.format(e=e) for e in (1, 2))
    found = parse(text)
    assert (found.events, len(found.points)) == ([], 10)


@pytest.mark.parametrize("line", ["step {n} loss {v}", "Iter {n}: loss: {v}", "[step {n}] loss={v}"])
def test_steps_that_start_over_under_each_epochs_header_are_no_restarts(line: str) -> None:
    counts = [(epoch, n) for epoch in (1, 2, 3) for n in (0, 10, 20, 30)]
    log = "".join((f"Epoch {e}\n" if not n else "") + line.format(n=n, v=f"{e}.{n}25") + "\n" for e, n in counts)
    assert [(step, epoch) for _, step, epoch, _ in placed(log)] == [((e - 1) * 40 + n, e) for e, n in counts]
    assert parse(log).events == []


def test_steps_that_run_on_under_headers_stay_and_a_resume_among_them_is_one() -> None:
    lines = [f"Epoch {1 + n // 300}\n" * (n % 300 == 0) + f"step {n} loss {n}.5\n" for n in range(0, 1200, 5)]
    again = ["Epoch 3\n", *lines[140:]]
    found = points("".join([*lines[:200], *again]))
    assert [p.step for p in found] == [*range(0, 1000, 5), *range(700, 1200, 5)]
    assert [p.attempt for p in found] == [0] * 200 + [1] * 100


def test_epochs_that_begin_again_are_placed_like_the_first() -> None:
    log = "".join(f"Epoch {e}/2\nloss: {i}.5\nval_loss: {i}.25\n" for i, e in enumerate((1, 2, 1, 2)))
    assert [(p.metric, p.step, p.epoch, p.attempt) for p in points(log)] == [
        (name, None, epoch, attempt) for attempt in (0, 1) for epoch in (1, 2) for name in ("loss", "val_loss")
    ]


def test_a_step_that_goes_back_starts_another_attempt() -> None:
    text = "".join(f"step {n}: loss {4 - n / 100:.2f}\n" for n in (10, 20, 30, 20, 30, 40))
    found = parse(text)
    assert [(p.attempt, p.step) for p in found.points] == [(0, 10), (0, 20), (0, 30), (1, 20), (1, 30), (1, 40)]
    restarts = [e for e in found.events if e.kind == "restart"]
    assert [e.detail for e in restarts] == [{"attempt": 1, "from": 30, "to": 20}]


@pytest.mark.parametrize(
    "text",
    [
        "Epoch 1/2\nbatch loss: 0.5\nbatch loss: 0.4\nEpoch 2/2\nbatch loss: 0.3\nbatch loss: 0.2\n",
        "Epoch 1: loss 0.5\nEpoch 2: loss 0.4\nTest Accuracy: 0.75\nclass 0: IoU 0.5\n",
        "".join(f"Epoch: {e}\n [= 8/8 >]  Step: 2s | Tot: 9 | loss: 0.5{e}\n [= 1/1 >]  Step: 2s | Tot: 2 | loss: 0.4{e}\n" for e in "01"),
    ],
)
def test_what_a_training_prints_without_a_place_is_counted_anew_when_it_begins_anew(text: str) -> None:
    once, twice = points(text), points(text + text.replace("0.", "1."))
    again = [(p.attempt, p.metric, p.step, p.epoch) for p in twice[len(once) :]]
    assert again == [(1, p.metric, p.step, p.epoch) for p in once]


def test_an_epoch_that_goes_back_starts_another_attempt_also_where_no_batch_stands_above_it_any_more() -> None:
    epochs = "Epoch {0}, val_loss = 0.{0}\nTraining loss: 0.{0}5, valid loss: 0.{0}\n"
    text = "".join(f"[Batch: 10] loss: 0.8\n[Batch: 20] loss: 0.7\n{epochs.format(n)}" for n in (1, 2))
    text += "".join(epochs.format(n) for n in (1, 2, 3))
    found = [(p.attempt, p.epoch, p.step) for p in points(text) if p.metric == "val_loss"]
    assert found == [(0, 1, 20), (0, 2, 40), (1, 1, None), (1, 2, None), (1, 3, None)]


def test_an_epoch_that_goes_back_starts_another_attempt_however_many_batches_it_is_at() -> None:
    places = ((1, 100), (1, 200), (2, 100), (2, 200), (3, 100), (1, 200), (2, 100))
    found = points("".join(f"epoch: {e}, iters: {n}, G_A: 0.{n}\n" for e, n in places))
    assert [(p.attempt, p.step) for p in found] == [*((0, n) for n in range(100, 600, 100)), (1, 200), (1, 300)]


def test_every_training_of_several_in_one_log_counts_through_its_epochs_alike() -> None:
    run = "".join(f"[Epoch {e} Step {n}] loss = {n / 7 + e:.4f}\n" for e in range(3) for n in (100, 200))
    found = points(run * 4)
    assert [p.step for p in found] == [100, 200, 300, 400, 500, 600] * 4
    assert [p.attempt for p in found] == [n for n in range(4) for _ in range(6)]


def test_every_rank_has_its_own_place() -> None:
    printed = ((0, 0, 0.7417), (1, 0, 0.8417), (0, 1, 0.6417))
    text = "".join(f"[default{rank}]:Epoch 0 | Step {step} | loss {loss}\n" for rank, step, loss in printed)
    assert [(dict(p.labels)["rank"], p.step, p.value) for p in points(text)] == [("0", 0, 0.7417), ("1", 0, 0.8417), ("0", 1, 0.6417)]


def test_a_value_printed_by_two_handlers_is_one_fact() -> None:
    assert len(points("step 10: loss 0.5123\nstep 10: loss 0.5123\n")) == 1


TF = """\
INFO:tensorflow:loss = 1.25, step = 100 (12.5 sec)
I0102 03:04:05.678901 140001 basic_session_run_hooks.py:260] loss = 1.25, step = 100 (12.5 sec)
INFO:tensorflow:global_step/sec: 8.25
I0102 03:04:06.678901 140001 tpu_estimator.py:2307] global_step/sec: 8.25
INFO:tensorflow:Train batches[  50]          | loss  5.5
I0102 03:04:07.678901 140001 train.py:314] Train batches[  50]          | loss  5.5
"""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (TF, [1.25, 8.25, 5.5]),
        (TF.replace("\n", "\r\n"), [1.25, 8.25, 5.5]),
        ("2026-01-02 03:04:05,678 - INFO - accuracy: 0.75\n01/02/2026 03:04:05 - INFO - root - accuracy: 0.75\n", [0.75]),
        ("INFO:a:accuracy: 0.75\nINFO:b:accuracy: 0.75\n", [0.75, 0.75]),
        ("2026-01-02 03:04:05 - INFO - accuracy: 0.75\n2026-01-02 03:09:05 - INFO - accuracy: 0.75\n", [0.75, 0.75]),
        ("INFO:root:accuracy: 0.75\naccuracy: 0.75\n", [0.75, 0.75]),
        ("INFO:root:accuracy: 0.75\nINFO:root:next fold\n01/02/2026 03:04:05 - INFO - accuracy: 0.75\n", [0.75, 0.75]),
        ("INFO:root:accuracy: 0.75\n01/02/2026 03:04:05 - INFO - accuracy: 0.85\n", [0.75, 0.85]),
    ],
    ids=["absl", "absl with returns", "dates", "loggers", "minutes", "no front", "a line between", "another value"],
)
def test_a_line_that_two_handlers_print_with_fronts_of_their_own_is_read_once(text: str, values: list[float]) -> None:
    assert [p.value for p in points(text)] == values
    whole = read(text.encode())
    assert read(text.encode(), restarts=range(0, len(text), 7)).points == whole.points


def test_nan_and_infinity_are_values_with_steps() -> None:
    values = {p.step: p.value for p in points("step 1: loss nan\nstep 2: loss inf\nstep 3: loss -inf\n")}
    assert math.isnan(values[1])
    assert (values[2], values[3]) == (math.inf, -math.inf)


def test_a_batch_loss_and_an_epoch_loss_of_one_name_are_two_series() -> None:
    text = "Epoch 1\nloss: 0.755299  [   64/  512]\nloss: 0.710683  [  320/  512]\nEpoch 1 loss: 0.699\n"
    assert {p.metric for p in points(text)} == {"loss", "epoch/loss"}


def test_a_long_run_of_one_shape_is_placed_like_its_lines_one_by_one() -> None:
    lines = [f"iter {n}: loss {5 - n / 300:.4f}, time {n % 17}.00ms, mfu 1.00%\n" for n in range(500)]
    lines[250:250] = ["step 250: train loss 3.0, val loss 3.5\n"]
    lines[400:400] = ["iter 3: loss 1.0, time 1.00ms, mfu 1.00%\n"]
    whole = points("".join(lines))
    reader_by_line = parser()
    single = [p for line in lines for p in reader_by_line.feed(line.encode(), None).points]
    assert sorted(single) == sorted(whole)
    assert max(p.attempt for p in whole) == 1


def test_a_bar_drawn_by_hand_counts_its_batches() -> None:
    def bar(epoch: int, n: int) -> str:
        return f"\r[{'=' * n}{'.' * (10 - n)}] {n}/10 loss: {epoch}.{10 - n}"

    text = "".join(f"Epoch {epoch}\n{''.join(bar(epoch, n) for n in range(1, 11))}\nval loss: 0.{epoch}\n" for epoch in (1, 2))
    found = placed(text)
    assert [(step, epoch) for name, step, epoch, _ in found if name == "loss"] == [(n, (n - 1) // 10 + 1) for n in range(1, 21)]
    assert [(step, epoch) for name, step, epoch, _ in found if name == "val loss"] == [(10, 1), (20, 2)]


def test_a_bar_that_says_no_more_places_nothing_below_it() -> None:
    assert placed("step 7 loss 0.5\n[#####-----] 50/100\nmAP@.5: 100%|####| 157/157 [01:31<00:00,  1.72it/s]\nacc 0.5\n") == [
        ("loss", 7, None, 0.5),
        ("acc", 7, None, 0.5),
    ]


def test_what_stands_below_a_bar_is_of_its_last_state_also_where_that_may_yet_be_redrawn() -> None:
    bar = "Epoch {0}: 100%|██████████| 10/10 [00:05<00:00,  1.9it/s, loss=0.{0}]\nEpoch {0} | val_loss: 0.{0}\n"
    text = "Epoch 1:  20%|██        | 2/10 [00:01<00:04,  1.9it/s, loss=0.9]\r" + bar.format(1) + bar.format(2)
    assert [(step, epoch) for name, step, epoch, _ in placed(text) if name == "val_loss"] == [(10, 1), (20, 2)]


@pytest.mark.parametrize("odd", ["nan", "inf", "1e999"])
def test_a_place_that_is_no_number_is_none(odd: str) -> None:
    """As in a damaged log: the value counts, where it stands is not known from its line."""
    pack = """
    [pack]
    name = "mine"
    [[pattern]]
    name = "line"
    regex = '''^(?P<step>{NUM}) of (?P<epoch>{NUM}) gave (?P<loss>{NUM})'''
    [[sample]]
    log = "1 of 1 gave 2"
    points = [{metric = "loss", step = 1, epoch = 1, value = 2}]
    """
    reader = Parser(PackSet((parse_pack(pack, "mine", user=True),)), resolve(environ={}))
    lines = "".join(f"{n} of 1 gave {n}\n" for n in range(20)) + f"{odd} of 1 gave 5\n20 of {odd} gave 6\n21 of 1 gave 7.5\n" * 9
    found = [*reader.feed(lines.encode(), None).points, *reader.flush(None).points]
    assert {point.step for point in found if point.value == 7.5} == {21}
    assert all(point.step is None or 0 <= point.step <= 21 for point in found)


def test_what_is_printed_without_a_rank_stands_where_rank_0_is() -> None:
    text = "Test accuracy: 10.5\n"
    text += "".join(f"[rank{r}]: Epoch {e} step {e}0 loss 0.5\n" + "Test accuracy: 75.5\n" * r for e in (1, 2) for r in (0, 1))
    text += "[rank0]: lr 0.25, loss 0.5\nepoch 5 Test accuracy: 85.5\n"
    found = [(p.step, p.epoch, p.value) for p in points(text) if p.metric == "Test accuracy"]
    assert found == [(0, None, 10.5), (10, 1, 75.5), (20, 2, 75.5), (None, 5, 85.5)]


def test_a_line_of_another_rank_is_no_repetition_though_it_shares_a_value() -> None:
    line = "step {} loss {} lr 0.01\n"
    text = "".join(line.format(n, loss) for n in (1, 2, 3) for loss in (0.5 - n / 10, 0.6 - n / 10, 0.6 - n / 10))
    assert [p.metric for p in points(text)] == ["loss", "lr", "loss", "lr"] * 3  # the third of each is the second again


def test_a_loss_that_stays_the_same_is_printed_at_each_step() -> None:
    lines = [{"loss": 0.0, "grad_norm": "nan", "learning_rate": 0.001 - i / 100_000, "epoch": 0.01} for i in range(5)]
    text = "".join(f"{line}\n".replace("'nan'", "nan") for line in lines)
    assert [point.value for point in points(text) if point.metric == "loss"] == [0.0] * 5
    assert len([point for point in points(text + f"{lines[-1]}\n".replace("'nan'", "nan")) if point.metric == "loss"]) == 5


def test_a_bar_of_digits_is_no_part_of_its_lines_shape() -> None:
    """With `ascii=True`, and where the terminal knows no blocks, tqdm fills the last place of a bar with a digit now and then."""
    fills = [("#" * (n // 10) + (str(n % 10) if n % 10 else "")).ljust(20) for n in range(1, 200)]
    log = "".join(f"\rsteps: {n:3d}%|{fill}| {n}/200 [00:01<00:09, 9.00it/s, loss=0.{n:04d}]" for n, fill in enumerate(fills, 1))
    assert placed(log) == [("loss", n, None, n / 10_000) for n in range(1, 200)]


def test_a_fast_loop_that_writes_above_its_bar() -> None:
    """The bar is wiped off and drawn again below what was written, which is no batch."""
    bar = "\rEpoch 0: 50%|#####     | {}/8 [00:01<00:09, 9.00it/s, loss=0.{}]"
    drawn = [(0, 11), (1, 11), (1, 12), (1, 13), (1, 14), "\r" + " " * 60 + "\rsaved\n", (1, 14), (4, 14), (4, 15), (4, 16), (6, 16)]
    log = "Epoch 0:   0%|          | 0/8 [00:00<?, ?it/s]" + "".join(d if isinstance(d, str) else bar.format(*d) for d in drawn)
    assert placed(log) == [("loss", step, 0.0, round(0.1 + step / 100, 2)) for step in range(1, 7)]


def test_bars_go_on_where_a_line_tells_the_epoch_when_it_is_over() -> None:
    """Nothing tells the first bar's epoch before it; the others are of the one that comes next."""
    rounds = [
        "".join(f"\r{33 * n}%|###  | {n}/3 [00:01<00:09, 9.00it/s, loss={r}.{n}]" for n in (1, 2, 3))
        + f"\nEpoch {r} val_loss: {r}.5\n"
        for r in (1, 2, 3)
    ]
    assert placed("".join(rounds)) == [
        ("loss", 1, None, 1.1), ("loss", 2, None, 1.2), ("loss", 3, None, 1.3), ("val_loss", None, 1.0, 1.5),
        ("loss", 4, 2.0, 2.1), ("loss", 5, 2.0, 2.2), ("loss", 6, 2.0, 2.3), ("val_loss", 6, 2.0, 2.5),
        ("loss", 7, 3.0, 3.1), ("loss", 8, 3.0, 3.2), ("loss", 9, 3.0, 3.3), ("val_loss", 9, 3.0, 3.5),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["Batch {}/40, loss: {}", "iter {}: loss={}", "[{}/40] loss {}", "i: {}, loss: {}"])
def test_batches_are_of_the_epoch_behind_the_one_that_a_line_told_when_it_was_over(line: str) -> None:
    """An evaluation counts for itself, before that line or below it."""
    for before in (True, False):
        log = ""
        for epoch in (1, 2, 3):
            log += "".join(line.format(n, f"{epoch}.{n}") + "\n" for n in (10, 20, 30, 40))
            checks = "".join(f"val [{n}/10] loss {epoch}.00{n}\n" for n in (0, 5))
            told = f"Epoch {epoch}/3 train_loss {epoch}.5 val_loss {epoch}.6\n"
            log += checks + told if before else told + checks
        found = parse(log.encode())
        assert not found.events
        places = [(p.step, p.epoch) for p in found.points if p.metric == "loss"]
        assert places == [(40 * (e - 1) + n, e if e > 1 else None) for e in (1, 2, 3) for n in (10, 20, 30, 40)]
        assert [p.step for p in found.points if p.metric == "val/loss"] == [0, 5, 10, 15, 20, 25]
        assert [p.epoch for p in found.points if p.metric == "val_loss"] == [1, 2, 3]


@pytest.mark.parametrize("header", ["* Epoch {}", "第{}轮", "エポック{}", "### Epoch {} ###", "Epoch #{}", "EPOCH ::: {}"])
@pytest.mark.parametrize("line", ["step {}: loss {}", '{{"step": {}, "loss": {}}}'])
def test_steps_start_over_below_headers_of_any_kind(header: str, line: str) -> None:
    log = "".join(f"{header.format(e)}\n" + "".join(line.format(n, f"0.{n + 1}") + "\n" for n in (0, 10, 20)) for e in range(3))
    assert [(p.metric, p.step, p.epoch) for p in points(log)] == [("loss", 30 * e + n, e) for e in range(3) for n in (0, 10, 20)]


def test_steps_that_run_on_are_of_the_epoch_behind_the_one_that_was_told_when_it_was_over() -> None:
    log = "".join(f"step {n} | loss {n}.5\n" + ("" if n % 3 else f"Epoch {n // 3 - 1} done, mean loss {n}.25\n") for n in range(1, 10))
    places = [(p.step, p.epoch) for p in points(log) if p.metric == "loss"]
    assert places == [(n, (n - 1) // 3 if n > 3 else None) for n in range(1, 10)]


@pytest.mark.parametrize("told", ["Epoch {} train_loss 0.{}\n", '{{"epoch": {}, "train_loss": 0.{}}}\n'])
def test_lines_of_json_count_through_epochs_that_are_told_when_they_are_over(told: str) -> None:
    log = "".join("".join(f'{{"step": {n}, "loss": {e}.{n}}}\n' for n in range(200)) + told.format(e, e) for e in range(3))
    assert steps(log, "loss") == list(range(600))


def test_one_line_of_each_epoch_that_is_told_when_it_is_over() -> None:
    log = "".join(f"iter 25: loss={epoch}.5\nEpoch {epoch} finished. Average loss: {epoch}.25\n" for epoch in range(4))
    assert [(p.step, p.epoch) for p in points(log) if p.metric == "loss"] == [(25, None), (50, 1), (75, 2), (100, 3)]


def test_what_was_evaluated_before_the_training_tells_no_epoch_that_is_over() -> None:
    check = "val [0/10] loss 0.{0}1\nval [5/10] loss 0.{0}2\n"
    log = check.format(9) + "".join(f"Epoch {e} | train loss: 0.{e}5\n" + check.format(e) for e in (1, 2))
    assert [p.epoch for p in points(log) if p.metric == "val/loss"] == [None, None, 1, 1, 2, 2]


def test_a_training_that_begins_again_counts_as_the_one_before_did() -> None:
    """Killed amid an epoch, or done with all of them: the batches behind are of an attempt whose first epoch is not told yet."""
    counts = (15, 30, 45, 60)
    batches = "".join(f"step {n}/60 loss {{0}}.{n}\n" for n in counts)
    done = "".join(batches.format(e) + f"Epoch {e}/2 train_loss {e}.5\n" for e in (1, 2))
    killed = batches.format(1) + "Epoch 1/2 train_loss 1.5\nstep 15/60 loss 2.1\nstep 20/60 loss 2.2\n"
    for first, count in ((done, 8), (killed, 6)):
        losses = [p for p in points(first + done) if p.metric == "loss"]
        assert [p.attempt for p in losses] == [0] * count + [1] * 8
        assert [(p.step, p.epoch) for p in losses[count:]] == [(n, None) for n in counts] + [(60 + n, 2) for n in counts]


def test_batches_of_a_resumed_training_go_on_where_its_epoch_began() -> None:
    log = "".join(f"Epoch {e}\n" + "".join(f"Batch {n}/40, loss {e}.{n}\n" for n in (10, 20, 30)) for e in (0, 1, 2, 2, 3))
    losses = points(log)
    assert [p.step for p in losses] == [40 * e + n for e in (0, 1, 2, 2, 3) for n in (10, 20, 30)]
    assert [p.attempt for p in losses] == [0] * 9 + [1] * 6


def test_batches_without_a_total_may_run_through_all_epochs() -> None:
    """Though the training was begun three times; those of an epoch may begin anew, too."""
    begun = "Epoch 0 Batch 0 loss 2.5\n"
    log = begun * 2 + "".join(f"Epoch {n // 800} Batch {n} loss {n}.5\n" for n in range(0, 2400, 200))
    assert [(p.step, p.epoch) for p in points(log)][-12:] == [(n, n // 800) for n in range(0, 2400, 200)]
    log = "".join(f"Epoch {e} Batch {n} loss {e}.{n}\n" for e in (0, 1, 2) for n in (10, 20, 30, 40))
    assert [(p.step, p.epoch) for p in points(log)] == [(40 * e + n, e) for e in (0, 1, 2) for n in (10, 20, 30, 40)]


@pytest.mark.parametrize("line", ["step {}/40 loss {}", "iter {}: loss {}"])
@pytest.mark.parametrize("teller", ["[rank0] ", ""])
def test_a_rank_counts_through_epochs_that_another_one_tells(line: str, teller: str) -> None:
    for before, behind in (("{}Epoch {}\n", ""), ("", "{}Epoch {} train_loss 0.75\n")):
        log = ""
        for epoch in (1, 2, 3):
            log += before.format(teller, epoch)
            log += "".join(f"[rank{r}] " + line.format(n, f"{epoch}.{r}{n}") + "\n" for n in (10, 20, 30, 40) for r in (0, 1))
            log += behind.format(teller, epoch)
        losses = [p for p in points(log) if p.metric == "loss"]
        for rank in "01":
            assert [(p.step, p.attempt) for p in losses if dict(p.labels)["rank"] == rank] == [(n, 0) for n in range(10, 130, 10)]


def test_what_has_another_number_of_batches_is_no_restart() -> None:
    log = "".join(f"epoch: {e}, batch: {n}/600, time: 3.5, loss: 0.{e}{n}\n" for e in (1, 2) for n in (0, 300))
    log += "batch: 0/40, time: 3.5, bleu: 0.25\n"
    assert [(p.attempt, p.epoch) for p in points(log) if p.metric == "bleu"] == [(0, 2)]


def test_batches_that_are_told_every_few_go_on_at_that_distance() -> None:
    """Where the number of batches is not printed, the first one that is told in an epoch tells how many were left in the one before."""
    rounds = enumerate(((10, 20), (10, 20), (5, 15)))
    log = "".join(f"Epoch {e}\n" + "".join(f"batch {n}: loss {e}.{n}\n" for n in told) for e, told in rounds)
    assert steps(log, "loss") == [10, 20, 30, 40, 50, 60]


def test_a_later_fit_that_says_less_is_no_evaluation_of_the_one_before() -> None:
    bar = "Epoch {0}/2\n9/9 [====] - 2s 1ms/step - loss: 0.{1}"
    first = "\n".join((bar + " - lr: 0.5").format(epoch, value) for epoch, value in ((1, 9), (2, 8)))
    later = "\n".join(bar.format(epoch, value) for epoch, value in ((1, 7), (2, 6)))
    found = parse(f"{first}\n{later}\n".encode())
    assert [(p.value, p.epoch) for p in found.points if p.metric == "loss"] == [(0.9, 1), (0.8, 2), (0.7, 1), (0.6, 2)]


def test_a_bar_that_was_wiped_off_is_of_the_epoch_that_a_line_then_ends() -> None:
    """With `leave=False`, its last drawing is not drawn over by one that counts on."""
    bar = "\r{}%|###| {}/4 [00:01<00:09, 9.00it/s, loss=0.{}]"
    wiped = "\r" + " " * 60 + "\r"
    rounds = [
        "".join(bar.format(*drawn) for drawn in ((0, 0, n), (25, 1, n), (25, 1, n + 1), (25, 1, n + 2), (25, 1, n + 3)))
        + f"{wiped}Epoch {epoch} val_acc: 0.7{epoch}\n"
        for epoch, n in ((1, 1), (2, 5))
    ]
    losses = [point for point in placed("".join(rounds)) if point[0] == "loss"]
    assert losses == [("loss", step, epoch, step / 10) for step, epoch in zip(range(1, 9), [None] * 4 + [2.0] * 4, strict=True)]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Epoch -1: val_loss 2.5", (None, -1.0)),
        ("[Epoch -1] val_loss: 2.5", (None, -1.0)),
        ("step=-1 val_loss=2.5", (-1, None)),
        ("Epoch-1: val_loss 2.5", (None, 1.0)),
        ("epoch_1 val_loss 2.5", (None, 1.0)),
    ],
)
def test_a_dash_is_a_sign_behind_a_blank_and_joins_behind_a_word(line: str, place: tuple[int | None, float | None]) -> None:
    assert placed(f"{line}\n") == [("val_loss", *place, 2.5)]


def test_a_whole_number_beyond_what_a_float_holds_is_none() -> None:
    """JSON's have no end; the lines about it are read."""
    lines = ['{"step": 1, "loss": 0.5}', f'{{"step": 2, "loss": {"9" * 310}}}', f'{{"step": {"9" * 310}, "loss": 0.25}}']
    assert [(p.metric, p.value) for p in points("\n".join(lines))] == [("loss", 0.5), ("loss", 0.25)]


def test_of_ever_new_workers_those_heard_of_last_are_remembered_and_the_others_counted() -> None:
    reader = parser()
    lines = "".join(f"(worker pid={100_000 + i}) step {i} loss {i / 1000}\nstep {i} loss 0.5\n" for i in range(1, 1500))
    found = [*reader.feed(lines.encode(), None).points, *reader.flush(None).points]
    assert len(found) == 2 * 1499
    assert reader.counters["ranks_forgotten"] == 512
    assert len(reader.save()) < 1_000_000
    assert {p.attempt for p in found} == {0}


def test_of_ever_new_names_those_printed_last_are_remembered() -> None:
    """What is known of `loss`, the first of them, stays known: its step goes back, which is another attempt."""
    reader = parser()
    names = (f'{{"step": {i}, "norm_{i}": 0.5}}\n' + (f'{{"step": {i}, "loss": 0.5}}\n' if i % 500 == 0 else "") for i in range(12_000))
    found = list(reader.feed("".join(names).encode(), None).points)
    state = reader.save()
    assert len(found) == 12_000 + 24
    (stream,) = json.loads(state)["steps"]["streams"]
    assert len(stream["highs"]) <= 10_000
    for again in (reader, parser(state)):
        last = list(again.feed(b'{"step": 3, "loss": 0.5}\n', None).points)
        assert [(p.step, p.attempt) for p in last] == [(3, 1)]


def test_what_a_bar_showed_under_ever_new_names_is_forgotten() -> None:
    reader = parser()
    drawn = (
        f"\rEpoch 0:  50%|█████     | {i}/2000 [00:01<00:10, 10.00it/s, v_num=1, loss=0.{i + 1000}, val_file{i}x=0.{i + 3000}]"
        for i in range(1, 1000)
    )
    found = list(reader.feed("".join(drawn).encode(), None).points)
    assert {p.step for p in found if p.metric == "loss"} == set(range(1, 998))
    (stream,) = json.loads(reader.save())["steps"]["streams"]
    (shown,) = stream["drawn"].values()
    assert len(shown[1]) < 300


def test_an_evaluation_that_is_drawn_over_counts_its_own_batches() -> None:
    text = ""
    for epoch in (1, 2):
        text += "".join(f"\rEpoch: {epoch}/2 Step: {n}/4 |## | loss: {2 - n / 10} acc: 0.5" for n in range(1, 5))
        text += "".join(f"\rEpoch: {epoch}/2 Step: {n}/2 |## | val_loss: {1 - n / 10} val_acc: 0.25" for n in (1, 2))
        text += f"\rEpoch: {epoch}/2 Train steps: 4 Val steps: 2 0.50s loss: 1.{epoch} fscore: 0.75\n"
    text += "".join(f"\rStep: {n}/2 |## | test_loss: {0.5 - n / 10} test_acc: 0.125" for n in (1, 2)) + "\n"
    assert steps(text, "loss") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert steps(text, "fscore") == [4, 8]
    assert steps(text, "val_loss") == [1, 2, 3, 4]
    assert steps(text, "test_loss") == [1, 2]
    assert {p.attempt for p in points(text)} == {0}


def test_a_count_beyond_its_epochs_share_of_the_total_starts_over_with_each_epoch() -> None:
    """One batch is printed with the number of the epoch before."""
    lines = [(1, 50), (1, 100), (1, 40), (2, 90), (3, 30)]
    text = "".join(f"Epoch: {e}/50, iter: {n}/110 loss: 0.{i + 1}25\n" for i, (e, n) in enumerate(lines))
    assert steps(text, "loss") == [50, 100, 40, 200, 250]


def test_a_count_that_may_be_its_epochs_share_of_the_total_may_run_on() -> None:
    lines = [(1, 50), (1, 100), (2, 150), (3, 220)]
    text = "".join(f"Epoch: {e}/5, iter: {n}/500 loss: 0.{i + 1}25\n" for i, (e, n) in enumerate(lines))
    assert steps(text, "loss") == [50, 100, 150, 220]


def test_an_epoch_with_one_count_is_as_long_as_the_next_epochs_first_count_says() -> None:
    """Every hundredth batch is printed, whatever epoch it is in."""
    lines = [(1, 100), (2, 40), (2, 140), (3, 80)]
    text = "".join(f"(epoch: {e}, iters: {n}, time: 0.5) D: 0.{i + 1}25\n" for i, (e, n) in enumerate(lines))
    assert steps(text, "D") == [100, 200, 300, 400]


_STOPPED = "\r  0%|          | 0/400 [00:00<?, ?it/s]\r 43%|####3     | 173/400 [00:50<01:00, 3.4it/s]"


def test_lines_that_a_pipe_held_back_until_the_training_was_stopped_were_printed_before_its_bar() -> None:
    text = _STOPPED + "".join(f"\n{{'loss': {n}.5, 'learning_rate': 0.1, 'epoch': {round(n / 200, 2)}}}" for n in range(10, 171, 10)) + "\n"
    assert steps(text, "loss") == list(range(10, 171, 10))


def test_an_epoch_that_is_fitted_by_itself_again_is_the_next_one() -> None:
    bar = "{0}0/20 [=====>....] - {1} - loss: 0.{2}{0}5\n"
    once = "".join(f"Iteration {i}\nEpoch 1/1\n{bar.format(1, 'ETA: 3s', i)}{bar.format(2, '6s 3ms/step', i)}" for i in (1, 2, 3))
    assert [(p.attempt, p.step, p.epoch) for p in points(once) if p.value * 1000 % 100 == 25] == [(0, 20, 1), (0, 40, 2), (0, 60, 3)]


def _in_blocks(unseen: int = 0) -> str:
    """Return a training's output in a file, which gets every six dicts at once; at `unseen` the bar was not drawn before its line."""
    bar, text, held = "\r  0%|          | {0}/9000 [00:0{1}<9:00:00, 5.0it/s]", "", ""
    for n in range(1, 131):
        text += bar.format(n, 1) if n != unseen else ""
        if n == 1 or n % 10 == 0:
            text += f"\r{' ' * 40}\r{held if n in (60, 120) else ''}" + bar.format(n, 2)
            held = ("" if n in (60, 120) else held) + f"{{'loss': {n}.5, 'learning_rate': 0.1, 'epoch': {round(n / 3000, 2)}}}\n"
    return text


def test_dicts_that_a_file_gets_in_blocks_stand_where_the_bar_was_drawn_anew_for_each() -> None:
    assert steps(_in_blocks(), "loss") == [1, *range(10, 120, 10)]
    data = _in_blocks().encode()
    assert read(data, (), range(1, len(data), 997)) == read(data)
    assert steps(_in_blocks(unseen=30), "loss") == [1, *range(10, 120, 10)], "also where it was drawn for most of them alone"
    other = _in_blocks().replace("'epoch': 0.02", "'epoch': 0.09")
    assert set(steps(other, "loss")) <= {None, *range(60, 121, 10)}, "the first block's epochs do not suit one rate"


def test_a_few_lines_behind_the_last_bar_may_be_of_later_steps() -> None:
    text = _STOPPED + "".join(f"\n{{'loss': {n}.5, 'learning_rate': 0.1, 'epoch': {n / 200}}}" for n in (180, 190)) + "\n"
    assert steps(text, "loss") == [None, None]


def test_of_several_lines_before_a_bar_the_last_alone_may_stand_at_its_count() -> None:
    text = "".join(f"\n  0%|          | {n}/9000 [00:0{i}<9:00:00, 5.0it/s]" for i, n in enumerate((0, 31)))
    for first, n in ((32, 36), (37, 42), (43, 48)):
        text += "".join(f"\n{{'loss': {step}.5, 'epoch': {round(step / 3000, 2)}}}" for step in range(first, n))
        text += f"\n  0%|          | {n}/9000 [00:09<9:00:00, 5.0it/s]"
    placed_ = steps(text + "\n", "loss")
    told = [step for step in placed_ if step is not None]
    assert len(set(told)) == len(told)


def test_an_earlier_epoch_with_another_total_begins_another_attempt() -> None:
    lines = [(0, 0, 11), (1, 0, 11), (2, 0, 11), (0, 0, 220), (0, 200, 220), (1, 0, 220)]
    text = "".join(f"Epoch: [{e}] [{n:3d}/{total}] loss: 0.{i + 1}25\n" for i, (e, n, total) in enumerate(lines))
    assert [(p.attempt, p.step) for p in points(text)] == [(0, 0), (0, 11), (0, 22), (1, 0), (1, 200), (1, 220)]


def test_another_total_in_the_same_epoch_is_of_the_same_attempt() -> None:
    lines = [(0, 5, 11), (0, 2, 4), (1, 5, 11), (1, 2, 4)]
    text = "".join(f"Epoch: [{e}] [{n:3d}/{total}] loss: 0.{i + 1}25\n" for i, (e, n, total) in enumerate(lines))
    assert {p.attempt for p in points(text)} == {0}


def rounds(line: str, *, header: str = "", late: bool = False) -> str:
    """Three epochs of a bar of 12 batches and one of 5, drawn by tqdm without values; `late`: the next bar first, from the second on."""
    bar = "\r{0:3d}%|##        | {1}/{2} [00:02<00:06,  4.00it/s]"
    out = ""
    for epoch in (1, 2, 3):
        train = "".join(bar.format(100 * n // 12, n, 12) for n in range(late and epoch > 2, 13)) + "\n"
        following = bar.format(0, 0, 12) + "\n" if late and epoch > 1 else ""
        valid = "".join(bar.format(20 * n, n, 5) for n in range(6)) + "\n"
        out += header.format(epoch) + train + valid + following + line.format(epoch, 1 / epoch)
    return out


@pytest.mark.parametrize("line", ["[ Valid | {:03d}/003 ] loss = {:.4f}\n", "Epoch {}: val loss {:.4f}\n"])
@pytest.mark.parametrize("late", [False, True])
def test_a_validations_own_bar_counts_no_steps_of_the_training(line: str, *, late: bool) -> None:
    assert [(p.step, p.epoch) for p in points(rounds(line, late=late))] == [(None, 1.0), (24, 2.0), (36, 3.0)]


def test_a_validations_own_bar_counts_no_steps_below_headers() -> None:
    found = [(p.step, p.epoch) for p in points(rounds("val loss: {1:.4f}\n", header="Epoch {}/3\n"))]
    assert found == [(12, 1.0), (24, 2.0), (36, 3.0)]


def test_a_line_that_tells_its_epoch_between_two_drawings_of_a_bar_is_stored_once() -> None:
    line = "[ Valid | {0:03d}/003 ] loss = {1:.4f}\n"
    found = points(rounds(line + line.replace("\n", " -> best\n")))
    assert [p.epoch for p in found] == [1.0, 2.0, 3.0]


def test_a_longer_bar_behind_another_is_the_trainings_own() -> None:
    text = rounds("Epoch {}: loss {:.4f}\n").replace("/5 [", "/50 [")
    assert [p.step for p in points(text)][1:] == [55, 105]


@pytest.mark.parametrize("batches", [8, 10])
def test_a_training_that_goes_on_with_another_bar_counts_on(batches: int) -> None:
    text = "".join(f"Epoch {n}/2\n8/8 - 1s - 4ms/step - loss: 0.{9 - n}000\n" for n in (1, 2))
    bar = "\r{0}/{1} {2} 0s 5ms/step - loss: 0.{3}000"
    for epoch in (4, 5):
        text += f"Epoch {epoch}/5\n" + "".join(bar.format(n, batches, "\u2501" * 20, 9 - epoch) for n in range(1, batches + 1)) + "\n"
    assert steps(text, "loss") == [8, 16, 16 + batches, 16 + 2 * batches]


def test_lines_of_which_several_stand_under_each_header_are_counted() -> None:
    text = "".join(f"Epoch {epoch}\n" + "".join(f"batch loss: {epoch}.{n}\n" for n in range(4)) for epoch in (1, 2))
    assert [(p.step, p.epoch) for p in points(text)] == [(None, 1.0), *((n, 1.0) for n in (1, 2, 3)), *((n, 2.0) for n in (4, 5, 6, 7))]


def test_a_line_that_stands_twice_under_one_header_alone_is_placed_by_its_header_again() -> None:
    found = points("Epoch 1\nval loss: 0.5\nval loss: 0.4\nEpoch 2\nval loss: 0.3\nEpoch 3\nval loss: 0.2\n")
    assert [(p.step, p.epoch) for p in found] == [(None, 1.0), (1, 1.0), (None, 2.0), (None, 3.0)]


@pytest.mark.parametrize(("header", "description"), [("Epoch {}/3\n", ""), ("", "Epoch {}/3: ")])
def test_a_shorter_bar_of_the_same_epoch_with_the_same_names_is_of_a_validation(header: str, description: str) -> None:
    bar = "\r{0}{1:3d}%|##        | {2}/{3} [00:02<00:06,  4.00it/s, loss={4:.3f}]"
    text = ""
    for epoch in (1, 2, 3):
        text += header.format(epoch)
        for total, scale in ((12, 1.0), (5, 2.0)):
            said = description.format(epoch)
            text += "".join(bar.format(said, 100 * n // total, n, total, scale / (epoch + n / 9)) for n in range(1, total + 1)) + "\n"
        text += f"val acc: 0.{epoch}\n"
    assert steps(text, "loss") == list(range(1, 37))
    assert steps(text, "val/loss") == list(range(1, 16))
    assert steps(text, "val acc") == [12, 24, 36], "where the training is, not how far its validation is"


def test_a_bar_of_as_many_batches_in_the_same_epoch_keeps_its_names() -> None:
    bar = "\rEpoch 1: {0:3d}%|##        | {1}/12 [00:02<00:06,  4.00it/s, loss={2:.3f}]"
    text = ("".join(bar.format(100 * n // 12, n, 1 / n) for n in range(1, 13)) + "\n") * 2
    assert {p.metric for p in points(text)} == {"loss"}


def test_a_training_behind_a_longer_validation_keeps_its_names_and_steps() -> None:
    bar = "\r{0}{1:3d}%|##        | {2}/{3} [00:02<00:06,  4.00it/s, loss={4:.3f}]"
    text = ""
    for epoch in (1, 2, 3):
        for said, total, scale in (("Train: ", 3, 1.0), ("", 5, 2.0)):
            text += "".join(bar.format(said, 100 * n // total, n, total, scale / (epoch + n / 9)) for n in range(1, total + 1)) + "\n"
        text += f"Epoch {epoch}: train acc 0.{epoch}, val acc 0.{epoch}\n"
    assert {p.metric for p in points(text)} == {"loss", "train acc", "val acc"}, "the last bar of an epoch is longer, and of that epoch"


@pytest.mark.parametrize(("loss", "step"), [('"learning_rate": 0.25, "loss"', 200), ('"eval_loss"', 100)])
def test_scores_of_an_evaluation_may_stand_ahead_of_the_training_s_own(loss: str, step: int) -> None:
    found = points(
        '{"learning_rate": 0.5, "loss": 0.75, "step": 100}\n'
        f'{{"eval_acc": 0.5, {loss}: 0.625, "step": 200}}\n***** Eval results *****\n  acc = 0.75\n'
    )
    assert [(p.metric, p.step, p.value) for p in found][-1] == ("eval/acc", step, 0.75)


def test_dicts_that_wait_for_a_bar_stand_where_they_did_though_another_run_is_appended() -> None:
    log = (Path(__file__).parent / "logs" / "hf_torchrun" / "pty.log").read_bytes()
    alone = [(p.metric, p.step, p.value) for p in parse(log).points]
    assert [step for _, step, _ in alone].count(None) <= 3  # of the report at its end
    both = parse(log + log)
    assert [(p.metric, p.step, p.value) for p in both.points] == 2 * alone
    assert {p.attempt for p in both.points} == {0, 1}


def test_the_epochs_of_a_second_training_are_no_evaluations_though_it_has_other_batches() -> None:
    bar = "{n}/{n} [==============================] - 1s 5ms/step - loss: 0.{e}\n"
    folds = [(f"Epoch {e}/2\n" + bar).format(n=n, e=e + 3) for n in (60, 59) for e in (1, 2)]
    found = [(p.metric, p.epoch, p.attempt) for p in parse("".join(folds) + bar.format(n=20, e=9)).points]
    assert found == [("loss", 1, 0), ("loss", 2, 0), ("loss", 1, 1), ("loss", 2, 1), ("evaluate/loss", 2, 1)]


def test_a_count_that_can_only_be_of_the_epoch_that_a_header_above_tells_has_the_epochs_before_it() -> None:
    text = "".join(f"Epoch {epoch}/5\nbatch 1/10 loss 0.5\nbatch 6/10 loss 0.4\n" for epoch in (3, 4))
    assert [(p.step, p.epoch) for p in points(text)] == [(21, 3), (26, 3), (31, 4), (36, 4)]


def test_lines_without_a_rank_count_on_through_the_epochs_that_a_rank_tells() -> None:
    epoch = "[GPU0] Epoch {} Training ====\nEpoch Step: 1 | Loss: 2.5\nEpoch Step: 41 | Loss: 1.5\n[GPU0] Epoch {} Validation ====\n"
    found = points("".join(epoch.format(e, e) for e in range(3)))
    assert {p.attempt for p in found} == {0}
    steps = [p.step or 0 for p in found]
    assert steps == sorted(set(steps))


def test_frames_of_names_and_values_may_tell_the_epoch_with_its_total() -> None:
    rule, frame = "-" * 24 + "\n", "| Epoch      |     {0}/9 |\n| Train loss |  0.{0}123 |\n| Val acc    |  0.75{0}  |\n"
    expected = [(name, None, e, value) for e in (1, 2) for name, value in (("Train loss", e / 10 + 0.0123), ("Val acc", 0.75 + e / 1000))]
    assert placed(rule + "".join(frame.format(e) + rule for e in (1, 2))) == [(n, s, e, pytest.approx(v)) for n, s, e, v in expected]
