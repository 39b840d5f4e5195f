"""What is looked at once and used by several rules is what the measures of their own find."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from mixrules import Stems
from mixrules.analysis import (
    crest_factor_squared_smoothed,
    describe,
    erb_bands,
    level_envelope,
    octave_bands,
    scan_stem,
    side_to_mid_db,
    tone_of,
)
from mixrules.loudness import integrated_loudness
from mixrules.session import Session

RATE = 44_100
OCTAVES = octave_bands().below(RATE / 2)


def _stereo(seconds: float = 7.0) -> np.ndarray:
    rng = np.random.default_rng(5)
    mid = rng.standard_normal((round(seconds * RATE), 1))
    return (0.1 * mid + 0.02 * rng.standard_normal((len(mid), 2)) + 0.01).astype(np.float32)


def test_a_scan_finds_what_each_measure_finds() -> None:
    audio = _stereo()
    scan = scan_stem(audio, RATE)
    assert scan.integrated_lufs == pytest.approx(integrated_loudness(audio, RATE), abs=1e-9)
    assert scan.side_to_mid_db == pytest.approx(side_to_mid_db(audio), abs=1e-6)
    assert scan.dc_offset == pytest.approx(np.abs(audio.mean(axis=0, dtype=np.float64)).max(), abs=1e-9)
    assert not scan.is_mono
    assert not scan.in_opposite_phase
    assert dataclasses.replace(scan, integrated_lufs=-3.0) == scan_stem(audio, RATE, integrated_lufs=-3.0)


def test_a_session_scans_as_the_measures_do_and_looks_at_levels() -> None:
    audio = _stereo()
    song = {"guitar": audio, "voice": 0.3 * audio[:, :1], "silence": np.zeros((99, 2), np.float32)}
    session = Session(Stems.from_arrays(song, RATE))
    for name in ("guitar", "voice"):
        wanted = integrated_loudness(session.stems[name].audio, RATE)
        assert session.scan(name).integrated_lufs == pytest.approx(wanted, abs=1e-5)
    assert session.scan("silence").integrated_lufs == -np.inf
    level = session.level_scan("guitar", before="compressor")
    assert level.crest_factor_squared == pytest.approx(crest_factor_squared_smoothed(audio, RATE))
    np.testing.assert_array_equal(level.envelope, level_envelope(audio, RATE))


@pytest.mark.parametrize(("right", "mono", "opposite"), [(1.0, True, False), (-1.0, False, True)])
def test_width_is_told_apart(right: float, mono: bool, opposite: bool) -> None:
    left = _stereo(1.0)[:, :1]
    scan = scan_stem(np.hstack([left, np.float32(right) * left]), RATE)
    assert (scan.is_mono, scan.in_opposite_phase) == (mono, opposite)


def test_silence_has_no_tone() -> None:
    tone = tone_of(np.zeros(60), RATE)
    assert np.isnan(tone.spectral_centroid_hz)
    assert tone.low_share == 0.0


@pytest.mark.parametrize("right", [1.0, -1.0], ids=["in phase", "opposite phase"])
def test_the_tone_of_a_stem_is_that_of_its_description(right: float) -> None:
    left = _stereo(3.0)[:, :1]
    stems = Stems.from_arrays({"guitar": np.hstack([left, np.float32(right) * left])}, RATE)
    session = Session(stems)
    session.plan = session.plan.replace_stem("guitar", gain_db=-7.5)
    tone, expected = session.tone("guitar"), describe(stems["guitar"].audio, RATE)
    assert tone.spectral_centroid_hz == pytest.approx(expected.spectral_centroid_hz, rel=1e-5)
    assert tone.low_share == pytest.approx(expected.low_share, rel=1e-5)


def test_the_tone_is_that_of_the_stem_as_given() -> None:
    from mixrules.processors import CompressorParams

    stems = Stems.from_arrays({"guitar": _stereo(3.0)}, RATE)
    session = Session(stems)
    squashed = CompressorParams(threshold_db=-40.0, ratio=20.0, attack_ms=0.1, release_ms=5.0)
    session.plan = session.plan.replace_stem("guitar", compressor=squashed)
    expected = describe(stems["guitar"].audio, RATE)
    assert session.tone("guitar").spectral_centroid_hz == expected.spectral_centroid_hz


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    "changes", [{}, {"gain_db": -7.5, "input_gain_db": 2.0}, {"mute": True}, {"pan": 0.4}]
)
def test_band_powers_are_those_of_the_stem_in_the_mix(channels: int, changes: dict[str, Any]) -> None:
    from mixrules.analysis import block_band_powers
    from mixrules.processors import PanParams

    session = Session(Stems.from_arrays({"guitar": _stereo(2.0)[:, :channels]}, RATE))
    settings = {"pan": PanParams(pan=changes["pan"])} if "pan" in changes else changes
    session.plan = session.plan.replace_stem("guitar", **settings)
    fine = erb_bands().below(RATE / 2)
    found = session.band_powers(["guitar"], OCTAVES, fine, block_s=0.4)["guitar"]
    for bands, powers in zip((OCTAVES, fine), found, strict=True):
        expected = block_band_powers(session.sum(["guitar"]), RATE, bands, block_s=0.4)
        np.testing.assert_allclose(np.asarray(powers), expected, rtol=1e-5, atol=1e-15)
