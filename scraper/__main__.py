"""The `scraper` command."""

from __future__ import annotations

import errno
import io
import os
import sys

from scraper.errors import lacking
from scraper.text import shown

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def main() -> None:
    """Run the command line and exit with its status."""
    _settle()
    try:
        from scraper.cli import cli  # noqa: PLC0415 - so that `import scraper.__main__` stays free

        sys.exit(cli.main(prog_name="scraper"))
    except ModuleNotFoundError as error:
        sys.exit(f"scraper: {lacking(error)}")
    except OSError as error:
        if isinstance(error.filename, str | bytes):  # a file that no verb expects to fail, as on a filesystem whose server has died
            sys.exit(f"scraper: {shown(os.fsdecode(error.filename))}: {error.strerror}")
        if error.errno not in _UNWRITABLE:
            raise
        # It is standard output. What is left of it is lost, too, and not to be told of once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(f"scraper: cannot write to standard output: {error.strerror}")


def _settle() -> None:
    """Make standard output take whatever is printed: where it was closed, and where its encoding has not all characters."""
    if sys.__stdout__ is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open
    elif isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
