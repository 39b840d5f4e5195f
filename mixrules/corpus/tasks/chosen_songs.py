"""The songs that task data is made of: those of the ground truth that can be used, in the order of their splits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.extraction import Truth
from mixrules.corpus.layouts import songs_of
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.tasks.same_songs import SongFacts
from mixrules.corpus.tasks.settings import SPLITS
from mixrules.errors import AudioFileError, ParameterError
from mixrules.stems.song_description import SongDescription

NO_VOCAL = "without a vocal"
NO_BACKING = "without a backing"
_SIGNALS = ("vocal", "backing", "mix")
_COLUMNS = [
    *("song", "title", "artist", "split", "signal"),
    *("duration_s", "integrated_lufs", "vocal_to_backing_lu"),
]
TOO_SHORT = f"shorter than a snippet of {SNIPPET_SAMPLES / SAMPLE_RATE:.2f} s"


@dataclass(frozen=True, slots=True)
class ChosenSongs:
    """Songs of a data set that have been given a split: training songs first, then validation, then test.

    Attributes
    ----------
    root : Path
        The data set's folder, or a manifest's file.
    layout : str
        The name of its layout.
    songs : tuple of SongDescription
        The songs, each with the split that takes the place of the official one.
    """

    root: Path
    layout: str
    songs: tuple[SongDescription, ...]

    def __iter__(self) -> Iterator[SongDescription]:
        return iter(self.songs)


def read_songs(truth: Truth, *, needs_vocal: bool) -> tuple[list[SongFacts], dict[str, list[str]]]:
    """Return the songs of the ground truth that can be used, and the others by the reason why they cannot.

    Parameters
    ----------
    truth : Truth
        The tables.
    needs_vocal : bool
        Whether a song without a vocal is of no use.

    Raises
    ------
    ParameterError
        If no song is left.
    """
    facts: dict[str, SongFacts] = {}
    loudness: dict[str, dict[str, float]] = {}
    for row in (row for batch in truth.stems.to_batches(columns=_COLUMNS) for row in batch.to_pylist()):
        song, level = row["song"], row["vocal_to_backing_lu"]
        if row["integrated_lufs"] is not None and row["signal"] in _SIGNALS:
            loudness.setdefault(song, {})[row["signal"]] = row["integrated_lufs"]
        if song not in facts:
            facts[song] = SongFacts(
                song=song,
                title=row["title"] or "",
                artist=row["artist"] or "",
                split=row["split"] or "",
                duration_s=row["duration_s"],
                vocal_to_backing_lu=math.nan if level is None else level,
            )
    left_out: dict[str, list[str]] = {}
    usable = []
    for song, known in facts.items():
        active_signals = loudness.get(song, {})
        if known.duration_s * SAMPLE_RATE < SNIPPET_SAMPLES:
            left_out.setdefault(TOO_SHORT, []).append(song)
        elif "backing" not in active_signals:
            left_out.setdefault(NO_BACKING, []).append(song)
        elif needs_vocal and "vocal" not in active_signals:
            left_out.setdefault(NO_VOCAL, []).append(song)
        else:
            lufs = tuple(active_signals.get(signal) for signal in _SIGNALS)
            usable.append(dataclasses.replace(known, integrated_lufs=lufs))
    if not usable:
        why = "; ".join(f"{len(songs)} {reason}" for reason, songs in left_out.items())
        raise ParameterError(
            f"{truth.folder} holds no song that can be used ({why or 'it holds no song at all'})"
        )
    return usable, left_out


def find_songs_again(truth: Truth, root: Path | None, splits: Mapping[str, str]) -> ChosenSongs:
    """Return the songs where the ground truth was extracted from, or where they are said to be now; they are listed once.

    Raises
    ------
    AudioFileError
        If the folder is not there, or holds none of the songs.
    """
    top = Path(truth.run.root) if root is None else root
    if not top.exists():
        raise AudioFileError(f"{top} does not exist: --songs names the folder that the data set is in now")
    found: dict[str, SongDescription] = {}
    for song in songs_of(top, truth.run.layout):
        if song.song in splits and song.song not in found:
            found[song.song] = dataclasses.replace(song, split=splits[song.song])
    if not found:
        raise AudioFileError(
            f"{top} holds none of the {len(splits)} songs of {truth.folder}: --songs names the folder "
            "that the data set is in now"
        )
    why = f"the ground truth names it, but {top} does not hold it"
    chosen: list[SongDescription] = []
    for split in SPLITS:
        chosen += [song for song in found.values() if song.split == split]
        missing = sorted(name for name, own in splits.items() if own == split and name not in found)
        chosen += [SongDescription(song=name, split=split, problem=why) for name in missing]
    return ChosenSongs(top, truth.run.layout, tuple(chosen))
