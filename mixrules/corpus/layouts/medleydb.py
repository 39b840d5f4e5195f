"""MedleyDB 1 and 2: 196 songs with their raw tracks, stems and mix (Bittner et al. 2014, 2016).

``Audio/Artist_Title`` holds ``Artist_Title_MIX.wav`` and the folders ``_STEMS`` and ``_RAW``; ``_METADATA.yaml`` beside
them, or in a folder ``Metadata``, as the package ``medleydb`` has it, names the instruments [1]_.

References
----------
.. [1] Bittner, Salamon, Tierney, Mauch, Cannam and Bello: MedleyDB: A Multitrack Dataset for Annotation-Intensive MIR
   Research, ISMIR 2014; medleydb 1.3, ``multitrack.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mixrules._support.installed import require_installed
from mixrules.corpus.layouts.layout import Layout, problem_of_missing
from mixrules.corpus.layouts.listing import Listing, listing, song_listing
from mixrules.corpus.layouts.medleydb_instruments import instruments_of, role_of
from mixrules.corpus.layouts.yaml_files import read_yaml
from mixrules.errors import AudioFileError
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

_YAML = "_METADATA.yaml"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file that the metadata names, with the instruments in it."""

    number: str
    file: str
    instruments: tuple[str, ...]


def songs(root: Path) -> Iterator[SongDescription]:
    """Yield the songs with their stems."""
    return described(root, raw=False)


def described(root: Path, *, raw: bool) -> Iterator[SongDescription]:
    """Yield the songs with their stems or their raw tracks."""
    require_installed("yaml", what="MedleyDB's metadata")
    audio = _audio(root)
    metadata = [
        listing(folder)
        for folder in dict.fromkeys((root / "Metadata", audio / "Metadata", audio.parent / "Metadata"))
        if folder.is_dir()
    ]
    for name in listing(audio).folders:
        found = song_listing(audio / name)
        if _is_song(found):
            yield _song(found, metadata, raw=raw)


def surely(root: Path) -> bool:
    """Return whether one of the first folders is a song's."""
    audio = _audio(root)
    return any(f"{name}_STEMS" in song_listing(audio / name).folders for name in listing(audio).folders[:3])


def _audio(root: Path) -> Path:
    return root / "Audio" if "Audio" in listing(root).folders else root


def _is_song(found: Listing) -> bool:
    """Return whether anything in a folder is called after it, or it is empty, as one that was not unpacked."""
    names = (*found.folders, *found.files)
    return not names or any(name.startswith(f"{found.path.name}_") for name in names)


def _song(found: Listing, metadata: list[Listing], *, raw: bool) -> SongDescription:
    name = found.path.name
    artist, _, title = name.partition("_")
    unread = SongDescription(song=name, title=title or name, artist=artist if title else "")
    place = next((one.path for one in (found, *metadata) if f"{name}{_YAML}" in one.files), None)
    if found.problem or place is None:
        why = f"{name}{_YAML} is missing: put it beside the mix, or into a folder Metadata beside Audio"
        return replace(unread, problem=found.problem or why)
    try:
        data = read_yaml(place / f"{name}{_YAML}")
        entries = list(_entries(data, raw=raw))
        part = song_listing(found.path / str(data["raw_dir" if raw else "stem_dir"]))
        mix = str(data["mix_filename"])
    except (AudioFileError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{name}{_YAML} is not what MedleyDB has there ({type(error).__name__}: {error})"
        return replace(unread, problem=why)
    missing = [entry.file for entry in entries if entry.file not in part.files]
    missing += [mix] if mix not in found.files else []
    return SongDescription(
        song=name,
        title=str(data.get("title") or title or name),
        artist=str(data.get("artist") or artist),
        album=str(data.get("album") or ""),
        stems=tuple(
            StemDescription(
                name=f"{entry.number} {', '.join(entry.instruments)}".rstrip(),
                role=role_of(entry.instruments),
                parts=(AudioPart(path=part.path / entry.file),),
            )
            for entry in entries
        ),
        mixture=(AudioPart(path=found.path / mix),),
        has_bleed={"yes": True, "no": False}.get(str(data.get("has_bleed"))),
        problem=problem_of_missing(missing)
        or ("" if entries else f"{name}{_YAML} names no {'raw tracks' if raw else 'stems'}"),
    )


def _entries(data: dict[str, Any], *, raw: bool) -> Iterator[_Entry]:
    for number, stem in sorted(data["stems"].items()):
        if not raw:
            yield _Entry(number[1:], str(stem["filename"]), instruments_of(stem.get("instrument")))
            continue
        for inner, track in sorted((stem.get("raw") or {}).items()):
            # A track that is not labelled plays what its stem plays.
            instruments = instruments_of(track.get("instrument")) or instruments_of(stem.get("instrument"))
            yield _Entry(f"{number[1:]}_{inner[1:]}", str(track["filename"]), instruments)


LAYOUT = Layout(
    name="medleydb",
    title="MedleyDB",
    source="Bittner et al. 2014 (ISMIR); Bittner et al. 2016 (ISMIR, late-breaking)",
    tree="Audio/SONG/SONG_STEMS/SONG_STEM_01.wav, SONG_MIX.wav, SONG_METADATA.yaml",
    songs=songs,
    surely=surely,
)
