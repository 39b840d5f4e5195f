"""Songs of noise on the disk and the ground truth of them, for the tests of task data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile

from mixrules.corpus.extraction import STEMS, arrow_schema
from mixrules.corpus.work.run_document import RunDocument
from mixrules.loudness import integrated_loudness

RATE = 44_100
SNIPPET = 65_536


@dataclass(frozen=True)
class MadeSong:
    """A song: white noise as the vocal, with less of its treble as the backing."""

    name: str
    artist: str = ""
    split: str = ""
    snippets: float = 2.0
    vocal_db: Sequence[float] = (-6.0,)
    channels: int = 1
    rate: int = RATE
    vocal: bool = True

    def audio(self) -> dict[str, npt.NDArray[np.float32]]:
        seed = int.from_bytes(self.name.encode()[-6:], "big")
        samples = round(self.snippets * SNIPPET * self.rate / RATE)
        chance = np.random.default_rng(seed)
        backing, vocal = 0.1 * chance.standard_normal((2, samples, self.channels))
        backing[1:] += backing[:-1]
        gains = np.repeat(self.vocal_db, -(-samples // len(self.vocal_db)))[:samples]
        vocal *= 10.0 ** (gains[:, np.newaxis] / 20.0)
        made = {"bass": backing, "vocals": vocal if self.vocal else backing[::-1]}
        names = {"vocals": "vocals" if self.vocal else "drums"}
        return {names.get(name, name): audio.astype(np.float32) for name, audio in made.items()}


def write_songs(folder: Path, songs: Sequence[MadeSong]) -> Path:
    """Write songs as folders of stems, and the truth of them into ``truth`` beside; return that."""
    rows: list[dict[str, Any]] = []
    for song in songs:
        home = folder / "songs" / song.name
        home.mkdir(parents=True)
        audio = song.audio()
        for name, samples in audio.items():
            soundfile.write(home / f"{name}.wav", samples, song.rate, subtype="FLOAT")
        rows += truth_rows(song, audio)
    truth = folder / "truth"
    write_truth(truth, folder / "songs", rows)
    return truth


def truth_rows(song: MadeSong, audio: dict[str, npt.NDArray[np.float32]]) -> list[dict[str, Any]]:
    lufs = {name: integrated_loudness(samples, song.rate) for name, samples in audio.items()}
    vocal, backing = lufs.get("vocals", -np.inf), lufs["bass"]
    level = float(vocal - backing) if np.isfinite(vocal - backing) else None
    rows = []
    for signal, value in (("vocal", vocal), ("backing", backing)):
        rows.append(
            {
                "song": song.name,
                "artist": song.artist,
                "split": song.split,
                "signal": signal,
                "duration_s": song.snippets * SNIPPET / RATE,
                "integrated_lufs": float(value) if np.isfinite(value) else None,
                "vocal_to_backing_lu": level,
            }
        )
    return rows


def write_truth(truth: Path, root: Path, rows: Sequence[dict[str, Any]]) -> None:
    schema = arrow_schema(STEMS)
    full = [{field.name: row.get(field.name) for field in schema} for row in rows]
    for name, table in {
        STEMS: pa.Table.from_pylist(full, schema=schema),
        "snippets": arrow_schema("snippets").empty_table(),
    }.items():
        (truth / name).mkdir(parents=True)
        pq.write_table(table, truth / name / "part-00000.parquet")
    document = RunDocument(kind="truth", version="0", root=os.fspath(root), layout="folders", settings={})
    (truth / "run.json").write_bytes(msgspec.json.encode(document))


def many(count: int, **changes: Any) -> list[MadeSong]:
    """Return songs, each of an artist of its own, their vocals at different levels."""
    levels = np.linspace(-9.0, 3.0, count)
    return [
        replace(MadeSong(f"song {i:02d}", f"artist {i:02d}", vocal_db=(float(levels[i]),)), **changes)
        for i in range(count)
    ]
