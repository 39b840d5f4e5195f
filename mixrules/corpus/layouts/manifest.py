"""A manifest: a table of one row a stem (or mixture, or folder of stems) that describes any data set.

Rows of one song stand together. Paths are relative to the manifest's folder; rows of one song with the same `stem` are
summed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from mixrules.corpus.layouts.layout import Layout, problem_of_missing
from mixrules.corpus.layouts.listing import listing
from mixrules.corpus.layouts.manifest_rows import COLUMNS, manifest_rows
from mixrules.errors import AudioFileError, ParameterError
from mixrules.files.tables.numbers import NumberFormat, cell_number, is_missing
from mixrules.stems.roles import require_role
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq")
_NAMES = ("manifest.csv", "manifest.tsv", "manifest.parquet")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


# What spreadsheets of several languages write for true and false.
_TRUE = _words(
    "true, yes, y, 1, 1.0, x, vocal, wahr, ja, vrai, oui, verdadero, sí, si, vero, waar, prawda, да"
)
_FALSE = _words("false, no, n, 0, 0.0, backing, falsch, nein, faux, non, falso, onwaar, nee, fałsz, нет")
_SPLITS = {
    **{name: name for name in ("train", "validation", "test")},
    **{"training": "train", "valid": "validation", "val": "validation", "testing": "test"},
}
_CHANNELS = {"left": 0, "l": 0, "right": 1, "r": 1}
_KINDS = ("stem", "mixture", "folder", "dry", "impulse_response")
_Row = tuple[int, Mapping[str, str]]
_Names = Callable[[Path], frozenset[str]]


class _RowError(Exception):
    """What is wrong with a row; the message names it."""


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs of a manifest: a file, or a folder with a ``manifest.csv`` or ``manifest.parquet`` in it."""
    path = _file(root)
    names_in = lru_cache(maxsize=64)(_names_in)
    ends: dict[str, int] = {}
    for song, rows in groupby(manifest_rows(path), key=lambda row: row[1].get("song", "")):
        found = list(rows)
        first = found[0][0]
        if not song:
            raise AudioFileError(f"{path}, row {first}: it names no song")
        if song in ends:
            raise AudioFileError(
                f"{path}, row {first}: the rows of {song!r} ended in row {ends[song]} already, keep them together "
                "or give another song another name"
            )
        ends[song] = found[-1][0]
        yield _described(song, found, path.parent, names_in)


def _file(root: Path) -> Path:
    if not root.is_dir():
        if root.suffix.lower() not in _ENDINGS:
            raise AudioFileError(f"{root} is no table, a .csv or .parquet file is needed")
        return root
    files = listing(root).files
    named = [name for name in files if name.lower() in _NAMES]
    if len(named) != 1:
        there = "holds no manifest" if not named else f"holds {len(named)} manifests ({', '.join(named)})"
        raise AudioFileError(f"{root} {there}, name the file of one, with a row for each stem")
    return root / named[0]


def _described(song: str, rows: list[_Row], folder: Path, names_in: _Names) -> SongDescription:
    texts = {name: "" for name in ("title", "artist", "album", "split")}
    try:
        for name in texts:
            texts[name] = _same(name, rows)
        split = _split(texts["split"], rows[0][0])
        parts = [_Part(number, row, folder) for number, row in rows]
        stems = tuple(_stems(parts))
        folders = [part for part in parts if part.kind == "folder"]
        if folders and len(folders) + len([p for p in parts if p.kind == "mixture"]) < len(parts):
            raise _RowError(f"row {folders[0].number}: a song is a folder or it is stems, not both")
        if len(folders) > 1:
            raise _RowError(
                f"row {folders[1].number}: a song is one folder, row {folders[0].number} has another"
            )
        if not stems and not folders:
            raise _RowError(f"row {rows[0][0]}: the song has no stems")
    except _RowError as error:
        return SongDescription(
            song=song,
            title=texts["title"] or song,
            artist=texts["artist"],
            album=texts["album"],
            problem=str(error),
        )
    return SongDescription(
        song=song,
        title=texts["title"] or song,
        artist=texts["artist"],
        album=texts["album"],
        split=split,
        stems=stems,
        folder=folders[0].path if folders else None,
        mixture=tuple(part.audio for part in parts if part.kind == "mixture"),
        problem=_missing_files(parts, names_in),
    )


class _Part:
    """A row: what it is, and its audio."""

    def __init__(self, number: int, row: Mapping[str, str], folder: Path) -> None:
        values = {
            name: row.get(name, "") if name in ("path", "stem") else _given(row.get(name, ""))
            for name in COLUMNS
        }
        self.number = number
        self.kind = values["kind"].lower() or "stem"
        if self.kind not in _KINDS:
            raise _RowError(
                f"row {number}: kind {values['kind']!r} is not known, {', '.join(_KINDS)} are accepted"
            )
        if not values["path"]:
            raise _RowError(f"row {number}: it names no path")
        self.path = _path(folder, values["path"])
        self.audio = AudioPart(
            path=self.path,
            stream=_whole(values["stream"], number, "stream"),
            channel=_channel(values["channel"], number),
        )
        self.named = values["stem"]
        self.stem = values["stem"] or os.path.splitext(self.path.name)[0]
        self.role = values["role"].lower()
        if self.role:
            try:
                require_role(self.role, mixable=True)
            except ParameterError as error:
                raise _RowError(f"row {number}: {error}") from error
        self.vocal = _truth(values["vocal"], number)


def _stems(parts: Sequence[_Part]) -> Iterator[StemDescription]:
    by_name: dict[str, list[_Part]] = {}
    for part in parts:
        if part.kind == "stem":
            by_name.setdefault(part.stem, []).append(part)
    for name, same in by_name.items():
        first = same[0]
        for other in same[1:]:
            if not (first.named and other.named):
                raise _RowError(
                    f"row {other.number}: its file is called as that of row {first.number}, name the stems of both"
                )
            if (other.role, other.vocal) != (first.role, first.vocal):
                raise _RowError(
                    f"row {other.number}: stem {name!r} has another role or vocal than in row {first.number}"
                )
        yield StemDescription(
            name=name,
            role=first.role,
            vocal=first.vocal,
            parts=tuple(part.audio for part in same),
            impulse_response=_beside(name, "impulse_response", parts),
            dry=_beside(name, "dry", parts),
        )
    for part in parts:
        if part.kind in ("dry", "impulse_response") and part.stem not in by_name:
            raise _RowError(
                f"row {part.number}: there is no stem {part.stem!r}, whose {part.kind} it would be"
            )


def _missing_files(parts: list[_Part], names_in: _Names) -> str:
    missing = [
        f"{part.path} (row {part.number})"
        for part in parts
        if part.path.name not in names_in(part.path.parent)
    ]
    return problem_of_missing(missing)


def _names_in(folder: Path) -> frozenset[str]:
    """Return the names in a folder; a data set's files often lie in one, so that it is read once."""
    try:
        return frozenset(os.listdir(folder))
    except OSError:
        return frozenset()


def _beside(stem: str, kind: str, parts: Sequence[_Part]) -> tuple[AudioPart, ...]:
    """Return the audio of one kind that belongs to a stem without being part of it."""
    return tuple(part.audio for part in parts if part.kind == kind and part.stem == stem)


def _path(folder: Path, text: str) -> Path:
    # Written on Windows; a name with a backslash in it is hardly meant elsewhere.
    return folder / (text.replace("\\", "/") if os.sep == "/" else text)


def _same(name: str, rows: list[_Row]) -> str:
    """Return what the rows of a song say in a column, where they agree."""
    value, first = "", 0
    for number, row in rows:
        other = row.get(name, "")
        if value and other and other != value:
            raise _RowError(f"row {number}: {name} is {other!r}, in row {first} {value!r}")
        if other and not value:
            value, first = other, number
    return value


def _split(text: str, number: int) -> str:
    if text and text.lower() not in _SPLITS:
        raise _RowError(f"row {number}: split {text!r} is not known, train, validation and test are accepted")
    return _SPLITS.get(text.lower(), "")


def _truth(text: str, number: int) -> bool | None:
    folded = text.casefold()
    if not folded:
        return None
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    raise _RowError(f"row {number}: vocal is {text!r}, true and false are accepted")


def _channel(text: str, number: int) -> int | None:
    if text.lower() in _CHANNELS:
        return _CHANNELS[text.lower()]
    channel = _whole(text, number, "channel")
    if channel == 0:
        raise _RowError(
            f"row {number}: channel is {text!r}, they are counted from 1; left and right are accepted"
        )
    return None if channel is None else channel - 1


def _whole(text: str, number: int, name: str) -> int | None:
    if not text:
        return None
    found = cell_number(text, NumberFormat(), whole=True)
    if found is None or found.percent or found.value < 0 or found.value != int(found.value):
        raise _RowError(f"row {number}: {name} is {text!r}, a whole number is needed")
    return int(found.value)


def _given(cell: str) -> str:
    return "" if is_missing(cell) else cell


def _surely(root: Path) -> bool:
    """Return whether it is a table with the columns, or a folder with such a table under a manifest's name."""
    try:
        return next(songs(root), None) is not None
    except AudioFileError:
        return False


LAYOUT = Layout(
    name="manifest",
    title="a manifest",
    source="",
    tree="a table of the columns song, path and others",
    songs=songs,
    surely=_surely,
)
