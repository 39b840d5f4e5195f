"""One listener's ratings in one session: what the page sends, the server keeps and the statistics read."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, parsed_document, read_document
from mixrules.listening.format.names import (
    require_name,
    require_revision,
    require_stimulus_id,
    require_test_id,
    require_unique,
)
from mixrules.listening.format.testfile import ListeningTest, Page
from mixrules.listening.format.trials import Trial

RESULTS_FORMAT = "mixrules-ratings"
RESULTS_VERSIONS = (1, 2)
MAX_COMMENT = 2000
"""Characters of a comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One value given to one stimulus for one attribute.

    Parameters
    ----------
    stimulus_id, attribute : str
        What was rated, and for what.
    value : int or float
        1 to 5 on a Likert scale, 0 to 100 on a continuous one.
    initial : int, float or None
        Where the slider stood at first; None where there was none.
    seconds_listened : float
        How long the stimulus had been heard on its page.
    """

    stimulus_id: str
    attribute: str
    value: int | float
    initial: int | float | None = None
    seconds_listened: float = 0.0

    def __post_init__(self) -> None:
        require_stimulus_id(self.stimulus_id)
        require_name(attribute=self.attribute)
        if not math.isfinite(self.seconds_listened) or self.seconds_listened < 0:
            raise ListeningTestError(f"seconds_listened must be 0 or more, got {self.seconds_listened}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPage:
    """What a listener did on one page.

    Parameters
    ----------
    page_id : str
        The page.
    order : tuple of str
        The stimuli in the order in which they were presented: the first was mix A. Empty in A/B and ABX tests, where
        each trial says what was A.
    seconds : float
        How long the page was open.
    comment : str
        On the page.
    comments : dict of str to str
        On single stimuli, by their ids.
    ratings : tuple of Rating
        The ratings; none in A/B and ABX tests.
    trials : tuple of Trial
        The comparisons of an A/B or ABX test, in the order in which they were made.
    """

    page_id: str
    order: tuple[str, ...] = ()
    seconds: float
    comment: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    ratings: tuple[Rating, ...] = ()
    trials: tuple[Trial, ...] = ()

    def __post_init__(self) -> None:
        require_name(page_id=self.page_id)
        require_unique("order", self.order)
        if not math.isfinite(self.seconds) or self.seconds < 0:
            raise ListeningTestError(f"seconds must be 0 or more, got {self.seconds}")
        for comment in (self.comment, *self.comments.values()):
            if len(comment) > MAX_COMMENT:
                raise ListeningTestError(f"comment has {len(comment)} characters, at most {MAX_COMMENT}")
        require_unique("ratings", (f"{r.stimulus_id} {r.attribute}" for r in self.ratings))
        require_unique("trials", (f"{t.name()} {t.attribute}".strip() for t in self.trials))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadphoneCheck:
    """How a listener did in the check for headphones: in the last attempt, and how many there were."""

    correct: int
    of: int
    passed: bool
    attempts: int = 1

    def __post_init__(self) -> None:
        if not (0 <= self.correct <= self.of and self.attempts >= 1):
            raise ListeningTestError(
                f"headphones: {self.correct} of {self.of} in {self.attempts} attempts is impossible"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """One listener's ratings in one session, complete or on the way.

    Parameters
    ----------
    test_id : str
        The test that was rated.
    listener_id, session_id : str
        Who rated, and in which session; files are named after the session.
    started, updated : str
        ISO 8601, UTC.
    seed : int
        What this session's orders were drawn from.
    scale : {"likert", "continuous", "ab", "abx"}
        What was rated on.
    pages : tuple of RatedPage
        In the order in which they were presented.
    answers : dict of str to str
        Answers to the questions, by their ids; numbers as they are written.
    complete : bool
        Whether the listener reached the end.
    definition : str
        The revision of the definition that was shown; empty where it had none.
    consent, finished : str or None
        When the listener agreed, and when the end was reached: ISO 8601, UTC.
    turn : int or None
        The number that the server gave the session, by which songs are shared out; None where there was none.
    assigned : tuple of str
        The pages that the session had to rate, in order; empty: all pages of the test.
    headphones : HeadphoneCheck or None
        How the check for headphones went.
    format, version
        What the file is.
    """

    format: Literal["mixrules-ratings"] = "mixrules-ratings"
    version: Literal[1, 2] = 2
    test_id: str
    definition: str = ""
    listener_id: str
    session_id: str
    started: str
    updated: str
    seed: int
    scale: Literal["likert", "continuous", "ab", "abx"]
    turn: int | None = None
    assigned: tuple[str, ...] = ()
    consent: str | None = None
    headphones: HeadphoneCheck | None = None
    answers: dict[str, str] = field(default_factory=dict)
    complete: bool
    finished: str | None = None
    pages: tuple[RatedPage, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        require_name(listener_id=self.listener_id, session_id=self.session_id)
        require_revision(definition=self.definition)
        times = {"consent": self.consent, "finished": self.finished}
        _require_utc(started=self.started, updated=self.updated, **{n: t for n, t in times.items() if t})
        require_unique("assigned", self.assigned)
        require_unique("pages", (p.page_id for p in self.pages))

    def given(self) -> frozenset[tuple[str, str, str]]:
        """Return what was answered, as (page, stimulus or trial, attribute)."""
        ratings = {(p.page_id, r.stimulus_id, r.attribute) for p in self.pages for r in p.ratings}
        trials = {(p.page_id, t.name(), t.attribute) for p in self.pages for t in p.trials}
        return frozenset(ratings | trials)

    def require_belongs(self, test: ListeningTest) -> None:
        """Raise `ListeningTestError` unless these are ratings of `test`: its pages, stimuli and scale."""
        if self.test_id != test.test_id:
            raise ListeningTestError(f"the ratings are of the test {self.test_id}, not of {test.test_id}")
        if self.scale != test.scale.kind:
            raise ListeningTestError(
                f"the ratings are on a {self.scale} scale, the test's is {test.scale.kind}"
            )
        if test.consent is not None and self.consent is None:
            raise ListeningTestError("the listener has not agreed to what the test asks consent for")
        _require_answers(self.answers, test)
        asked = self.asked_pages(test)
        for rated in self.pages:
            page = test.page(rated.page_id)
            if page not in asked:
                raise ListeningTestError(f"page {rated.page_id} is not among those assigned")
            (_require_trials if test.scale.compares else _require_ratings)(rated, page, test)
        missing = sum(map(test.answers_on, asked)) - len(self.given())
        if self.complete and missing:
            raise ListeningTestError(f"the ratings say that they are complete, {missing} are missing")

    def asked_pages(self, test: ListeningTest) -> tuple[Page, ...]:
        """Return the pages of `test` that the session has to rate; fails with `ListeningTestError` where it cannot."""
        if not self.assigned:
            if test.songs_per_listener is not None or test.repeats_per_listener is not None:
                raise ListeningTestError("assigned is empty, the test gives each session pages of its own")
            return test.pages
        pages = tuple(test.page(page_id) for page_id in self.assigned)
        originals = {page.id for page in pages if page.repeat_of is None}
        wanted = test.songs_per_listener or sum(page.repeat_of is None for page in test.pages)
        if len(originals) != wanted:
            raise ListeningTestError(f"assigned holds {len(originals)} songs, each session gets {wanted}")
        for page in pages:
            if page.repeat_of is not None and page.repeat_of not in originals:
                raise ListeningTestError(
                    f"assigned: {page.id} repeats {page.repeat_of}, which is not assigned"
                )
        of_these = sum(page.repeat_of in originals for page in test.pages)
        most = of_these if test.repeats_per_listener is None else min(test.repeats_per_listener, of_these)
        if len(pages) - len(originals) != most:
            raise ListeningTestError(
                f"assigned holds {len(pages) - len(originals)} repeated pages, the session gets {most}"
            )
        return pages

    def to_json(self) -> str:
        """Return the ratings as indented JSON."""
        return json_of(self)

    @classmethod
    def from_json(cls, text: str | bytes, *, source: str = "ratings") -> Self:
        """Read ratings from JSON, strictly; fails with `ListeningTestError`, naming `source` and the place."""
        return parsed_document(text, cls, RESULTS_FORMAT, RESULTS_VERSIONS, source=source)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read ratings; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, RESULTS_FORMAT, RESULTS_VERSIONS)


def _require_utc(**times: str) -> None:
    for name, value in times.items():
        try:
            offset = datetime.fromisoformat(value).utcoffset()
        except ValueError:
            offset = None
        if offset != timedelta(0):
            raise ListeningTestError(f"{name} must be a time in UTC after ISO 8601, got {value[:80]!r}")


def _require_answers(answers: dict[str, str], test: ListeningTest) -> None:
    questions = {q.id: q for q in test.questions}
    for name, answer in answers.items():
        if name not in questions:
            raise ListeningTestError(f"the test has no question {name[:80]!r}")
        questions[name].require_answer(answer)


def _require_ratings(rated: RatedPage, page: Page, test: ListeningTest) -> None:
    stimuli = {s.id for s in page.stimuli}
    attributes = {a.id for a in test.attributes}
    if set(rated.order) != stimuli:
        raise ListeningTestError(f"page {page.id}: order must list the page's stimuli, each once")
    if rated.trials:
        raise ListeningTestError(f"page {page.id}: a {test.scale.kind} scale has no trials")
    for stimulus_id in (*(r.stimulus_id for r in rated.ratings), *rated.comments):
        if stimulus_id not in stimuli:
            raise ListeningTestError(f"page {page.id} has no stimulus {stimulus_id[:80]}")
    for rating in rated.ratings:
        if rating.attribute not in attributes:
            raise ListeningTestError(f"the test has no attribute {rating.attribute!r}")
        test.scale.require_value(rating.value)
        if rating.initial is not None:
            test.scale.require_value(rating.initial)


def _require_trials(rated: RatedPage, page: Page, test: ListeningTest) -> None:
    pairs = {frozenset(pair) for pair in page.all_pairs()}
    attributes = {a.id for a in test.attributes}
    abx = test.scale.kind == "abx"
    if rated.ratings or rated.order:
        raise ListeningTestError(
            f"page {page.id}: a test of kind {test.scale.kind} has trials, no ratings or order"
        )
    for trial in rated.trials:
        if trial.pair not in pairs:
            raise ListeningTestError(f"page {page.id} does not compare {trial.a} and {trial.b}")
        if abx != (trial.x is not None):
            raise ListeningTestError(f"page {page.id}: x is {trial.x!r} in a test of kind {test.scale.kind}")
        if not abx and trial.attribute not in attributes:
            raise ListeningTestError(f"the test has no attribute {trial.attribute!r}")
        if trial.number > (test.scale.trials if abx else 1):
            raise ListeningTestError(f"page {page.id}: there is no trial {trial.number} of a pair")
        if trial.choice == "none" and not test.scale.no_preference:
            raise ListeningTestError(f"page {page.id}: the test accepts no choice without a preference")
