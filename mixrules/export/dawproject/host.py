"""What a DAWproject holds of a plan, and in what its hosts go their own ways."""

from __future__ import annotations

from mixrules.export.hosts import Host, lacked_everywhere
from mixrules.mixplan import MasterPlan, StemPlan
from mixrules.processors import CompressorParams, LimiterParams

_FADERS_END_DB = 6.0


def _lacks(strip: StemPlan) -> dict[str, str]:
    polarity = {"input": "the polarity"} if strip.invert_polarity or strip.invert_right_polarity else {}
    return {**polarity, **lacked_everywhere(strip)}


def _differs(strip: StemPlan) -> list[str]:
    return [
        f"the pan law is the host's own, the plan's is {strip.pan.pan_law_db:g} dB at the centre: "
        "how loud a mono track is against a stereo one may differ by that",
        *_of_fader(strip),
        *_of_dynamics(strip.compressor, strip.limiter),
    ]


def _of_fader(strip: StemPlan) -> list[str]:
    ride_db = max((point.gain_db for point in strip.automation), default=0.0)
    if strip.gain_db + ride_db <= _FADERS_END_DB:
        return []
    return [f"the fader goes above {_FADERS_END_DB:g} dB, where those of some hosts end"]


def _master_differs(master: MasterPlan) -> list[str]:
    return _of_dynamics(master.compressor, master.limiter)


def _of_dynamics(compressor: CompressorParams | None, limiter: LimiterParams | None) -> list[str]:
    told = []
    if compressor is not None:
        told.append("the compressor is the host's own, and has a knee of its own")
    if limiter is not None:
        told.append("the limiter is the host's own: its threshold is the ceiling, its attack our look-ahead")
    return told


DAWPROJECT = Host(
    name="a DAWproject",
    reverb="track",
    lacks=_lacks,
    differs=_differs,
    master_differs=_master_differs,
)
