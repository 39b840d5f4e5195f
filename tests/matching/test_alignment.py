"""Where a finished mix lies to its stems: offsets, clocks and polarity that are known are found again."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from matching.placed_mixes import RATE, later, mixed, slower, song

from mixrules.matching.alignment import Alignment, find_alignment
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
    stems = song()
    mix = later(slower(mixed(stems, GAINS, PANS), ratio), 321.0)
    found = find_alignment(mix, stems, RATE)
    assert off_by(found, stems, 321.0, float(ratio)) < 0.05


def test_a_small_drift_is_found() -> None:
    stems = song(40.0)
    ratio = Fraction(60_001, 60_000)  # 16.7 ppm, 0.2 samples a second... 10 samples over the song
    found = find_alignment(slower(mixed(stems, GAINS), ratio), stems, RATE)
    assert off_by(found, stems, 0.0, float(ratio)) < 0.05
