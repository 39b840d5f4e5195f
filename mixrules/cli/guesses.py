"""What was meant where no command was named: a folder of stems is mixed, what else there is gets its command told."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from mixrules.stems.file_extensions import (
    AUDIO_EXTENSIONS,
    LIBAV_EXTENSIONS,
    STEM_FILE_EXTENSIONS,
    TAR_EXTENSIONS,
    ZIP_EXTENSIONS,
)

_SONG_FILES = (*STEM_FILE_EXTENSIONS, *ZIP_EXTENSIONS, *TAR_EXTENSIONS)
_OUTPUTS = ("-o", "--output")


def mix_meant(arguments: Sequence[str]) -> list[str] | None:
    """Return the arguments of `mixrules mix` where a song stands in a command's place; None where none does.

    The mix is named after the song and goes into the present folder, or beside the song where that folder is the song's.
    """
    song = Path(arguments[0])
    if not _is_song(song):
        return None
    rest = list(arguments[1:])
    if any(word in _OUTPUTS or word.startswith(("-o", "--output=")) for word in rest):
        return [str(song), *rest]
    return [str(song), "-o", str(mix_of(song)), *rest]


def mix_of(song: Path) -> Path:
    """Return the name of a song's mix: ``my_song_mix.wav``."""
    real = song.resolve()
    stem = real.name
    if not song.is_dir():
        stem = next((stem.removesuffix(end) for end in _SONG_FILES if stem.lower().endswith(end)), stem)
    within = song.is_dir() and real in (Path.cwd().resolve(), *Path.cwd().resolve().parents)
    name = f"{stem or 'song'}_mix.wav"
    return real.parent / name if within else Path(name)


def command_for(name: str) -> str:
    """Return what to type for a file that stands in a command's place; empty where there is no such file."""
    path = Path(name)
    if not _is_file(path):
        return ""
    shown = shlex.quote(name)
    if path.suffix.lower() == ".json":
        return f"mixrules render FOLDER {shown} renders a plan"
    if path.suffix.lower() in AUDIO_EXTENSIONS | LIBAV_EXTENSIONS:
        return f"mixrules measure {shown} measures it, and mixrules mix takes the folder of its stems"
    return ""


def misspelt(name: str, commands: Iterable[str]) -> str:
    """Say that there is no such command, and which is meant: the nearest, or what takes the file of that name."""
    import difflib

    commands = list(commands)
    meant = command_for(name)
    if meant:
        return f"{name!r} is a file, a command comes first: {meant}"
    if "/" in name or os.sep in name:
        return f"{name!r} is neither a command nor a folder that there is: mixrules mix FOLDER mixes a folder of stems"
    close = difflib.get_close_matches(name, commands, n=1, cutoff=0.6)
    if close:
        return f"there is no command {name!r}: did you mean {close[0]}? mixrules --help lists all of them"
    return f"there is no command {name!r}: there are {', '.join(commands)}"


def _is_song(path: Path) -> bool:
    return _is_folder(path) or (path.name.lower().endswith(_SONG_FILES) and _is_file(path))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
