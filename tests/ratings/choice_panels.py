"""Simulated panels of A/B and ABX tests with known preferences, as a test's folder."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from mixrules.listening import ListeningTest, Scale
from mixrules.listening.format.defaults import QUESTIONS
from ratings.panels import ATTRIBUTES, TEST_ID, page_of, session, write_test


def choice_test(kind: str, *, conditions: int = 3, songs: int = 2, repeat: bool = True) -> ListeningTest:
    pages = [page_of(song, conditions) for song in range(songs)]
    if repeat:
        pages.append(page_of(0, conditions, id="page-99", repeat_of="page-01"))
    return ListeningTest(
        test_id=TEST_ID,
        title="Which of the two?",
        seed=1,
        scale=Scale(kind=kind, trials=4),  # type: ignore[arg-type]
        attributes=ATTRIBUTES if kind == "ab" else (),
        questions=QUESTIONS,
        pages=tuple(pages),
    )


def write_choices(
    folder: Path,
    kind: str,
    strengths: dict[str, float],
    listeners: int,
    *,
    seed: int = 4,
    between: float = 0.5,
    tie: float = 0.2,
    songs: int = 2,
) -> ListeningTest:
    """Write a panel: of two, one is chosen with odds exp(difference); in ABX that is how often X is recognised.

    `between` is the standard deviation of a listener's own strengths about those of the panel.
    """
    test = choice_test(kind, conditions=len(strengths), songs=songs)
    names = tuple(strengths)
    write_test(folder, test, names)
    rng = np.random.default_rng(seed)
    for number in range(listeners):
        own = {name: s + rng.normal(0, between) for name, s in strengths.items()}
        document = session(test, f"listener-{number:02d}", lambda *_: 3, session_id=f"{number:016x}")
        document |= {"version": 2, "pages": [_page(test, page, names, own, tie, rng) for page in test.pages]}
        (folder / "ratings" / f"{number:016x}.json").write_text(json.dumps(document))
    return test


def _page(
    test: ListeningTest,
    page: Any,
    names: tuple[str, ...],
    own: dict[str, float],
    tie: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    name_of = {s.id: name for s, name in zip(page.stimuli, names, strict=True)}
    trials = []
    for pair in itertools.combinations([s.id for s in page.stimuli], 2):
        gap = own[name_of[pair[0]]] - own[name_of[pair[1]]]
        for what in range(test.scale.trials if test.scale.kind == "abx" else len(test.attributes)):
            a, b = pair if rng.random() < 0.5 else pair[::-1]
            if test.scale.kind == "abx":
                x = a if rng.random() < 0.5 else b
                right = rng.random() < 0.5 + 0.5 * math.tanh(abs(gap) / 2)
                choice = "a" if (x == a) == right else "b"
                trials.append({"a": a, "b": b, "x": x, "number": what + 1, "choice": choice, "seconds": 9.0})
                continue
            better = pair[0] if rng.random() < 1 / (1 + math.exp(-gap)) else pair[1]
            choice = "none" if rng.random() < tie else "a" if better == a else "b"
            attribute = test.attributes[what].id
            trials.append({"a": a, "b": b, "attribute": attribute, "choice": choice, "seconds": 9.0})
    return {"page_id": page.id, "seconds": 60.0, "trials": trials, "comment": "the first was louder"}
