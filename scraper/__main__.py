"""The `scraper` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its status."""
    from scraper.cli import cli  # noqa: PLC0415 - so that `import scraper.__main__` stays free

    sys.exit(cli.main(prog_name="scraper"))


if __name__ == "__main__":
    main()
