"""Energies of sums between any samples, against the signals summed and measured."""

from __future__ import annotations

import numpy as np
import pytest

from mixrules.loudness import SumEnergyStream, block_energies

RATE = 16_000


@pytest.fixture
def signals(rng: np.random.Generator) -> list[np.ndarray]:
    shapes = ((20_000, 2), (20_000, 1), (20_000, 2))
    return [0.1 * rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def energies(signals: list[np.ndarray], gains: list[list[float]], ends: list[int], block: int) -> np.ndarray:
    stream = SumEnergyStream(RATE, gains, np.array([0, *ends]))
    for start in range(0, 20_000, block):
        stream.update([signal[start : start + block] for signal in signals])
    return stream.result()


def in_hops(audio: np.ndarray) -> np.ndarray:
    hops = block_energies(audio, RATE, hop_s=0.1)
    return hops.energies * np.diff(hops.boundaries)


@pytest.mark.parametrize("block", [20_000, 4096, 77])
def test_every_sum_reads_as_it_would_alone(signals: list[np.ndarray], block: int) -> None:
    ends = [*range(1600, 20_000, 1600), 20_000]
    found = energies(signals, [[1, 0, 0], [1, 1, 0], [0, 1, 1]], ends, block)
    both = np.repeat(signals[1], 2, axis=1)
    for row, total in zip(found, (signals[0], signals[0] + both, both + signals[2]), strict=True):
        assert row == pytest.approx(in_hops(total), rel=1e-5)


def test_cells_may_have_any_length(signals: list[np.ndarray]) -> None:
    ends = [1, 2, 700, 701, 9000, 20_000]
    whole = energies(signals, [[1, 1, 1]], [20_000], 4096)
    parts = energies(signals, [[1, 1, 1]], ends, 333)
    assert parts.shape == (1, 6)
    assert parts.sum() == pytest.approx(whole.sum(), rel=1e-6)


def test_signals_that_cancel_out_are_silent(signals: list[np.ndarray]) -> None:
    one, other = signals[0], -signals[0]
    assert not energies([one, other], [[1, 1]], [10_000, 20_000], 4096).any()
