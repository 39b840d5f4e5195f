"""The definition of a listening test: everything the page may know, and nothing that names a condition.

``site/test.json`` holds it. The key (`mixrules.listening.format.key`) and the ratings
(`mixrules.listening.format.session_results`) are documents of their own; all three are read strictly: an unknown
field, a wrong type or an impossible value is one line that names the path in the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, read_document

TEST_FORMAT = "mixrules-listening-test"
TEST_VERSION = 1
LIKERT_LABELS = ("Very poor", "Poor", "Fair", "Good", "Very good")
"""The labels of the survey's scale, from 1 to 5."""

ROUNDING = 1e-6
"""How far beside a value of the scale a number may lie and still be that value, as a share of the scale's width:
some tools keep 100 as 100.0000001."""

_TEST_ID = re.compile(r"[0-9a-f]{16}")
_STIMULUS_ID = re.compile(r"[0-9a-f]{8,64}")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_AUDIO_FILE = re.compile(r"audio/[0-9a-f]{8,64}\.(wav|flac)")


def require_pattern(pattern: re.Pattern[str], accepted: str, **values: str) -> None:
    """Raise `ListeningTestError` unless each value matches the whole pattern, described by `accepted`."""
    for name, value in values.items():
        if not pattern.fullmatch(value):
            raise ListeningTestError(f"{name} must be {accepted}, got {value[:80]!r}")


def require_test_id(test_id: str) -> None:
    """Raise `ListeningTestError` unless `test_id` is 16 hexadecimal digits."""
    require_pattern(_TEST_ID, "16 hexadecimal digits", test_id=test_id)


def require_stimulus_id(stimulus_id: str) -> None:
    """Raise `ListeningTestError` unless `stimulus_id` is 8 to 64 hexadecimal digits."""
    require_pattern(_STIMULUS_ID, "8 to 64 hexadecimal digits", **{"a stimulus id": stimulus_id})


def require_name(**names: str) -> None:
    """Raise `ListeningTestError` unless each name is 1 to 64 letters, digits, ``_`` or ``-``."""
    require_pattern(_NAME, "1 to 64 letters, digits, _ or -", **names)


def require_unique(what: str, names: Iterable[str]) -> None:
    """Raise `ListeningTestError` if a name stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ListeningTestError(f"{what}: {name!r} stands twice")
        seen.add(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What is rated on: 5 labelled steps (Likert), or 0 to 100 with the labels along it (BS.2132)."""

    kind: Literal["likert", "continuous"] = "likert"
    labels: tuple[str, ...] = LIKERT_LABELS

    def __post_init__(self) -> None:
        if len(self.labels) != 5 or not all(self.labels):
            raise ListeningTestError(f"labels must be 5 words, from worst to best, got {self.labels!r}")

    def require_value(self, value: float) -> None:
        """Raise `ListeningTestError` unless `value` lies on the scale."""
        low, high = (1, 5) if self.kind == "likert" else (0, 100)
        margin = ROUNDING * (high - low)
        on_it = low - margin <= value <= high + margin
        if self.kind == "likert" and not (on_it and abs(value - round(value)) <= margin):
            raise ListeningTestError(f"value must be 1, 2, 3, 4 or 5, got {value:g}")
        if not on_it:
            raise ListeningTestError(f"value must be 0 to 100, got {value:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One thing that a stimulus is rated for; `hint` is a line that explains it."""

    id: str
    label: str
    hint: str = ""

    def __post_init__(self) -> None:
        require_name(id=self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A background question, answered by one of `options`; with none, by a line of text."""

    id: str
    label: str
    options: tuple[str, ...] = ()
    required: bool = False

    def __post_init__(self) -> None:
        require_name(id=self.id)
        require_unique("options", self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimulus:
    """One excerpt to rate: an id that says nothing, and its file below the page."""

    id: str
    file: str

    def __post_init__(self) -> None:
        require_stimulus_id(self.id)
        require_pattern(_AUDIO_FILE, "audio/HEX.wav or audio/HEX.flac", file=self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStimulus:
    """An excerpt of the training page, with the label that is shown."""

    id: str
    file: str
    label: str

    def __post_init__(self) -> None:
        Stimulus(id=self.id, file=self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingLine:
    """What to listen for, for one attribute."""

    attribute: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The training page: mixes whose quality is told, and a line for each attribute."""

    stimuli: tuple[TrainingStimulus, ...]
    lines: tuple[TrainingLine, ...] = ()

    def __post_init__(self) -> None:
        if not self.stimuli:
            raise ListeningTestError("stimuli are none: the training needs one at least, or is null")
        require_unique("stimuli", (s.id for s in self.stimuli))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The stimuli that are compared together: one song in every condition.

    A page with `repeat_of` shows an earlier page's stimuli again, under the same ids, to measure how
    consistent a listener is.
    """

    id: str
    label: str
    stimuli: tuple[Stimulus, ...]
    repeat_of: str | None = None

    def __post_init__(self) -> None:
        require_name(id=self.id)
        if not self.stimuli:
            raise ListeningTestError("stimuli are none: a page needs one at least")
        require_unique("stimuli", (s.id for s in self.stimuli))


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningTest:
    """A listening test as the page shows it.

    Parameters
    ----------
    test_id : str
        16 hexadecimal digits; ratings name it.
    title : str
        What the welcome page is headed.
    seed : int
        What the test's ids and orders were drawn from; with a listener's and a session's id it
        gives the session's own seed.
    attributes : tuple of Attribute
        What is rated.
    pages : tuple of Page
        What is compared.
    scale : Scale
        What is rated on.
    layout : {"one", "all"}
        One attribute at a time, or all of them together.
    require_full_listen : bool
        Whether every stimulus must be heard from start to end before the next page.
    questions : tuple of Question
        Background questions on the welcome page.
    training : Training or None
        The training page.
    format, version
        What the file is.
    """

    format: Literal["mixrules-listening-test"] = "mixrules-listening-test"
    version: Literal[1] = 1
    test_id: str
    title: str
    seed: int
    scale: Scale = Scale()
    attributes: tuple[Attribute, ...]
    layout: Literal["one", "all"] = "one"
    require_full_listen: bool = True
    questions: tuple[Question, ...] = ()
    training: Training | None = None
    pages: tuple[Page, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        if not self.attributes or not self.pages:
            raise ListeningTestError("attributes and pages are needed, one of each at least")
        require_unique("attributes", (a.id for a in self.attributes))
        require_unique("questions", (q.id for q in self.questions))
        require_unique("pages", (p.id for p in self.pages))
        rated = {p.id: p for p in self.pages if p.repeat_of is None}
        require_unique("stimuli", (s.id for p in rated.values() for s in p.stimuli))
        for page in self.pages:
            if page.repeat_of is not None:
                _require_repeat(page, rated)
        known = {a.id for a in self.attributes}
        for line in self.training.lines if self.training else ():
            if line.attribute not in known:
                raise ListeningTestError(
                    f"training: a line is for {line.attribute!r}, rated are {', '.join(sorted(known))}"
                )

    def page(self, page_id: str) -> Page:
        """Return one page; fails with `ListeningTestError` where there is none of that id."""
        for page in self.pages:
            if page.id == page_id:
                return page
        raise ListeningTestError(f"the test has no page {page_id[:80]!r}")

    def files(self) -> tuple[str, ...]:
        """Return every audio file that the page needs, each once."""
        training = [s.file for s in self.training.stimuli] if self.training else []
        stimuli = [s.file for page in self.pages for s in page.stimuli]
        return tuple(dict.fromkeys([*training, *stimuli]))

    def to_json(self) -> str:
        """Return the definition as indented JSON."""
        return json_of(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a definition; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, TEST_FORMAT, TEST_VERSION)


def _require_repeat(page: Page, rated: dict[str, Page]) -> None:
    original = rated.get(page.repeat_of or "")
    if original is None:
        raise ListeningTestError(f"page {page.id!r} repeats {page.repeat_of!r}, which is no page to repeat")
    if {(s.id, s.file) for s in page.stimuli} != {(s.id, s.file) for s in original.stimuli}:
        raise ListeningTestError(
            f"page {page.id!r} has other stimuli than {page.repeat_of!r}, which it repeats"
        )
