"""How far the true peak can be off: tones of every phase and noise, beside a long FFT interpolation.

    python benchmarks/true_peak_bound.py

Reading minus reference in dB, the lowest and the highest over all phases of a tone or over many bursts of noise.
The reference is the signal on a grid of 32 times its rate, by `scipy.signal.resample` over the whole length.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import signal

from mixrules import true_peak

SAMPLE_RATES = (44_100, 48_000, 96_000, 176_400, 192_000, 384_000)
# Tones whose samples meet the same few phases again and again, parts of the sample rate: the worst that there are.
TONES = tuple(
    Fraction(text) for text in ("1/20", "1/8", "1/4", "1/3", "3/8", "2/5", "5/12", "3/7", "4/9", "9/20")
)
NOISE_TO = (0.2, 0.3, 0.4, 0.45)
PHASES, SAMPLES, FINE = 32, 2520, 32

Array = npt.NDArray[np.float64]


def tone(part: Fraction, phase: float) -> Array:
    """Return a tone with a slow beginning and end."""
    time = np.arange(SAMPLES)
    audio: Array = 0.5 * signal.windows.tukey(SAMPLES, 0.5) * np.cos(2 * np.pi * float(part) * time + phase)
    return audio


def noise(part: float, seed: int) -> Array:
    """Return noise without content above a part of the sample rate."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(SAMPLES))
    spectrum[np.arange(len(spectrum)) > part * SAMPLES] = 0.0
    audio: Array = 0.1 * signal.windows.tukey(SAMPLES, 0.5) * np.fft.irfft(spectrum, SAMPLES)
    return audio


def deviations_db(signals: list[Array], sample_rate: int) -> tuple[float, float]:
    """Return the lowest and the highest reading less its reference."""
    differences = []
    for audio in signals:
        reference = np.abs(signal.resample(audio, FINE * SAMPLES)).max()
        differences.append(true_peak(audio, sample_rate) - 20 * np.log10(reference))
    return min(differences), max(differences)


def main() -> None:
    """Print a row for each signal, a column for each sample rate."""
    rows = [
        (f"tone at {part} of the rate", [tone(part, np.pi * i / PHASES) for i in range(PHASES)])
        for part in TONES
    ]
    rows += [
        (f"noise up to {part} of the rate", [noise(part, i) for i in range(PHASES)]) for part in NOISE_TO
    ]
    print(f"{'dB':<26}" + "".join(f"{rate / 1000:>16g} kHz" for rate in SAMPLE_RATES))
    for name, signals in rows:
        cells = (deviations_db(signals, rate) for rate in SAMPLE_RATES)
        print(f"{name:<26}" + "".join(f"{low:>+12.2f} {high:>+7.2f}" for low, high in cells))


if __name__ == "__main__":
    main()
