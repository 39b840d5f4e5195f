"""What a REAPER project holds of a plan, within the ranges of the plug-ins that come with REAPER."""

from __future__ import annotations

from mixrules.export.hosts import Host, as_strip, lacked_everywhere
from mixrules.export.reaper.plugin_states import BANDWIDTH_RANGE, FREQUENCY_RANGE_HZ, bandwidth_octaves
from mixrules.mixplan import StemPlan
from mixrules.processors import CompressorParams, EqualizerParams

_COMPRESSOR_HIGHEST = {"ratio": 100.0, "attack_ms": 500.0, "release_ms": 5000.0, "knee_db": 24.0}
_HIGHEST_GAIN_DB = 6.0


def _lacks(strip: StemPlan) -> dict[str, str]:
    lacks = lacked_everywhere(strip)
    if strip.invert_right_polarity:
        lacks["input"] = "the polarity of the right channel"
    if not _is_held_equalizer(strip.equalizer):
        lacks.setdefault("equalizer", "an equaliser band outside of ReaEQ's ranges")
    if strip.compressor is not None and not _is_held_compressor(strip.compressor):
        lacks.setdefault("compressor", "a compressor setting outside of ReaComp's ranges")
    return lacks


def _is_held_equalizer(params: EqualizerParams) -> bool:
    (low, high), (low_hz, high_hz) = BANDWIDTH_RANGE, FREQUENCY_RANGE_HZ
    return all(
        low <= bandwidth_octaves(band.q) <= high and low_hz <= band.frequency_hz <= high_hz
        for band in params.bands
    )


def _is_held_compressor(params: CompressorParams) -> bool:
    gains = (params.threshold_db, params.makeup_db)
    within = all(getattr(params, name) <= highest for name, highest in _COMPRESSOR_HIGHEST.items())
    return within and max(gains) <= _HIGHEST_GAIN_DB


def _differs(strip: StemPlan) -> list[str]:
    told = []
    if strip.equalizer.bands:
        told.append("ReaEQ at the plan's settings: its curves were not compared with ours")
    if strip.compressor is not None:
        told.append("ReaComp at the plan's settings: its times were not compared with ours")
    if strip.limiter is not None:
        told.append("ReaLimit at the plan's ceiling, with a release of its own")
    return told


REAPER = Host(
    name="a REAPER project",
    reverb="track",
    lacks=_lacks,
    differs=_differs,
    master_differs=lambda master: _differs(as_strip(master)),
    pan_law_in_fader=True,
)
