"""Slow, readable twins of what mixrules.analysis computes."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Bands

Array = npt.NDArray[Any]


def peak_envelope(audio: Array, sample_rate: int, hop_s: float) -> Array:
    """Peak over channels in hops whose boundaries are their times in samples, rounded half up."""
    out: list[float] = []
    hop = 0
    while True:
        begin = math.floor(hop * hop_s * sample_rate + 0.5 + 1e-6)
        end = math.floor((hop + 1) * hop_s * sample_rate + 0.5 + 1e-6)
        if begin >= len(audio):
            return np.array(out)
        out.append(float(np.max(np.abs(audio[begin:end]))))
        hop += 1


def crest_squared(audio: Array, sample_rate: int) -> float:
    """Giannoulis et al. 2013, the ratio averaged with the mean square as weight."""
    a = math.exp(-1.0 / (0.2 * sample_rate))
    peak = mean = weighted = weights = 0.0
    for frame in audio:
        square = float(np.max(np.abs(frame))) ** 2
        peak = max(square, a * peak + (1 - a) * square)
        mean = a * mean + (1 - a) * square
        weighted += mean * (peak / mean if mean > 0 else 0.0)
        weights += mean
    return weighted / weights if weights else 1.0


def block_band_powers(audio: Array, sample_rate: int, bands: Bands, block_s: float) -> Array:
    """Mean square of each block after an ideal (brick-wall) band-pass of the whole mono sum."""
    mono = np.mean(np.asarray(audio, np.float64), axis=1)
    size = round(block_s * sample_rate)
    spectrum = np.fft.rfft(mono)
    hz = np.fft.rfftfreq(mono.size, 1 / sample_rate)
    columns = []
    for low, high in zip(bands.low_hz, bands.high_hz, strict=True):
        part = np.fft.irfft(np.where((hz >= low) & (hz < high), spectrum, 0.0), mono.size)
        blocks = mono.size // size
        columns.append([np.mean(part[b * size : (b + 1) * size] ** 2) for b in range(blocks)])
    return np.array(columns).T


def masking(
    target: Array, masker: Array, centers_hz: Iterable[float], threshold_db: float, active: Array
) -> tuple[float, float, int]:
    """Signal-to-masker ratio cell by cell; share of power masked and power-weighted mean ratio."""
    bark = [13 * math.atan(0.00076 * f) + 3.5 * math.atan((f / 7500) ** 2) for f in centers_hz]
    total = masked = mean = 0.0
    cells = 0
    for block in range(len(target)):
        if not active[block]:
            continue
        peak = max(target[block])
        for band, power in enumerate(target[block]):
            if power <= 0 or 10 * math.log10(power / peak) < -30:
                continue
            spread = 0.0
            for other, masking_power in enumerate(masker[block]):
                away = bark[band] - bark[other]
                spread += masking_power * 10 ** (-(10 * away if away >= 0 else -25 * away) / 10)
            ratio = 10 * math.log10(power / spread)
            cells += 1
            total += power
            mean += power * min(60.0, max(-60.0, ratio))
            masked += power if ratio < threshold_db else 0.0
    return masked / total, mean / total, cells


def compressor_gain_db(
    audio: Array, sample_rate: int, threshold_db: float, ratio: float, attack_ms: float, release_ms: float
) -> Array:
    """Hard-knee compressor with the smooth decoupled detector, sample by sample."""
    attack = math.exp(-1000.0 / (attack_ms * sample_rate))
    release = math.exp(-1000.0 / ((release_ms - attack_ms) * sample_rate))
    held = smooth = 0.0
    out = np.empty(len(audio))
    for i, frame in enumerate(audio):
        level = 20 * math.log10(max(float(np.max(np.abs(frame))), 1e-6))
        wanted = max(0.0, (level - threshold_db) * (1 - 1 / ratio))
        held = max(wanted, release * held + (1 - release) * wanted)
        smooth = attack * smooth + (1 - attack) * held
        out[i] = -smooth
    return out
