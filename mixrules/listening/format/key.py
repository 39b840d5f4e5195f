"""The key of a listening test: which stimulus is which song in which condition. Never served."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, read_document
from mixrules.listening.format.names import (
    require_name,
    require_stimulus_id,
    require_test_id,
    require_unique,
)
from mixrules.listening.format.testfile import ListeningTest

KEY_FORMAT = "mixrules-listening-key"
KEY_VERSIONS = (1, 2)


def require_labels(labels: Mapping[str, str], conditions: Iterable[str], where: str) -> None:
    """Raise `ListeningTestError` if results would call two conditions alike; `where` says where the labels stand."""
    called: dict[str, str] = {}
    for condition in conditions:
        label = labels.get(condition) or condition
        if label in called:
            raise ListeningTestError(
                f"{where}: {called[label]!r} and {condition!r} are both called {label!r}, each needs a name of its own"
            )
        called[label] = condition


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStimulus:
    """One stimulus and the condition that it is."""

    id: str
    condition: str

    def __post_init__(self) -> None:
        require_stimulus_id(self.id)
        if not self.condition:
            raise ListeningTestError("condition is empty")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPage:
    """One page: its song and what its stimuli are."""

    id: str
    song: str
    stimuli: tuple[KeyStimulus, ...]
    repeat_of: str | None = None

    def __post_init__(self) -> None:
        require_name(id=self.id)
        require_unique("stimuli", (s.id for s in self.stimuli))
        require_unique("conditions", (s.condition for s in self.stimuli))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Which stimulus of a test is which song in which condition.

    Parameters
    ----------
    test_id : str
        The test.
    pages : tuple of KeyPage
        Its pages.
    reference : str or None
        The condition that is the hidden reference.
    anchors : tuple of str
        The conditions that are anchors: bad on purpose.
    labels : dict of str to str
        What to call conditions where people read of them; those without a label go by their names.
    format, version
        What the file is.
    """

    format: Literal["mixrules-listening-key"] = "mixrules-listening-key"
    version: Literal[1, 2] = 2
    test_id: str
    reference: str | None = None
    anchors: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    pages: tuple[KeyPage, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        require_unique("pages", (p.id for p in self.pages))
        known = self.conditions()
        for what, name in [("reference", self.reference), *(("anchors", name) for name in self.anchors)]:
            if name is not None and name not in known:
                raise ListeningTestError(f"{what}: {name!r} is no condition, known are {', '.join(known)}")
        require_labels(self.labels, known, "labels")

    def label(self, condition: str) -> str:
        """Return what to call a condition where people read of it."""
        return self.labels.get(condition) or condition

    def conditions(self) -> tuple[str, ...]:
        """Return the names of the conditions, in the order in which the pages have them."""
        return tuple(dict.fromkeys(s.condition for page in self.pages for s in page.stimuli))

    def require_fits(self, test: ListeningTest) -> None:
        """Raise `ListeningTestError` unless the key holds every stimulus of every page of `test`, and no other song."""
        if self.test_id != test.test_id:
            raise ListeningTestError(f"the key is for the test {self.test_id}, not for {test.test_id}")
        keyed = {(page.id, s.id) for page in self.pages for s in page.stimuli}
        shown = {(page.id, s.id) for page in test.pages for s in page.stimuli}
        # Repeated pages of an earlier definition stay in the key: there may be ratings of them.
        needed = {(page.id, s.id) for page in self.pages for s in page.stimuli if page.repeat_of is None}
        different = (shown - keyed) | (needed - shown)
        if different:
            page_id, stimulus_id = min(different)
            where = "the key" if (page_id, stimulus_id) in keyed else "the test"
            raise ListeningTestError(f"only {where} has the stimulus {stimulus_id} on {page_id}")

    def to_json(self) -> str:
        """Return the key as indented JSON."""
        return json_of(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a key; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, KEY_FORMAT, KEY_VERSIONS)
