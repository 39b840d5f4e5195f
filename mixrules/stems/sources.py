"""Which files of a folder are stems, their names and their roles.

This reads file names, ``stems.toml`` and, for a ``.stem.mp4``, the list of streams; `Source.read` reads
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
# Audio that cannot be read: leaving it out silently could lose a stem.
_UNREADABLE = frozenset(
    (".m4a", ".aac", ".mp4", ".wma", ".ape", ".wv", ".alac", ".m4b", ".mka", ".mkv", ".webm")
)
_TOML = "stems.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """One stem to be read: its name, its file (or stream), its role, and a function that reads it.

    `path` is the file if it holds this stem alone.
    """

    name: str
    file_name: str
    guess: RoleGuess
    read: Callable[[], AudioData]
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class StemSources:
    """The stems of a song before they are read."""

    sources: tuple[Source, ...]
    title: str
    notes: tuple[str, ...]
    mixture_path: Path | None = None


@dataclass(frozen=True, slots=True)
class _StemsToml:
    """The content of ``stems.toml``."""

    roles: dict[str, str]
    ignore: tuple[str, ...] = ()
    path: Path | None = None


def find_sources(path: Path, roles: dict[str, str]) -> StemSources:
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
        return _from_stem_file(path, roles, _StemsToml({}), ())
    raise AudioFileError(f"{path} is a file, a folder of stems (or a .stem.mp4 file) is needed")


def _from_folder(folder: Path, roles: dict[str, str]) -> StemSources:
    entries = sorted((f for f in folder.iterdir() if not f.name.startswith(".")), key=_natural_order)
    files = [f for f in entries if f.is_file()]
    stem_files = [f for f in files if _is_stem_file(f)]
    audio = [f for f in files if f.suffix.lower() in AUDIO_EXTENSIONS]
    unread = [f.name for f in files if f.suffix.lower() in _UNREADABLE and f not in stem_files]
    stems_toml = _read_toml(folder / _TOML) if (folder / _TOML).exists() else _StemsToml({})
    notes = [f"{name} left out: {READABLE} is read" for name in unread]
    no_files = {
        f.name: "a folder" if f.is_dir() else "a link to nothing"
        for f in entries
        if f not in files and f.suffix.lower() in AUDIO_EXTENSIONS | _UNREADABLE
    }
    notes += [f"{name} left out: it is {what}" for name, what in no_files.items()]
    if len(stem_files) == 1 and not any(guess_role(f.name).role != "mixture" for f in audio):
        notes += [f"{f.name} left out: it is a mixture" for f in audio]
        return _from_stem_file(stem_files[0], roles, stems_toml, tuple(notes))
    if not audio:
        if stem_files:
            names = ", ".join(f.name for f in stem_files)
            raise StemsError(f"{folder} holds {len(stem_files)} songs ({names}), name one of the files")
        others = [*unread, *(f"{name}: {what}" for name, what in no_files.items())]
        there = f" (only {', '.join(others)})" if others else ""
        raise StemsError(f"{folder} holds no audio{there}, one {READABLE} file a stem is needed")
    notes += [f"{f.name} left out: the folder holds stems as files of their own" for f in stem_files]
    readers = {f.name: _reader(f) for f in audio}
    sources, mixture, more = _choose(readers, folder, roles, stems_toml)
    mixture_path = folder / mixture if mixture else None
    return StemSources(sources, folder.resolve().name, (*notes, *more), mixture_path)


def _from_stem_file(
    path: Path, roles: dict[str, str], stems_toml: _StemsToml, notes: tuple[str, ...]
) -> StemSources:
    from mixrules.stems.stem_mp4 import stem_readers

    sources, _, more = _choose(stem_readers(path), path, roles, stems_toml)
    title = path.name[: -len(STEM_FILE_EXTENSIONS[0])]
    return StemSources(sources, title, (*notes, f"stems read from {path.name}", *more), path)


def _choose(
    readers: Mapping[str, Callable[[], AudioData]], path: Path, roles: dict[str, str], stems_toml: _StemsToml
) -> tuple[tuple[Source, ...], str | None, list[str]]:
    """Sort files into stems, mixtures and ignored files; return the stems, the first mixture, and notes."""
    notes = [f"{stems_toml.path.name} used"] if stems_toml.path else []
    where = str(stems_toml.path)
    ignored = {_match(name, readers, where) for name in stems_toml.ignore}
    guesses = {name: guess_role(name) for name in readers}
    for table, given_by, source in ((stems_toml.roles, _TOML, where), (roles, "the caller", str(path))):
        for key, role in table.items():
            guesses[_match(key, readers, source)] = RoleGuess(role, 1.0, f"given by {given_by}")
    # A file with a plan beside it is a mix made by this package, whatever its name.
    own_mixes = {name for name in readers if (path / name).with_suffix(".plan.json").is_file()}
    mixtures = [
        name
        for name in readers
        if name not in ignored and (guesses[name].role == "mixture" or name in own_mixes)
    ]
    notes += [f"{name} left out: {_TOML} ignores it" for name in readers if name in ignored]
    notes += [
        f"{name} left out: it is a mix of ours, its plan lies beside it"
        if name in own_mixes
        else f"{name} left out: it is a mixture"
        for name in mixtures
    ]
    names = [name for name in readers if name not in ignored and name not in mixtures]
    if not names:
        left_out = ", ".join([*mixtures, *sorted(ignored)])
        raise StemsError(
            f"{path} holds no stem besides what is left out ({left_out}), at least one is needed"
        )
    first_by_name: dict[str, str] = {}
    for name in names:
        other = first_by_name.setdefault(Path(name).stem, name)
        if other != name:
            raise StemsError(
                f"{other} and {name} in {path} would both be stem {Path(name).stem!r}, "
                f"rename one or ignore it in {_TOML}"
            )
    accompaniments = [name for name in names if guesses[name].role == "accompaniment"]
    if (
        accompaniments
        and sum(guesses[n].role not in ("vocal", "backing_vocal", "accompaniment") for n in names) > 1
    ):
        notes.append(f"{accompaniments[0]} may hold the other stems already: if so, ignore it in {_TOML}")
    sources = tuple(
        Source(Path(n).stem, n, guesses[n], readers[n], path / n if path.is_dir() else None) for n in names
    )
    return sources, mixtures[0] if mixtures else None, notes


def _read_toml(path: Path) -> _StemsToml:
    """Read ``stems.toml``; errors name the file."""
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
    return _StemsToml(roles, tuple(ignore), path)


def _match(key: str, names: Iterable[str], where: str) -> str:
    """Return the file that `key` means, with or without its extension."""
    names = list(names)
    matches = [name for name in names if key == name] or [name for name in names if key == Path(name).stem]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise StemsError(f"{where}: {key!r} means {' or '.join(matches)}, write the extension too")
    raise StemsError(f"{where}: there is no file {key!r}, there are {', '.join(names)}")


def _reader(path: Path) -> Callable[[], AudioData]:
    return lambda: read_audio(path, channels_max=2)


def _is_stem_file(path: Path) -> bool:
    return path.name.lower().endswith(STEM_FILE_EXTENSIONS)


def _natural_order(path: Path) -> list[tuple[int, int, str]]:
    """Return a sort key for natural order, 2 before 10; its last item makes the order total."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [*((1, int(p), "") if p.isdecimal() else (0, 0, p) for p in parts), (0, 0, path.name)]
