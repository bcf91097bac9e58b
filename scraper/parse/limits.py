"""The limits within which lines are read, by the names of the settings that change them; samples of packs are read within these."""

from __future__ import annotations

from typing import Any, Final

LIMITS: Final[dict[str, Any]] = {
    "max_line_bytes": 1_048_576,  # bytes of one printed line
    "pattern_timeout": 0.01,  # seconds of one user pattern on one line
    "pattern_strikes": 5,  # timeouts of one user pattern
}
