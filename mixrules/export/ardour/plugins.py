"""The LV2 plug-ins of a session and their settings: LSP's equaliser, Ardour's own compressor, x42's limiter, a convolver.

The equaliser's "APO" filters are those of Bristow-Johnson's cookbook, as ours are. benchmarks/ardour_residuals.py renders
each of them by Ardour and compares it with ours.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams

_BANDS = 16
BAND_RANGES = {"frequency_hz": (10.0, 24_000.0), "gain_db": (-36.0, 36.0), "q": (0.0, 100.0)}
ATTACK_SHARE = 0.1
"""Ours: Ardour's compressor attacks only while the waveform itself is above the curve, and releases between its crests;
at the plan's own attack it would compress far less. benchmarks/ardour_compressor.py compares shares on songs."""

_SHORTEST_ATTACK_MS = 0.1
_KNEE_STEP_DB, _LEAST_KNEE_DB = 6.0, 0.01  # a knee of k is 6 k + 0.01 dB wide there
COMPRESSOR_RANGES = {
    "threshold_db": (-60.0, 0.0),
    "ratio": (1.0, 20.0),
    "attack_ms": (_SHORTEST_ATTACK_MS, 100.0 / ATTACK_SHARE),
    "release_ms": (1.0, 2000.0),
    "knee_db": (0.0, 8.0 * _KNEE_STEP_DB),
    "makeup_db": (0.0, 30.0),
}
HIGHEST_FADER_DB = 6.0
"""Ardour's faders end there."""

LIMITER_RANGES = {"ceiling_dbtp": (-10.0, 0.0), "release_ms": (1.0, 1000.0)}
LIMITER_GAIN_DB = (-10.0, 30.0)
_EQ_GAINS_DB = 40.0  # what the input and the output gain of the equaliser add up to at most, 20 dB each

CONVOLVER = "http://gareus.org/oss/lv2/zeroconvolv#Stereo"

_LSP = "http://lsp-plug.in/plugins/lv2/"
_BAND_TYPES = {"peaking": 1, "high_pass": 2, "high_shelf": 3, "low_pass": 4, "low_shelf": 5}
_APO_FILTERS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plug-in of a session: its URI, its name, and its ports' values by symbol."""

    uri: str
    name: str
    ports: Mapping[str, float]


def equalizer_plugins(params: EqualizerParams, channels: int) -> Iterator[Plugin]:
    """Yield LSP's parametric equaliser with these bands; one more for every 16 of them."""
    for start in range(0, len(params.bands), _BANDS):
        ports: dict[str, float] = {}
        for number, band in enumerate(params.bands[start : start + _BANDS]):
            ports |= {
                f"ft_{number}": _BAND_TYPES[band.kind],
                f"fm_{number}": _APO_FILTERS,
                f"f_{number}": band.frequency_hz,
                f"g_{number}": 10.0 ** (band.gain_db / 20.0),
                f"q_{number}": band.q,
            }
        yield _equalizer(ports, channels)


def gain_plugins(gain_db: float, channels: int) -> Iterator[Plugin]:
    """Yield what holds a gain that no fader does: equalisers without bands, half of it on either side."""
    count = max(math.ceil(gain_db / _EQ_GAINS_DB), 1) if gain_db else 0
    for _ in range(count):
        half = 10.0 ** (gain_db / count / 40.0)
        yield _equalizer({"g_in": half, "g_out": half}, channels)


def _equalizer(ports: Mapping[str, float], channels: int) -> Plugin:
    kind = "mono" if channels == 1 else "stereo"
    name = f"LSP Parametric Equalizer x{_BANDS} {kind.capitalize()}"
    return Plugin(uri=f"{_LSP}para_equalizer_x{_BANDS}_{kind}", name=name, ports=ports)


def compressor_plugin(params: CompressorParams, channels: int) -> Plugin:
    """Return Ardour's own compressor with these settings (libs/plugins/a-comp.lv2 has its formulas)."""
    stereo = channels == 2
    return Plugin(
        uri=f"urn:ardour:a-comp{'#stereo' if stereo else ''}",
        name=f"ACE Compressor{' (stereo)' if stereo else ''}",
        ports={
            "att": max(params.attack_ms * ATTACK_SHARE, _SHORTEST_ATTACK_MS),
            "rel": params.release_ms,
            "kn": max(params.knee_db - _LEAST_KNEE_DB, 0.0) / _KNEE_STEP_DB,
            "rat": params.ratio,
            "thr": params.threshold_db,
            "mak": params.makeup_db,
            "enable": 1.0,
        },
    )


def limiter_plugin(params: LimiterParams, channels: int, *, gain_db: float = 0.0) -> Plugin:
    """Return x42's true-peak limiter with a gain before it."""
    return Plugin(
        uri=f"http://gareus.org/oss/lv2/dpl#{'mono' if channels == 1 else 'stereo'}",
        name="Digital Peak Limiter" + (" Mono" if channels == 1 else " Stereo"),
        ports={
            "enable": 1.0,
            "gain": gain_db,
            "threshold": params.ceiling_dbtp,
            "release": params.release_ms / 1000.0,
            "truepeak": 1.0,
        },
    )


def convolver_plugin() -> Plugin:
    """Return x42's convolver, whose impulse response of four channels (true stereo) lies in its state."""
    return Plugin(uri=CONVOLVER, name="ZeroConvolv Stereo", ports={})
