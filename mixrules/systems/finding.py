"""Which files hold a system's plan or finished mix of a song."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.stems.song_description import AudioPart
from mixrules.systems.song import Song
from mixrules.systems.system import AUDIO_SUFFIXES, MIXTURE, PLAN_SUFFIXES, System


def find_plan(system: System, song: Song) -> Path:
    """Return the plan that a system has of a song.

    A song of a data set, say ``test/Artist - Title``, is looked for as ``test/Artist - Title.plan.json`` in the
    system's folder, as `mixrules batch` writes it, and then as ``Artist - Title.plan.json``.

    Raises
    ------
    AudioFileError
        If there is none; says what was looked for.
    """
    return _find(system, song, [f"{_last(song)}{suffix}" for suffix in PLAN_SUFFIXES])


def find_mix(system: System, song: Song) -> tuple[AudioPart, ...]:
    """Return the finished mix that a system has of a song, looked for as `find_plan` does.

    Raises
    ------
    AudioFileError
        If there is none; says what was looked for.
    """
    if system.folder is not None:
        last = _last(song)
        names = [f"{last}{suffix}" for suffix in AUDIO_SUFFIXES]
        names += [f"{last}/{MIXTURE}{suffix}" for suffix in AUDIO_SUFFIXES]
        return (AudioPart(path=_find(system, song, names)),)
    if song.human:
        return song.human
    raise AudioFileError(
        f"song {song.name} has no human mix beside its stems (mixture.wav), nor in its data set: put one there, or "
        "name a folder of mixes: human=FOLDER"
    )


def spelled(parts: Sequence[AudioPart], *, whole_path: bool = False) -> str:
    """Return audio in words: its file, which stream or channel of it, and how many parts more are added to it."""
    first = parts[0]
    words = [str(first.path) if whole_path else first.path.name]
    if first.stream is not None:
        words.append(f"stream {first.stream + 1}")
    if first.channel is not None and len(parts) == 1:
        words.append(f"channel {first.channel + 1}")
    files = {part.path for part in parts}
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{', '.join(words)}{more}"


def _last(song: Song) -> str:
    """Return what a song's files are called, without folders."""
    return song.full_name.rpartition("/")[2] or song.name


def _find(system: System, song: Song, names: Sequence[str]) -> Path:
    if system.folder is None:
        raise AudioFileError(f"system {system.name!r} has no folder: {system.name}=FOLDER names one")
    above = song.full_name.rpartition("/")[0]
    places = [system.folder / above] if above else []
    # Where another song has the same last name, only its folders tell the two apart.
    if not above or song.name != song.full_name:
        places.append(system.folder)
    for place in places:
        for name in names:
            if (place / name).is_file():
                return place / name
    where = " and ".join(map(str, places))
    holds = "hold" if len(places) > 1 else "holds"
    raise AudioFileError(
        f"system {system.name!r} lacks song {song.name}: {where} {holds} no {' or '.join(names)}"
    )
