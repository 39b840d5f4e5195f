"""Task data from end to end: written of songs on the disk, and read by whoever may read it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from task_songs import MadeSong, many, truth_rows, write_songs, write_truth

from mixrules.corpus.tasks import DatasetSettings, make_dataset, read_dataset
from mixrules.errors import AudioFileError, ParameterError
from mixrules.stems.song_description import SongDescription

LEVEL = "vocal_to_backing_lu"


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten songs of two snippets, one of them without a vocal and one too short, and their truth."""
    folder = tmp_path_factory.mktemp("songs")
    made = [*many(8, snippets=2.0), MadeSong("instrumental", vocal=False), MadeSong("short", snippets=0.9)]
    write_songs(folder, made)
    return folder


@pytest.fixture(scope="module")
def level(songs: Path) -> Path:
    """Task data of these songs."""
    settings = DatasetSettings(
        task="level", seed=1, shares=(0.5, 0.25, 0.25), augment=("gain",), copies=1, shard_mib=1.0
    )
    made = make_dataset(songs / "truth", songs / "level", settings)
    assert made.summary.done == 8
    assert not made.summary.failed
    assert not made.other_audio
    return songs / "level"


def test_the_index_says_what_there_is(level: Path) -> None:
    said = json.loads((level / "dataset.json").read_text(encoding="utf-8"))
    assert said["task"] == "level"
    assert said["seed"] == 1
    assert [said["splits"][split]["songs"] for split in ("train", "validation", "test")] == [4, 2, 2]
    assert [said["splits"][split]["samples"] for split in ("train", "validation", "test")] == [16, 4, 4]
    assert said["splits"]["train"]["samples_of_copies"] == 8
    assert said["splits"]["test"]["samples_of_copies"] == 0
    assert said["left_out"]["without a vocal"] == {"songs": 1, "first": ["instrumental"]}
    assert said["left_out"]["shorter than a snippet of 1.49 s"]["first"] == ["short"]
    for shard in said["shards"]:
        assert hashlib.sha256((level / shard["name"]).read_bytes()).hexdigest() == shard["sha256"]
        assert (level / shard["name"]).stat().st_size == shard["bytes"] <= 2**20 + 10_240
    assert said["versions"].keys() == {"numpy", "scipy", "soxr", "librosa", "audiomentations"}
    assert str(level) not in json.dumps(said)


def test_pandas_duckdb_and_datasets_read_the_table(level: Path) -> None:
    import duckdb

    datasets, pandas = pytest.importorskip("datasets"), pytest.importorskip("pandas")
    table = pandas.read_parquet(level / "samples.parquet")
    assert len(table) == 24
    assert table.groupby("song")["split"].nunique().max() == 1
    for row in table.to_dict("records"):
        assert (level / row["shard"]).is_file()
        assert row["shard"].startswith(row["split"])
    query = f"select split, count(*) from '{level / 'samples.parquet'}' where copy = 0 group by 1 order by 1"
    assert duckdb.execute(query).fetchall() == [("test", 4), ("train", 8), ("validation", 4)]
    loaded = datasets.Dataset.from_parquet(
        str(level / "samples.parquet"), cache_dir=str(level.parent / "cache")
    )
    assert loaded.num_rows == 24
    np.testing.assert_allclose(loaded[LEVEL], table[LEVEL])


def test_the_constants_are_those_of_the_training_targets_without_changed_copies(level: Path) -> None:
    pandas = pytest.importorskip("pandas")
    said = json.loads((level / "dataset.json").read_text(encoding="utf-8"))
    table = pandas.read_parquet(level / "samples.parquet")
    training = table[table["split"] == "train"][LEVEL]
    assert said["targets"][LEVEL]["mean"] == pytest.approx(training.mean())
    assert said["targets"][LEVEL]["std"] == pytest.approx(training.std(ddof=0))
    table = table[table["copy"] == 0]
    unchanged = table[table["split"] == "train"][LEVEL]
    assert 0 < len(unchanged) < len(training)
    assert unchanged.mean() != pytest.approx(training.mean())
    for name, prediction in (("mean", unchanged.mean()), ("median", unchanged.median())):
        constant = said["constants"][name]
        assert constant["prediction"][LEVEL] == pytest.approx(prediction)
        for split, inside in table.groupby("split"):
            away = inside[LEVEL] - prediction
            errors = constant["errors"][split]["by_sample"]
            assert errors["mean_absolute_error"][LEVEL] == pytest.approx(away.abs().mean())
            assert errors["root_mean_square_error"][LEVEL] == pytest.approx((away**2).mean() ** 0.5)
            by_song = inside.groupby("song")[LEVEL].mean() - prediction
            errors = constant["errors"][split]["by_song"]
            assert errors["count"] == len(by_song)
            assert errors["mean_absolute_error"][LEVEL] == pytest.approx(by_song.abs().mean())
            assert errors["root_mean_square_error"][LEVEL] == pytest.approx((by_song**2).mean() ** 0.5)


def test_the_reader_gives_standardised_targets_and_blocks_in_the_order_of_a_seed(level: Path) -> None:
    data = read_dataset(level)
    assert data.outputs == (LEVEL,)
    standardised = (data.targets("train") - data.mean) / data.std
    assert np.mean(standardised) == pytest.approx(0.0, abs=1e-6)
    assert np.std(standardised) == pytest.approx(1.0, abs=1e-6)
    plain = list(data.samples("train"))
    assert len(plain) == data.count("train") == 16
    shuffled, again, other = (
        [(s.song, s.copy, s.block) for s in data.samples("train", seed=n)] for n in (1, 1, 2)
    )
    assert shuffled == again != other
    assert sorted(shuffled) == sorted((s.song, s.copy, s.block) for s in plain)
    by_song = [(s.song, s.copy) for s in data.samples("train", seed=1, by="song")]
    assert all(by_song[i] == by_song[i + 1] for i in range(0, 16, 2))
    assert by_song != [(s.song, s.copy) for s in plain]
    # What is read is the song: the power of the blocks follows its level.
    for sample in plain:
        assert sample.mel.shape == (2, 128, 64)
        vocal_db = 10 * np.log10(sample.mel[1].sum() / sample.mel[0].sum())
        assert sample.target[0] - vocal_db == pytest.approx(1.5, abs=2.0)


def test_the_reader_refuses_what_is_no_task_data(level: Path, songs: Path, tmp_path: Path) -> None:
    data = read_dataset(level)
    with pytest.raises(ParameterError, match="there is no split 'dev'"):
        list(data.samples("dev"))
    with pytest.raises(ParameterError, match="there is no order 'artist'"):
        list(data.samples("train", by="artist"))
    with pytest.raises(AudioFileError, match="mixrules dataset writes it once all songs are done"):
        read_dataset(songs / "truth")
    broken = shutil.copytree(level, tmp_path / "broken")
    shard = next((broken / "train").iterdir())
    shard.write_bytes(shard.read_bytes()[:100_000])
    with pytest.raises(AudioFileError, match="ends before the sample"):
        list(read_dataset(broken).samples("train"))
    said = json.loads((broken / "dataset.json").read_text(encoding="utf-8"))
    (broken / "dataset.json").write_text(json.dumps(said | {"format_version": 9}), encoding="utf-8")
    with pytest.raises(AudioFileError, match="is of format mixrules-task-data 9"):
        read_dataset(broken)


def test_a_run_again_keeps_all_and_a_run_with_workers_gives_the_same(songs: Path, level: Path) -> None:
    from mixrules.corpus.work.local_pool import LocalPool

    settings = DatasetSettings(
        task="level", seed=1, shares=(0.5, 0.25, 0.25), augment=("gain",), copies=1, shard_mib=1.0
    )
    before = {
        path: path.read_bytes() for path in level.rglob("*") if path.suffix in (".tar", ".json", ".parquet")
    }
    again = make_dataset(songs / "truth", level, settings)
    assert (again.summary.done, again.summary.kept) == (0, 8)
    assert all(path.read_bytes() == content for path, content in before.items())
    make_dataset(songs / "truth", songs / "by workers", settings, workers=LocalPool(2))
    for path, content in before.items():
        if path.name != "run.json":
            assert (songs / "by workers" / path.relative_to(level)).read_bytes() == content


def test_a_shard_that_is_gone_is_made_again(tmp_path: Path) -> None:
    truth = write_songs(tmp_path, many(4, snippets=1.0))
    settings = DatasetSettings(task="toy-level", shard_mib=1.0)
    make_dataset(truth, tmp_path / "out", settings)
    shards = sorted((tmp_path / "out").rglob("*.tar"))
    before = {path: path.read_bytes() for path in shards}
    shards[0].unlink()
    again = make_dataset(truth, tmp_path / "out", settings)
    assert again.summary.done > 0
    assert {path: path.read_bytes() for path in sorted((tmp_path / "out").rglob("*.tar"))} == before
    assert make_dataset(truth, tmp_path / "out", settings).summary.done == 0


def test_the_data_set_is_listed_once(songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mixrules.corpus.layouts import songs_of
    from mixrules.corpus.tasks import chosen_songs

    listed = []

    def counted(root: Path, layout: str) -> Iterator[SongDescription]:
        listed.append(root)
        return songs_of(root, layout)

    monkeypatch.setattr(chosen_songs, "songs_of", counted)
    make_dataset(songs / "truth", tmp_path / "out", DatasetSettings(task="toy-level"))
    assert listed == [songs / "songs"]


def test_one_recording_under_two_names_is_in_one_split_and_named(tmp_path: Path) -> None:
    made = many(6, snippets=1.0)
    truth = write_songs(tmp_path, made)
    for stem in ("vocals", "bass"):
        shutil.copy(tmp_path / "songs/song 00" / f"{stem}.wav", tmp_path / "songs/song 05" / f"{stem}.wav")
    rows = [row for song in made for row in truth_rows(song, audio_of(tmp_path / "songs" / song.name))]
    shutil.rmtree(truth)
    write_truth(truth, tmp_path / "songs", rows)
    for seed in range(3):
        settings = DatasetSettings(task="toy-level", seed=seed)
        description = make_dataset(truth, tmp_path / str(seed), settings).description
        assert description["duplicates"] == {"recordings": 1, "first": [["song 00", "song 05"]]}
        table = pq.read_table(tmp_path / str(seed) / "samples.parquet", columns=["song", "split"])
        split_of = dict(zip(*table.to_pydict().values(), strict=True))
        assert split_of["song 00"] == split_of["song 05"]


def audio_of(folder: Path) -> dict[str, np.ndarray]:
    return {path.stem: soundfile.read(path, dtype="float32")[0] for path in folder.glob("*.wav")}


def test_other_settings_do_not_go_into_the_same_folder(songs: Path, level: Path) -> None:
    with pytest.raises(ParameterError, match="other settings"):
        make_dataset(songs / "truth", level, DatasetSettings(task="level", seed=2))


def test_songs_that_have_moved_are_found_where_they_are_said_to_be(songs: Path, tmp_path: Path) -> None:
    truth = shutil.copytree(songs / "truth", tmp_path / "truth")
    said = json.loads((truth / "run.json").read_text(encoding="utf-8"))
    (truth / "run.json").write_text(json.dumps(said | {"root": str(tmp_path / "gone")}), encoding="utf-8")
    settings = DatasetSettings(task="toy-level")
    with pytest.raises(AudioFileError, match="gone does not exist: --songs names the folder"):
        make_dataset(truth, tmp_path / "out", settings)
    (tmp_path / "other" / "song 99").mkdir(parents=True)
    with pytest.raises(AudioFileError, match="other holds none of the 8 songs of"):
        make_dataset(truth, tmp_path / "out", settings, songs=tmp_path / "other")
    moved = shutil.copytree(songs / "songs", tmp_path / "moved")
    shutil.rmtree(moved / "song 03")
    (moved / "song 05" / "bass.wav").write_bytes(b"RIFF")
    soundfile.write(moved / "song 06" / "vocals.wav", np.zeros(131_072), 44_100)
    louder, rate = soundfile.read(moved / "song 07" / "vocals.wav")
    soundfile.write(moved / "song 07" / "vocals.wav", 0.5 * louder, rate, subtype="FLOAT")
    made = make_dataset(truth, tmp_path / "out", settings, songs=moved)
    assert made.summary.done == 5
    reasons = {record.song: record.reason for record in made.summary.failed}
    assert reasons["song 03"].startswith("the ground truth names it, but ")
    assert "bass.wav" in reasons["song 05"]
    assert "no vocal among its stems, or it is silent" in reasons["song 06"]
    assert made.other_audio == ("song 07",)
    assert made.description["failed"]["songs"] == 3


def test_a_split_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    truth = write_songs(tmp_path, many(3, snippets=1.5))
    with pytest.raises(
        ParameterError, match=r"no sample is left for train \(1 snippets: target not defined\)"
    ):
        make_dataset(truth, tmp_path / "out", DatasetSettings(task="compression"))


def test_other_rates_are_resampled_and_stereo_is_what_it_is(tmp_path: Path) -> None:
    made = [
        replace(song, rate=rate, channels=channels)
        for song, rate, channels in zip(many(3), (48_000, 44_100, 22_050), (1, 2, 1), strict=True)
    ]
    truth = write_songs(tmp_path, made)
    result = make_dataset(truth, tmp_path / "out", DatasetSettings(task="level"))
    assert result.other_audio == ()
    assert (
        sum(result.description["splits"][split]["samples"] for split in ("train", "validation", "test")) == 6
    )
