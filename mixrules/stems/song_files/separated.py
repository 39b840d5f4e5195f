"""What source separators export: parts of one mix that overlap, or the work of several models side by side.

Demucs writes ``vocals.wav`` and ``no_vocals.wav``, Spleeter ``accompaniment.wav``, Ultimate Vocal Remover and
audio-separator ``1_Song_(Vocals)_model.wav``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from mixrules._support.text_encoding import composed, shown
from mixrules.stems.roles.families import VOICES
from mixrules.stems.song_files.file_kinds import bare_name
from mixrules.stems.stem_names import first_names

_PART = re.compile(r"^(?:\d+[_ -])?(?P<song>.*?)_\((?P<part>[^()]+)\)[_ ]*(?P<model>.*)$")
_PARTS = (
    "vocals",
    "vocal",
    "instrumental",
    "drums",
    "bass",
    "other",
    "guitar",
    "piano",
    "no vocals",
    "no drums",
    "no bass",
)
_COMPLEMENT = re.compile(
    r"(^|[\W_])(no|non|minus|without)[\W_]*(vocals?|vox|drums|bass|other|guitar|piano)([\W_]|$)"
    r"|(^|[\W_])(accompaniment|instrumental|karaoke)([\W_]|$)",
    re.IGNORECASE,
)


def overlapping_models(files: Sequence[str]) -> str:
    """Return what is wrong where several models' or songs' parts lie side by side, empty if nothing is."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    songs: dict[str, list[str]] = defaultdict(list)
    for file in files:
        found = _PART.match(bare_name(PurePosixPath(composed(file)).name))
        part = " ".join(re.findall(r"\w+", found["part"].casefold())) if found else ""
        if found and part in _PARTS:
            song = found["song"].casefold()
            parts[song, part].append(file)
            songs[song].append(found["song"])
    twice = next((same for same in parts.values() if len(same) > 1), None)
    if twice:
        return (
            f"{first_names(twice)} are the same part of one song by several models: "
            "keep one model's files, or name the others under ignore in stems.toml"
        )
    if len(songs) > 1:
        titles = [titles[0] for titles in songs.values()]
        return f"parts of {len(songs)} songs lie side by side ({first_names(titles)}), one folder a song is needed"
    return ""


def covered_by_parts(roles: Mapping[str, str]) -> dict[str, str]:
    """Return the files that hold what other files hold apart, such as ``no_vocals.wav`` beside drums and bass, and why.

    Parameters
    ----------
    roles : mapping of str to str
        From each file to its role.
    """
    covered = {}
    complements = [
        file
        for file, role in roles.items()
        if role in ("accompaniment", "other") and _COMPLEMENT.search(bare_name(PurePosixPath(file).name))
    ]
    parts = {file: role for file, role in roles.items() if file not in complements and role not in VOICES}
    drums = [file for file, role in parts.items() if role in ("drums", "kick", "snare")]
    bass = [file for file, role in parts.items() if role == "bass"]
    if drums and bass:
        for file in complements:
            covered[file] = f"{shown(drums[0])} and {shown(bass[0])} are parts of it"
    return covered
