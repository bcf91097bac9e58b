"""Where pattern packs lie, and reading them: beside the package, in the checkout, in the user's directory, in the project's.

A pack of the user's takes the place of a built-in one of its name; one that is not valid is refused, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from scraper.config import METRIC, converted, there, user_dirs
from scraper.errors import ConfigError, PackError
from scraper.model import MetricDefinition
from scraper.nearest import nearest
from scraper.parse.check import check_pack
from scraper.parse.packs import Pack, PackSet, Pattern, compile_regex, parse_pack

ONE_OFF = "cli"  # the pack that patterns given on the command line make up


def builtin_dir() -> Path:
    """Return the directory of the packs that come with this package: inside a wheel, or beside the package in a checkout."""
    inside = Path(__file__).parent / "patterns"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "patterns"


def read_pack(path: Path, *, user: bool, trusted: bool = False) -> Pack:
    """Return the pack in a file. Raises PackError, naming the file, when it cannot be read or is not valid; `trusted` as `parse_pack`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise PackError(f"{path}: is not UTF-8 text, at byte {error.start}; TOML is always UTF-8") from None
    pack = parse_pack(text, str(path), user=user, trusted=trusted)
    if not trusted:
        _check_meanings(pack)
    return pack


def _check_meanings(pack: Pack) -> None:
    """Refuse words for a metric that have no meaning, as the configuration does: PackError."""
    for definition in pack.metrics:
        for setting in METRIC:
            value = getattr(definition, setting.name)
            if value != setting.default:
                try:
                    converted(setting, value, f'{pack.origin}: [metrics."{definition.metric}"]')
                except ConfigError as error:
                    raise PackError(str(error)) from None


@lru_cache(maxsize=2)
def builtin_packs(*, trusted: bool = False) -> tuple[Pack, ...]:
    """Return the built-in packs, by default with their samples; `trusted` as `parse_pack`, for they are checked by the test suite."""
    return tuple(read_pack(path, user=False, trusted=trusted) for path in sorted(builtin_dir().glob("*.toml")))


def user_packs(extra: Iterable[Path | str] = ()) -> list[Pack]:
    """Return the user's packs from `extra` files or directories and from `user_dirs`; of several with one name the nearest.

    Raises PackError when one is not valid, or two of one directory have one name. Runs no samples.
    """
    named: dict[str, Pack] = {}
    for place in (*map(Path, extra), *there(user_dirs())):
        here: dict[str, Pack] = {}
        for path in sorted(place.glob("*.toml")) if place.is_dir() else [place]:
            pack = read_pack(path, user=True)
            if pack.name in here:
                raise PackError(f"{pack.origin}: {here[pack.name].origin} has the name {pack.name!r} too; rename one of the packs")
            here[pack.name] = pack
        named = {**here, **named}
    return list(named.values())


def load_packs(extra: Iterable[Path | str] = (), patterns: Sequence[str] = (), metrics: Sequence[MetricDefinition] = ()) -> PackSet:
    """Return the packs to read with: the built-in ones, the user's own, and one of the one-off `patterns`.

    The user's come also from `extra` files or directories; `metrics` are what a configuration says of metrics, which comes before
    what packs say. Raises PackError when a pack of the user's is not valid or its samples fail.
    """
    own = checked_packs(extra, patterns)
    if metrics:
        own.insert(0, Pack("configuration", user=True, after=-(1 << 30), metrics=tuple(metrics)))
    taken = {pack.name for pack in own}
    return PackSet((*own, *(pack for pack in builtin_packs(trusted=True) if pack.name not in taken)))


def checked_packs(extra: Iterable[Path | str] = (), patterns: Sequence[str] = ()) -> list[Pack]:
    """Return the user's own packs and that of the one-off `patterns`, the built-in ones not even read. Raises as `load_packs`."""
    own = user_packs(extra)
    for pack in own:
        if failures := check_pack(pack):
            raise PackError("\n  ".join([*failures, f"try it with: scraper packs check {pack.origin}"]))
    if patterns:
        own.append(one_off(patterns))
    return own


def one_off(patterns: Sequence[str]) -> Pack:
    """Return a pack of regexes of the command line and the configuration, named cli:1 and so on. PackError when one is not valid."""
    made = []
    for number, source in enumerate(patterns, 1):
        check_one_off(source, f"pattern {ONE_OFF}:{number}")
        made.append(Pattern(ONE_OFF, str(number), source=source, user=True))
    return Pack(ONE_OFF, "Patterns from the command line", origin="--pattern", user=True, after=-1, patterns=tuple(made))


def check_one_off(source: str, where: str) -> None:
    """Refuse a regex that is no pattern by itself: PackError, whose message begins with `where`."""
    if not compile_regex(source, where).groupindex:
        raise PackError(f"{where}: it names no metric; put one around its number, like 'loss=(?P<loss>{{NUM}})'\n  {source}")


def find_pack(named: str, extra: Iterable[Path | str] = ()) -> Pack:
    """Return a pack by its name, or from a file. A pack of the user's comes before a built-in one; PackError when there is none.

    The user's come also from `extra` files or directories.
    """
    path = Path(named)
    if path.suffix == ".toml" or "/" in named:
        return read_pack(path, user=not is_builtin(path))
    packs = {pack.name: pack for pack in (*builtin_packs(), *user_packs(extra))}
    if named not in packs:
        raise PackError(f"no pack is called {named!r}{nearest(named, sorted(packs))}; see scraper packs list, or give a .toml file")
    return packs[named]


def is_builtin(path: Path) -> bool:
    """Whether a file is one of the packs that come with this package."""
    return path.resolve().parent == builtin_dir().resolve()
