"""Reads a line that no pack knows, if it clearly reports progress. Takes what is open above it as given, and changes nothing."""

from __future__ import annotations

import re
from typing import Final

from scraper.parse import pairs, prefixes, reports
from scraper.parse.contexts import Context
from scraper.parse.listings import Listing
from scraper.parse.plans import Found
from scraper.parse.records import BLOCK, GENERIC, HEADER
from scraper.parse.words import phased

# A number that is no part of a word, unless in scripts without blanks, or a count glued to its name; one at the front alone says nothing.
_NUMERIC: Final = re.compile(
    r"[^\x00-\x7f]\d|[^\w./-][-+.]*(?:\d|[nN][aA][nN]|[iI][nN][fF])|[pP]\d|(?i:iter|iteration|num|itr|update|timesteps|round|epoch|batch|idx|episode|trial|no\.?)\d|(?i:epoch|iteration|episode|round)[_-]\d|\bE\d"
)


def read(body: str, prefix: prefixes.Prefix, here: Context, listing: Listing) -> tuple[Found, int, int] | None:
    """Return what the own text of a line says, where that begins and where a second record does; None where it reports nothing."""
    if prefix.is_loud or not _NUMERIC.search(body) or reports.is_statement(body, prefix.indent):
        return None
    if here.listed and (one := pairs.listed(body)):
        return Found(BLOCK, (), (one,)), 0, len(body)
    body = reports.without_settings(body) if "}" in body else body
    scan = pairs.scan(body, logged=prefix.timed or prefix.level != "")
    facts = tuple(scan.facts.items())
    if listing.open and listing.holds(body, [body[slot.start : slot.end] for slot in scan.facts.values()]):
        return None
    above = here.above.phase
    if reports.reports_progress(body, scan):
        phase = scan.phase or ("" if facts else above)
        return Found(GENERIC, facts, tuple((phased(phase, name), slot) for name, slot in scan.pairs)), 0, scan.end
    if reports.is_header(body, scan):
        return Found(HEADER, facts, ()), 0, len(body)
    stated = () if listing.possible else pairs.schedule(body, scan)
    if above and (result := reports.headed_result(body, scan)):
        stated = ((phased(above, result[0]), result[1]),)
    return (Found(GENERIC, () if scan.weak else facts, stated), 0, len(body)) if stated else None
