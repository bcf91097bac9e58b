"""What is remembered of names without end."""

from __future__ import annotations

from scraper.parse.recent import MOST, Recent


def test_what_was_set_last_is_kept() -> None:
    recent: Recent[str, int] = Recent()
    for number in range(3 * MOST):
        recent["loss"] = number
        recent.setdefault("accuracy", 7)
        recent[f"norm {number}"] = number
        assert len(recent) <= MOST
    assert (recent["loss"], recent["accuracy"]) == (3 * MOST - 1, 7)
    assert all(recent[f"norm {number}"] == number for number in range(2 * MOST + 2000, 3 * MOST))


def test_what_was_forgotten_begins_anew() -> None:
    recent: Recent[int, int] = Recent()
    for number in range(2 * MOST):
        recent[number] = number
    assert 0 not in recent
    assert recent.setdefault(0, 5) == 5


def test_more_than_there_is_room_for_is_taken_back_as_it_was_and_then_forgotten() -> None:
    recent = Recent((number, number) for number in range(2 * MOST))
    assert len(recent) == 2 * MOST
    for number in range(20):
        recent[-number - 1] = number
    assert len(recent) <= MOST
