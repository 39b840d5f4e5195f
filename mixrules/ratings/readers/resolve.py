"""Finding out what a foreign tool's ids mean: our test's pages, stimuli and attributes, by our key."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from mixrules.listening.format.key import Key, KeyPage
from mixrules.listening.format.revisions import definition_of
from mixrules.listening.format.testfile import ListeningTest
from mixrules.ratings.comments import Comment
from mixrules.ratings.table import CONTINUOUS, LIKERT, Row, ScaleRange

SINGLE_ATTRIBUTE = "rating"
"""What the attribute is called where a file does not say what was rated."""
_HIDDEN_REFERENCE = "reference"
"""What webMUSHRA calls the hidden reference; our export takes the human mix for it."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What was rated: page, song, condition, attribute, and how often the page had been seen before."""

    page: str
    song: str
    condition: str
    attribute: str
    repeat: int

    def row(self, listener: str, value: float, *, page_s: float = math.nan) -> Row:
        """Return a listener's value for it, and how long the page took (s)."""
        return Row(
            listener=listener,
            group="",
            song=self.song,
            condition=self.condition,
            attribute=self.attribute,
            value=value,
            page=self.page,
            repeat=self.repeat,
            page_s=page_s,
        )


def beside(meaning: Meaning, listener: str, text: str) -> Comment:
    """Return what a listener wrote beside one stimulus."""
    return Comment(
        listener=listener,
        text=text,
        song=meaning.song,
        page=meaning.page,
        conditions=(meaning.condition,),
        repeat=meaning.repeat,
    )


@dataclass(frozen=True, slots=True)
class Resolver:
    """Tells what ids mean; without a key they mean themselves. `folder` is that of the test, where there is one.

    Conditions are called as `Key.label` has them everywhere.
    """

    key: Key | None = None
    test: ListeningTest | None = None
    folder: Path | None = None
    _repeats: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        seen: dict[str, int] = {}
        for page in self.key.pages if self.key else ():
            if page.repeat_of is not None:
                seen[page.repeat_of] = seen.get(page.repeat_of, 0) + 1
            self._repeats[page.id] = seen.get(page.repeat_of or "", 0)

    def test_of(self, revision: str) -> ListeningTest | None:
        """Return the definition that a session was shown: the present one, or an earlier one that was kept.

        Parameters
        ----------
        revision : str
            What the session says; empty where the test had none.
        """
        if self.test is None or not revision or revision == self.test.revision or self.folder is None:
            return self.test
        return definition_of(self.folder, revision)

    def conditions(self) -> tuple[str, ...]:
        """Return what results call the conditions of the test, in the order in which the key has them."""
        return tuple(self.key.label(name) for name in self.key.conditions()) if self.key else ()

    def anchors(self) -> tuple[str, ...]:
        """Return the conditions that are anchors, as results call them."""
        return tuple(self.key.label(name) for name in self.key.anchors) if self.key else ()

    def attributes(self) -> tuple[str, ...]:
        """Return the attributes of the test, as far as known."""
        return tuple(a.id for a in self.test.attributes) if self.test else ()

    def open_reference(self) -> str | None:
        """Return the condition that is the hidden reference, where listeners are given it openly besides."""
        given = self.test is not None and any(page.reference is not None for page in self.test.pages)
        hidden = self.key.reference if given and self.key is not None else None
        return self.key.label(hidden) if self.key is not None and hidden is not None else None

    def reference(self) -> str:
        """Return the condition that webMUSHRA's hidden reference is: the engineer's mix, where there is one."""
        known = self.key.pages if self.key else ()
        found = next((condition for page in known if (condition := _reference(page))), "")
        return self.key.label(found) if self.key else found

    def scale(self, test: ListeningTest | None = None) -> ScaleRange | None:
        """Return the scale of the test, where known and where it has one; `test` may be an earlier definition of it."""
        test = test or self.test
        if test is None or test.scale.compares:
            return None
        base = LIKERT if test.scale.kind == "likert" else CONTINUOUS
        return ScaleRange(low=base.low, high=base.high, steps=base.steps, labels=test.scale.labels)

    def meaning(self, page: str, stimulus: str, attribute: str = "", repeat: int = 0) -> Meaning | None:
        """Return what was rated, or None if the key does not know the stimulus (training, a reference).

        Parameters
        ----------
        page, stimulus : str
            Texts that hold the page's and the stimulus' id; either may hold the attribute's too.
        attribute : str
            A text that holds the attribute's id or label, if that is apart.
        repeat : int
            How often the page had been seen before, as far as the tool tells.
        """
        if self.key is None:
            return Meaning(page, page, stimulus, attribute or SINGLE_ATTRIBUTE, repeat)
        where = f"{page} {stimulus}"
        with_stimulus = [p for p in self.key.pages if any(s.id in where for s in p.stimuli)]
        if stimulus == _HIDDEN_REFERENCE:
            with_stimulus = [p for p in self.key.pages if _reference(p)]
        named = [p for p in with_stimulus if _holds(page, p.id)] or [
            p for p in with_stimulus if p.repeat_of is None and stimulus != _HIDDEN_REFERENCE
        ]
        if not named:
            return None
        found = max(named, key=lambda p: len(p.id))
        condition = next((s.condition for s in found.stimuli if s.id in where), _reference(found))
        what = self._attribute(f"{attribute} {page} {stimulus}") or attribute or SINGLE_ATTRIBUTE
        named_so = self.key.label(condition)
        return Meaning(found.id, found.song, named_so, what, max(repeat, self._repeats[found.id]))

    def _attribute(self, text: str) -> str:
        if self.test is None:
            return ""
        if len(self.test.attributes) == 1:
            return self.test.attributes[0].id
        named = [a.id for a in self.test.attributes if _holds(text, a.id)]
        labelled = [a.id for a in self.test.attributes if _holds(text.lower(), a.label.lower())]
        return max(named or labelled or [""], key=len)


def _reference(page: KeyPage) -> str:
    return next((s.condition for s in page.stimuli if s.condition == "human"), "")


def _holds(text: str, name: str) -> bool:
    """Whether a name stands in a text and is not a part of a longer word or number."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text) is not None
