"""The table of a folder of mixes: a row a song, in the order of the data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mixrules._support.installed import is_installed
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record
from mixrules.files.tables.writing import csv_text
from mixrules.stems.song_description import SongDescription

NAME = "mixes"

_MEASURED = {
    "integrated_lufs": "float64",
    "loudness_range_lu": "float64",
    "true_peak_dbtp": "float64",
    "duration_s": "float64",
    "sample_rate": "int64",
    "stems": "int64",
    "statements": "int64",
    "statements_held": "int64",
    "not_held": "string",
    "notes": "string",
}
COLUMNS = {
    **dict.fromkeys(("song", "title", "artist", "album", "split"), "string"),
    **_MEASURED,
    **dict.fromkeys(("audio", "plan", "reason"), "string"),
}
"""The columns and their types by Arrow's names; a song that failed has a reason, the others have the rest."""


def rows(songs: Iterable[tuple[SongDescription, Record]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each song and what came of it."""
    for song, record in songs:
        audio = next((name for name in record.outputs if not name.endswith(".plan.json")), None)
        plan = next((name for name in record.outputs if name.endswith(".plan.json")), None)
        row = {
            "song": song.song,
            "title": song.title,
            "artist": song.artist,
            "album": song.album,
            "split": song.split,
            **{name: record.values.get(name) for name in _MEASURED},
            "audio": audio,
            "plan": plan,
            "reason": record.reason,
        }
        yield {name: None if value == "" else value for name, value in row.items()}


def write_table(songs: Iterable[tuple[SongDescription, Record]], place: Place) -> None:
    """Write ``mixes.csv``, and ``mixes.parquet`` where pyarrow is installed.

    Parameters
    ----------
    songs : iterable of (SongDescription, Record)
        Each song and what came of it, in the order of the rows.
    place : Place
        Where they go.
    """
    found = list(rows(songs))
    names = [f"{NAME}.csv", *([f"{NAME}.parquet"] if is_installed("pyarrow") else [])]
    with place.writing(*names) as paths:
        paths[0].write_text(
            csv_text(found, list(COLUMNS)), encoding="utf-8", errors="backslashreplace", newline="\n"
        )
        for path in paths[1:]:
            _write_parquet(found, path)


def _write_parquet(found: list[dict[str, Any]], path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    parquet.write_table(pa.Table.from_pylist(found, schema=schema), path)
