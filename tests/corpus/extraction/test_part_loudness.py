"""Loudness of songs and snippets, against pyloudnorm on snippets that are cut out and against the meter."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from mixrules import loudness
from mixrules.corpus.extraction.part_loudness import LoudnessGrid
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.loudness import SumEnergyStream

RATE = 48_000


@pytest.fixture
def song(rng: np.random.Generator) -> np.ndarray:
    """Noise that pulses, with a bass; nine seconds."""
    time = np.arange(9 * RATE) / RATE
    level = 0.02 + 0.2 * np.sin(2 * np.pi * 0.35 * time) ** 4
    audio = level[:, None] * (
        0.3 * rng.standard_normal((time.size, 2)) + np.sin(2 * np.pi * 60 * time)[:, None]
    )
    return audio.astype(np.float32)


def measured(audio: np.ndarray, snippets: Snippets, rate: int = RATE) -> tuple[LoudnessGrid, np.ndarray]:
    grid = LoudnessGrid(snippets, rate)
    stream = SumEnergyStream(rate, [[1.0]], grid.boundaries)
    for start in range(0, len(audio), 10_000):
        stream.update([audio[start : start + 10_000]])
    return grid, stream.result()[0]


def test_snippets_read_as_a_second_meter_reads_them_cut_out(song: np.ndarray) -> None:
    snippets = Snippets(len(song), 65_536, 32_768)
    grid, energies = measured(song, snippets)
    found = grid.of_snippets(energies).integrated_lufs
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    # 10 blocks of 400 ms, one every 100 ms, lie in a snippet; pyloudnorm counts an incomplete one after them too.
    complete = round(1.3 * RATE)
    cut = [meter.integrated_loudness(song[start : start + complete]) for start in snippets.starts]
    # The filter of a file that is cut begins anew, which is a transient of some milliseconds.
    assert found == pytest.approx(cut, abs=0.06)
    assert grid.integrated_of_snippets(energies).tolist() == found.tolist()


def test_the_difference_to_a_file_that_is_cut_is_what_the_filter_holds(song: np.ndarray) -> None:
    """Where the sound is steady the state of the filter is worth little; after a loud bass it is worth most."""
    bass = np.sin(2 * np.pi * 30.0 * np.arange(4 * RATE) / RATE)[:, None]
    audio = np.repeat(np.where(np.arange(4 * RATE)[:, None] < 2 * RATE, 0.5 * bass, 0.001 * bass), 2, axis=1)
    snippets = Snippets(len(audio), RATE, RATE)
    found = measured(audio.astype(np.float32), snippets)
    running = found[0].of_snippets(found[1]).integrated_lufs
    alone = [loudness.integrated_loudness(audio[a : a + RATE], RATE) for a in snippets.starts]
    assert running[1] == pytest.approx(alone[1], abs=0.1)
    assert running[2] - alone[2] > 1.0  # the bass before still rings in the filter


def test_a_song_reads_as_the_meter_reads_it(song: np.ndarray) -> None:
    grid, energies = measured(song, Snippets(len(song), 65_536, 32_768))
    found, meter = grid.of_song(energies), loudness.measure(song, RATE)
    assert found.integrated_lufs == pytest.approx(meter.integrated_lufs, abs=1e-4)
    assert found.loudness_range_lu == pytest.approx(meter.loudness_range_lu, abs=1e-4)
    assert found.momentary_max_lufs == pytest.approx(meter.momentary_max_lufs, abs=0.1)
    assert found.short_term_max_lufs == pytest.approx(meter.short_term_max_lufs, abs=0.1)


def test_short_term_loudness_is_that_of_the_three_seconds_before_the_end(song: np.ndarray) -> None:
    snippets = Snippets(len(song), 65_536, 32_768)
    grid, energies = measured(song, snippets)
    found = grid.of_snippets(energies).short_term_lufs
    assert np.isnan(found).tolist() == (snippets.ends < 3 * RATE).tolist()
    times, lufs = loudness.short_term_loudness(song, RATE, hop_s=0.01)
    expected = np.interp(snippets.ends / RATE, times, lufs)
    defined = ~np.isnan(found)
    assert found[defined] == pytest.approx(expected[defined], abs=0.05)


def test_a_long_snippet_has_a_loudness_range_and_a_short_one_that_of_momentary_loudness(
    song: np.ndarray,
) -> None:
    grid, energies = measured(song, Snippets(len(song), 6 * RATE, 3 * RATE))
    expected = [loudness.loudness_range(song[a : a + 6 * RATE], RATE) for a in (0, 3 * RATE)]
    assert grid.of_snippets(energies).loudness_range_lu == pytest.approx(expected, abs=0.1)
    grid, energies = measured(song, Snippets(len(song), 65_536, 32_768))
    short = grid.of_snippets(energies)
    assert np.isnan(short.loudness_range_lu).all()
    assert (short.momentary_range_lu > 1.0).all()


@pytest.mark.parametrize("samples", [1, 300, 65_536])
def test_silence_has_no_loudness(samples: int) -> None:
    grid, energies = measured(np.zeros((samples, 2), np.float32), Snippets(samples, 65_536, 32_768))
    assert np.isneginf(grid.of_snippets(energies).integrated_lufs).all()
    assert np.isneginf(grid.of_song(energies).integrated_lufs)


@pytest.mark.parametrize("rate", [8000, 11_025, 192_000])
def test_any_rate(rate: int) -> None:
    audio = np.repeat(0.1 * np.sin(2 * np.pi * 997 * np.arange(rate) / rate)[:, None], 2, axis=1)
    snippets = Snippets(rate, rate // 2 + 1, rate // 3 + 1)
    grid, energies = measured(audio.astype(np.float32), snippets, rate)
    expected = [
        loudness.integrated_loudness(audio[a:b], rate)
        for a, b in zip(snippets.starts, snippets.ends, strict=True)
    ]
    assert grid.of_snippets(energies).integrated_lufs == pytest.approx(expected, abs=0.05)
