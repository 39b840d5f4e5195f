"""`mixrules extract` over small data sets: what the rows say, who can read them, resumed runs, songs that fail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import soundfile

from mixrules import integrated_loudness
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.extraction import SNIPPETS, STEMS, arrow_schema, read_truth
from mixrules.corpus.extraction.extracting import Extraction
from mixrules.corpus.extraction.schema import VERSION, VERSION_KEY
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.run import RunSummary, run_songs
from mixrules.corpus.work.song_work import Record
from mixrules.errors import AudioFileError

RATE = 8000
PARTS = ("vocals", "drums", "bass", "other")


def put_song(
    folder: Path, changed: dict[str, np.ndarray] | None = None, *, seed: int = 0, seconds: float = 3.0
) -> None:
    """Write a song in the layout of MUSDB18-HQ, some stems of it changed; the mixture is twice the sum."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * RATE)) / RATE
    total = np.zeros((time.size, 2))
    for number, part in enumerate(PARTS):
        tone = np.sin(2 * np.pi * 110.0 * 2**number * time)[:, None]
        pulse = np.exp(-4.0 * (time * (number + 1) % 1.0))[:, None]
        audio = 0.05 * (number + 1) * pulse * (tone + 0.2 * rng.standard_normal((time.size, 2)))
        audio = (changed or {}).get(part, audio)
        soundfile.write(folder / f"{part}.wav", audio, RATE, subtype="FLOAT")
        total[: len(audio)] += audio[: len(total)]
    soundfile.write(folder / "mixture.wav", 2.0 * total, RATE, subtype="FLOAT")


def extract(root: Path, output: Path, **options: Any) -> RunSummary:
    work = Extraction(root=root, snippet_samples=8192, snippet_hop=4096)
    return run_songs(work, Catalogue(root, "musdb18hq"), output, **options)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two songs and their tables."""
    folder = tmp_path_factory.mktemp("extracted")
    put_song(folder / "songs/train/Ann - One")
    put_song(folder / "songs/test/Bob - Two", seed=1, seconds=2.0)
    assert not extract(folder / "songs", folder / "truth").failed
    return folder / "songs", folder / "truth"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))
    }


def test_a_row_for_each_signal_and_snippet(extracted: tuple[Path, Path]) -> None:
    truth = read_truth(extracted[1])
    stems = truth.stems.to_table().to_pandas()
    assert stems.song.tolist() == 7 * ["train/Ann - One"] + 7 * ["test/Bob - Two"]
    assert stems.signal.tolist() == 2 * [*4 * ["stem"], "vocal", "backing", "mix"]
    assert stems.stem.tolist()[:7] == [*PARTS, "", "", ""]
    assert stems.part.tolist()[:7] == ["vocal", *3 * ["backing"], "vocal", "backing", ""]
    assert stems.files.tolist()[5].tolist() == [f"train/Ann - One/{part}.wav" for part in PARTS[1:]]
    assert set(stems.mix_source) == {"file"}
    assert (stems.artist.tolist()[0], stems.title.tolist()[0], stems.split.tolist()[0]) == (
        "Ann",
        "One",
        "train",
    )
    snippets = truth.snippets.to_table().to_pandas()
    assert len(snippets) == 7 * (len(range(0, 24_000 - 8191, 4096)) + len(range(0, 16_000 - 8191, 4096)))
    assert snippets.start_sample.tolist()[:4] == [0, 4096, 8192, 12_288]


def test_loudness_is_that_of_the_files(extracted: tuple[Path, Path]) -> None:
    root, folder = extracted
    audio = {
        name: soundfile.read(root / f"train/Ann - One/{name}.wav", dtype="float32")[0]
        for name in (*PARTS, "mixture")
    }
    lufs = {name: integrated_loudness(each, RATE) for name, each in audio.items()}
    backing = integrated_loudness(audio["drums"] + audio["bass"] + audio["other"], RATE)
    rest_of_drums = integrated_loudness(audio["vocals"] + audio["bass"] + audio["other"], RATE)
    rows = read_truth(folder).stems.to_table().to_pandas().set_index(["song", "signal", "stem"])
    rows = rows.loc["train/Ann - One"]
    for name in PARTS:
        assert rows.loc[("stem", name), "integrated_lufs"] == pytest.approx(lufs[name], abs=1e-3)
        assert rows.loc[("stem", name), "to_mix_lu"] == pytest.approx(lufs[name] - lufs["mixture"], abs=1e-3)
    assert rows.loc[("stem", "drums"), "to_rest_lu"] == pytest.approx(lufs["drums"] - rest_of_drums, abs=1e-3)
    assert rows.loc[("backing", ""), "integrated_lufs"] == pytest.approx(backing, abs=1e-3)
    assert rows.vocal_to_backing_lu.tolist() == pytest.approx(7 * [lufs["vocals"] - backing], abs=1e-3)
    # The vocal is one stem here, and its rows say the same.
    one, other = (rows.loc[row, "octave_db"] for row in (("vocal", ""), ("stem", "vocals")))
    assert np.array_equal(one, other, equal_nan=True)


def test_every_value_is_finite_or_null_and_of_its_type(extracted: tuple[Path, Path]) -> None:
    for name in (STEMS, SNIPPETS):
        table = pq.read_table(extracted[1] / name / "part-00000.parquet")
        assert table.schema.equals(arrow_schema(name))
        assert table.schema.metadata[VERSION_KEY] == str(VERSION).encode()
        assert table.schema.field("tempo_bpm").metadata[b"unit"] == b"1/min"
        for column in table.columns:
            values = column.combine_chunks()
            values = values.flatten() if hasattr(values, "flatten") else values
            if str(values.type).startswith("float"):
                assert np.isfinite(values.drop_null().to_numpy()).all()


def test_duckdb_and_pandas_read_the_same(extracted: tuple[Path, Path]) -> None:
    pattern = f"{extracted[1]}/snippets/*.parquet"
    found = (
        duckdb.connect()
        .execute(
            f"select song, avg(vocal_to_backing_lu) as lu, max(octave_db[3]) as low from '{pattern}' "
            "where signal = 'mix' group by song order by song"
        )
        .df()
    )
    rows = pd.read_parquet(extracted[1] / "snippets")
    mix = rows[rows.signal == "mix"].groupby("song")
    assert found.lu.tolist() == pytest.approx(mix.vocal_to_backing_lu.mean().tolist(), rel=1e-5)
    assert found.low.tolist() == pytest.approx(mix.octave_db.apply(lambda v: max(x[2] for x in v)).tolist())


def test_datasets_reads_them(extracted: tuple[Path, Path], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    path = str(extracted[1] / "stems/part-00000.parquet")
    rows = datasets.Dataset.from_parquet(path, cache_dir=str(tmp_path))
    assert len(rows) == 14
    assert len(rows[0]["octave_db"]) == 9
    assert rows[0]["files"] == ["train/Ann - One/vocals.wav"]


def test_a_second_run_does_nothing_and_another_gives_the_same_bytes(
    extracted: tuple[Path, Path], tmp_path: Path
) -> None:
    root, folder = extracted
    before = files(folder)
    assert list(before) == ["snippets/part-00000.parquet", "stems/part-00000.parquet"]
    summary = extract(root, folder)
    assert (summary.done, summary.kept) == (0, 2)
    assert files(folder) == before
    extract(root, tmp_path)
    assert files(tmp_path) == before


def test_what_fails_is_recorded_and_its_rows_come_with_a_later_run(tmp_path: Path) -> None:
    root, truth = tmp_path / "songs", tmp_path / "truth"
    for name in ("Ann - One", "Bob - Two"):
        put_song(root / "train" / name, seconds=1.0)
    whole = (root / "train/Ann - One/drums.wav").read_bytes()
    (root / "train/Ann - One/drums.wav").write_bytes(whole[:30])
    summary = extract(root, truth)
    assert [record.song for record in summary.failed] == ["train/Ann - One"]
    assert "drums.wav" in summary.failed[0].reason
    assert set(pd.read_parquet(truth / "stems").song) == {"train/Bob - Two"}
    (root / "train/Ann - One/drums.wav").write_bytes(whole)
    assert not extract(root, truth).failed
    extract(root, tmp_path / "at once")
    assert files(truth) == files(tmp_path / "at once")


def test_a_run_killed_between_songs_and_tables_ends_the_same(
    tmp_path: Path, extracted: tuple[Path, Path]
) -> None:
    root, folder = extracted

    class Killed(BaseException):
        pass

    class KilledExtraction(Extraction):
        def finish_block(self, number: int, records: Sequence[Record], place: Place) -> Sequence[str]:
            raise Killed

    work = KilledExtraction(root=root, snippet_samples=8192, snippet_hop=4096)
    with pytest.raises(Killed):
        run_songs(work, Catalogue(root, "musdb18hq"), tmp_path)
    assert not (tmp_path / "stems").exists()
    assert extract(root, tmp_path).kept == 2
    assert files(tmp_path) == files(folder)


def test_rows_that_are_gone_are_said_to_be(tmp_path: Path, extracted: tuple[Path, Path]) -> None:
    extract(extracted[0], tmp_path)
    for table in tmp_path.rglob("part-*.parquet"):
        table.unlink()
    with pytest.raises(AudioFileError, match="holds no table"):
        read_truth(tmp_path)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"vocals": np.full((RATE, 2), np.nan)}, "nan"),
        ({part: np.zeros((RATE, 2)) for part in PARTS}, "silent"),
    ],
)
def test_songs_that_cannot_be_measured_say_why(
    tmp_path: Path, changed: dict[str, np.ndarray], reason: str
) -> None:
    put_song(tmp_path / "songs/train/Ann - One", changed, seconds=1.0)
    (record,) = extract(tmp_path / "songs", tmp_path / "truth").failed
    assert reason in record.reason


@pytest.mark.parametrize(
    "changed",
    [
        {"vocals": np.zeros((RATE, 2))},
        {"vocals": np.zeros((RATE, 2)), "drums": np.full((1, 1), 0.1)},
        {"drums": np.full((1, 1), 0.1), "vocals": np.full((3 * RATE, 1), 0.001)},
        {part: np.full((1, 1), 0.1) for part in PARTS},
        {part: 0.1 * np.sin(np.arange(100))[:, None] for part in PARTS},
    ],
)
def test_odd_songs_have_rows_with_null_for_what_is_undefined(
    tmp_path: Path, changed: dict[str, np.ndarray]
) -> None:
    """Silent stems, stems of one sample, mono beside stereo, unequal lengths, songs shorter than a snippet."""
    put_song(tmp_path / "songs/train/Ann - One", changed, seconds=1.0)
    assert not extract(tmp_path / "songs", tmp_path / "truth").failed
    truth = read_truth(tmp_path / "truth")
    stems, snippets = truth.stems.to_table().to_pandas(), truth.snippets.to_table().to_pandas()
    assert len(stems) == 7
    assert len(snippets) >= 7
    if not np.any(changed["vocals"]):
        assert stems[stems.part == "vocal"].integrated_lufs.isna().all()
        assert stems.vocal_to_backing_lu.isna().all()


def test_a_mono_song_reads_as_its_files(tmp_path: Path) -> None:
    audio = {part: 0.1 * np.sin(np.arange(2 * RATE) / (5 + i))[:, None] for i, part in enumerate(PARTS)}
    put_song(tmp_path / "songs/train/Ann - One", audio)
    mixture = tmp_path / "songs/train/Ann - One/mixture.wav"
    soundfile.write(mixture, sum(audio.values()), RATE, subtype="FLOAT")
    extract(tmp_path / "songs", tmp_path / "truth")
    rows = read_truth(tmp_path / "truth").stems.to_table().to_pandas()
    assert set(rows.channels) == {1}
    assert rows.integrated_lufs.tolist()[0] == pytest.approx(
        integrated_loudness(audio["vocals"], RATE), abs=1e-3
    )
