"""Which files of a folder are stems, what they are called, and what role each has.

Only looks at names, ``stems.toml`` and, for a ``.stem.mp4``, the list of streams; `Source.read` reads
the audio later.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.errors import AudioFileError, StemsError
from mixrules.files import READABLE, AudioData, cannot_read, read_audio, read_text
from mixrules.stems.roles import RoleGuess, guess_role, require_role

AUDIO_EXTENSIONS = frozenset(
    (
        ".wav",
        ".wave",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".aif",
        ".aiff",
        ".aifc",
        ".rf64",
        ".w64",
        ".caf",
    )
)
STEM_FILE_EXTENSIONS = (".stem.mp4", ".stem.m4a")
# Audio that is not read: leaving it out without a word could lose a stem.
_UNREADABLE = frozenset(
    (".m4a", ".aac", ".mp4", ".wma", ".ape", ".wv", ".alac", ".m4b", ".mka", ".mkv", ".webm")
)
_TOML = "stems.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """One stem to be read: its name, its file (or stream), its role, and how to read it.

    `path` is the file where the stem is all that is in it.
    """

    name: str
    file_name: str
    guess: RoleGuess
    read: Callable[[], AudioData]
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """The stems of a song before they are read."""

    sources: tuple[Source, ...]
    title: str
    notes: tuple[str, ...]
    mixture_path: Path | None = None


@dataclass(frozen=True, slots=True)
class _Pins:
    """What ``stems.toml`` says."""

    roles: dict[str, str]
    ignore: tuple[str, ...] = ()
    path: Path | None = None


def find_sources(path: Path, roles: dict[str, str]) -> Found:
    """Return the stems at `path`, a folder or a ``.stem.mp4`` file; `roles` are the caller's."""
    for key, role in roles.items():
        require_role(role, name=f"the role of {key!r}:")
    try:
        if path.is_dir():
            return _from_folder(path, roles)
        if not path.exists():
            raise AudioFileError(f"{path} does not exist, a folder of stems is needed")
    except PermissionError as error:
        raise cannot_read(path, error) from error
    if _is_stem_file(path):
        return _from_stem_file(path, roles, _Pins({}), ())
    raise AudioFileError(f"{path} is a file, a folder of stems (or a .stem.mp4 file) is needed")


def _from_folder(folder: Path, roles: dict[str, str]) -> Found:
    entries = sorted((f for f in folder.iterdir() if not f.name.startswith(".")), key=_counting)
    files = [f for f in entries if f.is_file()]
    stem_files = [f for f in files if _is_stem_file(f)]
    audio = [f for f in files if f.suffix.lower() in AUDIO_EXTENSIONS]
    unread = [f.name for f in files if f.suffix.lower() in _UNREADABLE and f not in stem_files]
    pins = _read_toml(folder / _TOML) if (folder / _TOML).exists() else _Pins({})
    notes = [f"{name} left out: {READABLE} is read" for name in unread]
    no_files = {
        f.name: "a folder" if f.is_dir() else "a link to nothing"
        for f in entries
        if f not in files and f.suffix.lower() in AUDIO_EXTENSIONS | _UNREADABLE
    }
    notes += [f"{name} left out: it is {what}" for name, what in no_files.items()]
    if len(stem_files) == 1 and not any(guess_role(f.name).role != "mixture" for f in audio):
        notes += [f"{f.name} left out: it is a mixture" for f in audio]
        return _from_stem_file(stem_files[0], roles, pins, tuple(notes))
    if not audio:
        if stem_files:
            names = ", ".join(f.name for f in stem_files)
            raise StemsError(f"{folder} holds {len(stem_files)} songs ({names}), name one of the files")
        others = [*unread, *(f"{name}: {what}" for name, what in no_files.items())]
        there = f" (only {', '.join(others)})" if others else ""
        raise StemsError(f"{folder} holds no audio{there}, one {READABLE} file a stem is needed")
    notes += [f"{f.name} left out: the folder holds stems as files of their own" for f in stem_files]
    readers = {f.name: _reader(f) for f in audio}
    sources, mixture, more = _choose(readers, folder, roles, pins)
    mixture_path = folder / mixture if mixture else None
    return Found(sources, folder.resolve().name, (*notes, *more), mixture_path)


def _from_stem_file(path: Path, roles: dict[str, str], pins: _Pins, notes: tuple[str, ...]) -> Found:
    from mixrules.stems.stem_mp4 import stem_readers

    sources, _, more = _choose(stem_readers(path), path, roles, pins)
    title = path.name[: -len(STEM_FILE_EXTENSIONS[0])]
    return Found(sources, title, (*notes, f"stems read from {path.name}", *more), path)


def _choose(
    readers: Mapping[str, Callable[[], AudioData]], place: Path, roles: dict[str, str], pins: _Pins
) -> tuple[tuple[Source, ...], str | None, list[str]]:
    """Sort files into stems, a mixture and the ignored; return them with notes."""
    notes = [f"{pins.path.name} used"] if pins.path else []
    where = str(pins.path)
    ignored = {_match(name, readers, where) for name in pins.ignore}
    guesses = {name: guess_role(name) for name in readers}
    for table, said_by, source in ((pins.roles, _TOML, where), (roles, "the caller", str(place))):
        for key, role in table.items():
            guesses[_match(key, readers, source)] = RoleGuess(role, 1.0, f"given by {said_by}")
    # A plan beside a file says that it is a mix we made, whatever it is called.
    ours = {name for name in readers if (place / name).with_suffix(".plan.json").is_file()}
    mixtures = [
        name for name in readers if name not in ignored and (guesses[name].role == "mixture" or name in ours)
    ]
    notes += [f"{name} left out: {_TOML} ignores it" for name in readers if name in ignored]
    notes += [
        f"{name} left out: it is a mix of ours, its plan lies beside it"
        if name in ours
        else f"{name} left out: it is a mixture"
        for name in mixtures
    ]
    names = [name for name in readers if name not in ignored and name not in mixtures]
    if not names:
        left_out = ", ".join([*mixtures, *sorted(ignored)])
        raise StemsError(
            f"{place} holds no stem besides what is left out ({left_out}), at least one is needed"
        )
    taken: dict[str, str] = {}
    for name in names:
        other = taken.setdefault(Path(name).stem, name)
        if other != name:
            raise StemsError(
                f"{other} and {name} in {place} would both be stem {Path(name).stem!r}, "
                f"rename one or ignore it in {_TOML}"
            )
    whole = [name for name in names if guesses[name].role == "accompaniment"]
    if whole and sum(guesses[n].role not in ("vocal", "backing_vocal", "accompaniment") for n in names) > 1:
        notes.append(f"{whole[0]} may hold the other stems already: if so, ignore it in {_TOML}")
    sources = tuple(
        Source(Path(n).stem, n, guesses[n], readers[n], place / n if place.is_dir() else None) for n in names
    )
    return sources, mixtures[0] if mixtures else None, notes


def _read_toml(path: Path) -> _Pins:
    """Read ``stems.toml``; any mistake in it is one line that names it."""
    try:
        document: dict[str, Any] = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise StemsError(f"{path} is not TOML: {str(error).splitlines()[0]}") from error
    unknown = [key for key in document if key not in ("roles", "ignore")]
    if unknown:
        raise StemsError(f"{path} has the unknown key {unknown[0]!r}, [roles] and ignore are known")
    roles, ignore = document.get("roles", {}), document.get("ignore", [])
    if not isinstance(roles, dict):
        raise StemsError(f'{path}: roles must be a table such as [roles] "Lead 1.wav" = "vocal"')
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        raise StemsError(f'{path}: ignore must be a list of file names such as ["x.wav"]')
    for name, role in roles.items():
        require_role(role, name=f"{path}: the role of {name!r}:")
    return _Pins(roles, tuple(ignore), path)


def _match(key: str, names: Iterable[str], where: str) -> str:
    """Return the file that `key` means, with or without its extension."""
    names = list(names)
    found = [name for name in names if key == name] or [name for name in names if key == Path(name).stem]
    if len(found) == 1:
        return found[0]
    if found:
        raise StemsError(f"{where}: {key!r} means {' or '.join(found)}, write the extension too")
    raise StemsError(f"{where}: there is no file {key!r}, there are {', '.join(names)}")


def _reader(path: Path) -> Callable[[], AudioData]:
    return lambda: read_audio(path, channels_max=2)


def _is_stem_file(path: Path) -> bool:
    return path.name.lower().endswith(STEM_FILE_EXTENSIONS)


def _counting(path: Path) -> list[tuple[int, int, str]]:
    """Sort as people count: 2 before 10; the last item keeps the order total."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [*((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts), (0, 0, path.name)]
