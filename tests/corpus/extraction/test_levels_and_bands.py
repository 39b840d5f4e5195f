"""Peaks, crest factor, width and bands of snippets, against the same parts cut out, and against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from mixrules import true_peak
from mixrules.analysis import correlation, crest_factor_db, side_to_mid_db, third_octave_bands
from mixrules.corpus.extraction.band_levels import measure_bands
from mixrules.corpus.extraction.levels import measure_levels
from mixrules.corpus.extraction.snippets import Snippets

RATE = 16_000
SNIPPETS = Snippets(3 * RATE, 12_000, 5000)


@pytest.fixture
def audio(rng: np.random.Generator) -> np.ndarray:
    level = np.linspace(0.01, 0.2, 3 * RATE)[:, None]
    both = rng.standard_normal((3 * RATE, 1))
    return (level * (both + 0.5 * rng.standard_normal((3 * RATE, 2)))).astype(np.float32)


def test_levels_of_snippets_are_those_of_parts_cut_out(audio: np.ndarray) -> None:
    song, parts = measure_levels(audio, RATE, SNIPPETS)
    cut = [audio[a:b] for a, b in zip(SNIPPETS.starts, SNIPPETS.ends, strict=True)]
    assert parts.true_peak_dbtp == pytest.approx([true_peak(part, RATE) for part in cut])
    assert parts.crest_factor_db == pytest.approx([crest_factor_db(part) for part in cut], abs=1e-3)
    assert parts.side_to_mid_db == pytest.approx([side_to_mid_db(part) for part in cut], abs=1e-3)
    assert parts.correlation == pytest.approx([correlation(part) for part in cut], abs=1e-5)
    assert song.true_peak_dbtp == pytest.approx([true_peak(audio, RATE)])
    assert song.correlation == pytest.approx([np.corrcoef(audio.T)[0, 1]], abs=1e-3)


def test_silence_has_no_levels_and_one_channel_no_width(audio: np.ndarray) -> None:
    for each in measure_levels(np.zeros_like(audio), RATE, SNIPPETS):
        assert not np.isfinite([each.true_peak_dbtp, each.crest_factor_db, each.side_to_mid_db]).any()
    song, _ = measure_levels(audio[:, :1], RATE, SNIPPETS)
    assert np.isnan([song.side_to_mid_db, song.correlation]).all()


def test_a_band_has_the_power_that_a_filter_lets_through(audio: np.ndarray) -> None:
    song, parts = measure_bands(audio, RATE, SNIPPETS)
    mono = audio.mean(axis=1, dtype=np.float64)
    for number, center in enumerate((63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)):
        band = butter(8, [center / 2**0.5, center * 2**0.5], "bandpass", fs=RATE, output="sos")
        filtered = sosfilt(band, mono) ** 2
        assert song.octave_db[0, number] == pytest.approx(10 * np.log10(filtered.mean()), abs=0.5)
        if center >= 1000.0:  # with enough independent samples in a snippet
            means = [filtered[a:b].mean() for a, b in zip(SNIPPETS.starts, SNIPPETS.ends, strict=True)]
            assert parts.octave_db[:, number] == pytest.approx(10 * np.log10(means), abs=0.7)


def test_a_sine_is_in_its_band_and_bands_beyond_half_the_rate_are_undefined() -> None:
    time = np.arange(3 * RATE) / RATE
    sine = np.repeat(0.5 * np.sin(2 * np.pi * 1000 * time)[:, None], 2, axis=1).astype(np.float32)
    song, parts = measure_bands(sine, RATE, SNIPPETS)
    assert song.octave_db[0, 4] == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.05)
    assert parts.octave_db[:, 4] == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.05)
    centers = np.array(third_octave_bands().centers_hz)
    assert int(np.nanargmax(song.third_octave_db[0])) == int(np.argmin(abs(centers - 1000)))
    assert np.isnan(song.octave_db[0, 8])
    assert np.isnan(song.third_octave_db[0, centers > 9000]).all()


@pytest.mark.parametrize(
    ("samples", "length", "hop"), [(1, 65_536, 32_768), (500, 65_536, 32_768), (5000, 300, 7)]
)
def test_any_length_has_a_row_for_each_snippet(samples: int, length: int, hop: int) -> None:
    snippets = Snippets(samples, length, hop)
    audio = np.full((samples, 2), 0.1, np.float32)
    for measures in (measure_bands, measure_levels):
        song, parts = measures(audio, RATE, snippets)
        name = "octave_db" if measures is measure_bands else "true_peak_dbtp"
        assert len(getattr(song, name)) == 1
        assert len(getattr(parts, name)) == len(snippets)
