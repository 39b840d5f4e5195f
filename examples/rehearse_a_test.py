"""Fill a listening test in with made-up listeners, to rehearse its analysis before anybody is invited.

They like one condition better than all others by EFFECT points of the scale from 1 to 5, and every rating scatters
about what they think by SCATTER points. Their ratings go to TEST/rehearsal, apart from those of people in TEST/ratings.

python examples/rehearse_a_test.py [TEST LIKED [LISTENERS]]
"""

import random
import shutil
import sys
from pathlib import Path

from mixrules.demo import write_demo
from mixrules.listening import Key, ListeningTest, RatedPage, Rating, Results
from mixrules.listening.making.request import StimuliRequest
from mixrules.listening.making.stimuli import make_stimuli
from mixrules.systems import parse_systems

OUT = Path(__file__).parent / "out"
EFFECT, SCATTER, BASE = 1.0, 0.8, 2.7
DAY = "2000-01-01T00:00:00Z"


def rated(better: bool, chance: random.Random) -> int:
    """Return a rating from 1 to 5."""
    return min(
        max(round(BASE + EFFECT * better + chance.gauss(0.0, SCATTER)), 1), 5
    )


def session(number: int, test: ListeningTest, key: Key, liked: str) -> Results:
    """Return what one listener says, drawn from the listener's number."""
    chance = random.Random(number)
    pages = []
    for page in key.pages:
        ratings = tuple(
            Rating(
                stimulus_id=stimulus.id,
                attribute=attribute.id,
                value=rated(stimulus.condition == liked, chance),
                seconds_listened=12.0,
            )
            for stimulus in page.stimuli
            for attribute in test.attributes
        )
        order = tuple(stimulus.id for stimulus in page.stimuli)
        pages.append(
            RatedPage(page_id=page.id, order=order, seconds=90.0, ratings=ratings)
        )
    return Results(
        test_id=test.test_id,
        listener_id=f"rehearsal-{number:02d}",
        session_id=f"rehearsal-{number:02d}",
        started=DAY,
        updated=DAY,
        seed=number,
        scale="likert",
        complete=True,
        pages=tuple(pages),
    )


def small_test() -> Path:
    """Make a test of the demo song for those who call this script without one."""
    write_demo(OUT / "stems", overwrite=True)
    shutil.rmtree(OUT / "test", ignore_errors=True)
    request = StimuliRequest(
        systems=parse_systems("none,equal"), seed=1, seconds=5.0, training=False
    )
    return make_stimuli([OUT / "stems"], OUT / "test", request).folder


def main() -> None:
    folder, liked = (
        (Path(sys.argv[1]), sys.argv[2])
        if len(sys.argv) > 2
        else (small_test(), "equal")
    )
    listeners = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    test, key = (
        ListeningTest.load(folder / "site" / "test.json"),
        Key.load(folder / "key.json"),
    )
    (folder / "rehearsal").mkdir(exist_ok=True)
    for number in range(1, listeners + 1):
        results = session(number, test, key, liked)
        (folder / "rehearsal" / f"{results.session_id}.json").write_text(
            results.to_json()
        )
    print(
        f"{listeners} made-up listeners, who like {liked!r} best, rated {folder}: {folder / 'rehearsal'}"
    )


if __name__ == "__main__":
    main()
