"""Which of several trainings in one log a line is of: `==== Fold 2/5 ====`, `Run 2/10`, or behind `Namespace(…` a new one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_OUTER: Final = ("run", "seed", "trial", "repeat", "repetition", "experiment")  # of which each may have folds
_VERBS: Final = r"(?i:start(?:ing|ed)?|begin(?:ning)?|run(?:ning)?|train(?:ing)?|processing|cross[- ]validation)"
_BEFORE: Final = rf"[^\w{{]*(?:{_VERBS}\W+){{0,2}}(?:(?i:on|for|of)\W+)?"
_N: Final = r"(?P<n>\d{1,4})(?![\d.]*\d)"
_TOTAL: Final = r"\s*(?:/|\bof\b)\s*\d+"
_FOLD: Final = re.compile(  # at a line's front; `fold: 0` alone is a setting
    rf"{_BEFORE}(?i:k[- ]?)?(?P<name>fold|Fold|FOLD)"
    rf"(?:\s*#?\s*|[_-]|\s*[:=]\s*(?=\d+{_TOTAL}|\d+\W+(?i:ep(?:och)?|step|iter)\b|\d+\s*\W{{3,}}$)){_N}"
    rf"(?:{_TOTAL})?(?!\w|\s*=[^=]|.*(?i:fold) ?\d)"
)
_FIELD: Final = re.compile(rf"[{{,]\s*[\"'](?P<name>fold)[\"']\s*:\s*[\"']?{_N}[\"']?\s*[,}}]")  # of a JSON line
_PLACED: Final = re.compile(r"[\"'](?:global_)?(?:epoch|step|iter)")
_OTHER: Final = re.compile(  # a line that gives no result, or before an epoch
    rf"{_BEFORE}(?P<name>(?i:{'|'.join(_OUTER)}))\s*[#:]?\s*{_N}{_TOTAL}(?!\w)"
    r"(?:\W+(?i:epoch|ep)\W*\d|(?!.*(?i:%|loss|acc|err|auc|iou|dice|mse|mae|reward|return|f1|score|time)))"
)
_WORDS: Final = re.compile(r"(?i)fold|(?:runs?|seeds?|trials?|repeats?|repetitions?|experiments?)\b")
_START: Final = re.compile(  # what a program prints when it begins
    r"\W*+(?:(?i:args?|arguments|config(?:uration)?|opts?)\W*+)?Namespace\(|=++ ?Train(?:ing)? Loss \(.*\d\) ?=+\s*$"
    r"|nohup: ignoring input|Using TensorFlow backend|(?:wandb: )?Tracking run with wandb version "
    r"|GPU available: (?:True|False)|\*++ ?Running training ?\*+\s*$"
)
_MOST: Final = 1000


class Folds:
    """Knows which fold, run or trial the next line is of. Plain data: those `seen`."""

    def __init__(self, seen: Iterable[str] = ()) -> None:
        self.seen = list(seen)  # "fold 2", "run 1, fold 2", as they were first announced

    def take(self, text: str) -> tuple[str, bool]:
        """Take a line's own text, where it may speak of one; return which it announces, "" for none, and whether it did not before."""
        m = _announced(text)
        if m is None:
            return "", False
        part = f"{m['name'].lower()} {m['n']}"
        if part.startswith("fold") and self.seen and not self.seen[-1].startswith("fold"):
            part = f"{self.seen[-1].split(', ')[0]}, {part}"
        if part in self.seen or len(self.seen) >= _MOST:
            return part, False
        self.seen.append(part)
        return part, True


def may_tell(text: str) -> bool:
    """Whether lines of this shape are to be taken."""
    return begins(text) or (_WORDS.search(text) is not None and _announced(text) is not None)


def begins(text: str) -> bool:
    """Whether a program prints such a line when it begins."""
    return _START.match(text) is not None


def _announced(text: str) -> re.Match[str] | None:
    """Match the `name` and the number `n` of what a line announces, by its own text."""
    return _FOLD.match(text) or (_FIELD.search(text) if _PLACED.search(text) else None) or _OTHER.match(text)
