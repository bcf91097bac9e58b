"""Values that a trainer's dict may say once more: kept back until it came, or cannot come any more. Places nothing.

An evaluator logs by itself, on standard error, and the trainer prints dicts in order, on standard output: those may come late through
a pipe, and do not come at all where something else than the trainer called the evaluator. A callback of the user's may log the same
dicts before the trainer prints them, which rounds their epoch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from scraper.parse.numbers import near
from scraper.parse.records import Record

_ROUNDED: Final = 0.005001  # what an epoch of a dict may be off by, which has two decimals
_DIGITS: Final = 5e-4  # or, as a share, four digits
_DECIMALS: Final = 2  # of a rounded epoch
_MOST: Final = 64  # dicts that were logged and not printed yet


class Echoes:
    """What one rank's evaluators logged and no dict has said yet."""

    __slots__ = ("facts", "held", "logged")

    def __init__(
        self,
        facts: dict[str, float] | None = None,
        held: Iterable[Record] = (),
        logged: Iterable[tuple[Sequence[str], Sequence[float], float]] = (),
    ) -> None:
        self.facts = facts  # where the values that come now belong; None: they are no such values
        self.held = list(held)
        self.logged = [(tuple(names), list(values), epoch) for names, values, epoch in logged]  # dicts whose epoch was not rounded

    def says_again(self, record: Record) -> bool:
        """Whether a dict is one that was logged before, with its epoch rounded; one whose epoch is not is remembered."""
        epoch = record.facts.get("epoch")
        if epoch is None or not record.values:
            return False
        if epoch != round(epoch, _DECIMALS):
            self.logged = [*self.logged[1 - _MOST :], (record.names, record.values, epoch)]
            return False
        for i, (names, values, exact) in enumerate(self.logged):
            alike = -_ROUNDED <= exact - epoch <= _ROUNDED and names == record.names and round(exact, _DECIMALS) == epoch
            if alike and all(near(x, y) for x, y in zip(values, record.values, strict=True)):
                del self.logged[: i + 1]
                return True
        return False

    def keep(self, record: Record) -> bool:
        """Keep a record back if it stands in the section of such an evaluation; return whether it does."""
        if self.facts is not None and record.pattern.inside:
            self.held.append(record._replace(facts=self.facts | record.facts))
            return True
        if record.pattern.opens:
            self.facts = None
        return False

    def release(self) -> list[Record]:
        """Return all that is kept back: no dict will come for it."""
        released, self.held = self.held, []
        return released

    def settle(self, said: Record) -> list[Record]:
        """Forget what a dict says again; return those that none will say, as it is of later, or closes the training."""
        epoch = said.facts.get("epoch")
        if epoch is None or not said.pattern.wait:
            return []
        reach = max(_ROUNDED, _DIGITS * epoch)
        if any(name.startswith("eval_") for name in said.names):
            self.held = [record for record in self.held if abs(record.facts["epoch"] - epoch) > reach]
        if not any(name.startswith("train_") for name in said.names):
            epoch -= 2 * reach
        settled = [record for record in self.held if record.facts["epoch"] <= epoch + reach]
        self.held = [record for record in self.held if record.facts["epoch"] > epoch + reach]
        return settled
