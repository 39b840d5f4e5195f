"""Draw the figure of docs/match.md: what is found of a mix of the demo song.

python docs/make_match_picture.py                 write docs/images/match.png
python docs/make_match_picture.py SONG MIX FILE   the same of other stems and their finished mix
"""

from __future__ import annotations

import sys
from pathlib import Path

from mixrules import Stems, load_stems, match, mix
from mixrules.demo import demo_stems
from mixrules.report.song.figures.matched import match_figure
from mixrules.report.song.figures.saving import save_figure

PICTURE = Path(__file__).parent / "images" / "match.png"
RATE = 44_100


def main() -> None:
    """Match, and draw."""
    if len(sys.argv) == 4:
        stems, finished, picture = load_stems(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
        found = match(stems, finished)
    else:
        stems, picture = Stems.from_arrays(demo_stems(RATE), RATE, title="demo"), PICTURE
        found = match(stems, mix(stems).audio)
    save_figure(match_figure(stems, found), picture)
    print(f"wrote {picture}")


if __name__ == "__main__":
    main()
