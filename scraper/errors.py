"""Every error this package raises on purpose.

    ScraperError                  anything below; the command line prints it and exits 1
    ├── UsageError                the request cannot be carried out as asked (exit 2)
    │   └── ConfigError           a setting, file or flag is wrong: names where and the nearest right name
    ├── PackError                 a pattern pack is refused: names file, pattern, sample and how far it got
    ├── StoreError                the database cannot be used
    │   ├── StoreBusyError        another writer held the lock for longer than the busy timeout; nothing was written
    │   ├── StoreFullError        the disk is full or the store is read-only; nothing was written
    │   └── SchemaError           the store was written by a newer version
    ├── SourceError               a log file cannot be read
    │   └── SourceHeldError       another live process ingests this file into this store: names its host and pid
    └── NotFoundError             no such run, metric, experiment or point: names the nearest ones

A message says what went wrong, where, and what to do next.
"""

from __future__ import annotations

import sys


class ScraperError(Exception):
    """Base class; its message says what went wrong, where, and what to do next."""

    exit_code = 1


class UsageError(ScraperError):
    """The request cannot be carried out as asked."""

    exit_code = 2


class ConfigError(UsageError):
    """A setting, configuration file or flag is wrong."""


class PackError(ScraperError):
    """A pattern pack is refused on load."""


class StoreError(ScraperError):
    """The database cannot be used."""


class StoreBusyError(StoreError):
    """Another writer held the lock past the busy timeout; nothing was written and the same call may be made again."""


class StoreFullError(StoreError):
    """The disk is full or the store cannot be written; nothing was written and the same call may be made again."""


class SchemaError(StoreError):
    """The store's schema is newer than this version knows."""


class SourceError(ScraperError):
    """A log file cannot be read."""


class SourceHeldError(SourceError):
    """Another live process already ingests this file into this store."""


class NotFoundError(ScraperError):
    """Nothing stored answers to that name."""


def lacking(error: ModuleNotFoundError) -> str:
    """Say in a sentence which package this Python lacks, and how to give it to it. Raises what is missing of this package itself."""
    package = (error.name or "").partition(".")[0]
    if package in ("", "scraper"):
        raise error
    return f"{sys.executable} lacks the package {package}; install it with: {sys.executable} -m pip install {package}"
