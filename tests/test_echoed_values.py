"""Values that evaluators log and the Trainer's dict may say once more: one fact each, whichever comes, and however late."""

from __future__ import annotations

import pytest
from parsing import placed
from recutting import read

HEAD = "2026-01-02 03:04:05 - EmbeddingSimilarityEvaluator: Evaluating the model on the dev dataset in epoch {} after {} steps:\n"
VALUES = "2026-01-02 03:04:06 - Cosine-Similarity:\tPearson: {}\tSpearman: 0.5\n"


def logged(epoch: float, step: int, pearson: float) -> str:
    return HEAD.format(epoch, step) + VALUES.format(pearson)


def said(epoch: float, pearson: float) -> str:
    return f"{{'eval_dev_pearson_cosine': '{pearson}', 'eval_dev_spearman_cosine': '0.5', 'epoch': '{epoch:.4g}'}}\n"


def values(text: str) -> list[tuple[str, float | None, float]]:
    return [(metric, epoch, value) for metric, _, epoch, value in placed(text) if "pearson" in metric]


END = "{'train_runtime': '8.25', 'train_loss': '0.25', 'epoch': '2'}\n"
LOSS = "{'loss': '0.5', 'epoch': '1'}\n"
DICT, LINE = "eval_dev_pearson_cosine", "val/dev/Cosine/pearson"
FIRST, SECOND = logged(0.5714285714285714, 8, 0.25), logged(2.0, 28, 0.75)


@pytest.mark.parametrize(
    ("log", "stored"),
    [
        (FIRST + said(0.5714, 0.25) + SECOND + said(2.0, 0.75) + END, [(DICT, 0.5714, 0.25), (DICT, 2.0, 0.75)]),
        (FIRST + SECOND + said(0.5714, 0.25) + said(2.0, 0.75) + END, [(DICT, 0.5714, 0.25), (DICT, 2.0, 0.75)]),
        (FIRST + SECOND + END, [(LINE, 0.5714285714285714, 0.25), (LINE, 2.0, 0.75)]),
        (FIRST + SECOND, [(LINE, 0.5714285714285714, 0.25), (LINE, 2.0, 0.75)]),
        (FIRST + LOSS + SECOND + said(2.0, 0.75), [(LINE, 0.5714285714285714, 0.25), (DICT, 2.0, 0.75)]),
        (logged(1.0, 14, 0.25) + LOSS + said(1.0, 0.25), [(DICT, 1.0, 0.25)]),
    ],
    ids=["each", "held back by a pipe", "none", "none, and no end", "of one", "behind a loss"],
)
def test_what_an_evaluator_logs_is_stored_where_no_dict_says_it_again(log: str, stored: list[tuple[str, float, float]]) -> None:
    assert values(log) == stored
    whole = read(log.encode())
    assert read(log.encode(), restarts=range(0, len(log), 7)).points == whole.points


def test_evaluations_without_a_dict_are_not_kept_back_for_ever() -> None:
    log = "".join(logged(float(epoch), 10 * epoch, epoch / 1000) for epoch in range(1, 200))
    held = [value for metric, _, value in values(log) if metric == LINE]
    assert held == [epoch / 1000 for epoch in range(1, 200)]


def test_a_dict_that_a_callback_logged_before_with_an_epoch_of_more_digits_is_said_once() -> None:
    text = ""
    for n, loss, exact, rounded in ((1, 1.5, 0.0214961306964746, 0.02), (2, 1.25, 0.0429922613929492, 0.04)):
        said = f"{{'loss': {loss}, 'learning_rate': 0.0{n}, 'epoch': "
        bar = f"\r {n * 25}%|   | {n * 25}/100 [00:0{n}<01:00,  1.00it/s]"
        text += f"{bar}INFO     | 2026-01-02 03:04:0{n} | trainers.common:on_log:226 - {said}{exact}}}\n{said}{rounded}}}\n"
    assert [(name, step, value) for name, step, _, value in placed(text) if name == "loss"] == [("loss", 25, 1.5), ("loss", 50, 1.25)]
    other = text.replace("'loss': 1.25", "'loss': 1.75", 1)  # the log's second loss is another one than the dict's
    assert [value for name, _, _, value in placed(other) if name == "loss"] == [1.5, 1.75, 1.25]
    whole = read(text.encode())
    assert read(text.encode(), restarts=range(0, len(text), 7)).points == whole.points
