"""A small song with every processor, and what it looks like; made once for all tests of figures."""

from __future__ import annotations

import functools

import numpy as np
from synthetic import RATE, band

from mixrules import MixPlan, Stems
from mixrules.decision import Decision, Quantity, Statement
from mixrules.mixplan import ReverbBus, Send, starting_plan
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
)
from mixrules.report import measure_song
from mixrules.report.song.pictures import MeasuredSong

SECONDS = 8.0
COMPRESSOR = CompressorParams(threshold_db=-24.0, ratio=4.0, attack_ms=5.0, release_ms=80.0, makeup_db=3.0)
EQ = EqualizerParams(
    bands=(
        EqBand(kind="high_pass", frequency_hz=80.0, q=0.7071),
        EqBand(frequency_hz=1000.0, gain_db=-4.0, q=1.4),
        EqBand(kind="high_shelf", frequency_hz=6000.0, gain_db=2.0, q=0.7),
    )
)
LIMITER = LimiterParams(ceiling_dbtp=-14.0)
RIDE = (GainPoint(time_s=1.0, gain_db=0.0), GainPoint(time_s=3.0, gain_db=-4.0))


@functools.cache
def stems() -> Stems:
    """The small band; its guitar is stereo."""
    song = {name: samples[:, np.newaxis] for name, samples in band(SECONDS).items()}
    song["guitar"] = np.concatenate([song["guitar"], 0.5 * song["guitar"]], axis=1)
    return Stems.from_arrays(song, RATE, title="small band")


@functools.cache
def plan() -> MixPlan:
    """A plan with every processor."""
    made = starting_plan(stems())
    made = made.replace(reverbs=(ReverbBus(name="room", params=ReverbParams(t60_s=1.2)),))
    made = made.replace_stem(
        "vocals", compressor=COMPRESSOR, sends=(Send(to="room", level_db=-12.0),), gain_db=2.0
    )
    made = made.replace_stem("drums", limiter=LIMITER, automation=RIDE)
    made = made.replace_stem(
        "guitar",
        equalizer=EQ,
        pan=PanParams(pan=-0.5),
        dynamic_equalizer=(DynamicEqBand(frequency_hz=5000.0),),
    )
    made = made.replace_stem("bass", pan=PanParams(pan=1.0))
    master = made.master
    made = made.replace(master=type(master)(gain_db=12.0, limiter=LimiterParams(ceiling_dbtp=-1.0)))
    return made.replace(decisions=_decisions(made))


@functools.cache
def song() -> MeasuredSong:
    """What the song and its mix look like."""
    return measure_song(stems(), plan())


def _decisions(made: MixPlan) -> tuple[Decision, ...]:
    first = EqualizerParams(bands=EQ.bands[:1])
    return (
        Decision(rule="tone", stem="guitar", source="", sentence="a.", parameters={"equalizer": first}),
        Decision(
            rule="eq",
            stem="guitar",
            source="",
            sentence="b.",
            parameters={"equalizer": EQ},
            measured=(Quantity(name="masking of vocals at 1000 Hz", value=3.0, unit="dB"),),
        ),
        Decision(
            rule="level",
            stem="bass",
            source="",
            sentence="c.",
            parameters={"gain_db": 0.0},
            statements=(Statement(kind="stem_integrated_lufs", stems=("bass",), unit="LUFS", stated=-20.0),),
        ),
        Decision(
            rule="reverb",
            source="",
            sentence="d.",
            measured=(Quantity(name="tempo", value=120.0, unit="BPM"),),
            statements=(Statement(kind="reverb_t60_s", bus="room", unit="s", stated=1.2),),
        ),
        Decision(
            rule="master",
            source="",
            sentence="e.",
            statements=(
                Statement(kind="mix_integrated_lufs", unit="LUFS", stated=-16.0),
                Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=-1.0),
            ),
        ),
    )
