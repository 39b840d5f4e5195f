"""Where a finished mix lies to its stems: offsets, clocks and polarity that are known are found again."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from matching.placed_mixes import RATE, later, mixed, slower, song

from mixrules.errors import AudioError, ParameterError
from mixrules.matching.alignment import Alignment, aligned, find_alignment
from mixrules.stems import Stems

GAINS = (1.0, 0.3, 2.0, 0.7)
PANS = (0.0, 0.8, -0.5, 0.1)


def off_by(found: Alignment, stems: Stems, offset: float, step: float) -> float:
    """RMS in samples, over the song, of how far the line that was found is from the true one."""
    n = np.arange(0, stems.samples, 100)
    return float(np.sqrt(np.mean((found.offset_samples + found.step * n - offset - step * n) ** 2)))


@pytest.mark.parametrize("offset", [0.0, 1234.0, 37.42, 100_000.25, -5000.5, -77.0])
def test_an_offset_is_found(offset: float) -> None:
    stems = song()
    mix = mixed(stems, GAINS, PANS)
    mix = later(mix, offset)
    found = find_alignment(mix, stems, RATE)
    assert found.told
    assert off_by(found, stems, offset, 1.0) < 0.02
    assert not found.inverted
    assert found.drift_ppm == 0.0
    if offset == round(offset):
        assert found.offset_samples == offset


@pytest.mark.parametrize(
    "ratio",
    [
        Fraction(1001, 1000),
        Fraction(999, 1000),
        Fraction(10_000, 9_981),
        Fraction(160, 147),
        Fraction(147, 160),
        Fraction(25, 24),
        Fraction(1017, 1000),
    ],
)
def test_another_clock_is_found(ratio: Fraction) -> None:
    stems = song(10.0)
    mix = later(slower(mixed(stems, GAINS, PANS), ratio), 321.0)
    found = find_alignment(mix, stems, RATE)
    assert off_by(found, stems, 321.0, float(ratio)) < 0.05


def test_a_small_drift_is_found() -> None:
    stems = song(40.0)
    ratio = Fraction(60_001, 60_000)  # 16.7 ppm, 0.2 samples a second... 10 samples over the song
    found = find_alignment(slower(mixed(stems, GAINS), ratio), stems, RATE)
    assert off_by(found, stems, 0.0, float(ratio)) < 0.05


def test_the_opposite_polarity_is_found_and_undone() -> None:
    stems = song(8.0)
    mix = mixed(stems)
    found = find_alignment(-later(mix, 500.0), stems, RATE)
    assert found.inverted
    assert "with the opposite polarity" in found.sentence
    np.testing.assert_allclose(aligned(-later(mix, 500.0), found, stems.samples), mix, atol=1e-5)


def test_a_whole_offset_is_copied() -> None:
    mix = np.random.default_rng(0).standard_normal((100, 2)).astype(np.float32)
    moved = aligned(mix, Alignment(offset_samples=7.0), 110)
    np.testing.assert_array_equal(moved[:93], mix[7:])
    assert not moved[93:].any()
    early = aligned(mix, Alignment(offset_samples=-3.0), 50)
    np.testing.assert_array_equal(early[3:], mix[:47])


@pytest.mark.parametrize("hz", [50.0, 1000.0, 9000.0, 18_000.0])
@pytest.mark.parametrize("drift_ppm", [0.0, 0.7, 37.1, -1999.0])
def test_a_sine_is_read_between_its_samples(hz: float, drift_ppm: float) -> None:
    rate = 44_100
    sine = np.sin(2 * np.pi * hz / rate * np.arange(3 * rate))
    where = Alignment(offset_samples=200.37, drift_ppm=drift_ppm)
    read = aligned(sine, where, 2 * rate)[:, 0]
    expected = np.sin(2 * np.pi * hz / rate * (200.37 + where.step * np.arange(2 * rate)))
    error_db = 20 * np.log10(np.sqrt(np.mean((read - expected) ** 2) * 2.0))
    assert error_db < -95.0


def test_what_lies_above_the_new_half_rate_does_not_come_back() -> None:
    rate = 48_000
    sine = np.sin(2 * np.pi * 23_800.0 / rate * np.arange(rate))
    read = aligned(sine, Alignment(drift_ppm=(48_000 / 40_000 - 1.0) * 1e6), 39_000)
    assert (
        20 * np.log10(np.sqrt(np.mean(read[500:-500] ** 2) * 2.0)) < -80.0
    )  # where it begins, all frequencies are


def test_one_stem_that_a_plug_in_delayed_is_named() -> None:
    stems = song(20.0)
    total = mixed(stems)
    own = np.repeat(stems["track 2"].audio, 2, axis=1)
    total += later(own, 256.0)[: len(total)] - own
    found = find_alignment(total, stems, RATE)
    assert found.offset_samples == 0.0
    assert list(found.stem_lags) == ["track 2"]
    assert found.stem_lags["track 2"] == pytest.approx(256.0, abs=0.2)
    assert "track 2 is 256.0 samples later than the other stems" in found.sentence


def test_an_equalizer_a_room_and_a_limiter_move_nothing() -> None:
    from mixrules import processors

    stems = song(20.0)
    total = np.zeros((stems.samples, 2), np.float32)
    bands = [(150.0, 6.0), (900.0, -8.0), (2500.0, 7.0), (4000.0, -5.0)]
    for stem, (hz, gain) in zip(stems, bands, strict=True):
        band = processors.EqBand(frequency_hz=hz, gain_db=gain, q=1.0)
        total += processors.equalize(stem.audio, RATE, processors.EqualizerParams(bands=(band,)))
    room = processors.reverberate(total, RATE, processors.ReverbParams(t60_s=1.5))[: len(total)]
    total += 0.3 * room * np.sqrt(np.mean(total**2) / np.mean(room**2))
    limited = processors.limit(2.0 * total / np.abs(total).max(), RATE, processors.LimiterParams())
    found = find_alignment(limited, stems, RATE)
    assert (found.offset_samples, found.drift_ppm, dict(found.stem_lags)) == (0.0, 0.0, {})


def test_a_mix_of_other_stems_cannot_be_told() -> None:
    found = find_alignment(mixed(song(8.0, seed=5)), song(8.0), RATE)
    assert not found.told
    assert found.moves_nothing
    assert "cannot be told" in found.sentence


def test_a_loop_is_not_moved_by_a_bar() -> None:
    bar = song(2.0).stems
    stems = Stems.from_arrays({stem.name: np.tile(stem.audio, (8, 1)) for stem in bar}, RATE)
    assert find_alignment(mixed(stems, GAINS), stems, RATE).offset_samples == 0.0


def test_half_of_a_song_is_found_in_its_place() -> None:
    stems = song(20.0)
    found = find_alignment(mixed(stems, GAINS)[5 * RATE : 13 * RATE], stems, RATE)
    assert found.offset_samples == -5.0 * RATE
    assert found.agreement == pytest.approx(0.4, abs=0.1)
    assert "of the song agrees with that" in found.sentence


@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_a_short_song(seconds: float) -> None:
    stems = song(seconds)
    assert find_alignment(later(mixed(stems), 40.0), stems, RATE).offset_samples == 40.0


def test_one_stem() -> None:
    stems = song(6.0, 1)
    assert find_alignment(later(mixed(stems), 1000.0), stems, RATE).offset_samples == 1000.0


def test_silence_and_one_sample() -> None:
    stems = song(2.0)
    assert "the mix is silent" in find_alignment(np.zeros((RATE, 2)), stems, RATE).sentence
    assert not find_alignment(np.array([0.5]), stems, RATE).told
    single = Stems.from_arrays({"one": np.array([0.5])}, RATE)
    assert find_alignment(np.array([0.5, 0.1]), single, RATE).offset_samples == 0.0
    assert find_alignment(mixed(stems), single, RATE).drift_ppm == 0.0


def test_bad_arguments() -> None:
    stems = song(2.0)
    with pytest.raises(ParameterError, match="sample_rate must be that of the stems, 16000 Hz, got 44100"):
        find_alignment(mixed(stems), stems, 44_100)
    with pytest.raises(AudioError, match="the mix holds nan at sample 3"):
        find_alignment(np.array([0.0, 0.1, 0.2, np.nan]), stems, RATE)
