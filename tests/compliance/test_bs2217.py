"""Checks in the manner of ITU-R BS.2217: tones at stated loudness, the two gates, broadband energy.

The levels come from the standard's 48 kHz table through scipy, not from the code under test.
"""

import numpy as np
import pytest
from scipy import signal

from mixrules import loudness

TABLE_48K = [
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
]


def table_gain_db(hz: float) -> float:
    _, response = signal.sosfreqz(TABLE_48K, [hz], fs=48_000)
    return float(20 * np.log10(np.abs(response[0])))


def tone(sample_rate: int, hz: float, lufs: float, seconds: float, channels: int) -> np.ndarray:
    """A sine of the stated loudness, the same in all channels."""
    mean_square = 10 ** ((lufs + 0.691 - table_gain_db(hz)) / 10) / channels
    n = np.arange(round(sample_rate * seconds))
    mono = np.sqrt(2 * mean_square) * np.sin(2 * np.pi * hz / sample_rate * n)
    return np.repeat(mono[:, np.newaxis], channels, axis=1).astype(np.float32)


@pytest.mark.parametrize("sample_rate", [32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
@pytest.mark.parametrize("hz", [25, 100, 500, 1000, 2000, 10_000])
@pytest.mark.parametrize("lufs", [-23.0, -24.0])
def test_tones(sample_rate: int, hz: float, lufs: float) -> None:
    got = loudness.integrated_loudness(tone(sample_rate, hz, lufs, 5.0, 2), sample_rate)
    assert got == pytest.approx(lufs, abs=0.1)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_front_channels_add_as_energies(channels: int) -> None:
    got = loudness.integrated_loudness(tone(48_000, 997, -24.0, 5.0, channels), 48_000)
    assert got == pytest.approx(-24.0, abs=0.01)


def test_absolute_gate() -> None:
    audio = np.concatenate([tone(48_000, 1000, -69.5, 20, 2), tone(48_000, 1000, -72.0, 20, 2)])
    assert loudness.integrated_loudness(audio, 48_000) == pytest.approx(-69.5, abs=0.1)
    assert loudness.integrated_loudness(tone(48_000, 1000, -70.1, 5, 2), 48_000) == -np.inf


def test_relative_gate() -> None:
    # Ungated the mean is 3 LU lower; the gate lies 10 LU under it, the soft half 4 LU under the gate.
    audio = np.concatenate([tone(48_000, 1000, -10.0, 20, 2), tone(48_000, 1000, -27.0, 20, 2)])
    assert loudness.integrated_loudness(audio, 48_000) == pytest.approx(-10.0, abs=0.1)


def test_just_above_the_relative_gate_counts() -> None:
    audio = np.concatenate([tone(48_000, 1000, -10.0, 20, 2), tone(48_000, 1000, -22.0, 20, 2)])
    expected = 10 * np.log10((10**-1.0 + 10**-2.2) / 2)
    assert loudness.integrated_loudness(audio, 48_000) == pytest.approx(expected, abs=0.1)


def test_sweep_energy_by_parseval() -> None:
    # All the energy of a faded sweep, from its spectrum and the standard's response.
    n = 8 * 48_000
    audio = 0.5 * signal.chirp(np.arange(n) / 48_000, 20, 8.0, 20_000, method="logarithmic")
    audio *= signal.windows.tukey(n, 0.05)
    padded = np.concatenate([audio, np.zeros(48_000)])
    frequencies = np.fft.rfftfreq(2 * padded.size, 1 / 48_000)
    _, response = signal.sosfreqz(TABLE_48K, frequencies, fs=48_000)
    power = np.abs(np.fft.rfft(padded, 2 * padded.size) * response) ** 2
    expected = (2 * power.sum() - power[0] - power[-1]) / (2 * padded.size)
    energies = loudness.block_energies(padded, 48_000)
    total = energies.energies @ np.diff(energies.boundaries)
    assert total == pytest.approx(expected, rel=1e-6)
