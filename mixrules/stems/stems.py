"""Stems: a song's named tracks, their roles, at one sample rate and of one length.

They come from arrays, from a folder of audio files, or from one ``.stem.mp4`` file. Notes for the report
say what was done when loading (resampled, padded, left out).
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt  # noqa: TC002

from mixrules._support.arguments import require_mapping, shown_value
from mixrules._support.text_encoding import composed
from mixrules._support.validation import SlicedAudio, require_sample_rate
from mixrules.errors import StemsError
from mixrules.stems.left_out import is_note_of
from mixrules.stems.roles import require_role
from mixrules.stems.stem import Stem
from mixrules.stems.stem_names import hint, same_name

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Stems:
    """A song as stems of one sample rate and one length.

    Attributes
    ----------
    stems : tuple of Stem
        In natural order of their names (2 before 10), or as given.
    sample_rate : int
        Hz.
    title : str
        The folder's or the file's name.
    notes : tuple of str
        What was done when loading the stems.
    mixture_path : Path or None
        A mix in the same folder, which was left out.
    """

    stems: tuple[Stem, ...]
    sample_rate: int
    title: str = ""
    notes: tuple[str, ...] = ()
    mixture_path: Path | None = None

    def __post_init__(self) -> None:
        stems: Any = self.stems
        if not isinstance(stems, list | tuple) or not all(isinstance(stem, Stem) for stem in stems):
            raise StemsError(
                f"stems must be a tuple of Stem, got {shown_value(stems)}: Stems.from_arrays makes them"
            )
        object.__setattr__(self, "stems", tuple(stems))
        object.__setattr__(self, "sample_rate", require_sample_rate(self.sample_rate))
        if not self.stems:
            raise StemsError("there are no stems, at least one is needed")
        spelled = [composed(name) for name in self.names]
        twice = [name for name, count in Counter(spelled).items() if count > 1]
        if twice:
            raise StemsError(f"several stems are called {twice[0]!r}, every name must be unique")
        lengths = {len(stem.audio) for stem in self.stems}
        if len(lengths) > 1:
            raise StemsError(
                f"the stems have {min(lengths)} to {max(lengths)} samples, one length is needed "
                "(Stems.from_arrays and load_stems pad)"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The stems' names, in order."""
        return tuple(stem.name for stem in self.stems)

    @property
    def samples(self) -> int:
        """The length of every stem in samples."""
        return len(self.stems[0].audio)

    @property
    def in_memory(self) -> bool:
        """Whether all stems are in memory."""
        return not any(isinstance(stem.audio, SlicedAudio) for stem in self.stems)

    @property
    def duration_s(self) -> float:
        """The length of every stem in seconds."""
        return self.samples / self.sample_rate

    def __getitem__(self, name: str) -> Stem:
        for stem in self.stems:
            if same_name(stem.name, name):
                return stem
        raise StemsError(
            f"there is no stem {shown_value(name)}{hint(name, self.names)}, there are {', '.join(self.names)}"
        )

    def __iter__(self) -> Iterator[Stem]:
        return iter(self.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def with_roles(self, roles: Mapping[str, str], *, reason: str = "given by the caller") -> Stems:
        """Return the same stems with other roles.

        Parameters
        ----------
        roles : mapping of str to str
            From a stem's name or file name to a role; the name of either half means a joined stem.
        reason : str
            Where the roles come from, for the report.

        Raises
        ------
        StemsError
            If there is no such stem.
        ParameterError
            If there is no such role, or it is ``mixture``: a mixture is left out when stems are loaded.
        """
        require_mapping(roles, name="roles", what="from a stem's or file's name to its role")
        new_roles: dict[str, str] = {}
        for key, role in roles.items():
            matches = [stem.name for stem in self.stems if _is_called(stem, key)]
            if not matches:
                left_out = [note for note in self.notes if is_note_of(note, key)]
                there = f"there are {', '.join(self.names)}"
                raise StemsError(f"there is no stem {shown_value(key)}, {'; '.join([there, *left_out])}")
            new_roles[matches[0]] = require_role(role, name=f"the role of {key!r}:", mixable=True)
        changed = tuple(
            dataclasses.replace(stem, role=new_roles[stem.name], role_confidence=1.0, role_reason=reason)
            if stem.name in new_roles
            else stem
            for stem in self.stems
        )
        return dataclasses.replace(self, stems=changed)

    def named_as(self, names: Iterable[str]) -> Stems:
        """Return the same stems by the names of a plan: where it has the halves of a joined stem, the two halves.

        Parameters
        ----------
        names : iterable of str
            The plan's stems. Names that are not here, or not there, are no matter of this.
        """
        from mixrules.stems.pairs import split_pair

        wanted = {composed(name) for name in names}
        stems: list[Stem] = []
        for stem in self.stems:
            halves = {composed(half.name) for half in stem.halves}
            split = halves and halves <= wanted and composed(stem.name) not in wanted
            stems += split_pair(stem) if split else (stem,)
        return self if len(stems) == len(self.stems) else dataclasses.replace(self, stems=tuple(stems))

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, npt.ArrayLike],
        sample_rate: int,
        roles: Mapping[str, str] | None = None,
        *,
        title: str = "",
        threads: int | None = None,
        join_pairs: bool = True,
    ) -> Stems:
        """Make stems of arrays, with the care that `load_stems` gives a folder.

        A mixture among them (``"mix"``) and what is no part of the song (a click, a guide) are left out, with a
        note. Two mono arrays that are left and right by their names (``"OH L"``, ``"OH R"``) become one stereo stem.

        Parameters
        ----------
        arrays : mapping of str to array_like of shape (samples, channels) or (samples,)
            Float samples, 1 or 2 channels. Shorter ones are padded with zeros. Not modified.
        sample_rate : int
            Hz, of all of them.
        roles : mapping of str to str, optional
            From name to role; the others' roles are guessed from their names.
        title : str
            What the song is called.
        threads : int or None
            How many arrays to check in parallel; by default as many as there are cores.
        join_pairs : bool
            Whether a left and a right become one stereo stem.

        Returns
        -------
        Stems
            All of one length, with the roles guessed or given.

        Raises
        ------
        AudioError
            If an array is not float, is empty, has more than 2 channels, or holds NaN or infinity.
        StemsError
            If there are no arrays, all are silent or left out, a name is no text or is there twice, or `roles` names
            one that is not there.
        ParameterError
            If a role or the sample rate is not one.
        """
        from mixrules.stems.arrays import stems_of_arrays

        stems, notes, later_roles = stems_of_arrays(
            arrays, sample_rate, {} if roles is None else roles, threads=threads, join_pairs=join_pairs
        )
        return cls(stems, sample_rate, title, notes).with_roles(later_roles)


def _is_called(stem: Stem, name: object) -> bool:
    """Return whether a stem, its file or one of its halves has this name."""
    if not isinstance(name, str):
        return False
    names = (stem.name, *stem.file_names, *(half.name for half in stem.halves))
    return composed(name) in {composed(each) for each in names}
