"""The work of `mixrules dataset`: a song's vocal and backing in, its mel blocks and targets out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from mixrules._support.json_values import defined
from mixrules.corpus.tasks.blocks_of_songs import finish
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.song_samples import write_samples
from mixrules.corpus.tasks.song_signals import HOLD_MIB, open_signals
from mixrules.corpus.tasks.spool import spool_names
from mixrules.corpus.work.content import song_key
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.stems.song_description import SongDescription

_BESIDE_STEMS_MIB = 400.0  # libraries, compiled code, segments; of the stems at most HOLD_MIB are in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetMaking:
    """Makes the samples of one song after the other.

    Attributes
    ----------
    dataset : DatasetSettings
        What they are.
    division : str
        A hash of which song is in which split: another division is another run.
    songs_in_block : int
        How many songs share shards.
    """

    dataset: DatasetSettings
    division: str
    songs_in_block: int

    kind = "dataset"

    def settings(self) -> Mapping[str, Any]:
        """Return everything that the samples depend on besides the songs."""
        return {
            **self.dataset.plain(),
            "division": self.division,
            "songs_in_block": self.songs_in_block,
        }

    def also(self, song: SongDescription) -> str:
        """Return nothing: a result depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory a song takes at most: it does not depend on its length."""
        return HOLD_MIB + _BESIDE_STEMS_MIB

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Write the mel blocks of a song and of its copies, and what is known of them."""
        task = make_task(self.dataset)
        signals = open_signals(song, needs_vocal=task.needs_vocal)
        copies = self.dataset.copies if song.split == "train" else 0
        names = spool_names(song.song)
        with place.writing(*names) as (blocks, facts):
            with open(blocks, "wb") as file:
                found = write_samples(song.song, signals, task, self.dataset, copies, file)
            about = {
                "song": song.song,
                "title": song.title,
                "artist": song.artist,
                "album": song.album,
                "split": song.split,
            }
            key = song_key(song.song)
            rows = [
                {"key": f"{key}-{row['copy']:03d}-{row['block']:06d}", **about, **row} for row in found.rows
            ]
            facts.write_bytes(msgspec.json.encode(rows))
        values = {
            "split": song.split,
            "samples": len(found.rows),
            "left_out": dict(found.left_out),
            "vocal_to_backing_lu": defined(found.level_lu),
        }
        return SongResult(values=values)  # what was written is in shards soon, which `finish_block` names

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> Sequence[str]:
        """Put the samples of a block of songs into shards; return those and the block's part of the table."""
        outputs = [output.name for output in make_task(self.dataset).outputs]
        return finish(number, records, place, self.dataset, outputs)
