"""Where pattern packs lie, and reading them: beside the package, in the checkout, in the user's directory, in the project's."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from scraper.errors import PackError
from scraper.parse.check import check_pack
from scraper.parse.packs import Pack, PackSet, parse_pack


def builtin_dir() -> Path:
    """Return the directory of the packs that come with this package: inside a wheel, or beside the package in a checkout."""
    inside = Path(__file__).parent / "patterns"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "patterns"


def user_dirs() -> list[Path]:
    """Return the directories in which a user's own packs are looked for, nearest first."""
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return [Path(".scraper/patterns"), Path(config).expanduser() / "scraper" / "patterns"]


def read_pack(path: Path, *, user: bool) -> Pack:
    """Return the pack in a file. Raises PackError, naming the file, when it cannot be read or is not valid."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: cannot be read: {error}") from None
    return parse_pack(text, str(path), user=user)


@lru_cache(maxsize=1)
def builtin_packs() -> tuple[Pack, ...]:
    """Return the built-in packs. Their samples are checked by the test suite, not at every start."""
    return tuple(read_pack(path, user=False) for path in sorted(builtin_dir().glob("*.toml")))


def load_packs(extra: Iterable[Path | str] = ()) -> PackSet:
    """Return the built-in packs and the user's own, from `extra` files or directories too. A pack of the user's whose samples fail raises PackError."""
    own: list[Pack] = []
    for place in (*map(Path, extra), *(d for d in user_dirs() if d.is_dir())):
        files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
        own += [read_pack(path, user=True) for path in files]
    for pack in own:
        failures = check_pack(pack)
        if failures:
            raise PackError(f"{pack.origin}: " + "\n  ".join(failures))
    return PackSet((*own, *builtin_packs()))
