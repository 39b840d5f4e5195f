"""Take the picture of a mix's page for docs/report.md: the demo song's, in the system's Chromium.

python docs/make_report_picture.py     write docs/images/report.png
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from mixrules import Stems, mix, presets
from mixrules.demo import demo_stems
from mixrules.report import write_song_page

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
from simulate_panel import launch

PICTURE = Path(__file__).parent / "images" / "report.png"
RATE = 44_100
WIDTH, HEIGHT = 1180, 820
STEM = "guitar"


def main() -> None:
    """Mix the demo song, write its page, and take what a screen shows of one stem."""
    stems = Stems.from_arrays(demo_stems(RATE), RATE, title="demo")
    rules = presets.load("default")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = write_song_page(Path(folder) / "report.html", stems, mix(stems, rules=rules))
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(page_file.as_uri())
        page.locator(f"section.stem:has(h3:text-is('{STEM}'))").screenshot(path=PICTURE)
        browser.close()
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    main()
