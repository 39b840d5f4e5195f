"""Simulated panels with known preferences, as a test's folder: key, definition and one file a session."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from mixrules.listening import Attribute, Key, KeyPage, KeyStimulus, ListeningTest, Page, Scale, Stimulus
from mixrules.listening.format.defaults import QUESTIONS

TEST_ID = "00112233445566aa"
ATTRIBUTES = (Attribute(id="level_balance", label="Level balance"), Attribute(id="overall", label="Overall"))


def stimulus_id(song: int, condition: int) -> str:
    return f"{0xA0000000 + song * 256 + condition:012x}"


def page_of(song: int, conditions: int, **more: Any) -> Page:
    stimuli = tuple(
        Stimulus(id=stimulus_id(song, c), file=f"audio/{stimulus_id(song, c)}.wav") for c in range(conditions)
    )
    return Page(**{"id": f"page-{song + 1:02d}", "label": f"Song {song + 1}", "stimuli": stimuli} | more)


def definition(kind: str = "likert", *, conditions: int = 3, songs: int = 2) -> ListeningTest:
    pages = [page_of(song, conditions) for song in range(songs)]
    pages.append(page_of(0, conditions, id="page-99", repeat_of="page-01"))
    return ListeningTest(
        test_id=TEST_ID,
        title="Which mix?",
        seed=1,
        scale=Scale(kind=kind),  # type: ignore[arg-type]
        attributes=ATTRIBUTES,
        questions=QUESTIONS,
        pages=tuple(pages),
    )


def key_of(test: ListeningTest, names: tuple[str, ...]) -> Key:
    pages = tuple(
        KeyPage(
            id=page.id,
            song=f"song of {page.repeat_of or page.id}",
            repeat_of=page.repeat_of,
            stimuli=tuple(
                KeyStimulus(id=s.id, condition=n) for s, n in zip(page.stimuli, names, strict=True)
            ),
        )
        for page in test.pages
    )
    return Key(test_id=test.test_id, pages=pages)


def write_test(folder: Path, test: ListeningTest, names: tuple[str, ...]) -> None:
    (folder / "site").mkdir(parents=True)
    (folder / "ratings").mkdir()
    (folder / "site" / "test.json").write_text(test.to_json())
    (folder / "key.json").write_text(key_of(test, names).to_json())


def session(test: ListeningTest, listener: str, value: Any, **more: Any) -> dict[str, Any]:
    """One listener's document; `value(page, place of the stimulus, attribute)` gives each rating."""
    pages = [
        {
            "page_id": page.id,
            "order": [s.id for s in page.stimuli],
            "seconds": 40.0,
            "ratings": [
                {"stimulus_id": s.id, "attribute": a.id, "value": value(page, i, a.id)}
                for i, s in enumerate(page.stimuli)
                for a in test.attributes
            ],
        }
        for page in test.pages
    ]
    return {
        "format": "mixrules-ratings",
        "version": 1,
        "test_id": test.test_id,
        "listener_id": listener,
        "session_id": f"{abs(hash_of(listener)):016x}",
        "started": "2026-11-25T04:00:00+00:00",
        "updated": "2026-11-25T04:30:00+00:00",
        "seed": 5,
        "scale": test.scale.kind,
        "answers": {"playback": "headphones"},
        "complete": True,
        "pages": pages,
    } | more


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode()[:7].ljust(7, b"\0"), "big")


def write_panel(
    folder: Path,
    preferences: dict[str, float],
    listeners: int,
    *,
    noise: float = 0.6,
    kind: str = "likert",
    seed: int = 4,
) -> ListeningTest:
    """Write a panel whose ratings are its preferences (points of the scale), a listener's offset and noise."""
    test = definition(kind, conditions=len(preferences))
    write_test(folder, test, tuple(preferences))
    rng = np.random.default_rng(seed)
    levels = list(preferences.values())
    low, high, step = (1, 5, 1) if kind == "likert" else (0, 100, 0.1)
    for number in range(listeners):
        offset = rng.normal(0, noise)
        levels_engineer = {"engineering_level": "professional" if number % 2 else "amateur"}

        def value(page: Page, place: int, attribute: str, offset: float = offset) -> float:
            drawn = levels[place] + offset + rng.normal(0, noise)
            rounded = round(np.clip(drawn, low, high) / step) * step
            return int(rounded) if kind == "likert" else float(min(100.0, rounded))

        document = session(
            test,
            f"listener-{number:02d}",
            value,
            session_id=f"{number:016x}",
            answers={"playback": "headphones"} | levels_engineer,
        )
        (folder / "ratings" / f"{number:016x}.json").write_text(json.dumps(document))
    return test
