"""``stems.toml``: what a song's folder says about its stems, their roles and which files are none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mixrules._support.strict_toml import toml_document
from mixrules._support.text_encoding import composed, shown
from mixrules.errors import AudioFileError, ParameterError, StemsError
from mixrules.files import cannot_read
from mixrules.stems.roles import require_role
from mixrules.stems.stem_names import is_pattern, matching_file, matching_files

TOML_NAME = "stems.toml"
_BYTES_MAX = 1 << 18  # a line for every stem of the largest session is a tenth of it
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class StemsToml:
    """The content of ``stems.toml``, empty if there is none."""

    roles: Mapping[str, str] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()
    path: Path | None = None

    def ignores_folder(self, folder: str) -> bool:
        """Return whether a folder of the song is to be left out, by its path or its name."""
        wanted = composed(folder).casefold()
        keys = {composed(key).replace("\\", "/").rstrip("/").casefold() for key in self.ignore}
        return bool(keys & {wanted, wanted.rsplit("/", 1)[-1], f"{wanted}/*"})

    def ignored_files(self, files: Sequence[str], left_out: Iterable[str]) -> set[str]:
        """Return which files to leave out; a key may name what is left out anyway."""
        ignored: set[str] = set()
        for key in self.ignore:
            if is_pattern(key, files):
                ignored |= set(matching_files(key, files))
            elif not _names_left_out(key, left_out):
                ignored.add(matching_file(key, files, str(self.path)))
        return ignored

    def roles_of_files(self, files: Sequence[str], left_out: Iterable[str]) -> dict[str, str]:
        """Return the role of each file that has one here; a file's own name wins over a pattern."""
        found: dict[str, str] = {}
        keys: dict[str, str] = {}
        for key, role in self.roles.items():
            if is_pattern(key, files):
                for file in matching_files(key, files):
                    if found.setdefault(file, role) != role:
                        _both(self.path, keys[file], key, file)
                    keys.setdefault(file, key)
        for key, role in self.roles.items():
            if not is_pattern(key, files) and not _names_left_out(key, left_out):
                file = matching_file(key, files, str(self.path))
                if file in keys and not is_pattern(keys[file], files) and found[file] != role:
                    _both(self.path, keys[file], key, file)
                found[file], keys[file] = role, key
        return found

    def unused_notes(self, files: Sequence[str], folders: Iterable[str]) -> list[str]:
        """Return a note for each pattern that no file matches; `folders` are those left out."""
        keys = [key for key in (*self.ignore, *self.roles) if is_pattern(key, files)]
        return [
            f"{TOML_NAME}: {key!r} matches no file"
            for key in keys
            if not matching_files(key, files) and not matching_files(key, folders)
        ]


def read_stems_toml(folder: Path) -> StemsToml:
    """Read the ``stems.toml`` in a folder; fails with one line that names it."""
    path = folder / TOML_NAME
    if not os.path.lexists(path):
        return StemsToml()
    try:
        status = path.stat()
    except OSError as error:
        raise cannot_read(path, error) from error
    if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
        raise AudioFileError(f"{path} is no regular file, a text file is needed")
    if status.st_size > _BYTES_MAX and stat.S_ISREG(status.st_mode):
        raise StemsError(f"{path} has {status.st_size} bytes, at most {_BYTES_MAX} are read")
    try:
        document = toml_document(path.read_bytes(), str(path))
    except OSError as error:
        raise cannot_read(path, error) from error
    except ParameterError as error:
        raise StemsError(str(error)) from error
    return _checked(document, path)


def misnamed_notes(names: list[str]) -> list[str]:
    """Return a note for each file that was meant as ``stems.toml`` and is not called so."""
    like = {TOML_NAME, f"{TOML_NAME}.txt", "stem.toml"}
    return [
        f"{shown(name)} is not read: {TOML_NAME} is the name"
        for name in names
        if name != TOML_NAME and name.lower() in like
    ]


def _checked(document: dict[str, Any], path: Path) -> StemsToml:
    unknown = [key for key in document if key not in ("roles", "ignore")]
    if unknown:
        raise StemsError(f"{path} has the unknown key {_brief(unknown[0])}, [roles] and ignore are known")
    roles, ignore = document.get("roles", {}), document.get("ignore", [])
    if not isinstance(roles, dict):
        raise StemsError(f'{path}: roles must be a table such as [roles] "Lead 1.wav" = "vocal"')
    if not isinstance(ignore, list) or not all(isinstance(name, str) for name in ignore):
        raise StemsError(f'{path}: ignore must be a list of file names such as ["x.wav"]')
    for name, role in roles.items():
        if name == "ignore" and isinstance(role, list):
            raise StemsError(f"{path}: ignore must stand before [roles], here it is read as a part of it")
        if isinstance(role, dict):
            raise StemsError(
                f'{path}: {_brief(name)} is no role: write names with a dot in quotes, "Lead 1.wav" = "vocal"'
            )
        if not isinstance(role, str) or len(role) > _SHOWN:
            raise ParameterError(
                f"{path}: the role of {_brief(name)}: {_brief(role)} is not a role, a name such as vocal is"
            )
        require_role(role, name=f"{path}: the role of {_brief(name)}:")
    return StemsToml(roles, tuple(ignore), path)


def _names_left_out(key: str, left_out: Iterable[str]) -> bool:
    wanted = composed(key).replace("\\", "/").rstrip("/").casefold()
    known = (composed(name).rstrip("/").casefold() for name in left_out)
    return any(wanted in (name, name.rsplit("/", 1)[-1]) for name in known)


def _both(path: Path | None, first: str, second: str, file: str) -> None:
    raise StemsError(f"{path}: {first!r} and {second!r} give {shown(file)} two roles, one is needed")


def _brief(value: object) -> str:
    """Return a value as TOML had it, short enough for a line; a number may be too long to be written."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
