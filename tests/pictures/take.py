"""Takes the README's picture of the page: the demo wrapped twice into a new store, served, and looked at by Chromium.

    python tests/pictures/take.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from chromium_helpers import browser
from web_helpers import serving
from wrapping import environment, scraper_argv

PICTURE = Path(__file__).with_name("page.png")
WIDTH, HEIGHT = 1200, 466  # pixels


def main() -> None:
    with tempfile.TemporaryDirectory() as kept:
        store = Path(kept, "store.db")
        for words in (["demo", "--fast"], ["rename", "latest", "small"], ["demo"], ["rename", "latest", "large"]):
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.run([*scraper_argv(*words), "--store", str(store)], check=True, cwd=kept, env=environment(), **quiet)
        with serving(store) as site, browser(Path(kept, "profile")) as page:
            page.size(WIDTH, HEIGHT)
            page.open(f"{site.url}/?" + "&".join(f"runs={run['id']}" for run in site.get("/runs").json["runs"]))
            page.until("document.querySelectorAll('.card:not(.loading) canvas').length > 0")
            page.until("[...document.querySelectorAll('.card.loading')].every(card => card.getBoundingClientRect().top > innerHeight)")
            page.picture(PICTURE)


if __name__ == "__main__":
    main()
