"""A small listening test with synthesised excerpts, for tests of the page, the server and the ratings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from mixrules.files import write_audio
from mixrules.listening import (
    Attribute,
    Key,
    KeyPage,
    KeyStimulus,
    ListeningTest,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)
from mixrules.listening.format.defaults import ATTRIBUTES, QUESTIONS
from mixrules.listening.serving.site import write_site

CONDITIONS = ("random", "survey-2022", "human")
SONGS = ("Song One", "Song Two")


def definition(
    *,
    kind: Literal["likert", "continuous"] = "likert",
    layout: Literal["one", "all"] = "one",
    songs: int = 2,
    conditions: int = 3,
    attributes: tuple[Attribute, ...] = ATTRIBUTES[-2:],
    questions: tuple[Question, ...] = QUESTIONS,
    training: bool = True,
    repeat: bool = False,
    **more: Any,
) -> ListeningTest:
    """A test of some songs and conditions, with ids that are the same in every run."""
    pages = [
        Page(
            id=f"page-{song + 1:02d}",
            label=f"Song {song + 1}",
            stimuli=tuple(stimulus(song, condition) for condition in range(conditions)),
        )
        for song in range(songs)
    ]
    if repeat:
        first = pages[0]
        pages.append(Page(id="page-99", label="Song 1", stimuli=first.stimuli, repeat_of=first.id))
    lines = tuple(TrainingLine(attribute=a.id, text=f"Listen: {a.label}") for a in attributes)
    taught = tuple(
        TrainingStimulus(id=s.id, file=s.file, label=label)
        for s, label in ((stimulus(90, 0), "A good mix"), (stimulus(90, 1), "A bad mix"))
    )
    fields: dict[str, Any] = {
        "test_id": "00112233445566aa",
        "title": "Which mix is better?",
        "seed": 7,
        "scale": Scale(kind=kind),
        "attributes": attributes,
        "layout": layout,
        "questions": questions,
        "training": Training(stimuli=taught, lines=lines) if training else None,
        "pages": tuple(pages),
    }
    return ListeningTest(**(fields | more))


def stimulus(song: int, condition: int) -> Stimulus:
    """One stimulus, its id told by nothing but this file."""
    name = f"{(song * 97 + condition * 31 + 11) * 2654435761 % 2**48:012x}"
    return Stimulus(id=name, file=f"audio/{name}.wav")


def key_of(test: ListeningTest) -> Key:
    """The key: conditions in the order of `CONDITIONS` (more of them get numbers)."""
    return Key(
        test_id=test.test_id,
        pages=tuple(
            KeyPage(
                id=page.id,
                song=page.label,
                repeat_of=page.repeat_of,
                stimuli=tuple(
                    KeyStimulus(id=s.id, condition=[*CONDITIONS, "none", "equal", "default"][number])
                    for number, s in enumerate(page.stimuli)
                ),
            )
            for page in test.pages
        ),
    )


def write_small_test(
    folder: Path, test: ListeningTest | None = None, *, seconds: float = 0.6
) -> ListeningTest:
    """Write a whole test's folder: the site, tones as excerpts (each its own pitch), the key."""
    test = test or definition()
    site = write_site(folder, test)
    (site / "audio").mkdir(exist_ok=True)
    rate = 16_000
    time_s = np.arange(round(seconds * rate)) / rate
    for number, file in enumerate(test.files()):
        tone = 0.1 * np.sin(2 * np.pi * (220 + 40 * number) * time_s)
        write_audio(site / file, np.column_stack([tone, tone]).astype(np.float32), rate)
    (folder / "key.json").write_text(key_of(test).to_json(), encoding="utf-8")
    return test
