"""Settings and program text that stand line below line at a log's beginning: among them `loss: 0.5` is a setting, too.

Knows nothing of what the lines mean; once a training has told where it is, only a listing that stood there before is one again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from scraper.parse.words import CODE, SETTINGS, is_clock, is_metric, is_side, words

_WORD: Final = r"True|False|None|null|true|false|[\"'][^\"']*[\"']|[\[({].*|[A-Za-z_][\w./:-]*"
_ITEM: Final = re.compile(  # `lr: 0.1`, `'optimizer': 'adam',`, `│   └── lr: 0.1`, `| lr | 0.1 |`, `lr ...... 0.1`
    rf"[\s│├└─|*{{]*(?:[-•]\s+)?[\"']?(?P<key>[^\W\d][\w.-]*?)[\"']?(?:\s*[:=]\s*|\s*\.{{3,}}\s*| *\| *|[ \t]{{2,}})"
    rf"(?:(?P<word>{_WORD})|[-+]?\.?\d[\w.+-]*)\s*[|,│}}]*\s*(?:\[default.*|#.*)?$"
)
_KEY: Final = re.compile(r"[^A-Za-z_]*(?P<key>[A-Za-z_][\w.-]*)")
_FRAME: Final = re.compile(  # what listings are divided by: brackets, headings, rules, the branches of trees
    r"\s*+(?:[\[\]{}()]+,?|\[[\w. ]+\]|[\w.\"']++\s*+[:=]\s*+[\[{(]?|- .*|[-=+]{5,}.*|[│ ]*[├└]──.*)\s*$"
)
_STATEMENT: Final = re.compile(
    r"\s*+(?:(?:[\w.\[\]\"', ]++\s*+|(?<=\s))[-+*/]?=(?!=)\s*+\S|[\w.]+\(.*\)[;,]?$"
    r"|(?:for|if|while|with|try|else|except|finally|do)\b.*[:{(]|#|//|\"{3}|\}|\{"
    r"|(?:(?:for|if|elif|while)\b.*;\s*(?:do|then)|do|done|then|else|fi|esac)\s*$|(?:echo|cd|source|module|conda|mkdir|set)\s|.*\s\\\s*$)"
)
_COMMENT: Final = re.compile(r"\s*(?:#|//|echo\s)")
_SCRIPT: Final = re.compile(r"#!/|#(?:SBATCH|PBS|BSUB|\$) ")
_HEAD: Final = re.compile(  # `Hyperparameters:`, `----- Options -----`, `Loss weights:`
    r"(?i)[-=*# ]*(?:[a-z]+ ){0,2}"
    r"(?:environment|arguments?|args|config(?:uration)?s?|settings|options|hyper-?parameters|hparams|flags|(?:loss|class|reward) weights)"
    r"\s*[:=*# -]*$"
)
_SERIES_END: Final = re.compile(r"\s*(?:(?:Name|Length): [^,]+, )*dtype: \w+\s*$")  # behind the rows of a pandas Series
_COMMENTED: Final = re.compile(r"\s*[\w.]+ = \S+ +#")
_SETTING: Final = frozenset(  # words that stand in names of settings and never in those of metrics
    (
        *SETTINGS,
        *("lr", "learning", "epochs", "batch", "batchsize", "dropout", "seed", "workers", "nproc", "device", "amp", "fp16", "niter"),
        *("gamma", "beta", "beta1", "beta2", "betas", "alpha", "momentum", "decay", "wd", "eps", "epsilon", "lambda", "clip"),
        *("optimizer", "optim", "scheduler", "warmup", "interval", "freq", "patience", "factor", "coef", "threshold", "thr", "smoothing"),
        *("hidden", "layers", "dim", "dims", "heads", "embedding", "vocab", "ctx", "weights", "backbone", "pretrained"),
        *("dir", "path", "dataset", "checkpoint"),
    )
)
_MAX_LENGTH: Final = 200
_MAX_NAMES: Final = 256
_HEADED: Final = [""]  # the names below a heading, of which none has come yet
_HEAD_NAMES: Final = 3  # of a listing, by which it is known again
_MAX_HEADS: Final = 8
_FIRST: Final = ("0", "1")  # steps and epochs from which a training counts
_SETTINGS, _CODE = 2, 3  # lines of settings, or of a program, that make a listing
_REPEATS: Final = {_SETTINGS: 1, _CODE: 8}  # how often a name may have come before: it is of a report where it comes again


class Listing:
    """The open listing, as far as there is one; `save` gives it as plain data."""

    def __init__(self, state: list[Any] | None = None) -> None:
        count, names, placed, heads, again = (state or []) + [0, [], False, [], []][len(state or []) :]  # older states end earlier
        self._count: int = count  # of settings; _CODE for a program; -1 when a training has begun
        self._names: list[str] = names  # of its items
        self._placed: bool = placed  # a line told where the training is
        self._heads: list[list[str]] = heads  # the first names of those that stood above
        self._again: list[str] = again  # the last names that one of those has, too
        self.possible = self._count >= 0  # lines may yet turn out to be a listing: nobody has told where the training is
        self.open: bool = self._count >= _SETTINGS  # the next line is one of a listing, if it does not tell otherwise

    def save(self) -> list[Any]:
        """Return the constructor's argument."""
        return [self._count, self._names, self._placed, self._heads, self._again]

    def end(self, *, placed: bool = False, valued: bool = False) -> None:
        """A line was read, so it is of no listing; what it tells: where a training is, how it does. It has begun once both were told."""
        if self.possible:
            head = self._names[:_HEAD_NAMES]
            if self._count == _SETTINGS and len(head) == _HEAD_NAMES and head not in self._heads:
                self._heads = [*self._heads[1 - _MAX_HEADS :], head]
            self._names = []
            self._placed = self._placed or placed
            self._set(-1 if valued and self._placed else 0)

    def pass_over(self) -> None:
        """Lines that say nothing were passed over."""
        self._set(min(self._count, 0))

    def meet(self, text: str) -> None:
        """Look at the line that comes next: where its name has come in this listing before, it is a report, and the listing is over."""
        m = _KEY.match(text)
        if m and self._names.count(m["key"]) >= _REPEATS[self._count] and not _is_setting(m["key"]):
            self.end()

    def holds(self, text: str, places: Sequence[str] = ()) -> bool:
        """Whether a line that gives values is an item of the open listing; `places`: the numbers by which it tells where they belong."""
        if not self.open:
            return False
        if not places:
            return bool(_ITEM.match(text) or (self._count == _CODE and _STATEMENT.match(text)))
        if self._count == _CODE and (_COMMENTED.match(text) or _COMMENT.match(text)):
            return True
        item = _ITEM.match(text) if len(places) == 1 else None
        return item is not None and (places[0] not in _FIRST or words(item["key"])[-1:] == ["batch"])  # `epoch: 100`, `eval_batch = 1`

    def recall(self, text: str) -> bool:
        """Take a line that was not read behind a training's begin: where a listing stands again that stood above, it is open again.

        Return whether the line may be one of it, so that its like must be taken again.
        """
        m = _ITEM.match(text) if self._heads else None
        if not m:
            return False
        self._again = [*self._again[1 - _HEAD_NAMES :], m["key"]]
        if self._again in self._heads:
            self._names, self._again = self._again, []
            self._set(_SETTINGS)
            return True
        return any(m["key"] in head for head in self._heads)

    def take(self, text: str) -> bool:
        """Take a line that was not read; whether it counts for or against a listing, so that its like must be taken again."""
        if len(text) > _MAX_LENGTH:
            self.end()
            return False
        if not text.strip() or _SERIES_END.match(text):
            if self._count != _CODE and self._names != _HEADED:
                self.end()
            return False
        is_brace = text.strip() == "{"
        if _HEAD.match(text) or (not self._count and is_brace):
            self._names = [] if is_brace else [*_HEADED]
            self._set(1 if is_brace else max(self._count, _SETTINGS))
            return True
        kind, frame = self._kind(text), bool(self._count and _FRAME.match(text))
        if self.open:
            if kind or frame or _ITEM.match(text) or (self._count == _CODE and _STATEMENT.match(text)):
                self._note(text)
                self._set(max(self._count, kind))
                return True
        elif kind or frame:
            self._set(_CODE if kind == _CODE else self._count + kind)
            return True
        self.end()
        return False

    def _set(self, count: int) -> None:
        self._count = count
        self.possible = count >= 0
        self.open = count >= _SETTINGS

    def _note(self, text: str) -> None:
        m = _KEY.match(text)
        if m and len(self._names) < _MAX_NAMES:
            if self._names == _HEADED:
                self._names.clear()
            self._names.append(m["key"])

    @staticmethod
    def _kind(text: str) -> int:
        """Return _CODE for a line of a program, 1 for a setting, 0 for any other."""
        if CODE.match(text) or _SCRIPT.match(text):
            return _CODE
        m = _ITEM.match(text)
        if not m:
            return 0
        name = m["key"]
        if is_metric(name):
            return 0
        if m["word"] or name.isupper() or _is_setting(name):
            return 1
        return int(not (is_clock(name) or is_side(name)))


def _is_setting(name: str) -> bool:
    return not is_metric(name) and not _SETTING.isdisjoint(words(name))
