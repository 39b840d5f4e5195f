"""What a set of stimuli is to be: songs, conditions, excerpt, loudness, and how the test asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from mixrules._support.field_types import require_field_types
from mixrules._support.validation import require_between, require_sample_rate, split_items
from mixrules.errors import ParameterError
from mixrules.listening.format.defaults import ATTRIBUTES, QUESTIONS, default_attributes
from mixrules.listening.format.definition import Definition
from mixrules.listening.format.definition_reading import readable
from mixrules.listening.format.parts import Attribute, Question, Scale
from mixrules.listening.making.anchors import anchor_names
from mixrules.listening.making.excerpt_choice import MAX_SECONDS, MIN_SECONDS
from mixrules.systems import LISTENING_LUFS, System

MAX_SEED = 2**31 - 1
_ATTRIBUTE_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class StimuliRequest:
    """What is to be made.

    Parameters
    ----------
    systems : tuple of System
        The conditions, two or more.
    seed : int
        What random mixes, names and orders are drawn from.
    seconds : float
        Length of an excerpt.
    at_s : float or None
        Where every song's excerpt starts; None: chosen by rule.
    at_song_s : mapping of str to float
        Where the excerpts of single songs start.
    target_lufs : float
        Loudness of every stimulus.
    sample_rate : int or None
        Hz of every stimulus; None: each song's own.
    audio_format : {"wav", "flac"}
        24 bits either way.
    title : str
        What the test is called.
    scale : {"likert", "continuous", "ab", "abx"}
        What is answered on.
    attributes : tuple of Attribute
        What is rated; in an A/B test the one attribute "overall", and in an ABX test none, unless others are named.
    questions : tuple of Question
        What is asked about the listener.
    layout : {"one", "all"}
        One attribute at a time, or all together.
    repeats : int
        How many pages come twice, to measure consistency.
    training : bool
        Whether there is a training page.
    training_song : Path or None
        The training's folder of stems; None: the built-in demo song, so that no rated song is heard before.
    audio_url : str
        Where the exported configurations find the audio files; empty: each tool's usual place.
    reference : str or None
        The condition that listeners may hear as the reference; it is rated too, hidden.
    anchors_hz : tuple of float
        Frequencies at which the reference is low-passed, each an anchor: a condition of its own.
    definition : Definition or None
        How the test asks. Where it is given it stands for `title`, `scale`, `attributes`, `questions`, `layout`,
        `repeats` and `training`.
    """

    systems: tuple[System, ...]
    seed: int
    seconds: float = 10.0
    at_s: float | None = None
    at_song_s: Mapping[str, float] = field(default_factory=dict)
    target_lufs: float = LISTENING_LUFS
    sample_rate: int | None = None
    audio_format: Literal["wav", "flac"] = "wav"
    title: str = "Listening test"
    scale: Literal["likert", "continuous", "ab", "abx"] = "likert"
    attributes: tuple[Attribute, ...] = ATTRIBUTES
    questions: tuple[Question, ...] = QUESTIONS
    layout: Literal["one", "all"] = "one"
    repeats: int = 0
    training: bool = True
    training_song: Path | None = None
    audio_url: str = ""
    reference: str | None = None
    anchors_hz: tuple[float, ...] = ()
    definition: Definition | None = None

    def __post_init__(self) -> None:
        require_field_types(self)
        if len(self.systems) < 2:
            raise ParameterError(f"a comparison needs 2 conditions or more, got {len(self.systems)}")
        require_between(
            self,
            seed=(0, MAX_SEED),
            seconds=(MIN_SECONDS, MAX_SECONDS),
            target_lufs=(-60.0, -5.0),
            repeats=(0, 1000),
        )
        if self.sample_rate is not None:
            require_sample_rate(self.sample_rate)
        for name, accepted in (
            ("audio_format", ("wav", "flac")),
            ("scale", ("likert", "continuous", "ab", "abx")),
            ("layout", ("one", "all")),
        ):
            if getattr(self, name) not in accepted:
                raise ParameterError(f"{name} must be {' or '.join(accepted)}, got {getattr(self, name)!r}")
        if not self.title.strip():
            raise ParameterError("title is empty: a line of text is needed")
        if not self.attributes and self.scale != "abx":
            raise ParameterError("there are no attributes: one at least must be rated")
        systems = [system.name for system in self.systems]
        if self.reference is not None and self.reference not in systems:
            raise ParameterError(
                f"the reference {self.reference!r} is none of the conditions, which are {', '.join(systems)}"
            )
        anchor_names(self.anchors_hz, reference=self.reference, taken=systems)
        if self.audio_url and not re.fullmatch(r"[^\s\"'<>\\]+", self.audio_url):
            raise ParameterError(f"audio_url must be a URL or a path without spaces, got {self.audio_url!r}")

    def conditions(self) -> tuple[str, ...]:
        """Return the names of the conditions: the systems' and the anchors'."""
        return (*(system.name for system in self.systems), *self.anchors())

    def anchors(self) -> dict[str, float]:
        """Return the anchors: a condition's name to the frequency in Hz at which the reference is low-passed."""
        taken = [system.name for system in self.systems]
        return anchor_names(self.anchors_hz, reference=self.reference, taken=taken)

    def asks(self) -> Definition:
        """Return how the test asks."""
        given = self.definition or Definition(
            title=self.title,
            scale=Scale(kind=self.scale),
            attributes=self._attributes(),
            questions=self.questions,
            layout=self.layout,
            repeats=self.repeats,
            training=self.training,
        )
        return replace(
            given,
            reference=self.reference or given.reference,
            anchors=tuple(dict.fromkeys((*given.anchors, *self.anchors()))),
        )

    def _attributes(self) -> tuple[Attribute, ...]:
        if self.attributes != ATTRIBUTES:
            return self.attributes
        if self.scale == "abx":
            return ()
        return default_attributes(pairs=True)[-1:] if self.scale == "ab" else ATTRIBUTES

    def start_of(self, *names: str) -> float | None:
        """Return where a song's excerpt is to start, by any of its names; None where that is to be chosen."""
        return next((self.at_song_s[name] for name in names if name in self.at_song_s), self.at_s)


def parse_attributes(text: str, *, language: str = "en", pairs: bool = False) -> tuple[Attribute, ...]:
    """Return the attributes that a list names.

    Parameters
    ----------
    text : str
        Separated by commas: the ids of our own (``level_balance``, ``eq``, ``compression``, ``reverb``,
        ``overall``), or any other words, which become attributes of their own.
    language : str
        Of our own attributes' words.
    pairs : bool
        Whether two mixes are compared, which is then what our own attributes ask for.

    Returns
    -------
    tuple of Attribute

    Raises
    ------
    ParameterError
        If there is none, one is empty, or one stands twice.
    """
    known = {attribute.id: attribute for attribute in default_attributes(language, pairs=pairs)}
    chosen: dict[str, Attribute] = {}
    for label in split_items(text, name="the attributes"):
        name = _ATTRIBUTE_ID.sub("_", label.lower()).strip("_")[:64]
        if not name:
            raise ParameterError(
                f"the attribute {label!r} has no letter or digit from which an id could be made"
            )
        if name in chosen:
            raise ParameterError(f"the attribute {label!r} stands twice")
        chosen[name] = known.get(name) or Attribute(id=name, label=readable(label))
    if not chosen:
        raise ParameterError(f"no attribute is named: known are {', '.join(known)}, or any word of yours")
    return tuple(chosen.values())
