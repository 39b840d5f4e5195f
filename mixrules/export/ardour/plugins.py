"""The LV2 plug-ins of a session and their settings: LSP's equaliser, Ardour's own compressor, x42's limiter, a convolver.

The equaliser's "APO" filters are those of Bristow-Johnson's cookbook, as ours are. benchmarks/ardour_residuals.py renders
each of them by Ardour and compares it with ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mixrules.processors import CompressorParams, EqualizerParams, LimiterParams

MOST_BANDS = 16
EQ_FREQUENCY_RANGE_HZ = (10.0, 24_000.0)
EQ_GAIN_RANGE_DB = (-36.0, 36.0)
EQ_HIGHEST_Q = 100.0
COMPRESSOR_RANGES = {
    "threshold_db": (-60.0, 0.0),
    "ratio": (1.0, 20.0),
    "attack_ms": (0.1, 100.0),
    "release_ms": (1.0, 2000.0),
    "knee_db": (0.0, 8.0),
    "makeup_db": (0.0, 30.0),
}
HIGHEST_FADER_DB = 6.0
"""Ardour's faders end there."""

LIMITER_CEILING_DB = (-10.0, 0.0)
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


def equalizer_plugin(params: EqualizerParams, channels: int) -> Plugin:
    """Return LSP's parametric equaliser with these bands."""
    ports: dict[str, float] = {}
    for number, band in enumerate(params.bands):
        ports |= {
            f"ft_{number}": _BAND_TYPES[band.kind],
            f"fm_{number}": _APO_FILTERS,
            f"f_{number}": band.frequency_hz,
            f"g_{number}": 10.0 ** (band.gain_db / 20.0),
            f"q_{number}": band.q,
        }
    kind = "mono" if channels == 1 else "stereo"
    name = f"LSP Parametric Equalizer x{MOST_BANDS} {kind.capitalize()}"
    return Plugin(uri=f"{_LSP}para_equalizer_x{MOST_BANDS}_{kind}", name=name, ports=ports)


def gain_plugin(gain_db: float, channels: int) -> Plugin:
    """Return what is louder by a gain that no fader holds: an equaliser without bands, half of it on either side."""
    half = 10.0 ** (gain_db / 40.0)
    plain = equalizer_plugin(EqualizerParams(), channels)
    return Plugin(uri=plain.uri, name=plain.name, ports={"g_in": half, "g_out": half})


def compressor_plugin(params: CompressorParams, channels: int) -> Plugin:
    """Return Ardour's own compressor with these settings."""
    stereo = channels == 2
    return Plugin(
        uri=f"urn:ardour:a-comp{'#stereo' if stereo else ''}",
        name=f"ACE Compressor{' (stereo)' if stereo else ''}",
        ports={
            "att": params.attack_ms,
            "rel": params.release_ms,
            "kn": params.knee_db,
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
