"""What an Ardour session holds of a plan, within the ranges of the plug-ins that it names."""

from __future__ import annotations

from mixrules.export.ardour.plugins import (
    COMPRESSOR_RANGES,
    EQ_FREQUENCY_RANGE_HZ,
    EQ_GAIN_RANGE_DB,
    EQ_HIGHEST_Q,
    LIMITER_CEILING_DB,
    MOST_BANDS,
)
from mixrules.export.hosts import Host, as_strip, lacked_everywhere
from mixrules.mixplan import StemPlan
from mixrules.processors import CompressorParams, EqualizerParams

_TRIM_RANGE_DB = 20.0


def _lacks(strip: StemPlan) -> dict[str, str]:
    lacks = lacked_everywhere(strip)
    if abs(strip.input_gain_db) > _TRIM_RANGE_DB:
        lacks["input"] = f"an input gain beyond Ardour's trim of {_TRIM_RANGE_DB:g} dB"
    if not _is_held_equalizer(strip.equalizer):
        lacks.setdefault("equalizer", "an equaliser outside of its plug-in's ranges")
    if strip.compressor is not None and not _is_held_compressor(strip.compressor):
        lacks.setdefault("compressor", "a compressor setting outside of its plug-in's ranges")
    if strip.limiter is not None and not _within(strip.limiter.ceiling_dbtp, LIMITER_CEILING_DB):
        lacks["limiter"] = "a limiter's ceiling outside of its plug-in's range"
    return lacks


def _is_held_equalizer(params: EqualizerParams) -> bool:
    return len(params.bands) <= MOST_BANDS and all(
        _within(band.frequency_hz, EQ_FREQUENCY_RANGE_HZ)
        and _within(band.gain_db, EQ_GAIN_RANGE_DB)
        and band.q <= EQ_HIGHEST_Q
        for band in params.bands
    )


def _is_held_compressor(params: CompressorParams) -> bool:
    return all(_within(getattr(params, name), limits) for name, limits in COMPRESSOR_RANGES.items())


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _differs(strip: StemPlan) -> list[str]:
    told = []
    if strip.equalizer.bands:
        told.append("the equaliser is LSP's parametric one (lsp-plugins)")
    if strip.compressor is not None:
        told.append("the compressor is Ardour's own, whose attack and release run a little differently")
    if strip.limiter is not None:
        told.append("the limiter is x42's (dpl.lv2), with a look-ahead of its own")
    return told


ARDOUR = Host(
    name="an Ardour session",
    reverb="ir",
    lacks=_lacks,
    differs=_differs,
    master_differs=lambda master: _differs(as_strip(master)),
)
