"""The definition of a listening test: everything the page may know, and nothing that names a condition.

``site/test.json`` holds it. The key (`mixrules.listening.format.key`) and the ratings
(`mixrules.listening.format.session_results`) are documents of their own; all three are read strictly: an unknown
field, a wrong type or an impossible value is one line that names the path in the file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from dataclasses import dataclass, field
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, read_document
from mixrules.listening.format.names import require_name, require_revision, require_test_id, require_unique
from mixrules.listening.format.parts import (
    LIKERT_LABELS,
    ROUNDING,
    Attribute,
    Completion,
    Consent,
    Page,
    Question,
    Scale,
    Stimulus,
    Training,
    TrainingLine,
    TrainingStimulus,
)

__all__ = [
    "LIKERT_LABELS",
    "ROUNDING",
    "TEST_FORMAT",
    "TEST_VERSIONS",
    "Attribute",
    "Completion",
    "Consent",
    "ListeningTest",
    "Page",
    "Question",
    "Scale",
    "Stimulus",
    "Training",
    "TrainingLine",
    "TrainingStimulus",
]

TEST_FORMAT = "mixrules-listening-test"
TEST_VERSIONS = (1, 2)
"""Version 1 had likert and continuous scales only, and none of the fields from `language` to `revision`."""


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
        What is rated; none in an ABX test.
    pages : tuple of Page
        What is compared.
    scale : Scale
        What is rated on.
    layout : {"one", "all"}
        One attribute at a time, or all of them together.
    require_full_listen : bool
        Whether every stimulus must be heard from start to end before the next page.
    questions : tuple of Question
        Questions before the first page and after the last.
    training : Training or None
        The training page.
    language : str
        Of the page's own words: ``en``, ``de``, or another one, whose words are in `words`.
    words : dict of str to str
        Words of the page that are to be others than the language's, by their keys.
    introduction : str
        Paragraphs of the welcome page, with an empty line between; empty: the page's own.
    consent : Consent or None
        What a listener must agree to first.
    contact : str
        Whom to ask, shown on every screen.
    attribute_order : {"listed", "random"}
        The order of the attributes: as they stand here, or drawn for each session.
    comments : {"page", "mix", "off"}
        Whether listeners may comment on a page, on each mix, or not at all.
    songs_per_listener : int or None
        How many songs each session gets; None: all.
    repeats_per_listener : int or None
        How many of the repeated pages each session gets; None: all of its songs.
    headphone_check : {"off", "record", "required"}
        Whether headphones are checked for, and whether who fails may go on.
    completion : Completion or None
        What a listener gets at the end.
    listener_parameter : str
        The parameter of the page's address that holds the listener's id.
    revision : str
        16 hexadecimal digits that change with everything above; ratings name it. Empty in a test of version 1.
    format, version
        What the file is.
    """

    format: Literal["mixrules-listening-test"] = "mixrules-listening-test"
    version: Literal[1, 2] = 2
    test_id: str
    title: str
    seed: int
    scale: Scale = field(default_factory=Scale)
    attributes: tuple[Attribute, ...]
    layout: Literal["one", "all"] = "one"
    require_full_listen: bool = True
    questions: tuple[Question, ...] = ()
    training: Training | None = None
    language: str = "en"
    words: dict[str, str] = field(default_factory=dict)
    introduction: str = ""
    consent: Consent | None = None
    contact: str = ""
    attribute_order: Literal["listed", "random"] = "listed"
    comments: Literal["page", "mix", "off"] = "page"
    songs_per_listener: int | None = None
    repeats_per_listener: int | None = None
    headphone_check: Literal["off", "record", "required"] = "off"
    completion: Completion | None = None
    listener_parameter: str = "listener"
    revision: str = ""
    pages: tuple[Page, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        require_revision(revision=self.revision)
        require_name(listener_parameter=self.listener_parameter, language=self.language)
        if not self.pages or not (self.attributes or self.scale.kind == "abx"):
            raise ListeningTestError("attributes and pages are needed, one of each at least")
        require_unique("attributes", (a.id for a in self.attributes))
        require_unique("questions", (q.id for q in self.questions))
        require_unique("pages", (p.id for p in self.pages))
        rated = {p.id: p for p in self.pages if p.repeat_of is None}
        require_unique("stimuli", (s.id for p in rated.values() for s in p.stimuli))
        for page in self.pages:
            if page.repeat_of is not None:
                _require_repeat(page, rated)
            if self.scale.compares and len(page.stimuli) < 2:
                raise ListeningTestError(f"page {page.id!r} has one stimulus, a comparison needs two")
        most = len(rated)
        if self.songs_per_listener is not None and not 1 <= self.songs_per_listener <= most:
            raise ListeningTestError(f"songs_per_listener must be 1 to {most}, got {self.songs_per_listener}")
        if self.repeats_per_listener is not None and self.repeats_per_listener < 0:
            raise ListeningTestError(
                f"repeats_per_listener must be 0 or more, got {self.repeats_per_listener}"
            )
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
        references = [page.reference.file for page in self.pages if page.reference is not None]
        stimuli = [s.file for page in self.pages for s in page.stimuli]
        return tuple(dict.fromkeys([*training, *references, *stimuli]))

    def answers_on(self, page: Page) -> int:
        """Return how many ratings or choices a listener gives on one page."""
        if self.scale.kind == "abx":
            return len(page.all_pairs()) * self.scale.trials
        return len(self.attributes) * (len(page.all_pairs()) if self.scale.compares else len(page.stimuli))

    def with_revision(self) -> Self:
        """Return the test with the revision that follows from all that it defines."""
        plain = dataclasses.replace(self, revision="")
        return dataclasses.replace(self, revision=hashlib.sha256(plain.to_json().encode()).hexdigest()[:16])

    def to_json(self) -> str:
        """Return the definition as indented JSON."""
        return json_of(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a definition; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, TEST_FORMAT, TEST_VERSIONS)


def _require_repeat(page: Page, rated: dict[str, Page]) -> None:
    original = rated.get(page.repeat_of or "")
    if original is None:
        raise ListeningTestError(f"page {page.id!r} repeats {page.repeat_of!r}, which is no page to repeat")
    if {(s.id, s.file) for s in page.stimuli} != {(s.id, s.file) for s in original.stimuli}:
        raise ListeningTestError(
            f"page {page.id!r} has other stimuli than {page.repeat_of!r}, which it repeats"
        )
