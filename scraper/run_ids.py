"""What a run is called where nobody else may be called so: made before the store is open, or by the store."""

from __future__ import annotations

import base64
import calendar
import os
import time
from typing import Final

RUN_ID: Final = r"\d{8}-\d{6}-[0-9a-z]{1,7}-[a-z2-7]{3}"  # what `new_run_id` makes, as a regex


_STAMP: Final = "%Y%m%d-%H%M%S"


def new_run_id(when: float, git_commit: str = "") -> str:
    """Return `YYYYMMDD-HHMMSS-<git7 or nogit>-<3 base32 characters>` for `when` (seconds since the epoch), in UTC, so ids sort by time."""
    return f"{_stamp(when)}-{git_commit[:7] or 'nogit'}-{base64.b32encode(os.urandom(2)).decode().lower()[:3]}"


def _stamp(when: float) -> str:
    return time.strftime(_STAMP, time.gmtime(when))


def before(run_id: str, seconds: float) -> str:
    """Return what every id made more than `seconds` before this one is less than; "" for an id that says no time, as one imported may."""
    try:
        made = calendar.timegm(time.strptime(run_id[:15], _STAMP))
    except ValueError:
        return ""
    return _stamp(made - seconds)
