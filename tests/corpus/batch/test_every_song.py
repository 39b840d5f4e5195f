"""A folder of mixes and its table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile
from corpus.batch.songs import data_set

from mixrules import MixPlan, mix, presets
from mixrules.corpus.batch import Mixing, mix_songs
from mixrules.corpus.batch.table import COLUMNS
from mixrules.corpus.catalogue import Catalogue
from mixrules.errors import ParameterError

LEVELS = presets.load("default").without("eq", "compression", "pan", "reverb", "polarity")
"""Levels and the master alone: quick, and enough to tell one mix from another."""


def songs(tmp_path: Path, count: int = 2, **chosen: object) -> Catalogue:
    root = tmp_path / "set"
    return Catalogue(root if root.exists() else data_set(root, count), "musdb18hq", **chosen)  # type: ignore[arg-type]


def rows(output: Path) -> list[dict[str, str]]:
    with open(output / "mixes.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_mix_and_the_plan_of_a_song_are_those_of_mix(tmp_path: Path) -> None:
    catalogue, output = songs(tmp_path), tmp_path / "mixes"
    summary = mix_songs(Mixing(rules=LEVELS, subtype="FLOAT"), catalogue, output)
    assert (summary.done, summary.kept, summary.failed) == (2, 0, ())
    name = "train/Artist 0 - Song 0"
    expected = mix(catalogue.root / name, rules=LEVELS)
    audio, rate = soundfile.read(output / f"{name}.wav", dtype="float32")
    assert rate == expected.sample_rate
    np.testing.assert_allclose(audio, expected.audio, atol=1e-6)  # the stems are summed in another order
    plan = MixPlan.load(output / f"{name}.plan.json")
    for stem in expected.plan.stems:
        assert plan.stem(stem.name).gain_db == pytest.approx(stem.gain_db, abs=1e-6)
    assert plan.master.gain_db == pytest.approx(expected.plan.master.gain_db, abs=1e-6)
    assert all(statement.holds for decision in plan.decisions for statement in decision.statements)


def test_the_table_says_what_came_of_each_song_in_the_order_of_the_data_set(tmp_path: Path) -> None:
    catalogue, output = songs(tmp_path, 3), tmp_path / "mixes"
    (catalogue.root / "train/Artist 2 - Song 2/bass.wav").write_bytes(b"no audio")
    summary = mix_songs(Mixing(rules=LEVELS), catalogue, output)
    assert [record.song for record in summary.failed] == ["train/Artist 2 - Song 2"]
    found = rows(output)
    assert [row["song"] for row in found] == [song.song for song in catalogue]
    assert list(found[0]) == list(COLUMNS)
    good, bad = found[0], found[1]
    assert (good["artist"], good["title"], good["split"]) == ("Artist 0", "Song 0", "train")
    assert good["statements"] == good["statements_held"] != ""
    plan = MixPlan.load(output / good["plan"])
    assert plan.result is not None
    assert float(good["integrated_lufs"]) == pytest.approx(plan.result.integrated_lufs, abs=1e-4)
    assert float(good["true_peak_dbtp"]) == pytest.approx(plan.result.true_peak_dbtp, abs=1e-4)
    assert good["loudness_range_lu"] == ""  # too short to have one
    assert (output / good["audio"]).is_file()
    assert good["reason"] == ""
    assert "bass.wav is not audio" in bad["reason"]
    assert bad["integrated_lufs"] == bad["audio"] == ""
    assert bad["split"] == "train"


def test_the_table_is_the_same_in_parquet(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas reads Parquet")
    pytest.importorskip("pyarrow", reason="pyarrow writes it")
    catalogue, output = songs(tmp_path), tmp_path / "mixes"
    (catalogue.root / "train/Artist 0 - Song 0/bass.wav").unlink()
    mix_songs(Mixing(rules=LEVELS), catalogue, output)
    table = pandas.read_parquet(output / "mixes.parquet")
    pandas.testing.assert_frame_equal(
        table, pandas.read_csv(output / "mixes.csv"), check_dtype=False, check_exact=False
    )
    assert table["integrated_lufs"].dtype == np.float64
    assert table["reason"][0] == "bass.wav is missing"


def test_a_selection_adds_to_the_table_and_takes_nothing_from_it(tmp_path: Path) -> None:
    output = tmp_path / "mixes"
    mix_songs(Mixing(rules=LEVELS), songs(tmp_path, split="test"), output)
    assert [row["song"] for row in rows(output)] == ["test/Artist 1 - Song 1"]
    summary = mix_songs(Mixing(rules=LEVELS), songs(tmp_path, only=("Artist 0*",)), output)
    assert (summary.done, summary.kept) == (1, 0)
    assert [row["song"] for row in rows(output)] == ["train/Artist 0 - Song 0", "test/Artist 1 - Song 1"]


def test_one_constant_makes_other_settings(tmp_path: Path) -> None:
    output = tmp_path / "mixes"
    mix_songs(Mixing(rules=LEVELS, audio_format=""), songs(tmp_path, 1), output)
    other = LEVELS.with_values({"level.bass_lu": 0.5})
    with pytest.raises(ParameterError, match=r"level.bass_lu 0.8, this run: 0.5"):
        mix_songs(Mixing(rules=other, audio_format=""), songs(tmp_path), output)


def test_a_rule_of_the_users_own_is_part_of_the_settings() -> None:
    def own(session: object, settings: object) -> list[object]:
        return []

    chain = Mixing(rules=LEVELS.with_rule("own", own)).settings()["chain"]
    assert any(step.startswith("own by ") and step.endswith("own") for step in chain)


def test_plans_alone_are_measured_too(tmp_path: Path) -> None:
    output = tmp_path / "mixes"
    mix_songs(Mixing(rules=LEVELS, audio_format=""), songs(tmp_path, 1), output)
    (row,) = rows(output)
    assert row["audio"] == ""
    assert float(row["integrated_lufs"]) == pytest.approx(-14.0, abs=0.1)
    assert not list(output.rglob("*.wav"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"subtype": "PCM_12"}, "WAV takes PCM_24"),
        ({"audio_format": "flac", "subtype": "FLOAT"}, "FLAC takes PCM_24, PCM_16"),
        ({"engine": "tape"}, "no engine 'tape'"),
        ({"sample_rate": 5}, "8000 to 384000"),
    ],
)
def test_what_cannot_be_written_is_said_before_any_song(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Mixing(rules=LEVELS, **wrong)  # type: ignore[arg-type]
