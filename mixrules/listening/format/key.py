"""The key of a listening test: which stimulus is which song in which condition. Never served."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal, Self

from mixrules.errors import ListeningTestError
from mixrules.listening.format.documents import json_of, read_document
from mixrules.listening.format.testfile import (
    ListeningTest,
    require_name,
    require_stimulus_id,
    require_test_id,
    require_unique,
)

KEY_FORMAT = "mixrules-listening-key"
KEY_VERSION = 1


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
    """Which stimulus of a test is which song in which condition."""

    format: Literal["mixrules-listening-key"] = "mixrules-listening-key"
    version: Literal[1] = 1
    test_id: str
    pages: tuple[KeyPage, ...]

    def __post_init__(self) -> None:
        require_test_id(self.test_id)
        require_unique("pages", (p.id for p in self.pages))

    def conditions(self) -> tuple[str, ...]:
        """Return the names of the conditions, in the order in which the pages have them."""
        return tuple(dict.fromkeys(s.condition for page in self.pages for s in page.stimuli))

    def require_fits(self, test: ListeningTest) -> None:
        """Raise `ListeningTestError` unless the key holds every stimulus of every page of `test`."""
        if self.test_id != test.test_id:
            raise ListeningTestError(f"the key is for the test {self.test_id}, not for {test.test_id}")
        keyed = {(page.id, s.id) for page in self.pages for s in page.stimuli}
        shown = {(page.id, s.id) for page in test.pages for s in page.stimuli}
        if keyed != shown:
            page_id, stimulus_id = min(keyed ^ shown)
            where = "the key" if (page_id, stimulus_id) in keyed else "the test"
            raise ListeningTestError(f"only {where} has the stimulus {stimulus_id} on {page_id}")

    def to_json(self) -> str:
        """Return the key as indented JSON."""
        return json_of(self)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a key; fails with `ListeningTestError` or `AudioFileError`, naming the place."""
        return read_document(path, cls, KEY_FORMAT, KEY_VERSION)
