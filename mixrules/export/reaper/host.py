"""What a REAPER project holds of a plan, within the ranges of the plug-ins that come with REAPER."""

from __future__ import annotations

from mixrules.export.hosts import Host, as_strip, beyond_on_master, is_within, lacked_everywhere
from mixrules.export.reaper.plugin_states import BAND_RANGES, COMPRESSOR_RANGES
from mixrules.mixplan import MasterPlan, StemPlan


def _lacks(strip: StemPlan) -> dict[str, str]:
    lacks = lacked_everywhere(strip)
    if strip.invert_right_polarity:
        lacks["input"] = "the polarity of the right channel"
    if not all(is_within(band, BAND_RANGES) for band in strip.equalizer.bands):
        lacks.setdefault("equalizer", "an equaliser band outside of ReaEQ's ranges")
    if strip.compressor is not None and not is_within(strip.compressor, COMPRESSOR_RANGES):
        lacks.setdefault("compressor", "a compressor setting outside of ReaComp's ranges")
    return lacks


def _differs(strip: StemPlan) -> list[str]:
    told = []
    if strip.equalizer.bands:
        told.append("ReaEQ at the plan's settings: its curves were not compared with ours")
    if strip.compressor is not None:
        told.append("ReaComp at the plan's settings: its times were not compared with ours")
    if strip.limiter is not None:
        told.append("ReaLimit at the plan's ceiling, with a release of its own")
    return told


def _master_differs(master: MasterPlan) -> list[str]:
    strip = as_strip(master)
    return [*_differs(strip), *beyond_on_master(_lacks(strip))]


REAPER = Host(
    name="a REAPER project",
    reverb="track",
    lacks=_lacks,
    differs=_differs,
    master_differs=_master_differs,
    pan_law_in_fader=True,
)
