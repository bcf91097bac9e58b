"""Watch rules at work: which files a rule means, which run each belongs to, and its labels. It reads no log and stores only new runs."""

from __future__ import annotations

import fnmatch
import platform
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scraper.configfile import WatchRule, filled
from scraper.ingest import naming
from scraper.ingest.facts import user_name
from scraper.ingest.fileset import FileSet
from scraper.ingest.rotations import rotated_from
from scraper.model import Labels, NewRun
from scraper.store import runs

if TYPE_CHECKING:
    from scraper.ingest.pipeline import Pipeline
    from scraper.store.writer import Writer


class RuleFiles(FileSet):
    """The files of one rule: what its paths mean, without what it leaves out."""

    def __init__(self, rule: WatchRule, store: Path) -> None:
        super().__init__(rule.paths, store)
        self._match = re.compile(rule.match)
        self._exclude = [_glob(pattern) for pattern in rule.exclude]
        self._all: list[Path] = []
        self._taken: list[Path] = []

    def scan(self) -> list[Path]:
        """Return the files there are now, each once, in natural order: the same list while nothing has changed."""
        found = super().scan()
        if found is not self._all:
            self._all, self._taken = found, [path for path in found if self.takes(path)]
        return self._taken

    def takes(self, path: Path) -> bool:
        """Tell whether a file that the paths mean is one of the rule's."""
        return self._match.search(str(path)) is not None and not any(leaves_out(path) for leaves_out in self._exclude)


def _glob(pattern: str) -> Callable[[Path], bool]:
    """Return a test for one glob of `exclude`: of names, or of whole paths, in which * crosses directories, where there is a / in it."""
    matches = re.compile(fnmatch.translate(pattern)).match
    if "/" in pattern:
        return lambda path: matches(str(path)) is not None or any(matches(str(parent)) for parent in path.parents)
    return lambda path: any(matches(part) for part in path.parts)


class Rule:
    """One watch rule and the store its runs are in."""

    def __init__(self, rule: WatchRule, writer: Writer, experiment: str) -> None:
        self.rule = rule
        self.files = RuleFiles(rule, writer.path)
        self._match = re.compile(rule.match)
        self._writer = writer
        self._experiment = experiment
        self.known: set[Path] = set()  # the names that are followed

    def begin(self, pipeline: Pipeline, *, seen: bool = False) -> None:
        """Hand the rule's files to `pipeline`, now and whenever one appears. `seen`: those that are there were followed before."""
        groups = naming.group_rotations(self.files.scan())
        for path, rotated in groups.items():
            self._follow(pipeline, path, from_end=self.rule.from_end and not seen, asked=rotated)
        pipeline.follow(self.files, lambda path: self._found(pipeline, path), self.known.discard)

    def find(self, pipeline: Pipeline) -> None:
        """Follow what has appeared since the last look, though no event said so."""
        for path in self.files.scan():
            if path not in self.known:
                self._found(pipeline, path)

    def _found(self, pipeline: Pipeline, path: Path) -> None:
        """Follow a file that has appeared, unless it is a rotation of one that is followed."""
        if rotated_from(path) not in self.known:
            self._follow(pipeline, path)

    def _follow(self, pipeline: Pipeline, path: Path, *, from_end: bool = False, asked: Iterable[Path] = ()) -> None:
        self.known.add(path)
        pipeline.add(path, self.run_for, self.labels(path), from_end=from_end, asked=asked)

    def facts(self, path: Path) -> dict[str, str]:
        """Return what the placeholders mean for a file."""
        parents = [*(parent.name for parent in path.parents), "", ""]
        found = self._match.search(str(path))
        groups = {name: value or "" for name, value in found.groupdict().items()} if found else dict.fromkeys(self._match.groupindex, "")
        return {"name": path.name, "stem": naming.stem(path), "parent": parents[0], "grandparent": parents[1], **groups}

    def labels(self, path: Path) -> Labels:
        """Return the labels of a file's points: the rank its name spells out, under those of the rule."""
        facts = self.facts(path)
        ranks = dict(naming.rank_labels([path], joined=self.rule.join)[path])
        own = {name: filled(value, facts) for name, value in self.rule.labels}
        return tuple(sorted((ranks | own).items()))

    def run_for(self, path: Path) -> int:
        """Return the key of the run that what is new in `path` belongs to: one that is joined, or one made now."""
        facts = self.facts(path)
        name = filled(self.rule.run, facts) or facts["stem"]
        experiment = filled(self.rule.experiment, facts) or self._experiment
        run = self._new_run(path, name, experiment, facts)
        if not self.rule.join:
            return self._writer.create_run(run).key
        with self._writer.transaction() as connection:  # of two daemons one makes the run, and the other finds it
            found = runs.find(connection, "experiments.name = ? AND runs.name = ?", (runs.plain(experiment), runs.plain(name)))
            return (found or runs.create(connection, run, self._writer.clock())).key

    def _new_run(self, path: Path, name: str, experiment: str, facts: Mapping[str, str]) -> NewRun:
        return NewRun(
            name=name,
            experiment=experiment,
            kind="daemon",
            host=platform.node(),
            user=_owner(path),
            tags=tuple(filled(tag, facts) for tag in self.rule.tags),
            log_path=str(path),
        )


def _owner(path: Path) -> str:
    """Return the name of the user whose file it is; "" when the file is gone."""
    try:
        return user_name(path.stat().st_uid)
    except OSError:
        return ""
