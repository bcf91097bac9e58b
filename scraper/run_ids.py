"""What a run is called where nobody else may be called so: made before the store is open, or by the store."""

from __future__ import annotations

import base64
import os
import time
from typing import Final

RUN_ID: Final = r"\d{8}-\d{6}-[0-9a-z]{1,7}-[a-z2-7]{3}"  # what `new_run_id` makes, as a regex


def new_run_id(when: float, git_commit: str = "") -> str:
    """Return `YYYYMMDD-HHMMSS-<git7 or nogit>-<3 base32 characters>` for `when` (seconds since the epoch), in UTC, so ids sort by time."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(when))
    return f"{stamp}-{git_commit[:7] or 'nogit'}-{base64.b32encode(os.urandom(2)).decode().lower()[:3]}"
