"""The rows of a song as tables of Arrow, and tables as files: the same values give the same bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.measuring import Measured
from mixrules.corpus.extraction.schema import COLUMNS, SNIPPETS, STEMS, Column, arrow_schema
from mixrules.corpus.extraction.signals import Signal, SignalSet
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.stems.song_description import SongDescription

if TYPE_CHECKING:
    import pyarrow

_ROWS_AT_ONCE = 1 << 15


def song_tables(
    song: SongDescription, root: Path, signals: SignalSet, snippets: Snippets, measured: Sequence[Measured]
) -> dict[str, pyarrow.Table]:
    """Return the rows of a song for both tables, in the order of its signals.

    Parameters
    ----------
    song : SongDescription
        The song.
    root : Path
        The folder of the data set, which paths are relative to.
    signals : SignalSet
        Its signals.
    snippets : Snippets
        Their snippets.
    measured : sequence of Measured
        The measures of each signal.
    """
    import pyarrow as pa

    parts: dict[str, list[pyarrow.Table]] = {STEMS: [], SNIPPETS: []}
    for signal, own in zip(signals.signals, measured, strict=True):
        facts = facts_of(song, root, signals, signal)
        whole = {"samples": [signals.samples], "duration_s": [signals.samples / signals.sample_rate]}
        lengths = snippets.ends - snippets.starts
        places = {
            "snippet": np.arange(len(snippets)),
            "start_sample": snippets.starts,
            "start_s": snippets.starts / signals.sample_rate,
            "samples": lengths,
            "duration_s": lengths / signals.sample_rate,
        }
        parts[STEMS].append(table_of(STEMS, 1, facts, whole | own.song))
        parts[SNIPPETS].append(table_of(SNIPPETS, len(snippets), facts, places | own.snippets))
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def write_table(path: Path, name: str, tables: Iterator[pyarrow.Table]) -> None:
    """Write tables one after the other as one file of Parquet, a few songs in a group of rows."""
    import pyarrow as pa
    import pyarrow.parquet

    texts = [column.name for column in COLUMNS[name] if "string" in column.type]
    schema = arrow_schema(name)
    with pa.parquet.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=texts, version="2.6", data_page_version="1.0"
    ) as writer:
        waiting: list[pyarrow.Table] = []
        for table in tables:
            waiting.append(table)
            if sum(map(len, waiting)) >= _ROWS_AT_ONCE:
                writer.write_table(pa.concat_tables(waiting), row_group_size=_ROWS_AT_ONCE)
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting), row_group_size=_ROWS_AT_ONCE)


def facts_of(song: SongDescription, root: Path, signals: SignalSet, signal: Signal) -> dict[str, Any]:
    """Return what is the same in all rows of a signal."""
    return {
        "song": song.song,
        "title": song.title,
        "artist": song.artist,
        "album": song.album,
        "split": song.split,
        "signal": signal.kind,
        "stem": signal.stem,
        "role": signal.role,
        "part": signal.part,
        "files": [Path(os.path.relpath(path, root)).as_posix() for path in signal.paths],
        "mix_source": signals.mix_source,
        "sample_rate": signals.sample_rate,
        "channels": signal.audio.shape[1],
    }


def table_of(name: str, rows: int, facts: dict[str, Any], values: dict[str, Any]) -> pyarrow.Table:
    """Return rows of a table: `facts` the same in all of them, `values` with an entry for each."""
    import pyarrow as pa

    arrays = [
        pa.array([facts[column.name]] * rows, _type(name, column))
        if column.name in facts
        else _array(values[column.name], _type(name, column))
        for column in COLUMNS[name]
    ]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(name))


def _type(name: str, column: Column) -> Any:
    return arrow_schema(name).field(column.name).type


def _array(values: npt.ArrayLike, kind: Any) -> Any:
    """Return values as an array of Arrow; those that are not finite are null."""
    import pyarrow as pa

    if pa.types.is_fixed_size_list(kind):
        rows = np.asarray(values)
        missing = kind.list_size - rows.shape[1]
        padded = np.pad(rows, ((0, 0), (0, missing)), constant_values=np.nan)
        return pa.FixedSizeListArray.from_arrays(_array(padded.ravel(), kind.value_type), type=kind)
    array = np.asarray(values, dtype=kind.to_pandas_dtype())
    return pa.array(array, kind, mask=~np.isfinite(array))
