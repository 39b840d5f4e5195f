"""Ground truth made up from a seed: tables as `mixrules extract` writes them, without a sample of audio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mixrules.corpus.extraction.schema import (
    COLUMNS,
    OCTAVES_HZ,
    SNIPPETS,
    STEMS,
    THIRD_OCTAVES_HZ,
    arrow_schema,
)
from mixrules.corpus.work.place import LocalPlace
from mixrules.corpus.work.run_document import RunDocument, claim

ROLES = {"vocals": "vocal", "drums": "drums", "bass": "bass", "keys": "keys"}
_TEXT = {"song", "title", "artist", "album", "split", "signal", "stem", "role", "part", "mix_source"}
_ROW_GROUP = 700


def write_truth(
    folder: Path,
    songs: int,
    *,
    snippets: int = 12,
    seed: int = 1,
    splits: tuple[str, ...] = ("train", "train", "test"),
    shift_lu: float = 0.0,
    parts: int = 1,
    change: Any = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Write a folder of ground truth and return its rows of stems and of snippets.

    The vocal lies about -2 LU from the backing, in songs of the split "test" by `shift_lu` more. `change` is called with
    every row and may change it.
    """
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    claim(
        LocalPlace(folder),
        RunDocument(kind="truth", version="0", root="songs", layout="folders", settings={}),
    )
    tables: dict[str, list[dict[str, Any]]] = {STEMS: [], SNIPPETS: []}
    for number in range(songs):
        split = splits[number % len(splits)] if splits else ""
        vocal_to_backing_lu = rng.normal(-2.0 + shift_lu * (split == "test"), 2.0)
        song = {
            "song": f"{split}/Song {number:03}".lstrip("/"),
            "title": f"Song {number:03}",
            "artist": f"Artist {number // 2}",
            "split": split,
            "files": [f"{number}.wav"],
            "sample_rate": 44_100,
            "vocal_to_backing_lu": vocal_to_backing_lu,
            "tempo_bpm": rng.uniform(70.0, 170.0),
            "beat_density_per_s": rng.uniform(1.0, 3.0),
        }
        signals = [("vocal", "", ""), ("backing", "", ""), ("mix", "", "")]
        for signal, stem, role in [*signals, *(("stem", *item) for item in ROLES.items())]:
            own = song | {"signal": signal, "stem": stem, "role": role} | _drawn(rng, signal)
            tables[STEMS].append(_row(STEMS, own))
            if signal == "stem":
                continue
            for snippet in range(snippets):
                cut = _drawn(rng, signal) | {
                    "vocal_to_backing_lu": vocal_to_backing_lu + rng.normal(0.0, 3.0),
                    "short_term_lufs": None if snippet < 3 else rng.normal(-18.0, 4.0),
                    "snippet": snippet,
                    "start_sample": snippet * 32_768,
                    "start_s": snippet * 32_768 / 44_100,
                }
                tables[SNIPPETS].append(_row(SNIPPETS, own | cut))
    for name, rows in tables.items():
        for row in rows if change else ():
            change(name, row)
        for part, own_rows in enumerate(np.array_split(np.arange(len(rows)), parts)):
            table = pa.Table.from_pylist([rows[i] for i in own_rows], schema=arrow_schema(name))
            path = folder / name / f"part-{part:05}.parquet"
            path.parent.mkdir(exist_ok=True)
            pq.write_table(table, path, row_group_size=_ROW_GROUP)
    return tables[STEMS], tables[SNIPPETS]


def _drawn(rng: np.random.Generator, signal: str) -> dict[str, Any]:
    """Return measurements of a signal."""
    loudness = {"mix": -14.0, "backing": -16.0, "vocal": -18.0, "stem": -22.0}[signal] + rng.normal(0.0, 2.0)
    tilt = rng.normal(-4.0, 1.0)
    return {
        "samples": 44_100 * 180,
        "duration_s": 180.0,
        "channels": 2,
        "integrated_lufs": loudness,
        "to_mix_lu": None if signal == "mix" else loudness + 14.0,
        "to_rest_lu": None if signal == "mix" else loudness + 15.0,
        "loudness_range_lu": rng.gamma(4.0, 2.0),
        "true_peak_dbtp": rng.uniform(-6.0, 0.5),
        "crest_factor_db": rng.normal(14.0, 2.0),
        "side_to_mid_db": rng.normal(-12.0, 4.0),
        "onset_density_per_s": rng.gamma(6.0, 0.5),
        "spectral_flux": rng.gamma(5.0, 0.3),
        "spectral_centroid_hz": rng.normal(2500.0, 400.0),
        "spectral_centroid_variance_hz2": 10.0 ** rng.normal(5.8, 0.4),
        "zero_crossing_rate": rng.uniform(0.02, 0.2),
        "chord_change_density_per_s": rng.uniform(0.1, 2.0),
        "octave_db": (loudness + tilt * np.arange(len(OCTAVES_HZ))).tolist(),
        "third_octave_db": (loudness + tilt / 3 * np.arange(len(THIRD_OCTAVES_HZ))).tolist(),
        "octave_to_backing_db": None
        if signal == "backing"
        else rng.normal(-3.0, 2.0, len(OCTAVES_HZ)).tolist(),
        "third_octave_to_backing_db": (
            None if signal == "backing" else rng.normal(-3.0, 2.0, len(THIRD_OCTAVES_HZ)).tolist()
        ),
        "decay_s": rng.uniform(0.3, 2.5) if signal == "stem" else None,
    }


def _row(table: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return a row with every column of a table, empty where it has no value."""
    return {
        column.name: values.get(column.name, "" if column.name in _TEXT else None)
        for column in COLUMNS[table]
    }
