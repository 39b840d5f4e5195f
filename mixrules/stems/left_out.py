"""Which stems are no part of the song, and the words for that: the same for files and for arrays."""

from __future__ import annotations

from collections.abc import Mapping

from mixrules._support.text_encoding import shown
from mixrules.stems.roles.families import VOICES

IS_MIXTURE = "it is a mixture"
_REASONS = {"mixture": IS_MIXTURE, "guide": "it is a guide, no part of the song"}


def why_left_out(role: str) -> str:
    """Return why stems of a role are not mixed; empty where they are."""
    return _REASONS.get(role, "")


def note_of(name: str, why: str) -> str:
    """Return the note that a file or an array was left out; `is_note_of` knows it again."""
    return f"{shown(name)} left out: {why}"


def is_note_of(note: str, name: object) -> bool:
    """Return whether a note says that what has this name was left out."""
    return isinstance(name, str) and note.startswith(note_of(name, ""))


def doubtful_accompaniment(roles: Mapping[str, str]) -> str:
    """Return the name of an accompaniment that may hold the stems beside it already; empty where there is none.

    Parameters
    ----------
    roles : mapping of str to str
        From the stems' names to their roles.
    """
    parts = sum(role not in VOICES | {"accompaniment"} for role in roles.values())
    return next((name for name, role in roles.items() if role == "accompaniment" and parts > 1), "")
