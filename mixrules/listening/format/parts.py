"""The parts of a test's definition: scale, attributes, questions, consent, stimuli, training and the end."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

from mixrules.errors import ListeningTestError
from mixrules.listening.format.names import (
    require_name,
    require_pattern,
    require_stimulus_id,
    require_unique,
)

LIKERT_LABELS = ("Very poor", "Poor", "Fair", "Good", "Very good")
"""The labels of the survey's scale, from 1 to 5."""

ROUNDING = 1e-6
"""How far beside a value of the scale a number may lie and still be that value, as a share of the scale's width:
some tools keep 100 as 100.0000001."""

MAX_ANSWER = 200
"""Characters of an answer."""
MAX_ABX_TRIALS = 100
"""Trials of one pair; a hundred take an hour."""

_AUDIO_FILE = re.compile(r"audio/[0-9a-f]{8,64}\.(wav|flac)")
_WEB_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a listener answers on.

    Parameters
    ----------
    kind : {"likert", "continuous", "ab", "abx"}
        5 labelled steps, 0 to 100 with the labels along it (BS.2132), the choice of one of two, or which of two a
        third one is.
    labels : tuple of str
        5 words, from worst to best; of "likert" and "continuous".
    no_preference : bool
        Whether an A/B comparison may end without a preference.
    trials : int
        How often each pair is tried in ABX.
    """

    kind: Literal["likert", "continuous", "ab", "abx"] = "likert"
    labels: tuple[str, ...] = LIKERT_LABELS
    no_preference: bool = True
    trials: int = 10

    def __post_init__(self) -> None:
        if len(self.labels) != 5 or not all(self.labels):
            raise ListeningTestError(f"labels must be 5 words, from worst to best, got {self.labels!r}")
        if not 1 <= self.trials <= MAX_ABX_TRIALS:
            raise ListeningTestError(f"trials must be 1 to {MAX_ABX_TRIALS}, got {self.trials}")

    @property
    def compares(self) -> bool:
        """Whether stimuli are compared in pairs, not rated."""
        return self.kind in ("ab", "abx")

    def require_value(self, value: float) -> None:
        """Raise `ListeningTestError` unless `value` lies on the scale."""
        if self.compares:
            raise ListeningTestError(f"a test of kind {self.kind} has choices, no values, got {value:g}")
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
    """A question about the listener.

    Parameters
    ----------
    id : str
        What the answer is called.
    label : str
        The question.
    options : tuple of str
        What can be chosen; a question with options is a choice.
    required : bool
        Whether it must be answered.
    when : {"before", "after"}
        Before the first page or after the last.
    number : bool
        Whether a question without options asks for a number; else it asks for a line of text.
    minimum, maximum : float or None
        The least and the greatest number accepted.
    """

    id: str
    label: str
    options: tuple[str, ...] = ()
    required: bool = False
    when: Literal["before", "after"] = "before"
    number: bool = False
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        require_name(id=self.id)
        require_unique("options", self.options)
        if self.options and self.number:
            raise ListeningTestError("a question with options asks for no number")
        if not self.number and (self.minimum is not None or self.maximum is not None):
            raise ListeningTestError("minimum and maximum are those of a number")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ListeningTestError(f"minimum is {self.minimum:g}, above the maximum of {self.maximum:g}")

    @property
    def kind(self) -> Literal["choice", "number", "text"]:
        """How it is answered."""
        return "choice" if self.options else "number" if self.number else "text"

    def require_answer(self, answer: str) -> None:
        """Raise `ListeningTestError` unless `answer` is one that the question accepts."""
        shown = answer[:80]
        if self.options:
            if answer not in self.options:
                raise ListeningTestError(f"answer to {self.id}: {', '.join(self.options)}; got {shown!r}")
        elif len(answer) > MAX_ANSWER:
            raise ListeningTestError(
                f"answer to {self.id}: at most {MAX_ANSWER} characters are accepted; got {shown!r}"
            )
        elif self.number:
            try:
                value = float(answer)
            except ValueError:
                value = math.nan
            low = -math.inf if self.minimum is None else self.minimum
            high = math.inf if self.maximum is None else self.maximum
            if not (math.isfinite(value) and low <= value <= high):
                raise ListeningTestError(f"answer to {self.id}: {self._accepted()}; got {shown!r}")

    def _accepted(self) -> str:
        low = "" if self.minimum is None else f" from {self.minimum:g}"
        high = "" if self.maximum is None else f" up to {self.maximum:g}"
        return f"a number{low}{high} is accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a listener agrees to before anything is asked: the text, and the words beside the tick."""

    text: str
    label: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ListeningTestError("text is empty: what is agreed to is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a listener gets at the end, e.g. for a crowd platform: words, a code, an address to return to.

    In `url` the words ``{listener}``, ``{session}`` and ``{code}`` are replaced.
    """

    text: str = ""
    code: str = ""
    url: str = ""

    def __post_init__(self) -> None:
        if self.url:
            require_pattern(_WEB_ADDRESS, "an address that begins with https:// or http://", url=self.url)


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
    """The training page: mixes whose quality is told, a text above them, and a line for each attribute."""

    stimuli: tuple[TrainingStimulus, ...]
    lines: tuple[TrainingLine, ...] = ()
    text: str = ""

    def __post_init__(self) -> None:
        if not self.stimuli:
            raise ListeningTestError("stimuli are none: the training needs one at least, or is null")
        require_unique("stimuli", (s.id for s in self.stimuli))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The stimuli that are compared together: one song in every condition.

    Parameters
    ----------
    id, label : str
        What the page is called in files, and what listeners read.
    stimuli : tuple of Stimulus
        What is rated.
    repeat_of : str or None
        The earlier page whose stimuli this one shows again, under the same ids, to measure how consistent a listener
        is.
    reference : Stimulus or None
        What the others are compared with, named as the reference and not rated.
    pairs : tuple of (str, str)
        Which stimuli an A/B or ABX test compares; empty: every two.
    """

    id: str
    label: str
    stimuli: tuple[Stimulus, ...]
    repeat_of: str | None = None
    reference: Stimulus | None = None
    pairs: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        require_name(id=self.id)
        if not self.stimuli:
            raise ListeningTestError("stimuli are none: a page needs one at least")
        require_unique("stimuli", (s.id for s in self.stimuli))
        known = {s.id for s in self.stimuli}
        for one, other in self.pairs:
            if one == other or not {one, other} <= known:
                raise ListeningTestError(
                    f"pairs: {one[:80]!r} and {other[:80]!r} are no two stimuli of the page"
                )
        require_unique("pairs", ("+".join(sorted(pair)) for pair in self.pairs))
        if self.reference is not None and self.reference.id in known:
            raise ListeningTestError("reference: a stimulus that is rated cannot be the open reference too")

    def all_pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs that an A/B or ABX test compares on this page."""
        ids = [s.id for s in self.stimuli]
        return self.pairs or tuple((a, b) for i, a in enumerate(ids) for b in ids[i + 1 :])
