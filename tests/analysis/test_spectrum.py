"""Long-term spectra: shares, levels in other bands, slopes and filters, against closed forms and rendered audio."""

from __future__ import annotations

import numpy as np
import pytest

from mixrules.analysis import (
    Spectrum,
    mean_power_gains,
    octave_bands,
    powers_in_sets,
    spectrum_bands,
)
from mixrules.processors import EqBand, EqualizerParams, equalize

RATE = 44_100


def measured(audio: np.ndarray) -> Spectrum:
    bands = spectrum_bands(RATE)
    (powers,) = powers_in_sets(audio, RATE, [bands], block_s=0.1)
    return Spectrum(bands, powers.mean(axis=0))


def white(seconds: float = 4.0) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.normal(0.0, 0.1, (round(seconds * RATE), 1)).astype(np.float32)


def test_white_noise_is_flat_and_pink_noise_falls_by_3_db_an_octave() -> None:
    bands = spectrum_bands(RATE)
    flat, pink = (
        Spectrum(bands, bands.bandwidths_hz),
        Spectrum(bands, np.log2(bands.high_hz) - np.log2(bands.low_hz)),
    )
    assert flat.slope_db_per_octave(89.0, 4500.0) == pytest.approx(0.0, abs=1e-9)
    assert pink.slope_db_per_octave(89.0, 4500.0) == pytest.approx(-3.01, abs=0.01)
    assert measured(white()).slope_db_per_octave(89.0, 4500.0) == pytest.approx(0.0, abs=0.2)


def test_silence_has_no_slope_and_no_share() -> None:
    bands = spectrum_bands(RATE)
    silent = Spectrum(bands, np.zeros(len(bands)))
    assert np.isnan(silent.slope_db_per_octave(89.0, 4500.0))
    assert silent.share_db(0.0, 1000.0) == -np.inf


def test_levels_in_octaves_are_those_measured_in_octaves() -> None:
    audio = white()
    (octaves,) = powers_in_sets(audio, RATE, [octave_bands()], block_s=0.1)
    expected_db = 10.0 * np.log10(octaves.mean(axis=0))
    # Half an octave lies past the highest fine band, and the lowest ones share bins of the transform.
    np.testing.assert_allclose(measured(audio).levels_db(octave_bands())[1:-1], expected_db[1:-1], atol=0.25)


def test_shares_of_parts_add_up_to_all() -> None:
    spectrum = measured(white())
    parts_db = [
        spectrum.share_db(low, high) for low, high in ((0.0, 100.0), (100.0, 3333.0), (3333.0, 30_000.0))
    ]
    assert sum(10.0 ** (part_db / 10.0) for part_db in parts_db) == pytest.approx(1.0)


def test_a_constant_offset_hardly_counts() -> None:
    offset = np.full((4 * RATE, 1), 0.5, np.float32)
    (powers,) = powers_in_sets(offset, RATE, [spectrum_bands(RATE)], block_s=0.1)
    # But for both ends, where it begins and stops: the side lobes of the window, 31 dB down.
    assert powers[3:-3].sum(axis=1).max() < 1e-3 * 0.25


def test_filtered_is_what_the_equaliser_does() -> None:
    params = EqualizerParams(
        bands=(
            EqBand(kind="high_pass", frequency_hz=300.0, q=0.7071),
            EqBand(frequency_hz=2000.0, gain_db=-5.0, q=1.0),
        )
    )
    audio = white(8.0)
    expected, found = measured(equalize(audio, RATE, params)), measured(audio).filtered(params, RATE)
    heard = np.asarray(spectrum_bands(RATE).low_hz) > 100.0
    np.testing.assert_allclose(found.powers[heard], expected.powers[heard], rtol=0.06)
    assert np.all(mean_power_gains(EqualizerParams(), spectrum_bands(RATE), RATE) == 1.0)
