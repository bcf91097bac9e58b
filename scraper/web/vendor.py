"""The chart library, taken from the installed package that ships it and served only if it is byte for byte the release it should be."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from scraper.errors import UsageError

# uPlot 1.6.31 (MIT, github.com/leeoniya/uPlot) as the PyPI package youplot 1.0.0 carries it; the digests are those of the files of
# the same names in uPlot's own release on npm. The package is never imported.
PACKAGE: Final = "youplot"
FILES: Final = {
    "uplot.js": ("vendor/uplot.iife.min.js", "2d27e8ad3d228164525ce213f9dc716f39b4e3aee0cc773fb3491c96cf4921a2"),
    "uplot.css": ("vendor/uplot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
}


def load() -> dict[str, bytes]:
    """Return the library's files by the names they are served under. UsageError when they are missing or not as released."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("the chart library is not installed; install it with: pip install '.[web]'")
    root = Path(next(iter(spec.submodule_search_locations)))
    return {name: _checked(root / path, digest) for name, (path, digest) in FILES.items()}


def _checked(path: Path, digest: str) -> bytes:
    """Return a file's bytes if they have this SHA-256."""
    try:
        found = path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the chart library {path} ({error.strerror}); reinstall it: pip install {PACKAGE}==1.0.0") from error
    if hashlib.sha256(found).hexdigest() != digest:
        raise UsageError(f"{path} is not the chart library's release and is not served; reinstall it: pip install {PACKAGE}==1.0.0")
    return found
