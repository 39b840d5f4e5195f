"""What a data set says about a song: which files are its stems, what they are, and where its mixture is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mixrules.stems.roles.families import VOICES


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPart:
    """Audio in a file: all of it, one of its streams, or one of its channels.

    Attributes
    ----------
    path : Path
        The file.
    stream : int or None
        Which stream of sound, where the file is a ``.stem.mp4``.
    channel : int or None
        Which channel alone, from 0; None for all.
    """

    path: Path
    stream: int | None = None
    channel: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StemDescription:
    """One stem of a song.

    Attributes
    ----------
    name : str
        What plans and tables call it.
    parts : tuple of AudioPart
        Its audio; several are summed.
    role : str
        One of the roles; empty for the guess from the name.
    vocal : bool or None
        Whether it belongs to what is called the vocal of the song, everything else being the backing; None to go by
        the role.
    impulse_response, dry : tuple of AudioPart
        The impulse response of its reverb, and the same stem without reverb, where the data set has one of them. They
        are no part of the song: its decay time is measured by them.
    """

    name: str
    parts: tuple[AudioPart, ...]
    role: str = ""
    vocal: bool | None = None
    impulse_response: tuple[AudioPart, ...] = ()
    dry: tuple[AudioPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SongDescription:
    """One song of a data set. Small, since it goes to other processes.

    Attributes
    ----------
    song : str
        What no other song of the data set is called: parts separated by ``/`` (``test/Artist - Title``). Results have
        this name.
    title, artist, album : str
        As the data set says; empty where it does not.
    split : str
        The official one, ``"train"``, ``"validation"`` or ``"test"``; empty where there is none.
    stems : tuple of StemDescription
        Its stems; empty where they are found in `folder`.
    folder : Path or None
        A folder of stems (or a ``.zip``, ``.tar`` or ``.stem.mp4``) that is read as `load_stems` reads it.
    mixture : tuple of AudioPart
        The mix that a person made; several parts are summed. Empty where there is none, and where `load_stems` finds
        it in `folder`.
    has_bleed : bool or None
        Whether other instruments are heard in some stem, as the data set says; None where it does not.
    problem : str
        Why the song cannot be used, where that is known without reading audio.
    """

    song: str
    title: str = ""
    artist: str = ""
    album: str = ""
    split: str = ""
    stems: tuple[StemDescription, ...] = ()
    folder: Path | None = None
    mixture: tuple[AudioPart, ...] = ()
    has_bleed: bool | None = None
    problem: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file or folder that the song is read from, each once."""
        stems = (part for stem in self.stems for part in (*stem.parts, *stem.impulse_response, *stem.dry))
        parts = [*stems, *self.mixture]
        own = () if self.folder is None else (self.folder,)
        return tuple(dict.fromkeys([*own, *(part.path for part in parts)]))

    def is_vocal(self, name: str, role: str) -> bool:
        """Return whether a stem belongs to the vocal of the song, by the description or else by its role."""
        said = next((stem.vocal for stem in self.stems if stem.name == name), None)
        return role in VOICES if said is None else said
