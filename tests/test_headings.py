"""Lines that say which data the values below them are of: `Validation:`, `=== Test results ===`."""

from __future__ import annotations

import pytest
from parsing import parser, placed

EPOCHS = """\
Epoch 1/10
  Training loss: 0.5
{heading}
  loss: 0.6
  accuracy: 0.81
Epoch 2/10
  loss: 0.4
{heading}
  loss: 0.55
  accuracy: 0.85
Epoch 3/10
  loss: 0.3
"""
POINTS = [
    ("Training loss", 1, 0.5), ("val/loss", 1, 0.6), ("val/accuracy", 1, 0.81),
    ("loss", 2, 0.4), ("val/loss", 2, 0.55), ("val/accuracy", 2, 0.85), ("loss", 3, 0.3),
]  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    [
        "Validation:",
        "  validation",
        "Running validation...",
        "=== Validation results ===",
        "--- EVAL ---",
        "Final validation results:",
        "验证集:",
        "evaluate:dev",
        "Evaluating on the validation set",
        "2026-01-02 03:04:05 INFO Evaluating",
        "Running Validation…",
        "Validating",
        "***** Eval results *****",
        "***** Running evaluation *****",
        "Evaluating on dev set...",
        "Results on the validation set:",
        "Computing validation metrics",
        "compute validation set score:",
    ],
)
def test_values_below_a_heading_are_of_its_data_until_the_training_goes_on(heading: str) -> None:
    assert [(name, epoch, value) for name, _, epoch, value in placed(EPOCHS.format(heading=heading))] == POINTS


def test_a_heading_stands_for_the_lines_after_a_restart_at_any_byte() -> None:
    text = EPOCHS.format(heading="Validation:").encode()
    for cut in range(len(text)):
        first = parser()
        found = [*first.feed(text[:cut], None).points]
        again = parser(first.save())
        found += [*again.feed(text[again.consumed :], None).points, *again.flush(None).points]
        assert [(p.metric, p.epoch, p.value) for p in sorted(found, key=lambda p: p.at)] == POINTS, cut


def test_lines_known_from_below_a_heading_are_read_anew_without_it() -> None:
    block = "step {0} lr 0.1 grad_norm 2.5\n{1}loss: 0.{0}\nacc: 0.{0}\n"
    text = "".join(block.format(n, "Validation:\n" if n % 2 else "") for n in range(1, 9))
    names = [(name, step) for name, step, _, _ in placed(text) if "loss" in name]
    assert names == [("val/loss" if n % 2 else "loss", n) for n in range(1, 9)]


def test_a_value_of_the_training_ends_the_heading_of_an_evaluation() -> None:
    text = "Epoch 3\nevaluating...\ntrain 0.5123, valid 0.6123\nloss: 0.25\n"
    assert [row[0] for row in placed(text)] == ["train", "valid", "loss"]


def test_a_heading_of_the_training_and_many_lines_of_none_end_one() -> None:
    assert [row[0] for row in placed("Validation\nloss: 0.5\nTraining\nloss: 0.25\n")] == ["val/loss", "loss"]
    others = "".join(f"{chr(97 + n)} line that says nothing\n" for n in range(26))
    assert [row[0] for row in placed(f"Testing:\n{others}loss: 0.5\n{2 * others}loss: 0.25\n")] == ["test/loss", "loss"]


@pytest.mark.parametrize("line", ["model saved to runs/ckpt_1.pt", "Saving best model...", "Checkpoint 3 saved!"])
def test_the_model_saved_behind_an_evaluation_ends_it(line: str) -> None:
    assert [row[0] for row in placed(f"Evaluating\nloss: 0.5\nacc: 0.75\n{line}\nloss: 0.25\n")] == ["val/loss", "val/acc", "loss"]
    assert [row[0] for row in placed(f"Evaluating\n{line}\nloss: 0.5\n")] == ["val/loss"]


@pytest.mark.parametrize(
    "heading",
    [
        "=> Validating epoch 1",
        "Validation of epoch 1/9:",
        "Epoch 1 evaluation",
        "[Epoch 1] Validating",
        "Evaluation results at epoch 1:",
        "Validation metrics after epoch 1:",
    ],
)
def test_a_heading_may_say_where_the_training_is(heading: str) -> None:
    text = f"=> Training epoch 1\nloss: 0.5\n{heading}\nloss: 0.6\n=> Training epoch 2\nloss: 0.4\n"
    assert placed(text) == [("loss", None, 1, 0.5), ("val/loss", None, 1, 0.6), ("loss", None, 2, 0.4)]


@pytest.mark.parametrize(
    "line",
    [
        "Validation set has 500 images",
        "We test the model on a test set",
        "eval_batch_size: 32",
        "test.py",
        "Validation took 3 s",
        "    test: Dataset({",
    ],
)
def test_what_mentions_data_is_no_heading(line: str) -> None:
    assert [row[0] for row in placed(f"{line}\nloss: 0.5\n")] == ["loss"]


@pytest.mark.parametrize(
    "header",
    [
        "Starting epoch 3",
        "Start of epoch 3",
        "epoch_3",
        "训练Epoch: 3",
        "| 2026-01-02 03:04:05 | INFO | Start epoch 3:",
        "--- Start training epoch 3 ---",
        "Beginning Epoch 3 of 9",
        "Now training: epoch 3",
        "Epoch 3 in 12.5 sec",
        "Epoch 3 finished in 2 min",
        "Display training progress at (epoch 3, total_steps 900)",
        "Metric values at epoch 3:",
        "--- Summary of Epoch 3 ---",
        "End of epoch 3",
        "Epoch 3 (LSTM, optim: adam, learning rate=0.125, eps=1.0e-04, decay rate=0.75 (schedule=10, decay=0)): ",
    ],
)
def test_a_line_that_begins_an_epoch_places_those_below_it(header: str) -> None:
    assert placed(f"{header}\nloss: 0.5\n") == [("loss", None, 3, 0.5)]


@pytest.mark.parametrize(
    "line",
    [
        "weights of epoch_3",
        "epoch_3.pth",
        "Resuming training from epoch 3",
        "Best validation results at epoch 3",
        "Evaluate the model every epoch 3",
    ],
)
def test_a_line_that_speaks_of_another_epoch_places_nothing(line: str) -> None:
    assert placed(f"Epoch 7\n{line}\nloss: 0.5\n")[0][2] == 7


def test_below_the_heading_of_an_evaluation_a_result_may_be_called_anything() -> None:
    text = "Episode 3/9 | Reward: -2.5\nRunning final evaluation...\n  Average Reward: -4.5 ± 0.5\n  Utilisation Rate:    25.5%\n"
    settings = "  Batch size: 32\n  Decision threshold: 0.5\n  image_mean: 0.5\n  Time taken: 12.5\n"
    found = [(metric, value) for metric, _, _, value in placed(text + settings)]
    assert found == [("Reward", -2.5), ("val/Average Reward", -4.5), ("val/Utilisation Rate", 25.5)]
    assert placed("Episode 3/9\n  Utilisation Rate:    25.5%\n") == []


def test_the_last_test_says_nothing_of_the_values_behind_it() -> None:
    assert [row[0] for row in placed("Last test reward: 9.00. Training step: 10/90. Loss: 0.5\n")] == ["Last test reward", "Loss"]
    assert [row[0] for row in placed("Epoch 1 test loss: 0.75 acc: 0.5\n")] == ["test loss", "test/acc"]


def test_the_number_of_a_client_is_no_metric() -> None:
    assert placed("Client Index = 3\tEpoch: 1\tLoss: 0.693100\n") == [("Loss", None, 1, 0.6931)]


@pytest.mark.parametrize(
    "line",
    [
        "TraIning Results:",  # not two words
        "te\u017ft results:",
        "VAL\u0130DAT\u0130ON:",
        "epoch 2 | TRA\u0130N/VAL acc: 0.5 / 0.25",
        "epoch 2 (te\u017ft) acc=0.5",
        "epoch 2, tra\u0131n, acc=0.5",
        "epoch 2 te\u017ft: {'acc': 0.5}",
    ],
)
def test_letters_that_a_pattern_takes_for_others_do_no_harm(line: str) -> None:
    values = [point[-1] for point in placed(f"epoch 1 loss 0.75\n{line}\nepoch 3 loss 0.625\n")]
    assert [value for value in values if value not in (0.5, 0.25)] == [0.75, 0.625]
    assert (0.5 in values) == ("0.5" in line)


@pytest.mark.parametrize(("data", "name"), [("validation", "val/RMSE"), ("sub-training", "RMSE")])
def test_an_analysis_of_so_many_entries_of_some_data_is_a_heading(data: str, name: str) -> None:
    assert [row[0] for row in placed(f" Statistical analysis for 90 entries in the {data} set\n   RMSE =     0.0000625\n")] == [name]
