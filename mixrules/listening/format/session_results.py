"""One listener's ratings in one session: what the page sends, the server keeps and the statistics read."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, parsed_document, read_document
from mixrules.listening.format.testfile import (
    ListeningTest,
    require_name,
    require_stimulus_id,
    require_test_id,
    require_unique,
)

RESULTS_FORMAT = "mixrules-ratings"
RESULTS_VERSION = 1
MAX_COMMENT = 2000
"""Characters of a comment."""
MAX_ANSWER = 200
"""Characters of an answer."""


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
    """What a listener did on one page; `order` is that in which the stimuli were presented."""

    page_id: str
    order: tuple[str, ...]
    seconds: float
    comment: str = ""
    ratings: tuple[Rating, ...] = ()

    def __post_init__(self) -> None:
        require_name(page_id=self.page_id)
        require_unique("order", self.order)
        if not math.isfinite(self.seconds) or self.seconds < 0:
            raise ListeningTestError(f"seconds must be 0 or more, got {self.seconds}")
        if len(self.comment) > MAX_COMMENT:
            raise ListeningTestError(f"comment has {len(self.comment)} characters, at most {MAX_COMMENT}")
        require_unique("ratings", (f"{r.stimulus_id} {r.attribute}" for r in self.ratings))


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
    scale : {"likert", "continuous"}
        What was rated on.
    pages : tuple of RatedPage
        In the order in which they were presented.
    answers : dict of str to str
        Answers to the background questions.
    complete : bool
        Whether the listener reached the end.
    format, version
        What the file is.
    """

    format: Literal["mixrules-ratings"] = "mixrules-ratings"
    version: Literal[1] = 1
    test_id: str
    listener_id: str
    session_id: str
    started: str
    updated: str
    seed: int
    scale: Literal["likert", "continuous"]
    answers: dict[str, str] = field(default_factory=dict)
    complete: bool
    pages: tuple[RatedPage, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        require_name(listener_id=self.listener_id, session_id=self.session_id)
        _require_utc(started=self.started, updated=self.updated)
        require_unique("pages", (p.page_id for p in self.pages))

    def given(self) -> frozenset[tuple[str, str, str]]:
        """Return what was rated, as (page, stimulus, attribute)."""
        return frozenset((p.page_id, r.stimulus_id, r.attribute) for p in self.pages for r in p.ratings)

    def require_belongs(self, test: ListeningTest) -> None:
        """Raise `ListeningTestError` unless these are ratings of `test`: its pages, stimuli and scale."""
        if self.test_id != test.test_id:
            raise ListeningTestError(f"the ratings are of the test {self.test_id}, not of {test.test_id}")
        if self.scale != test.scale.kind:
            raise ListeningTestError(
                f"the ratings are on a {self.scale} scale, the test's is {test.scale.kind}"
            )
        _require_answers(self.answers, test)
        attributes = {a.id for a in test.attributes}
        for rated in self.pages:
            stimuli = {s.id for s in test.page(rated.page_id).stimuli}
            if set(rated.order) != stimuli:
                raise ListeningTestError(
                    f"page {rated.page_id}: order must list the page's stimuli, each once"
                )
            for rating in rated.ratings:
                if rating.stimulus_id not in stimuli:
                    raise ListeningTestError(f"page {rated.page_id} has no stimulus {rating.stimulus_id}")
                if rating.attribute not in attributes:
                    raise ListeningTestError(f"the test has no attribute {rating.attribute!r}")
                test.scale.require_value(rating.value)
                if rating.initial is not None:
                    test.scale.require_value(rating.initial)
        missing = sum(len(p.stimuli) for p in test.pages) * len(attributes) - len(self.given())
        if self.complete and missing:
            raise ListeningTestError(f"the ratings say that they are complete, {missing} are missing")

    def to_json(self) -> str:
        """Return the ratings as indented JSON."""
        return json_of(self)

    @classmethod
    def from_json(cls, text: str | bytes, *, source: str = "ratings") -> Self:
        """Read ratings from JSON, strictly; fails with `ListeningTestError`, naming `source` and the place."""
        return parsed_document(text, cls, RESULTS_FORMAT, RESULTS_VERSION, source=source)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read ratings; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, RESULTS_FORMAT, RESULTS_VERSION)


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
        options = questions[name].options
        if len(answer) > MAX_ANSWER or (options and answer not in options):
            accepted = ", ".join(options) or f"at most {MAX_ANSWER} characters are accepted"
            raise ListeningTestError(f"answer to {name}: {accepted}; got {answer[:80]!r}")
