from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixrules.corpus.tasks.shards import read_mel_at, write_npz, write_records, write_tar

OUTPUTS = ["level_lu", "gain_db"]


def rows_of(count: int) -> list[dict[str, Any]]:
    return [
        {
            "key": f"0123abcd-000-{i:06d}",
            "song": "train/Mr. Böhm - A.B.C",
            "title": "A.B.C",
            "artist": "Mr. Böhm",
            "album": "",
            "split": "train",
            "copy": 0,
            "block": i,
            "start_sample": i * 65_536,
            "start_s": i * 65_536 / 44_100,
            "vocal_lufs": -20.0 - i,
            "backing_lufs": None,
            "target": [0.25 * i, -1.0],
        }
        for i in range(count)
    ]


def mel_of(row: dict[str, Any]) -> np.ndarray:
    return np.random.default_rng(row["block"]).random((2, 128, 64), np.float32)


def read_mel(row: dict[str, Any]) -> bytes:
    return mel_of(row).tobytes()


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # it leaves the file to be collected
def test_webdataset_reads_a_shard(tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    rows = rows_of(3)
    write_tar(tmp_path / "shard.tar", rows, OUTPUTS, read_mel)
    dataset = webdataset.WebDataset(str(tmp_path / "shard.tar"), shardshuffle=False).decode()
    samples = list(dataset)
    assert [sample["__key__"] for sample in samples] == [row["key"] for row in rows]
    for sample, row in zip(samples, rows, strict=True):
        np.testing.assert_array_equal(sample["mel.npy"], mel_of(row))
        assert sample["json"]["song"] == row["song"]
        assert sample["json"]["target"] == {"level_lu": row["target"][0], "gain_db": -1.0}
        assert sample["json"]["backing_lufs"] is None


def test_numpy_reads_a_shard_of_arrays(tmp_path: Path) -> None:
    rows = rows_of(3)
    write_npz(tmp_path / "shard.npz", rows, OUTPUTS, read_mel)
    write_records(tmp_path / "shard.npz.json", rows, OUTPUTS)
    with np.load(tmp_path / "shard.npz", allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["mel"], np.stack([mel_of(row) for row in rows]))
        np.testing.assert_array_equal(
            arrays["target"], np.array([[0.25 * i, -1.0] for i in range(3)], np.float32)
        )
        assert arrays["song"].tolist() == [row["song"] for row in rows]
        assert arrays["artist"].tolist() == ["Mr. Böhm"] * 3
        assert arrays["block"].tolist() == [0, 1, 2]
        assert arrays["outputs"].tolist() == OUTPUTS
    records = json.loads((tmp_path / "shard.npz.json").read_text(encoding="utf-8"))
    assert [record["target"]["level_lu"] for record in records] == [0.0, 0.25, 0.5]


@pytest.mark.parametrize("write", [write_tar, write_npz])
def test_a_block_is_read_by_its_place_and_equal_samples_make_equal_files(write: Any, tmp_path: Path) -> None:
    rows = rows_of(5)
    places = write(tmp_path / "a", rows, OUTPUTS, read_mel)
    write(tmp_path / "b", rows, OUTPUTS, read_mel)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with open(tmp_path / "a", "rb") as file:
        for row, place in reversed(list(zip(rows, places, strict=True))):
            np.testing.assert_array_equal(read_mel_at(file, place), mel_of(row))


def test_a_tar_says_nothing_of_who_wrote_it_and_when(tmp_path: Path) -> None:
    write_tar(tmp_path / "shard.tar", rows_of(1), OUTPUTS, read_mel)
    with tarfile.open(tmp_path / "shard.tar") as tar:
        assert {(member.mtime, member.uid, member.uname) for member in tar} == {(0, 0, "")}
