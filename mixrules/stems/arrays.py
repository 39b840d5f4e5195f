"""Stems from arrays by name: what is left out, joined and padded, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy.typing as npt  # noqa: TC002

from mixrules._support.arguments import require_mapping, shown_value
from mixrules._support.cores import in_threads, thread_count
from mixrules._support.text_encoding import composed
from mixrules._support.validation import require_sample_rate
from mixrules.errors import AudioError, StemsError
from mixrules.stems.left_out import doubtful_accompaniment, note_of, why_left_out
from mixrules.stems.pairs import joined_pairs
from mixrules.stems.roles import RoleGuess, guess_roles, require_role
from mixrules.stems.song_files.separated import covered_by_parts
from mixrules.stems.stem import Stem, same_length


def stems_of_arrays(
    arrays: Mapping[str, npt.ArrayLike],
    sample_rate: int,
    roles: Mapping[str, str],
    *,
    threads: int | None,
    join_pairs: bool,
) -> tuple[tuple[Stem, ...], tuple[str, ...], dict[str, str]]:
    """Make stems of arrays; for the parameters and errors see `Stems.from_arrays`.

    Returns
    -------
    stems : tuple of Stem
        All of one length, in the order of the arrays.
    notes : tuple of str
        What was left out, joined and padded.
    later_roles : dict of str to str
        The roles given for names that no array has: they may be those of joined stems.
    """
    _require_names(arrays)
    require_mapping(roles, name="roles", what="from a stem's name to its role")
    require_sample_rate(sample_rate)
    by_spelling = {composed(name): name for name in arrays}
    guesses = guess_roles(list(arrays))
    later_roles: dict[str, str] = {}
    for key, role in roles.items():
        require_role(role, name=f"the role of {key!r}:")
        name = by_spelling.get(composed(key)) if isinstance(key, str) else None
        if name is None:
            later_roles[key] = role
        else:
            guesses[name] = RoleGuess(role, 1.0, "given by the caller")
    left_out = {name: why for name in arrays if (why := why_left_out(guesses[name].role))}
    left_out |= covered_by_parts(
        {
            name: guess.role
            for name, guess in guesses.items()
            if name not in left_out and guess.confidence < 1.0
        }
    )
    notes = [note_of(name, why) for name, why in left_out.items()]
    names = [name for name in arrays if name not in left_out]
    if left_out and not names:
        raise StemsError(
            f"there is no stem besides what is left out ({', '.join(left_out)}), at least one is needed"
        )

    def make(name: str) -> Stem:
        guess = guesses[name]
        return Stem(name, _samples(name, arrays[name]), guess.role, guess.confidence, guess.reason)

    stems = in_threads(make, names, thread_count(threads))
    if stems and all(stem.silent for stem in stems):
        raise StemsError(f"every stem ({', '.join(names)}) is silent, at least one must hold sound")
    doubtful = doubtful_accompaniment({stem.name: stem.role for stem in stems})
    if doubtful:
        notes.append(f"{doubtful} may hold the other stems already: if so, leave it out")
    if join_pairs:
        stems, pair_notes = joined_pairs(stems)
        notes += pair_notes
    padded, pad_notes = same_length(stems)
    return padded, (*notes, *pad_notes), later_roles


def _require_names(arrays: object) -> None:
    """Refuse what is no mapping, names that are no text, and one name in two spellings."""
    if not isinstance(arrays, Mapping):
        raise StemsError(
            f"stems are arrays by name, such as {{'vocals': array}}, got {type(arrays).__name__}"
        )
    spellings: dict[str, str] = {}
    for name in arrays:
        if not isinstance(name, str) or not name.strip():
            raise StemsError(f"a stem's name must be text of one character or more, got {name!r}")
        other = spellings.setdefault(composed(name), name)
        if other is not name:
            raise StemsError(f"several stems are called {composed(name)!r}, every name must be unique")


def _samples(name: str, audio: Any) -> Any:
    """Return what was given for a stem, unless it is a file's path; its samples are checked later."""
    if isinstance(audio, str | bytes | os.PathLike):
        raise AudioError(
            f"stem {name!r} is {shown_value(audio)}, an array of samples is needed: load_stems reads files"
        )
    return audio
