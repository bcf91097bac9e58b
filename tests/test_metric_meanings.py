"""What a metric means follows the pack that found it, in its run; the configuration's word stands above, the glossary's below."""

from __future__ import annotations

from scraper.model import MetricDefinition
from scraper.parse.limits import LIMITS
from scraper.parse.packs import Pack, PackSet, parse_pack
from scraper.parse.parser import Parser

SHARE = """
[pack]
name = "share"
title = "Prints accuracy as a share"
[[pattern]]
name = "line"
regex = "SHARE (?P<accuracy>{NUM}) at (?P<step>{INT})"
[metrics.accuracy]
label = "Share of right answers"
format = "fraction"
[[sample]]
log = "SHARE 0.5 at 1"
points = [{ metric = "accuracy", step = 1, value = 0.5 }]
"""
PERCENT = SHARE.replace("share", "percent").replace("SHARE", "PERCENT").replace("fraction", "percent").replace("Share of", "Percent of")


def packs(*extra: Pack) -> PackSet:
    return PackSet([*extra, *(parse_pack(text, "x.toml", user=True) for text in (SHARE, PERCENT))])


def meanings(log: str, known: PackSet) -> list[MetricDefinition]:
    parser = Parser(known, LIMITS)
    found = [*parser.feed(log.encode(), None).points, *parser.flush(None).points]
    return parser.definitions({point.metric for point in found})


def test_the_pack_that_read_a_metric_says_what_it_means() -> None:
    (share,), (percent,) = meanings("SHARE 0.5 at 1\n", packs()), meanings("PERCENT 50.0 at 1\n", packs())
    assert (share.format, share.label, share.pack) == ("fraction", "Share of right answers", "share")
    assert (percent.format, percent.label, percent.pack) == ("percent", "Percent of right answers", "percent")


def test_lines_that_are_read_by_column_are_of_their_pack_too() -> None:
    log = "".join(f"PERCENT {i / 3:.3f} at {i}\n" for i in range(200))
    assert [one.pack for one in meanings(log, packs())] == ["percent"]


def test_no_pack_speaks_for_a_line_that_it_did_not_read() -> None:
    assert meanings("step 1 accuracy 0.5\nstep 2 accuracy 0.6\n", packs()) == []


def test_the_configuration_is_heard_whichever_pack_read_it() -> None:
    said = MetricDefinition("accuracy", label="Mine")
    known = packs(Pack("configuration", user=True, after=-(1 << 30), metrics=(said,)))
    assert [one.label for one in meanings("SHARE 0.5 at 1\n", known)] == ["Share of right answers", "Mine"]
    assert [one.label for one in meanings("step 1 accuracy 0.5\nstep 2 accuracy 0.6\n", known)] == ["Mine"]


def test_what_was_found_before_a_restart_is_not_said_again() -> None:
    known = packs()
    first = Parser(known, LIMITS)
    first.feed(b"SHARE 0.5 at 1\n", None)
    again = Parser(known, LIMITS, first.save())
    points = again.feed(b"SHARE 0.6 at 2\nPERCENT 50.0 at 3\n", None).points
    assert {point.metric for point in points} == {"accuracy"}
    assert again.definitions(["accuracy"]) == []
