"""What `scraper packs` tells of packs, lines and logs, and the pack it writes for a log that nothing reads."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from wrapping import DEADLINE, environment, scraper_argv, until

import scraper
from scraper.cli import cli
from scraper.config import resolve
from scraper.packfiles import builtin_packs
from scraper.parse.check import check_pack, collisions, read_sample
from scraper.parse.explain import explain
from scraper.parse.packs import PackSet, Pattern, parse_pack
from scraper.parse.reach import reach
from scraper.parse.suggest import suggest

LOGS = Path(__file__).parent / "logs"
SETTINGS = resolve(environ={})
ODD = """\
loading blocks 1.2.3
using 4 workers
it 10 | obj 0.5321 | zeta 1.25e-3 | 12.5 tok/s
it 20 | obj 0.4321 | zeta 1.15e-3 | 13.5 tok/s
it 30 | obj 0.3321 | zeta nan | 12.1 tok/s
>> cycle 1 finished <fit=0.8812> <drag=3.25>
it 40 | obj -0.2321 | zeta 1.05e-3 | 12.5 tok/s
>> cycle 2 finished <fit=0.9012> <drag=2.25>
>> cycle 3 finished <fit=0.9212> <drag=1.25>
"""
TABLE = """\
 round    gain  drift    ETA
 -----  ------  -----  -----
     1  0.5000   1.25  0.10s
     2  0.6000   1.15  0.10s
     4  0.7000   1.05  0.20s
"""
BOX = """\
====================
| run/     |       |
|    gain  | {gain} |
|    ticks | {ticks} |
====================
"""


@pytest.fixture(autouse=True)
def _own_packs_only_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def packs(*words: str, color: bool = False, text: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["packs", *words], color=color, input=text)


def told(*words: str) -> Any:
    result = packs(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def suggested(log: str, used: PackSet | None = None) -> tuple[str, PackSet]:
    """Return the TOML suggested for a log, and the packs to read with once it is in use. It passes its own check."""
    known = used or PackSet(builtin_packs())
    found = suggest(known, SETTINGS, [log.encode()], name="mine", origin="odd.log")
    if not found.text:
        return "", known
    pack = parse_pack(found.text, "mine.toml", user=True)
    assert check_pack(pack) == []
    return found.text, PackSet((pack, *known.packs))


def values(used: PackSet, log: str) -> list[tuple[str, int | None, str]]:
    return [(p.metric, p.step, f"{p.value:g}") for p in read_sample(used, log)]


# --- list and check


def test_list_names_every_pack_in_the_order_of_trying_and_where_the_users_own_come_from() -> None:
    folder = Path(".scraper/patterns")
    folder.mkdir(parents=True)
    text, _ = suggested(ODD)
    (folder / "mine.toml").write_text(text)
    listed = told("list")
    assert (listed[0]["name"], listed[0]["origin"]) == ("mine", ".scraper/patterns/mine.toml")
    assert {pack.name for pack in builtin_packs()} == {pack["name"] for pack in listed if not pack["user"]}
    assert re.search(r"^mine +\d+ +mine +\.scraper/patterns/mine\.toml$", packs("list").output, re.MULTILINE)


def test_list_shows_the_others_and_fails_when_one_of_the_users_packs_is_invalid() -> None:
    folder = Path(".scraper/patterns")
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("name = [")
    result = packs("list")
    assert result.exit_code == 1
    assert "nanogpt" in result.output
    assert "broken.toml:1: not valid TOML" in result.output


def test_in_which_order_packs_come_changes_nothing() -> None:
    backwards = builtin_packs()[::-1]
    assert collisions(backwards[0], backwards) == []  # reads the samples of all of them with all of them; forwards is in test_packs


def test_check_without_files_checks_the_users_own() -> None:
    assert packs("check").exit_code == 2
    folder = Path(".scraper/patterns")
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text(suggested(ODD)[0])
    result = packs("check")
    assert result.exit_code == 0
    assert "ok .scraper/patterns/mine.toml: pack mine" in result.output


@pytest.mark.parametrize(
    ("key", "value", "said"), [("tier", "foo", 'tier is one of "primary"'), ("format", "banana", 'format is one of "float"')]
)
def test_check_refuses_words_for_a_metric_that_mean_nothing(key: str, value: str, said: str) -> None:
    text = suggested(ODD)[0]
    Path("mine.toml").write_text(f'{text}\n[metrics."zeta"]\n{key} = "{value}"\n')
    result = packs("check", "mine.toml")
    assert (result.exit_code, said in result.output) == (1, True), result.output


# --- how far a regex gets


@pytest.mark.parametrize(
    ("source", "line", "matched", "todo"),
    [
        (r"^iter (?P<step>{INT}): loss (?P<loss>{NUM}), time", "iter 10: loss 2.5; time", "iter 10: loss 2.5", ", time"),
        (r"^(?P<step>{INT})/\d{2,3} a[b)]+c", "10/250 a)bd", "10/250 a)b", "c"),
        (r"x=(?P<x>{NUM}) y|x=(?P<x2>{NUM}) z=(?P<z>{NUM})", "x=1 z=?", "x=1 z=", "(?P<z>{NUM})"),
        (r"(?:a|b(?:c|d))+ end", "abcbd stop", "abcbd ", "end"),
        (r"\(\[(?P<x>{NUM})\]\)!", "([1.5])?", "([1.5])", "!"),
    ],
)
def test_the_longest_matching_beginning_of_a_regex_is_found(source: str, line: str, matched: str, todo: str) -> None:
    got = reach(Pattern("mine", "p", source=source), line)
    assert (got.matched, got.todo) == (matched, todo)


def test_how_far_a_runaway_regex_gets_is_told_in_bounded_time() -> None:
    assert reach(Pattern("mine", "p", source=r"^(\w|\w\w)*$"), "a" * 60 + "!").part < 1


# --- explain


def test_explain_tells_the_prefix_the_winner_the_values_and_the_origin_of_the_step() -> None:
    result = packs("explain", "[rank1]: 2026-01-02 10:00:00 INFO step 250: train loss 1.5, val loss 2.25")
    assert "taken off: '[rank1]: 2026-01-02 10:00:00 INFO ' (rank=1, level info, a time)" in result.output
    assert "read by nanogpt:eval: facts step=250; values train loss=1.5, val loss=2.25" in result.output
    assert "val loss = 2.25 rank=1 at step 250: printed in the line" in result.output


def test_explain_ranks_the_patterns_that_nearly_match_first() -> None:
    tries = told("explain", "iter 10: loss 2.31, 34 ms")["tries"]
    near = max(tries, key=lambda one: one["part"])
    assert near["pattern"] == "nanogpt:iter"
    assert "matches up to 'iter 10: loss 2.31, ', then wants time " in near["why"]


def test_explain_of_a_line_in_a_log_knows_what_was_printed_around_it() -> None:
    Path("a.log").write_text("Epoch 3/9\nbatch 7 of it\nval_loss: 0.25\n")
    (point,) = told("explain", "--log", "a.log", "--line", "3")["points"]
    assert (point["metric"], point["epoch"], point["step_kind"]) == ("val_loss", 3, "epoch")
    assert point["origin"] == "no step is printed; its epoch is that of line 1: Epoch 3/9"
    assert told("explain", "a.log", "--line", "3")["points"] == [point]
    assert packs("explain", "a.log").output == packs("explain", "--log", "a.log").output
    assert "nothing read it" in packs("explain", "b.log").output
    assert "nothing read it" in packs("explain", "b" * 5000).output


def test_explain_reads_on_until_the_line_has_its_step_from_the_bar_below() -> None:
    log = LOGS / "hf_trainer_v5" / "pipe.log"
    number = 1 + log.read_bytes()[: log.read_bytes().index(b"{'loss'")].count(b"\n")
    found = told("explain", "--log", str(log), "--line", str(number))
    assert {point["step_kind"] for point in found["points"]} == {"bar"}
    assert all("progress bar" in point["origin"] for point in found["points"])


def test_explain_says_that_a_row_belongs_to_a_box_and_where_it_opened() -> None:
    log = LOGS / "sb3_ppo" / "pipe.log"
    rows = [i for i, line in enumerate(log.read_text().splitlines(), 1) if "total_timesteps" in line]
    found = told("explain", "--log", str(log), "--line", str(rows[0]))
    assert found["read_by"] == ["stable-baselines3:box"]
    assert 0 < found["opened_by_line"] < rows[0]


def test_explain_says_why_nothing_reads_a_line() -> None:
    for line, why in (
        ("config: lr=0.1 loss=0.5", "reads like a configuration"),
        ("WARNING: loss=0.5 at step 3", "its level is warning"),
        ("12 files in 3 folders", "no number stands behind a name"),
    ):
        found = told("explain", line)
        assert (found["read_by"], found["points"]) == ([], [])
        assert why in found["generic"]


def test_explain_names_a_group_that_holds_no_number() -> None:
    result = packs("explain", "drag: many", "--pattern", r"drag: (?P<drag>\S+)")
    assert "cli:1 matches, but its group 'drag' holds 'many', which is no number: write (?P<drag>{NUM})" in result.output


def test_check_names_a_group_that_holds_no_number() -> None:
    sample = '[[sample]]\nlog = "drag: many\\n"\npoints = [{metric = "drag", value = 5}]\n'
    Path("mine.toml").write_text(f"[pack]\nname = 'mine'\n[[pattern]]\nname = 'p'\nregex = 'drag: (?P<drag>\\w+)'\n{sample}")
    result = packs("check", "mine.toml")
    assert result.exit_code == 1
    assert "read nothing: its group 'drag' holds 'many', which is no number: write (?P<drag>{NUM})" in result.output


def test_explain_says_that_a_bar_had_moved_on_before_the_line_came_through_its_pipe() -> None:
    log = LOGS / "hf_trainer_v5" / "pipe.log"
    number = 1 + log.read_bytes()[: log.read_bytes().index(b"{'eval_loss")].count(b"\n")
    assert "at 28 steps an epoch where that had moved on" in packs("explain", "--log", str(log), "--line", str(number)).output
    assert "24 states of lines that were redrawn are counted below" in packs("explain", "--log", str(log)).output


def test_explain_agrees_with_what_reads_each_line() -> None:
    used = PackSet(builtin_packs())
    for name in ("nanogpt", "keras_verbose2", "xgboost", "mmengine"):
        data = (LOGS / name / "pipe.log").read_bytes()
        found = explain(used, SETTINGS, [data], data.count(b"\n"))
        assert found is not None
        readers = {pattern.id for pattern in found.line.patterns if pattern.pack != "generic"}
        assert {t.pattern.id for t in found.tries if t.outcome == "read"} == readers


def test_explain_reads_what_the_parser_reads_in_any_encoding() -> None:
    Path("wide.log").write_bytes("Epoch 1 loss: 0.5\r\nEpoch 2 loss: 0.25\r\n".encode("utf-16"))
    found = told("explain", "--log", "wide.log", "--line", "2")
    assert [(p["metric"], p["epoch"], p["value"]) for p in found["points"]] == [("loss", 2, 0.25)]


def test_explain_takes_the_lines_of_a_traceback_for_what_they_are() -> None:
    code = '  File "train.py", line 10, in step\n    step 3 loss = 0.25\nValueError: epoch 3 loss: 0.75\n'
    Path("died.log").write_text(f"Epoch 1 loss: 0.5\nTraceback (most recent call last):\n{code}")
    for number in ("4", "5"):
        found = told("explain", "--log", "died.log", "--line", number)
        assert (found["points"], found["generic"]) == ([], "not asked: the line belongs to a traceback")


def test_explain_of_a_whole_log_tells_what_read_it_and_what_was_left() -> None:
    Path("odd.log.gz").write_bytes(gzip.compress(ODD.encode() + b"iter 3: loss 0.5, time 1.00ms\n"))
    found = told("explain", "--log", "odd.log.gz")
    assert (found["lines"], found["matched"]) == (10, 5)
    assert ["nanogpt:iter"] in [kind["readers"] for kind in found["read"]]
    assert any("using 4 workers" in kind["example"] for kind in found["unread"])
    assert "packs suggest" in packs("explain", "--log", "odd.log.gz").output


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "give a LINE"),
        (["x", "--line", "3"], 2, "give a LINE"),
        (["--log", "empty.log"], 1, "is empty"),
        (["--log", "none.log"], 1, "No such file"),
        (["--log", "."], 2, "a directory"),
        (["--log", "binary"], 1, "a binary file"),
        (["--log", "short.log", "--line", "7"], 2, "has no line 7"),
    ],
)
def test_what_cannot_be_explained_is_refused_in_a_line(words: list[str], status: int, said: str) -> None:
    Path("binary").write_bytes(b"\x7fELF" + bytes(range(256)) * 8)
    Path("short.log").write_text("loss 1\n")
    Path("empty.log").touch()
    result = packs("explain", *words)
    assert (result.exit_code, said in result.output) == (status, True), result.output


# --- test


def test_test_shows_values_in_colours_on_a_terminal_counts_them_and_lists_what_was_missed() -> None:
    Path("a.log").write_text("iter 1: loss 0.5, time 1.00ms\nhello 5\nepoch 3 val_loss: 0.25\niter 2: loss nan, time 1.00ms\n")
    result = packs("test", "nanogpt", "a.log", color=True)
    assert f"{click.style('0.5', fg='green', bold=True)}, time {click.style('1.00', fg='cyan', bold=True)}ms" in result.output
    plain = packs("test", "nanogpt", "a.log").output
    assert "\x1b" not in plain
    assert "     1  iter 1: loss 0.5, time 1.00ms\n     4  iter 2: loss nan, time 1.00ms\n" in plain
    assert "2 of 4 lines of a.log matched by nanogpt" in plain
    assert re.search(r"^loss +2 +0\.5 +NaN +step 2, epoch 3$", plain, re.MULTILINE)
    assert "1 lines look like metrics and were not matched, first:\n     3  epoch 3 val_loss: 0.25" in plain


def test_test_takes_a_file_and_standard_input_and_never_counts_what_the_reader_without_a_pack_finds() -> None:
    Path("mine.toml").write_text(suggested(ODD)[0])
    result = packs("test", "mine.toml", "-", "--json", text=ODD.encode() + b"step 3 val_loss=0.5\n")
    found = json.loads(result.output)
    assert found["matched"] == 7
    assert "val_loss" not in found["metrics"]
    assert [line["text"] for line in found["first_missed"]] == ["step 3 val_loss=0.5"]


def test_test_names_the_nearest_pack_to_an_unknown_one() -> None:
    result = packs("test", "nanogp", "a.log")
    assert (result.exit_code, "did you mean 'nanogpt'?" in result.output) == (1, True)


# --- suggest


def test_suggest_writes_a_pack_that_passes_its_check_and_reads_the_log() -> None:
    _, used = suggested(ODD)
    found = values(used, ODD)
    objectives = [(10, "0.5321"), (20, "0.4321"), (30, "0.3321"), (40, "-0.2321")]
    assert [(step, value) for metric, step, value in found if metric == "obj"] == objectives
    assert ("zeta", 30, "nan") in found
    assert [(step, value) for metric, step, value in found if metric == "drag"] == [(1, "3.25"), (2, "2.25"), (3, "1.25")]


def test_suggest_finds_tables_by_their_header() -> None:
    text, used = suggested(TABLE)
    assert 'kind = "table"' in text
    assert values(used, TABLE) == [
        ("gain", 1, "0.5"), ("drift", 1, "1.25"), ("gain", 2, "0.6"), ("drift", 2, "1.15"), ("gain", 4, "0.7"), ("drift", 4, "1.05"),
    ]  # fmt: skip


def test_suggest_finds_boxes_by_their_rules() -> None:
    log = "".join(BOX.format(gain=f"{i / 4:5}", ticks=f"{i * 10:5}") for i in range(1, 5))
    text, used = suggested(log, PackSet(pack for pack in builtin_packs() if pack.name != "stable-baselines3"))
    assert 'kind = "box"' in text
    assert ("run/gain", 20, "0.5") in values(used, log)


def test_suggest_finds_boxes_whose_rules_have_corners() -> None:
    """As rich draws them: what is below the names is a box, and what closes it is a rule as well."""
    box = """\
┏━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ Quantity    ┃ Reading   ┃
┡━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│ gain        │ {gain}  │
│ tick_count  │ {ticks}     │
└─────────────┴───────────┘
"""
    log = "".join(box.format(gain=f"{i / 4:7.4f}", ticks=f"{i * 10:4}") for i in range(1, 5))
    text, used = suggested(log)
    assert 'kind = "box"' in text
    assert ("gain", 20, "0.5") in values(used, log)


def test_suggest_takes_the_lines_that_are_read_without_a_step_where_it_finds_one() -> None:
    log = "".join(f"[{i}]\ttrain-error:{1 / i:.3f}\teval-error:{2 / i:.3f}\n" for i in range(1, 9))
    _, used = suggested(log, PackSet([]))
    assert values(used, log)[:3] == [("train-error", 1, "1"), ("eval-error", 1, "2"), ("train-error", 2, "0.5")]


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("xgboost", "boosting"), ("lightgbm", "boosting"), ("catboost", "boosting"), ("spacy", "tables"), ("skorch", "tables"),
        ("sb3_ppo", "stable-baselines3"), ("sb3_dqn", "stable-baselines3"), ("optuna", "optuna"), ("pytorch_imagenet", "pytorch-examples"),
        ("nanogpt", "nanogpt"), ("hf_trainer_v4", "huggingface"), ("hf_trainer_v5", "huggingface"), ("trl_grpo", "huggingface"),
        ("keras_verbose1", "keras"), ("keras_verbose2", "keras"),
    ],
)  # fmt: skip
def test_suggest_recovers_what_the_matching_pack_reads_of_a_real_log(name: str, pack: str) -> None:
    log = (LOGS / name / "pipe.log").read_text()
    wanted = [(p.step, p.value) for p in read_sample(PackSet(builtin_packs()), log) if p.value == p.value]
    _, used = suggested(log, PackSet(other for other in builtin_packs() if other.name != pack))
    found = {(p.step, p.value) for p in read_sample(used, log)}
    assert sum(point in found for point in wanted) >= 0.9 * len(wanted)


@pytest.mark.parametrize(
    "line",
    [
        "x'''{i} gain=0.{i}5",
        'say "{i}" gain=0.{i}5 \\ (a|b)',
        "größe{{{i}}} gain=0.{i}5",
        "{i}\tgain: 0.{i}5\tdrag: 0.{i}'",
        "100% gain=0.{i}5 #{i}",
    ],
)
def test_suggest_writes_valid_toml_whatever_the_log_holds(line: str) -> None:
    log = "".join(line.format(i=i) + "\n" for i in range(1, 6))
    text, used = suggested(log, PackSet([]))
    assert "[[pattern]]" in text
    assert len(read_sample(used, log)) >= 5


def test_suggest_takes_the_word_in_front_of_a_mark_for_a_name() -> None:
    log = "".join(f"@@ {i} ~ gain<{i / 8}> drag({i}.5) x-{i}.bin\n" for i in range(1, 6))
    _, used = suggested(log, PackSet([]))
    assert values(used, log)[:4] == [("gain", 1, "0.125"), ("drag", 1, "1.5"), ("gain", 2, "0.25"), ("drag", 2, "2.5")]


ASIDES = {
    "files": "{i} files in /data/part-{i}.bin",
    "a setting": "config: lr=0.1, drop=0.{i}",
    "an end": "epoch {i} of 9 ends at 12:30:10",
    "settings": "trainer: amp=True, angle=1.{i}, cache=False, batch=4, iou=0.{i}, mode=train, resume=False",
    "layers": "{i}   -1  1    464{i}  net.modules.conv.Conv  [3, {i}6, 3, 2]",
    "a model": "(block{i}): Linear(in_features=64, out_features=128)",
    "checkpoints": "Calling listeners before saving checkpoint {i}0...",
    "a sentence of a callback": "Epoch {i}: LearningRateScheduler setting learning rate to 0.{i}",
    "what is best so far": "Epoch {i}: gain did not improve from 0.{i}5",
    "a rate without a place": "{i}/12 0s {i}ms/step",
    "numbered layers": "        ({i}): MaxPool2d(kernel_size={i}, stride=1, padding={i}.5)",
    "a process and its file": "[step={i}000] starting to save in thread=save_finalize (24859{i}9:saver.py:390)",
    "sizes": "written to the shared volume (total bytes: 12.{i} GiB)",
    "how long it took": "Predicting ended, total time: 8.{i} s",
    "when it began": "saver: {{'began': 15585717{i}0.347, 'ended': 155857178{i}.5}}",
    "who joined": "discovered settings of world_rank={i}, local_rank={i}, node_rank={i}",
    "what remains": "{i}/4epoch started. Estimated time to finish: 1.{i} seconds",
    "words counted": "EPOCH {i}: training on 36000 raw words ({i}2552 effective words) took 0.1s",
    "a command's arguments": "Binding: ['numactl', '--node={i}', '--share=0.{i}', 'python']",
    "a meter of another kind": "Progress on: {i}.00kit/200kit rate:6.{i}s/it postfix:-",
    "what a worker did": "dataloader: worker {i} fetched shard 9{i} of 4096 in 6{i} ms",
}


@pytest.mark.parametrize("line", ASIDES.values(), ids=list(ASIDES))
def test_suggest_has_nothing_for_settings_sentences_and_lists(line: str) -> None:
    log = "".join(line.format(i=i) + "\n" for i in range(1, 6))
    found = suggest(PackSet(builtin_packs()), SETTINGS, [log.encode()], name="mine", origin="x")
    assert found.text == ""


def test_suggest_has_nothing_for_what_is_set_to_one_of_two_values_again_and_again() -> None:
    log = "".join(f"epsilon : {'1e-05' if i % 3 else '0.1'}\n" for i in range(40))
    assert suggest(PackSet(builtin_packs()), SETTINGS, [log.encode()], name="mine", origin="x").text == ""


def test_suggest_has_nothing_for_listings_of_settings() -> None:
    log = "Configuration:\n" + "".join(f"  task_{i}:\n    precision: 0.1\n    max_steps: 72\n    ctrl_cost: 0.001\n" for i in range(1, 6))
    assert suggest(PackSet(builtin_packs()), SETTINGS, [log.encode()], name="mine", origin="x").text == ""


@pytest.mark.parametrize("clocks", [("1:30:19", "1:8:52", "0:41:1"), ("1399999999", "1400000001", "1400000002")])
def test_suggest_takes_lines_whose_clocks_change_their_width(clocks: Sequence[str]) -> None:
    log = "".join(f"@@ [{i}] [eta: {clock}] gain<0.{i}5> zeta<{i}.5>\n" for i, clock in enumerate(clocks * 3, 1))
    _, used = suggested(log, PackSet([]))
    assert values(used, log)[:4] == [("gain", 1, "0.15"), ("zeta", 1, "1.5"), ("gain", 2, "0.25"), ("zeta", 2, "2.5")]


def test_suggest_takes_a_letter_that_begins_its_lines_and_counts_up_for_the_step() -> None:
    log = "".join(f"s:{i * 128} tel:{9 / (i + 1):.5f}\n" for i in range(6))
    _, used = suggested(log, PackSet([]))
    assert values(used, log)[:3] == [("tel", 0, "9"), ("tel", 128, "4.5"), ("tel", 256, "3")]


def test_suggest_takes_the_epoch_of_a_value_from_the_dict_beside_it() -> None:
    line = '@@ {at}.347 eval_accuracy: {{"value": 0.{i}25, "metadata": {{"epoch_num": {e}, "file": "train.py", "lineno": 389}}}}\n'
    log = "".join(line.format(at=1558571730 + i, i=i, e=i * 4) for i in range(1, 6))
    _, used = suggested(log, PackSet([]))
    assert [(p.metric, p.epoch, p.value) for p in read_sample(used, log)][:2] == [
        ("eval_accuracy/value", 4, 0.125),
        ("eval_accuracy/value", 8, 0.225),
    ]


def test_suggest_makes_the_summary_of_an_epoch_wait_for_no_bar() -> None:
    """Only what tells an epoch to a fraction is printed in front of the bar that says its step."""
    bar = "".join(f"\r{n * 50}%|{'#####' * n:10}| {n}/2 [00:0{n}<00:0{2 - n}, 1.0it/s]" for n in range(3)) + "\n"
    log = "".join(f"{bar}EPOCH {i} done: zeta<0.{i}45> - gain<0.1{i}>\n" for i in range(1, 6))
    text, used = suggested(log)
    assert "wait = true" not in text
    assert ("zeta", 0.345) in {(p.metric, p.value) for p in read_sample(used, log) if p.epoch == 3}


def test_suggest_leaves_out_the_settings_of_a_trial_the_best_so_far_and_clocks() -> None:
    lines = (f"{i}: gain: 0.{i}5 best: 0.95 ({i}) total: {i}.5ms params: {{'depth': {i}, 'rate': 0.{i}}}\n" for i in range(1, 6))
    _, used = suggested("".join(lines), PackSet([]))
    assert values(used, "1: gain: 0.15 best: 0.95 (1) total: 1.5ms params: {'depth': 1, 'rate': 0.1}\n") == [("gain", 1, "0.15")]


def test_suggest_takes_the_name_behind_a_number_that_begins_its_line() -> None:
    log = "".join(f"\t0.8{i}\t = Validation score   (accuracy)\n\t0.{i}s\t = Training   runtime\n" for i in range(1, 6))
    _, used = suggested(log, PackSet([]))
    assert [(metric, value) for metric, _, value in values(used, log)] == [("Validation score", f"0.8{i}") for i in range(1, 6)]


def test_suggest_takes_a_header_only_where_it_stands_among_the_lines_that_need_it() -> None:
    stages = "".join(f"Stage {i} of the preparation\n" for i in range(1, 5))
    rounds = "".join(f"== Cycle {i} ==\n zeta<0.{i}5>\n" for i in range(1, 5))
    text, used = suggested(stages + rounds)
    assert "Stage" not in text.partition("# Near misses")[0]
    assert values(used, stages + rounds) == [("zeta", i, f"0.{i}5") for i in range(1, 5)]


def test_suggest_keeps_each_sample_by_its_pattern_and_shows_the_nearest_lines_that_must_give_nothing() -> None:
    text, _ = suggested(ODD + "it was 5 when we began\n")
    assert re.findall(r"^\[\[(\w+)\]\]$", text, re.MULTILINE)[:4] == ["pattern", "sample", "pattern", "sample"]
    assert "it was 5 when we began" in text.partition("# Near misses")[2]
    assert '# Not told by their names: obj, zeta, fit, drag. For each that matters:\n# [metrics."' in text


def test_suggest_writes_a_file_once_and_check_and_test_take_it() -> None:
    Path("odd.log").write_text(ODD)
    assert packs("suggest", "odd.log", "--out", "mine.toml").exit_code == 0
    assert packs("suggest", "odd.log", "--out", ".scraper/patterns/odd.toml").exit_code == 0
    Path(".scraper/patterns/odd.toml").unlink()
    assert packs("suggest", "odd.log", "--out", "mine.toml").exit_code == 2
    assert packs("check", "mine.toml").exit_code == 0
    assert "7 of 9 lines of odd.log matched by mine" in packs("test", "mine.toml", "odd.log").output
    Path("quiet.log").write_text("hello\n")
    assert packs("suggest", "quiet.log").exit_code == 1


# --- one-off patterns


def test_a_pattern_on_the_command_line_reads_with_the_packs(tmp_path: Path) -> None:
    Path("a.log").write_text("tick 10 zap=0.5\niter 3: loss 0.25, time 1.00ms\n")
    words = ["--once", "--store", "s.db", "--pattern", "tick (?P<step>{INT}) zap=(?P<zap>{NUM})", "a.log"]
    result = CliRunner().invoke(cli, ["tail", "--pattern", "tock (?P<tock>{NUM})", *words])
    assert result.exit_code == 0
    assert "the pattern cli:1 read no line" in result.output
    assert "cli:2" not in result.output
    with scraper.open(tmp_path / "s.db") as database:
        run = database.run("latest")
        assert [list(run.series(metric).steps) for metric in ("zap", "loss")] == [[10], [3]]


def test_a_pattern_on_the_command_line_reads_a_wrapped_command(tmp_path: Path) -> None:
    flags = ["--store", "s.db", "--pattern", "tick (?P<step>{INT}) zap=(?P<zap>{NUM})"]
    argv = scraper_argv("run", *flags, "--", "echo", "tick 10 zap=0.5")
    done = subprocess.run(argv, env=environment(XDG_CONFIG_HOME=str(tmp_path)), capture_output=True, check=False, timeout=DEADLINE)
    assert (done.returncode, done.stdout) == (0, b"tick 10 zap=0.5\n")
    until(lambda: next(iter(tmp_path.glob("runs/*/summary.json")), None), "the scraper is done")
    with scraper.open(tmp_path / "s.db") as database:
        assert list(database.run("latest").series("zap").steps) == [10]
