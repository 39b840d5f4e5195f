"""What an Ardour session holds of a plan, within the ranges of the plug-ins that it names."""

from __future__ import annotations

import dataclasses

from mixrules.export.ardour.plugins import (
    BAND_RANGES,
    COMPRESSOR_RANGES,
    LIMITER_RANGES,
)
from mixrules.export.hosts import Host, as_strip, beyond_on_master, is_within, lacked_everywhere
from mixrules.mixplan import MasterPlan, StemPlan
from mixrules.processors import EqualizerParams

_TRIM_RANGE_DB = 20.0


def _lacks(strip: StemPlan) -> dict[str, str]:
    lacks = lacked_everywhere(strip)
    if abs(strip.input_gain_db) > _TRIM_RANGE_DB:
        lacks["input"] = f"an input gain beyond Ardour's trim of {_TRIM_RANGE_DB:g} dB"
    if not _is_held_equalizer(strip.equalizer):
        lacks.setdefault("equalizer", "an equaliser outside of its plug-in's ranges")
    if strip.compressor is not None and not is_within(strip.compressor, COMPRESSOR_RANGES):
        lacks.setdefault("compressor", "a compressor setting outside of its plug-in's ranges")
    if strip.limiter is not None and not is_within(strip.limiter, LIMITER_RANGES):
        lacks["limiter"] = "a limiter setting outside of its plug-in's ranges"
    return lacks


def _is_held_equalizer(params: EqualizerParams) -> bool:
    return all(is_within(band, BAND_RANGES) for band in params.bands)


def _differs(strip: StemPlan) -> list[str]:
    told = []
    if strip.equalizer.bands:
        told.append("the equaliser is LSP's parametric one (lsp-plugins)")
    if strip.compressor is not None:
        told.append(
            "the compressor is Ardour's own, at a tenth of the attack: it attacks at the wave's crests alone"
        )
    if strip.limiter is not None:
        told.append("the limiter is x42's (dpl.lv2), with a look-ahead of its own")
    return told


def _master_differs(master: MasterPlan) -> list[str]:
    strip = as_strip(master)
    if master.limiter is not None:  # a ceiling out of range is held by gains before and after the limiter
        ceiling_dbtp = LIMITER_RANGES["ceiling_dbtp"][1]
        strip = dataclasses.replace(
            strip, limiter=dataclasses.replace(master.limiter, ceiling_dbtp=ceiling_dbtp)
        )
    return [*_differs(strip), *beyond_on_master(_lacks(strip))]


ARDOUR = Host(
    name="an Ardour session",
    reverb="ir",
    lacks=_lacks,
    differs=_differs,
    master_differs=_master_differs,
)
