"""Anchors: the filter keeps the bounds of BS.1534-3, and a test that is made with anchors holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from listening.song_folders import make
from mixrules.errors import ParameterError
from mixrules.files import read_audio
from mixrules.listening.making.anchors import anchor_names, low_passed
from mixrules.listening.making.request import StimuliRequest
from mixrules.listening.making.stimuli import make_stimuli
from mixrules.systems import parse_systems


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000, 192_000])
def test_the_low_anchor_keeps_the_bounds_of_bs_1534(rate: int) -> None:
    """Within ±0.1 dB up to 3.5 kHz, 25 dB down at 4 kHz, 50 dB at 4.5 kHz and beyond; measured on an impulse."""
    impulse = np.zeros((rate, 1), np.float32)
    impulse[rate // 2] = 1.0
    response = low_passed(impulse, rate, 3500.0)
    assert response.shape == impulse.shape
    assert int(np.argmax(np.abs(response[:, 0]))) == rate // 2  # no delay
    gain_db = 20 * np.log10(np.abs(np.fft.rfft(response[:, 0].astype(np.float64))) + 1e-12)  # a bin is 1 Hz
    assert np.max(np.abs(gain_db[:3501])) <= 0.1
    assert np.max(gain_db[4000:]) <= -25.0
    assert np.max(gain_db[4500:]) <= -50.0


def test_odd_input() -> None:
    assert not np.any(low_passed(np.zeros((1, 2), np.float32), 48_000, 3500.0))
    with pytest.raises(ParameterError, match="needs a sample rate above 8000 Hz, got 8000 Hz"):
        low_passed(np.zeros((10, 2), np.float32), 8000, 3500.0)
    assert anchor_names((3500, 7000), reference="human", taken=()) == {"anchor-3.5k": 3500, "anchor-7k": 7000}
    for cutoffs, reference, taken, says in (
        ((3500,), None, (), "no reference is named"),
        ((50,), "human", (), "must be 200 to 20000 Hz, got 50"),
        ((float("nan"),), "human", (), "got nan"),
        ((3500, 3500), "human", (), "two conditions called anchor-3.5k"),
        ((7000,), "human", ("anchor-7k",), "two conditions called anchor-7k"),
    ):
        with pytest.raises(ParameterError, match=says):
            anchor_names(cutoffs, reference=reference, taken=taken)


def test_a_test_with_reference_and_anchors(tmp_path: Path) -> None:
    folders = make(tmp_path, seconds=4.0)
    request = StimuliRequest(
        systems=parse_systems(f"none,human={folders.human}"),
        seed=3,
        seconds=2.0,
        training=False,
        reference="human",
        anchors_hz=(1000.0,),
    )
    made = make_stimuli(folders.songs, tmp_path / "test", request)
    assert set(made.key.conditions()) == {"none", "human", "anchor-1k"}
    assert (made.key.reference, made.key.anchors) == ("human", ("anchor-1k",))
    for page, keyed in zip(made.test.pages, made.key.pages, strict=True):
        ids = {s.condition: s.id for s in keyed.stimuli}
        files = {s.id: made.folder / "site" / s.file for s in page.stimuli}
        assert page.reference is not None
        open_one = made.folder / "site" / page.reference.file
        assert open_one.read_bytes() == files[ids["human"]].read_bytes()
        spectra = {}
        for name in ("human", "anchor-1k"):
            audio = read_audio(files[ids[name]])
            power = np.abs(np.fft.rfft(audio.audio[:, 0])) ** 2
            hz = np.fft.rfftfreq(len(audio.audio), 1 / audio.sample_rate)
            spectra[name] = power[hz > 1300].sum() / power.sum()
        assert spectra["anchor-1k"] < 1e-3 * spectra["human"]
    assert "human" not in (made.folder / "site" / "test.json").read_text()
    again = make_stimuli(folders.songs, tmp_path / "again", request)
    assert again.test == made.test
