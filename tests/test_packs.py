from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scraper.packfiles import builtin_dir, builtin_packs, read_pack
from scraper.parse import packs
from scraper.parse.check import check_pack, collisions
from scraper.parse.lines import Splitter
from scraper.parse.matcher import Matcher
from scraper.parse.packs import Pack, PackSet, Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

PACKS = builtin_packs()
ROOT = Path(__file__).parent.parent

# Samples of one pack from which another would read points too: (owner, other) -> why the right one wins.
# What the owner reads comes first where the order says so, and `test_with_all_packs_together` shows that it does.
SHARED = {
    ("timm", "pytorch-examples"): "timm's test lines are those of the imagenet example with other names; timm is tried first",
    ("lightning", "tqdm"): "Lightning draws tqdm's bars; its own pack knows which values belong to the epoch and is tried first",
    ("catalyst", "tqdm"): "Catalyst draws tqdm's bars; its own pack knows the loader and is tried first",
    ("paddle", "keras"): "PaddleSeg draws a bar of Keras' form while it evaluates, which holds times alone; its own pack is tried first",
    ("ultralytics", "csv"): "results.csv is a CSV log; Ultralytics' own pack leaves its clock out and is tried first",
    ("ultralytics", "columns"): "Ultralytics' header has the form of people's own tables; its own pack knows its bars and is tried first",
    ("mlx-lm", "columns"): "the trainer's table has the form of people's own; its own pack knows its rows of two kinds and is tried first",
    ("matlab", "columns"): "trainnet's table has the form of people's own; its own pack knows which cells are empty and is tried first",
    ("tables", "columns"): "frameworks' tables have the form of people's own; the pack that knows their columns is tried first",
    ("scikit-learn", "columns"): "a report has the form of people's own tables; its own pack knows its last rows and is tried first",
    ("stable-baselines3", "columns"): "its table has the form of people's own; its own pack knows where the step stands and is tried first",
    ("boosting", "columns"): "what xgboost.cv returns has the form of people's own tables; its own pack knows the index and is tried first",
    ("gplearn", "columns"): "gplearn's table has the form of people's own; its own pack knows its heading of two lines and is tried first",
    ("h2o", "columns"): "H2O's tables have the form of people's own; its own pack knows its leaderboard and is tried first",
    ("metriclogger", "huggingface"): "RT-DETR repeats its best epoch as a dictionary, which its own pack leaves out; that is tried first",
    ("fairseq", "tqdm"): "fairseq draws tqdm's bars; its own pack counts the updates and is tried first",
    ("tianshou", "tqdm"): "Tianshou draws tqdm's bars; its own pack counts the environment's steps and is tried first",
    ("torchbearer", "tqdm"): "torchbearer draws tqdm's bars; its own pack knows the epoch and phase before them and is tried first",
    ("numpyro", "tqdm"): "NumPyro's bars are tqdm's; its own pack knows which steps a mean is of and is tried first",
    ("openrlhf", "tqdm"): "OpenRLHF draws tqdm's bars; its own pack knows which of them start over and is tried first",
    ("openpcdet", "tqdm"): "OpenPCDet draws tqdm's bars; its own pack takes the outer one's values at the inner one's count, and is first",
    ("nemo", "tqdm"): "NeMo leaves the rate out of tqdm's bar; its own pack knows what only counts and is tried first",
    ("gaussian-splatting", "tqdm"): "its bar is tqdm's, moved on after its values are set; its own pack knows that and is tried first",
    ("sockeye", "mxnet"): "Sockeye 1 printed MXNet's Speedometer lines with speeds of its own; its own pack is tried first",
    ("tensorflow", "huggingface"): "BERT's scripts repeat an evaluation as a Trainer's do; their own pack is tried first",
}


def _read_by(packs: Iterable[Pack], text: str) -> set[str]:
    """Return the packs whose patterns found a value in a text."""
    splitter, matcher = Splitter(max_line_bytes=1 << 20), Matcher(PackSet(packs))
    lines = [*splitter.feed(text.encode()), *splitter.flush()]
    records = [r for at, data, redraw in lines for r in matcher.match(at, data, redraw, None)]
    return {r.pattern.pack for r in records if r.values} - {"generic"}


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_its_file_is_valid(pack: Pack) -> None:
    assert read_pack(Path(pack.origin), user=False).patterns


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_alone(pack: Pack) -> None:
    assert check_pack(pack) == []


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_with_all_packs_together(pack: Pack) -> None:
    assert check_pack(pack, PACKS) == []


def test_packs_change_nothing_of_each_others_samples() -> None:
    assert collisions(PACKS[0], PACKS) == []  # reads the samples of all of them with all of them


def _may_read(pack: Pack, lines: list[str]) -> bool:
    """Whether a pattern that needs no other one before it finds in one of the lines what it demands."""
    needs = [p.demands.needs for p in pack.patterns if not p.inside]
    return any(all(any(literal in line for literal in need) for need in demanded) for demanded in needs for line in lines)


def test_what_two_packs_could_read_is_known() -> None:
    shared = {
        (owner.name, other.name)
        for owner in PACKS
        for sample in owner.samples
        for lines in [re.split(r"[\r\n]", sample.text)]
        for other in PACKS
        if other is not owner and _may_read(other, lines) and other.name in _read_by([other], sample.text)
    }
    assert shared == set(SHARED)


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_a_sample_is_read_by_the_pack_that_shows_it(pack: Pack) -> None:
    for sample in pack.samples:
        readers = _read_by(PACKS, sample.text)
        assert readers <= {pack.name} | {owner for owner, other in SHARED if other == pack.name}, sample.text


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_a_pack_says_what_it_is_and_what_its_metrics_mean(pack: Pack) -> None:
    assert pack.title
    assert pack.about.endswith(".")
    assert pack.source
    assert any(s.points for s in pack.samples)
    assert any(not s.points for s in pack.samples), "a pack carries a near miss too"
    assert pack.metrics
    for definition in pack.metrics:
        assert definition.label, definition.metric
        assert definition.tier in ("primary", "standard", "custom"), definition.metric
        assert definition.format in ("float", "percent", "fraction", "int"), definition.metric


def test_packs_agree_on_which_way_a_metric_is_better() -> None:
    meanings: dict[str, set[bool | None]] = {}
    for definition in (d for pack in PACKS for d in pack.metrics):
        meanings.setdefault(definition.metric, set()).add(definition.higher_is_better)
    assert {metric: found for metric, found in meanings.items() if len(found) > 1} == {}


def test_names_of_packs_are_those_of_their_files() -> None:
    assert {path.stem for path in builtin_dir().glob("*.toml")} == {pack.name for pack in PACKS}


def test_the_readmes_example_is_a_pack(tmp_path: Path) -> None:
    readme = (builtin_dir() / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert example is not None
    path = tmp_path / "mine.toml"
    path.write_text(example[1], encoding="utf-8")
    assert check_pack(read_pack(path, user=True), PACKS) == []


def test_the_readme_tells_every_key() -> None:
    readme = (builtin_dir() / "README.md").read_text(encoding="utf-8")
    for key in (*packs._PATTERN_KEYS, *packs._PACK_KEYS, *packs.FACTS, *packs.KINDS, *sum(packs.CHOICES.values(), ())):
        assert not key or f"`{key}`" in readme, key


def test_a_built_wheel_holds_the_packs(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the build backend is not installed, and nothing is downloaded here")
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(tmp_path))
    done = subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(ROOT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = {Path(name).stem for name in archive.namelist() if name.startswith("scraper/patterns/") and name.endswith(".toml")}
    assert held == {pack.name for pack in PACKS}


def test_a_pack_that_is_read_without_its_samples_is_the_same() -> None:
    fields = [field.name for field in dataclasses.fields(Pattern)]
    for whole, bare in zip(builtin_packs(), builtin_packs(trusted=True), strict=True):
        assert (bare.name, bare.after, bare.metrics, bare.samples) == (whole.name, whole.after, whole.metrics, ())
        assert [[getattr(p, f) for f in fields] for p in bare.patterns] == [[getattr(p, f) for f in fields] for p in whole.patterns]
