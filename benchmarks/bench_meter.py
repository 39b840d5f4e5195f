"""The meter: integrated loudness, loudness range and series, true peak, and all of it at once.

    python benchmarks/bench_meter.py --minutes 1 5 --json meter.json

Against libebur128 (pyebur128), pyloudnorm with scipy's resample_poly, soxr, and ffmpeg's ebur128 filter as a
process of its own that reads a float32 WAV file. One core.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import harness
import numpy as np
from harness import OURS, Entry, Goal
from signals import SAMPLE_RATE, Audio, signal

import mixrules
from mixrules.loudness import (
    block_energies,
    loudness_range_from_energies,
    short_term_from_energies,
)

LIBEBUR128 = "libebur128"
RECIPE = "pyloudnorm + scipy resample_poly"
FFMPEG = "ffmpeg ebur128, process and file"


def whole_meter(audio: Audio) -> tuple[float, float, float, int]:
    """Return integrated, range, true peak and the number of short-term values, from one pass."""
    meter = mixrules.LoudnessMeter(SAMPLE_RATE, audio.shape[1])
    meter.update(audio)
    found = meter.result()
    _, series = short_term_from_energies(meter.block_energies(), 0.1)
    return found.integrated_lufs, found.loudness_range_lu, found.true_peak_dbtp, len(series)


def range_and_series(audio: Audio) -> tuple[float, int]:
    energies = block_energies(audio, SAMPLE_RATE)
    return loudness_range_from_energies(energies), len(short_term_from_energies(energies, 0.1)[1])


def libebur128(audio: Audio, *modes: str, series: bool = False) -> dict[str, float]:
    """Measure with libebur128; with `series` the short-term loudness is asked for every 100 ms."""
    import pyebur128 as r128

    wanted = r128.MeasurementMode["MODE_" + modes[0]]
    for mode in modes[1:]:
        wanted |= r128.MeasurementMode["MODE_" + mode]
    state = r128.R128State(audio.shape[1], SAMPLE_RATE, wanted)
    flat = audio.reshape(-1)
    found: dict[str, float] = {}
    if series:
        hop = SAMPLE_RATE // 10
        values = []
        for start in range(0, len(audio), hop):
            block = audio[start : start + hop]
            state.add_frames(block.reshape(-1), len(block))
            values.append(r128.get_loudness_shortterm(state))
        found["values"] = len(values)
    else:
        state.add_frames(flat, len(audio))
    if "I" in modes:
        found["lufs"] = r128.get_loudness_global(state)
    if "LRA" in modes:
        found["lu"] = r128.get_loudness_range(state)
    if "TRUE_PEAK" in modes:
        peak = max(r128.get_true_peak(state, channel) for channel in range(audio.shape[1]))
        found["dbtp"] = 20.0 * np.log10(peak)
    return found


def scipy_true_peak(audio: Audio) -> float:
    from scipy.signal import resample_poly

    return float(20.0 * np.log10(np.abs(resample_poly(audio, 4, 1, axis=0)).max()))


def soxr_true_peak(audio: Audio) -> float:
    import soxr

    return float(20.0 * np.log10(np.abs(soxr.resample(audio, SAMPLE_RATE, 4 * SAMPLE_RATE)).max()))


def recipe(audio: Audio) -> dict[str, float]:
    import pyloudnorm

    meter = pyloudnorm.Meter(SAMPLE_RATE)
    return {
        "lufs": meter.integrated_loudness(audio),
        "lu": meter.loudness_range(audio),
        "dbtp": scipy_true_peak(audio),
    }


def ffmpeg(path: Path, peak: str) -> Callable[[], Any]:
    import subprocess

    command = [harness.program("ffmpeg") or "", "-hide_banner", "-nostats", "-i", str(path), "-af"]
    command += [f"ebur128=peak={peak}:framelog=verbose", "-f", "null", "-"]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def words(found: dict[str, float]) -> str:
    """Put a peer's readings into words."""
    units = {"lufs": "LUFS", "lu": "LU", "dbtp": "dBTP", "values": "values"}
    return ", ".join(f"{value:.{0 if key == 'values' else 2}f} {units[key]}" for key, value in found.items())


def race_all(audio: Audio, minutes: float, rounds: int, peers: bool, scratch: Path) -> list[harness.Race]:
    has_r128 = peers and harness.installed("pyebur128")
    has_pyln = peers and harness.installed("pyloudnorm")
    has_soxr = peers and harness.installed("soxr")
    has_ffmpeg = peers and harness.program("ffmpeg") is not None
    path = scratch / "signal.wav"
    if has_ffmpeg:
        import soundfile

        soundfile.write(path, audio, SAMPLE_RATE, subtype="FLOAT")
    size: dict[str, Any] = {"minutes": minutes, "rounds": rounds}

    integrated = [
        Entry(OURS, lambda: mixrules.integrated_loudness(audio, SAMPLE_RATE), lambda x: f"{x:.2f} LUFS")
    ]
    spread = [Entry(OURS, lambda: range_and_series(audio), lambda x: f"{x[0]:.2f} LU, {x[1]} values")]
    peak = [Entry(OURS, lambda: mixrules.true_peak(audio, SAMPLE_RATE), _peak_words)]
    whole = [
        Entry(
            OURS,
            lambda: whole_meter(audio),
            lambda x: f"{x[0]:.2f} LUFS, {x[1]:.2f} LU, {x[2]:.2f} dBTP, {x[3]} values",
        )
    ]
    if has_r128:
        integrated.append(Entry(LIBEBUR128, lambda: libebur128(audio, "I"), words))
        spread += [
            Entry(LIBEBUR128, lambda: libebur128(audio, "LRA"), words),
            Entry(f"{LIBEBUR128}, with the series", lambda: libebur128(audio, "LRA", series=True), words),
        ]
        peak.append(Entry(LIBEBUR128, lambda: libebur128(audio, "TRUE_PEAK"), words))
        modes = ("I", "LRA", "TRUE_PEAK")
        whole += [
            Entry(LIBEBUR128, lambda: libebur128(audio, *modes), words),
            Entry(f"{LIBEBUR128}, with the series", lambda: libebur128(audio, *modes, series=True), words),
        ]
    if has_pyln:
        import pyloudnorm

        meter = pyloudnorm.Meter(SAMPLE_RATE)
        integrated.append(
            Entry("pyloudnorm", lambda: meter.integrated_loudness(audio), lambda x: f"{x:.2f} LUFS")
        )
        spread.append(Entry("pyloudnorm", lambda: meter.loudness_range(audio), lambda x: f"{x:.2f} LU"))
        whole.append(Entry(RECIPE, lambda: recipe(audio), words))
    if peers:
        peak.append(Entry("scipy resample_poly", lambda: scipy_true_peak(audio), lambda x: f"{x:.2f} dBTP"))
    if has_soxr:
        peak.append(Entry("soxr", lambda: soxr_true_peak(audio), lambda x: f"{x:.2f} dBTP"))
    if has_ffmpeg:
        integrated.append(Entry(FFMPEG, ffmpeg(path, "none")))
        whole.append(Entry(FFMPEG, ffmpeg(path, "true")))
    return [
        harness.run_race("integrated loudness", integrated, goals=[Goal("times", 3.0, LIBEBUR128)], **size),
        harness.run_race("loudness range and short-term series", spread, **size),
        harness.run_race("true peak", peak, goals=[Goal("times", 15.0, LIBEBUR128)], **size),
        harness.run_race(
            "integrated, range, true peak and series in one call",
            whole,
            goals=[Goal("times", 10.0, LIBEBUR128), Goal("times", 35.0, RECIPE)],
            **size,
        ),
    ]


def _peak_words(found: Any) -> str:
    return f"{float(np.max(found)):.2f} dBTP"


def main() -> None:
    chosen = harness.options(__doc__ or "").parse_args()
    harness.on_one_core()
    races = []
    with tempfile.TemporaryDirectory() as scratch:
        for minutes in chosen.minutes:
            audio = signal(minutes, chosen.signal)
            races += race_all(audio, minutes, chosen.rounds, not chosen.no_peers, Path(scratch))
    harness.finish("meter", races, chosen.json)


if __name__ == "__main__":
    main()
