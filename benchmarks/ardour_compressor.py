"""Which share of a plan's attack time lets Ardour's own compressor come nearest to ours.

    python benchmarks/ardour_compressor.py demo/stems SONG ...     # folders of stems

Ours holds peaks and smooths the gain reduction in decibels after that. Ardour's (libs/plugins/a-comp.lv2, whose formulas
are repeated here; Ardour 7.3 renders the same to -121 dB) attacks only while the waveform itself is above the curve. A
row is the median over stems of the power of the difference between the two against that of ours, in dB, for each share;
the last column leaves the stems uncompressed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from mixrules import load_stems, plan
from mixrules.processors import CompressorParams, compress, db_to_gain, equalize, gain_to_db
from mixrules.stems.roles.families import section_of

SHARES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
SHORTEST_MS = 0.1
ATTACKS_MS = (5.0, 30.0)
BELOW_PEAK_DB = 15.0
Floats = npt.NDArray[np.floating[Any]]


@njit(cache=True)
def ardour_gains(
    levels: Floats,
    rate: int,
    threshold_db: float,
    ratio: float,
    knee_db: float,
    attack: float,
    release: float,
) -> Floats:
    """Return the gains of Ardour's compressor for a waveform's magnitudes; attack and release are poles."""
    gains = np.empty(levels.size)
    reduction_db = 0.0
    for i in range(levels.size):
        level_db = 20.0 * math.log10(levels[i]) if levels[i] > 0.0 else -160.0
        over_db = level_db - threshold_db
        if 2.0 * over_db < -knee_db:
            wanted_db = 0.0
        elif 2.0 * over_db > knee_db:
            wanted_db = (1.0 - 1.0 / ratio) * over_db
        else:
            wanted_db = (1.0 - 1.0 / ratio) * (over_db + knee_db / 2.0) ** 2 / (2.0 * knee_db)
        pole = release if wanted_db < reduction_db else attack
        reduction_db = pole * reduction_db + (1.0 - pole) * wanted_db
        gains[i] = 10.0 ** (-reduction_db / 20.0)
    return gains


def residual_db(ours: Floats, theirs: Floats) -> float:
    """Return the power of the difference against that of ours, in dB."""
    return float(10.0 * np.log10(np.sum((ours - theirs) ** 2) / np.sum(ours**2) + 1e-30))


def residuals_db(audio: Floats, rate: int, params: CompressorParams) -> list[float]:
    """Return the residual for each share, and that of the uncompressed audio."""
    ours = compress(audio, rate, params) / db_to_gain(params.makeup_db)
    levels = np.abs(audio).max(axis=1)
    release = math.exp(-1000.0 / (params.release_ms * rate))
    found = []
    for share in SHARES:
        attack = math.exp(-1000.0 / (max(params.attack_ms * share, SHORTEST_MS) * rate))
        knee_db = max(params.knee_db, 0.01)
        gains = ardour_gains(levels, rate, params.threshold_db, params.ratio, knee_db, attack, release)
        found.append(residual_db(ours, audio * gains[:, np.newaxis]))
    return [*found, residual_db(ours, audio)]


def cases(song: str) -> Iterator[tuple[str, Floats, int, CompressorParams]]:
    """Yield a song's stems with their compressors: those of the rules, and two that every stem gets."""
    stems = load_stems(song)
    for strip in plan(stems).stems:
        stem = stems[strip.name]
        if strip.compressor is not None:
            given = np.asarray(stem.audio, np.float64) * db_to_gain(strip.input_gain_db)
            yield (
                "by the rules",
                equalize(given, stems.sample_rate, strip.equalizer),
                stems.sample_rate,
                strip.compressor,
            )
        if stem.silent:
            continue
        threshold_db = float(gain_to_db(stem.peak)) - BELOW_PEAK_DB
        group = "drums" if section_of(stem.role) == "drums" else "other stems"
        for attack_ms in ATTACKS_MS:
            params = CompressorParams(
                threshold_db=threshold_db, ratio=4.0, attack_ms=attack_ms, release_ms=150.0, knee_db=6.0
            )
            name = f"{group}, 4:1, {attack_ms:g} ms"
            yield name, np.asarray(stem.audio, np.float64), stems.sample_rate, params


def main(songs: list[str]) -> None:
    """Print medians over the stems."""
    rows: dict[str, list[list[float]]] = {}
    for song in songs:
        for name, audio, rate, params in cases(song):
            rows.setdefault(name, []).append(residuals_db(audio, rate, params))
    print("| compressor | stems | " + " | ".join(f"{share:g}" for share in SHARES) + " | none |")
    print("|---|---:|" + "---:|" * (len(SHARES) + 1))
    for name, found in sorted(rows.items()):
        medians = " | ".join(f"{each:.1f}" for each in np.median(found, axis=0))
        print(f"| {name} | {len(found)} | {medians} |")


if __name__ == "__main__":
    main(sys.argv[1:])
