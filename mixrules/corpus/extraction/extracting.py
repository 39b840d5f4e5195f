"""The work of `mixrules extract`: a song's stems in, its rows of the two tables out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules.corpus.extraction.schema import PARAMETERS, SNIPPETS, STEMS, VERSION
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.corpus.snippet_defaults import SNIPPET_HOP, SNIPPET_SAMPLES
from mixrules.corpus.work.content import song_key
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.stems.held_memory import held_mib
from mixrules.stems.song_description import SongDescription

if TYPE_CHECKING:
    import pyarrow

_PROCESS_MIB = 450.0  # Python with its libraries, and the blocks that a measure works on
_MATCHING_MIB = 600.0  # a minute of excerpts with its spectra, and the mixture again
_HELD_TIMES = (
    2.8  # of the stems: themselves, the mixture, and the sums that are the vocal, the backing and the mix
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """Measures a song.

    Attributes
    ----------
    root : Path
        The folder of the data set, or the file of a manifest: the tables have paths from there.
    snippet_samples, snippet_hop : int
        Length of a snippet and distance between two, in samples.
    match : bool
        Also find what was done to each stem in the data set's own mixture: the table ``parameters``.
    """

    root: Path
    snippet_samples: int = SNIPPET_SAMPLES
    snippet_hop: int = SNIPPET_HOP
    match: bool = False

    kind = "truth"
    songs_in_block = 100

    def settings(self) -> Mapping[str, Any]:
        """Return the length and the hop of snippets, and the version of the tables."""
        return {
            "tables": VERSION,
            "snippet_samples": self.snippet_samples,
            "snippet_hop": self.snippet_hop,
            **({"match": True} if self.match else {}),
        }

    def also(self, song: SongDescription) -> str:
        """Return nothing: a result depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory a song takes at most, in MiB: its stems where they are held, with sums of them."""
        try:
            return _PROCESS_MIB + _HELD_TIMES * held_mib(song) + (_MATCHING_MIB if self.match else 0.0)
        except MixrulesError:  # whoever measures the song will say what is wrong
            return _PROCESS_MIB

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Measure a song; write its rows to files of its own."""
        from mixrules.corpus.extraction.librosa_loops import compile_in_turn
        from mixrules.corpus.extraction.matched_parameters import parameter_table
        from mixrules.corpus.extraction.measuring import measure_song
        from mixrules.corpus.extraction.reverb import decay_times
        from mixrules.corpus.extraction.signals import song_signals
        from mixrules.corpus.extraction.tables import song_tables, write_table

        compile_in_turn()
        signals = song_signals(song)
        snippets = Snippets(signals.samples, self.snippet_samples, self.snippet_hop)
        measured = measure_song(signals, snippets)
        for own, decay_s in zip(measured, decay_times(song, signals), strict=True):
            own.song["decay_s"] = np.array([decay_s])
        folder = self.root if self.root.is_dir() else self.root.parent
        tables = song_tables(song, folder, signals, snippets, measured)
        values = {"signals": len(signals.signals), "snippets": len(snippets)}
        if self.match:
            tables[PARAMETERS] = parameter_table(song, folder, signals)
            values["matched"] = sum(
                map(bool, tables[PARAMETERS].column("explained_share").is_valid().to_pylist())
            )
        names = _spool_names(song.song, self._tables)
        with place.writing(*names.values()) as paths:
            for path, (name, table) in zip(paths, tables.items(), strict=True):
                write_table(path, name, iter([table]))
        return SongResult(values=values)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> Sequence[str]:
        """Put the rows of the songs together, those of an earlier time from the tables that are there."""
        from mixrules.corpus.extraction.tables import write_table

        done = [record.song for record in records if not record.reason]
        parts = {name: f"{name}/part-{number:05d}.parquet" for name in self._tables}
        if done:
            with place.writing(*parts.values()) as paths:
                for path, (name, part) in zip(paths, parts.items(), strict=True):
                    write_table(path, name, _rows(done, name, part, place, self._tables))
        else:
            for part in parts.values():
                place.remove(part)
        for record in records:
            for spooled in _spool_names(record.song, self._tables).values():
                place.remove(spooled)
        return tuple(parts.values()) if done else ()

    @property
    def _tables(self) -> tuple[str, ...]:
        return (STEMS, SNIPPETS, PARAMETERS) if self.match else (STEMS, SNIPPETS)


def _rows(
    songs: Sequence[str], name: str, part: str, place: Place, tables: Sequence[str]
) -> Iterator[pyarrow.Table]:
    """Yield the rows of each song in order: from its own file, or else from the table as it was before."""
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.parquet

    with ExitStack() as stack:
        before = None
        for song in songs:
            spooled = _spool_names(song, tables)[name]
            if place.exists(spooled):
                with place.reading(spooled) as path:
                    yield pa.parquet.read_table(path)
                continue
            if before is None:
                if not place.exists(part):
                    raise AudioFileError(
                        f"{part} is gone, and with it the rows of {song}: extract into a new folder"
                    )
                before = pa.parquet.ParquetFile(stack.enter_context(place.reading(part)))
            yield _rows_of(before, song, part)


def _rows_of(file: Any, song: str, part: str) -> pyarrow.Table:
    """Return the rows of a song in a file."""
    import pyarrow as pa
    import pyarrow.compute

    found = []
    for group in range(file.num_row_groups):
        names = file.read_row_group(group, columns=["song"]).column("song")
        chosen = pa.compute.equal(names, song)
        if pa.compute.any(chosen).as_py():
            found.append(file.read_row_group(group).filter(chosen))
    if not found:
        raise AudioFileError(f"{part} has no rows of {song}: extract into a new folder")
    return pa.concat_tables(found)


def _spool_names(song: str, tables: Sequence[str]) -> dict[str, str]:
    """Return the files of a song's rows, by table."""
    return {name: f"spool/{song_key(song)}.{name}.parquet" for name in tables}
