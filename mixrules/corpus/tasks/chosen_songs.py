"""The songs that task data is made of: those of the ground truth that can be used, in the order of their splits."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.extraction import Truth
from mixrules.corpus.layouts import songs_of
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.tasks.settings import SPLITS
from mixrules.corpus.tasks.splits import SongFacts
from mixrules.errors import AudioFileError, ParameterError
from mixrules.stems.song_description import SongDescription

NO_VOCAL = "without a vocal"
NO_BACKING = "without a backing"
TOO_SHORT = f"shorter than a snippet of {SNIPPET_SAMPLES / SAMPLE_RATE:.2f} s"


@dataclass(frozen=True, slots=True)
class ChosenSongs(Catalogue):
    """Songs of a data set that have been given a split: training songs first, then validation, then test.

    Attributes
    ----------
    splits : mapping of str to str
        From a song's name to its split, which takes the place of the official one.
    """

    splits: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __iter__(self) -> Iterator[SongDescription]:
        for split in SPLITS:
            missing = {song for song, own in self.splits.items() if own == split}
            for song in songs_of(self.root, self.layout):
                if song.song in missing:
                    missing.remove(song.song)
                    yield dataclasses.replace(song, split=split)
            for name in sorted(missing):
                why = f"the ground truth names it, but {self.root} does not hold it"
                yield SongDescription(song=name, split=split, problem=why)


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
    columns = ["song", "artist", "split", "signal", "duration_s", "integrated_lufs", "vocal_to_backing_lu"]
    facts: dict[str, SongFacts] = {}
    heard: dict[str, set[str]] = {}
    for row in (row for batch in truth.stems.to_batches(columns=columns) for row in batch.to_pylist()):
        song, level = row["song"], row["vocal_to_backing_lu"]
        if row["integrated_lufs"] is not None:
            heard.setdefault(song, set()).add(row["signal"])
        if song not in facts:
            facts[song] = SongFacts(
                song=song,
                artist=row["artist"] or "",
                split=row["split"] or "",
                duration_s=row["duration_s"],
                vocal_to_backing_lu=math.nan if level is None else level,
            )
    left_out: dict[str, list[str]] = {}
    usable = []
    for song, known in facts.items():
        signals = heard.get(song, set())
        if known.duration_s * SAMPLE_RATE < SNIPPET_SAMPLES:
            left_out.setdefault(TOO_SHORT, []).append(song)
        elif "backing" not in signals:
            left_out.setdefault(NO_BACKING, []).append(song)
        elif needs_vocal and "vocal" not in signals:
            left_out.setdefault(NO_VOCAL, []).append(song)
        else:
            usable.append(known)
    if not usable:
        why = "; ".join(f"{len(songs)} {reason}" for reason, songs in left_out.items())
        raise ParameterError(
            f"{truth.folder} holds no song that can be used ({why or 'it holds no song at all'})"
        )
    return usable, left_out


def find_songs_again(truth: Truth, root: Path | None, splits: Mapping[str, str]) -> ChosenSongs:
    """Return the songs where the ground truth was extracted from, or where they are said to be now.

    Raises
    ------
    AudioFileError
        If the folder is not there, or holds none of the songs.
    """
    top = Path(truth.run.root) if root is None else root
    if not top.exists():
        raise AudioFileError(f"{top} does not exist: --songs names the folder that the data set is in now")
    chosen = ChosenSongs(top, truth.run.layout, splits=splits)
    if not any(song.song in splits for song in songs_of(top, truth.run.layout)):
        raise AudioFileError(
            f"{top} holds none of the {len(splits)} songs of {truth.folder}: --songs names the folder "
            "that the data set is in now"
        )
    return chosen
