"""`mixrules extract --match`: what was done to each stem of a song whose mixture is made by numpy and scipy."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy import signal

from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.extraction import PARAMETERS, arrow_schema, read_truth
from mixrules.corpus.extraction.extracting import Extraction
from mixrules.corpus.extraction.matched_parameters import octave_response_db
from mixrules.corpus.work.run import RunSummary, run_songs
from mixrules.processors import EqBand, EqualizerParams

RATE = 44_100
BANDS_HZ = {
    "vocals": (200.0, 8000.0),
    "drums": (60.0, 12_000.0),
    "bass": (40.0, 900.0),
    "other": (150.0, 6000.0),
}
LEFT_RIGHT = {"vocals": (0.5, 0.5), "drums": (0.3, 0.3), "bass": (0.4, 0.4), "other": (0.4, 0.2)}


def put_song(folder: Path, seed: int) -> None:
    """Write four mono stems, notes of noise, and a mixture of them with known factors left and right."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    time = np.arange(3 * RATE) / RATE
    total = np.zeros((time.size, 2))
    for number, (part, edges_hz) in enumerate(BANDS_HZ.items()):
        sections = signal.butter(2, edges_hz, "bandpass", fs=RATE, output="sos")
        noise = signal.sosfilt(sections, rng.standard_normal(time.size))
        audio = 0.3 * noise / np.abs(noise).max() * np.exp(-3.0 * (time * (number + 1.3) % 1.0))
        soundfile.write(folder / f"{part}.wav", audio, RATE, subtype="FLOAT")
        total += np.outer(audio, LEFT_RIGHT[part])
    soundfile.write(folder / "mixture.wav", total, RATE, subtype="FLOAT")


def extract(root: Path, output: Path) -> RunSummary:
    return run_songs(Extraction(root=root, match=True), Catalogue(root, "folders"), output)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A song with its mixture, and one without, with their tables."""
    folder = tmp_path_factory.mktemp("matched")
    put_song(folder / "songs/Ann", 0)
    put_song(folder / "songs/Bob", 1)
    (folder / "songs/Bob/mixture.wav").unlink()
    assert not extract(folder / "songs", folder / "truth").failed
    return folder / "songs", folder / "truth"


def test_faders_and_places_of_the_mixture_are_found(extracted: tuple[Path, Path]) -> None:
    table = read_truth(extracted[1]).table(PARAMETERS).to_table()
    assert table.schema.equals(arrow_schema(PARAMETERS))
    rows = {row["stem"]: row for row in table.to_pylist() if row["song"] == "Ann"}
    assert list(rows) == sorted(BANDS_HZ)
    for stem, (left, right) in LEFT_RIGHT.items():
        row = rows[stem]
        angle = (row["pan"] + 1.0) * math.pi / 4.0
        level = 10.0 ** ((row["fader_db"] + row["master_gain_db"]) / 20.0)
        assert level * math.cos(angle) == pytest.approx(left, rel=0.02)
        assert level * math.sin(angle) == pytest.approx(right, rel=0.02)
        assert (row["heard"], row["muted"], row["polarity_inverted"]) == (True, False, False)
        assert row["side_gain_db"] is None
        assert (row["compressor_ratio"], row["send_db"]) == (None, None)
        assert row["eq_octave_db"] == pytest.approx([0.0] * 9, abs=0.3)
        assert row["alike"] == []
        assert row["explained_share"] > 0.999
        assert row["residual_master_db"] <= row["residual_gain_db"] < row["residual_plain_sum_db"]


def test_a_song_without_a_mixture_has_nulls_and_all_else(extracted: tuple[Path, Path]) -> None:
    truth = read_truth(extracted[1])
    rows = [row for row in truth.table(PARAMETERS).to_table().to_pylist() if row["song"] == "Bob"]
    assert len(rows) == 4
    assert all(
        row[name] is None for row in rows for name in ("fader_db", "muted", "alike", "explained_share")
    )
    assert rows[0]["eq_octave_db"] is None or not any(rows[0]["eq_octave_db"])
    assert "Bob" in truth.stems.to_table(columns=["song"]).column("song").to_pylist()


def test_a_second_run_keeps_the_table(extracted: tuple[Path, Path]) -> None:
    root, output = extracted
    before = (output / PARAMETERS / "part-00000.parquet").read_bytes()
    extract(root, output)
    assert (output / PARAMETERS / "part-00000.parquet").read_bytes() == before


def test_the_response_in_octaves_is_that_of_scipy() -> None:
    band = EqBand(kind="peaking", frequency_hz=1000.0, gain_db=6.0, q=1.4)
    found = octave_response_db(EqualizerParams(bands=(band,)), RATE)
    amplitude, turn = 10.0 ** (6.0 / 40.0), 2.0 * math.pi * 1000.0 / RATE
    alpha = math.sin(turn) / 2.8
    zeros = [1.0 + alpha * amplitude, -2.0 * math.cos(turn), 1.0 - alpha * amplitude]
    poles = [1.0 + alpha / amplitude, -2.0 * math.cos(turn), 1.0 - alpha / amplitude]
    places_hz = np.geomspace(1000.0 / math.sqrt(2.0), 1000.0 * math.sqrt(2.0), 1001)
    _, response = signal.freqz(zeros, poles, worN=places_hz, fs=RATE)
    assert found[4] == pytest.approx(10.0 * math.log10(float(np.mean(np.abs(response) ** 2))), abs=0.05)
    assert octave_response_db(EqualizerParams(bands=(band,)), 8000)[-2:] == pytest.approx(
        [math.nan] * 2, nan_ok=True
    )
