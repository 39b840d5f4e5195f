"""The test signals of EBU Tech 3341 and Tech 3342, synthesised, and how each is read.

Signals are float32 tones from a 10 ms pattern (1 kHz fits it at every sample rate used). Cases 7 and 8
(5 and 6 of Tech 3342) are recordings that the EBU does not let others distribute.

Source: EBU Tech 3341 v4 (2023), table 1; EBU Tech 3342 v4 (2023), table 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mixrules import loudness

RATES = (44_100, 48_000, 96_000, 192_000)


@dataclass(frozen=True)
class Case:
    """One test: its readings at a sample rate, and what they must be."""

    name: str
    signal: str
    read: Callable[[int], list[float]]
    expected: tuple[float, ...]
    below: float
    above: float

    def passes(self, readings: list[float]) -> bool:
        pairs = zip(readings, self.expected * (len(readings) // len(self.expected)), strict=True)
        return all(want - self.below <= got <= want + self.above for got, want in pairs)


def tones(sample_rate: int, *parts: tuple[float | None, float], channels: int = 2) -> np.ndarray:
    """1 kHz in phase on all channels: parts of (peak dBFS, or None for silence; seconds)."""
    period = np.sin(2 * np.pi * 1000 * np.arange(sample_rate // 100) / sample_rate)
    pieces = []
    for peak_dbfs, seconds in parts:
        gain = 0.0 if peak_dbfs is None else 10 ** (peak_dbfs / 20)
        pieces.append(np.resize((gain * period).astype(np.float32), round(seconds * sample_rate)))
    mono = np.concatenate(pieces)
    return np.ascontiguousarray(np.broadcast_to(mono[:, np.newaxis], (mono.size, channels)))


def surround(sample_rate: int) -> np.ndarray:
    """Case 6: 5.0, L and R at -28, C at -24, Ls and Rs at -30 dBFS."""
    levels = np.array([-28.0, -28.0, -24.0, -30.0, -30.0])
    return tones(sample_rate, (0.0, 20.0), channels=5) * (10 ** (levels / 20)).astype(np.float32)


def faded_sine(sample_rate: int, hz: float, amplitude: float, phase_deg: float) -> np.ndarray:
    """Cases 15 to 19: 1 s of a sine with linear fades of 10 ms."""
    n = np.arange(sample_rate)
    fade = np.minimum(1.0, np.minimum(n, n[::-1]) / (0.01 * sample_rate))
    mono = fade * amplitude * np.sin(2 * np.pi * hz / sample_rate * n + np.radians(phase_deg))
    return np.stack([mono, mono], axis=1)


def inserted_burst(base_rate: int, factor: int, offset: int) -> np.ndarray:
    """Cases 20 to 23 at base_rate * factor: one period of base/4 at 1.0 inside base/6 at 0.5, low-passed.

    Built at 4 * base_rate. The burst goes in at an upward zero crossing, the carrier starts again after it.
    """
    carrier = 0.5 * np.sin(2 * np.pi * np.arange(24 * 400) / 24)
    burst = np.sin(2 * np.pi * np.arange(16) / 16)
    m = np.arange(-255, 256)
    lowpass = np.sinc(m / 4) * np.blackman(m.size)
    built = np.convolve(np.concatenate([carrier, burst, carrier]), lowpass / lowpass.sum(), mode="same")
    n = np.arange(built.size)
    built *= np.minimum(1.0, np.minimum(n, n[::-1]) / (0.04 * base_rate))
    mono = built[offset :: 4 // factor]
    return np.stack([mono, mono], axis=1)


def _three(*parts: tuple[float | None, float]) -> Callable[[int], list[float]]:
    def read(sample_rate: int) -> list[float]:
        got = loudness.measure(tones(sample_rate, *parts), sample_rate)
        return [got.momentary_max_lufs, got.short_term_max_lufs, got.integrated_lufs]

    return read


def _integrated(*parts: tuple[float | None, float]) -> Callable[[int], list[float]]:
    return lambda sample_rate: [loudness.integrated_loudness(tones(sample_rate, *parts), sample_rate)]


def _surround(sample_rate: int) -> list[float]:
    return [loudness.integrated_loudness(surround(sample_rate), sample_rate)]


def _extremes(values: np.ndarray) -> list[float]:
    return [float(values.min()), float(values.max())]


def _constant_short_term(sample_rate: int) -> list[float]:
    audio = tones(sample_rate, *([(-20.0, 1.34), (-30.0, 1.66)] * 5))
    return _extremes(loudness.short_term_loudness(audio, sample_rate, hop_s=0.01)[1])


def _constant_momentary(sample_rate: int) -> list[float]:
    audio = tones(sample_rate, *([(-20.0, 0.18), (-30.0, 0.22)] * 25))
    times_s, lufs = loudness.momentary_loudness(audio, sample_rate, hop_s=0.01)
    return _extremes(lufs[times_s >= 1.0])


def _short_term_files(sample_rate: int) -> list[float]:
    files = (tones(sample_rate, (None, i * 0.15), (-23.0, 3.0), (None, 1.0)) for i in range(20))
    return [loudness.measure(audio, sample_rate).short_term_max_lufs for audio in files]


def _momentary_files(sample_rate: int) -> list[float]:
    files = (tones(sample_rate, (None, i * 0.02), (-23.0, 0.4), (None, 1.0)) for i in range(20))
    return [loudness.measure(audio, sample_rate).momentary_max_lufs for audio in files]


def _short_term_live(sample_rate: int) -> list[float]:
    meter = loudness.LoudnessMeter(sample_rate, 2)
    readings = []
    for i in range(20):
        meter.update(tones(sample_rate, (None, i * 0.15), (-38.0 + i, 3.0), (None, 3.0 - i * 0.15)))
        readings.append(meter.result().short_term_max_lufs)
    return readings


def _momentary_live(sample_rate: int) -> list[float]:
    meter = loudness.LoudnessMeter(sample_rate, 2)
    readings = []
    for i in range(20):
        meter.update(tones(sample_rate, (None, i * 0.02), (-38.0 + i, 0.4), (None, 0.4 - i * 0.02)))
        readings.append(meter.result().momentary_max_lufs)
    return readings


def _base(sample_rate: int) -> tuple[int, int]:
    """The sample rate of 44.1 or 48 kHz that `sample_rate` is a multiple of, and the multiple."""
    base = 44_100 if sample_rate % 44_100 == 0 else 48_000
    return base, sample_rate // base


def _sine_peak(divisor: int, amplitude: float, phase_deg: float) -> Callable[[int], list[float]]:
    def read(sample_rate: int) -> list[float]:
        # Up to 96 kHz fs is the file's own rate. From 192 kHz on a meter need not interpolate, and
        # fs / 4 is far above hearing: there fs is 48 kHz and the file an oversampled one.
        base = sample_rate if sample_rate < 192_000 else _base(sample_rate)[0]
        audio = faded_sine(sample_rate, base / divisor, amplitude, phase_deg)
        return [loudness.true_peak(audio, sample_rate)]

    return read


def _burst_peak(offset: int) -> Callable[[int], list[float]]:
    def read(sample_rate: int) -> list[float]:
        # At 96 and 192 kHz the built signal is decimated by 2 and by 1; its offsets repeat.
        base, factor = _base(sample_rate)
        return [loudness.true_peak(inserted_burst(base, factor, offset % (4 // factor)), sample_rate)]

    return read


def _range(*peaks_dbfs: float) -> Callable[[int], list[float]]:
    parts = [(peak, 20.0) for peak in peaks_dbfs]
    return lambda sample_rate: [
        loudness.loudness_range(tones(sample_rate, *parts), sample_rate),
        loudness.loudness_range(tones(sample_rate, *parts), sample_rate, hop_s=0.1),
    ]


_LADDER = tuple(float(level) for level in range(-38, -18))

TECH_3341 = (
    Case("1", "-23 dBFS, 20 s: M, S, I", _three((-23.0, 20.0)), (-23.0,), 0.1, 0.1),
    Case("2", "-33 dBFS, 20 s: M, S, I", _three((-33.0, 20.0)), (-33.0,), 0.1, 0.1),
    Case(
        "3",
        "-36, -23, -36 dBFS; 10, 60, 10 s: I",
        _integrated((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)),
        (-23.0,),
        0.1,
        0.1,
    ),
    Case(
        "4",
        "-72, -36, -23, -36, -72 dBFS; 10, 10, 60, 10, 10 s: I",
        _integrated((-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)),
        (-23.0,),
        0.1,
        0.1,
    ),
    Case(
        "5",
        "-26, -20, -26 dBFS; 20, 20.1, 20 s: I",
        _integrated((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)),
        (-23.0,),
        0.1,
        0.1,
    ),
    Case("6", "5.0: L, R -28, C -24, Ls, Rs -30 dBFS: I", _surround, (-23.0,), 0.1, 0.1),
    Case(
        "9", "-20 dBFS 1.34 s, -30 dBFS 1.66 s, 5 times: S from 3 s", _constant_short_term, (-23.0,), 0.1, 0.1
    ),
    Case("10", "20 files, 3 s at -23 dBFS: max S", _short_term_files, (-23.0,), 0.1, 0.1),
    Case("11", "one stream, 3 s at -38 ... -19 dBFS: max S", _short_term_live, _LADDER, 0.1, 0.1),
    Case(
        "12",
        "-20 dBFS 0.18 s, -30 dBFS 0.22 s, 25 times: M from 1 s",
        _constant_momentary,
        (-23.0,),
        0.1,
        0.1,
    ),
    Case("13", "20 files, 0.4 s at -23 dBFS: max M", _momentary_files, (-23.0,), 0.1, 0.1),
    Case("14", "one stream, 0.4 s at -38 ... -19 dBFS: max M", _momentary_live, _LADDER, 0.1, 0.1),
    Case("15", "fs/4, 0.50, 0 degrees: true peak", _sine_peak(4, 0.50, 0.0), (-6.0,), 0.4, 0.2),
    Case("16", "fs/4, 0.50, 45 degrees: true peak", _sine_peak(4, 0.50, 45.0), (-6.0,), 0.4, 0.2),
    Case("17", "fs/6, 0.50, 60 degrees: true peak", _sine_peak(6, 0.50, 60.0), (-6.0,), 0.4, 0.2),
    Case("18", "fs/8, 0.50, 67.5 degrees: true peak", _sine_peak(8, 0.50, 67.5), (-6.0,), 0.4, 0.2),
    Case("19", "fs/4, 1.41, 45 degrees: true peak", _sine_peak(4, 1.41, 45.0), (3.0,), 0.4, 0.2),
    *(
        Case(
            str(20 + i),
            f"fs/6 with one period of fs/4, offset {i}: true peak",
            _burst_peak(i),
            (0.0,),
            0.4,
            0.2,
        )
        for i in range(4)
    ),
)

TECH_3342 = (
    Case("1", "-20, -30 dBFS, 20 s each", _range(-20.0, -30.0), (10.0,), 1.0, 1.0),
    Case("2", "-20, -15 dBFS", _range(-20.0, -15.0), (5.0,), 1.0, 1.0),
    Case("3", "-40, -20 dBFS", _range(-40.0, -20.0), (20.0,), 1.0, 1.0),
    Case("4", "-50, -35, -20, -35, -50 dBFS", _range(-50.0, -35.0, -20.0, -35.0, -50.0), (15.0,), 1.0, 1.0),
)
