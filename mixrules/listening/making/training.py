"""The training page: a good mix, one that was spoilt on purpose, and what to listen for.

Its song is none of those that are rated: whoever is told that a mix is good has rated it already. The
spoilt mix is the default rule set's with every rated side of a mix made plainly bad: the lead is
buried, the rest is muddy, the sum pumps, and everything is washed in a long reverb.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from mixrules._support.validation import Audio
from mixrules.listening.format.defaults import training_labels
from mixrules.mixer import render
from mixrules.mixplan import MixPlan, ReverbBus, Send
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, ReverbParams
from mixrules.stems import Stems
from mixrules.systems import Song, System, load_song, make_plan, produce

GOOD_LABEL, BAD_LABEL = training_labels()
BURIED_DB = 12.0
MUD_DB, MUD_HZ = 9.0, 300.0
WASH_T60_S, WASH_SEND_DB = 5.0, 0.0
_WASH = "training wash"
_DEMO_RATE = 44_100
_PUMPING = CompressorParams(threshold_db=-36.0, ratio=12.0, attack_ms=2.0, release_ms=120.0, knee_db=0.0)


def training_song(folder: Path | None, *, sample_rate: int | None = None) -> Song:
    """Return the training's song: that in `folder`, or the built-in demo song.

    Parameters
    ----------
    folder : Path or None
        A folder of stems.
    sample_rate : int, optional
        Hz to bring it to.

    Returns
    -------
    Song
    """
    if folder is not None:
        return load_song(folder, sample_rate=sample_rate)
    from mixrules.demo import demo_stems

    rate = sample_rate or _DEMO_RATE
    return Song("demo", Stems.from_arrays(demo_stems(rate), rate, title="demo"))


def good_and_bad(song: Song) -> tuple[dict[str, Audio], MixPlan]:
    """Return the two mixes of the training by their labels, and the plan of the bad one.

    Parameters
    ----------
    song : Song
        The training's song. Its good mix is the human one, where there is one beside the stems, else that
        of the default rules.

    Returns
    -------
    mixes : dict of str to ndarray, shape (samples, 2)
        At the stems' rate.
    plan : MixPlan
        What the bad one was rendered from.
    """
    rules = System(name="default", kind="preset")
    plan = make_plan(rules, song, seed=0)
    human = System(name="human", kind="human")
    good = render(song.stems, plan) if not song.human else produce(human, song, seed=0).audio
    bad = spoilt(plan, song.stems)
    return {GOOD_LABEL: good, BAD_LABEL: render(song.stems, bad)}, bad


def spoilt(plan: MixPlan, stems: Stems) -> MixPlan:
    """Return a plan of the same song with everything done badly that listeners are asked about.

    Parameters
    ----------
    plan : MixPlan
        A good plan.
    stems : Stems
        The song.

    Returns
    -------
    MixPlan
    """
    leads = [stem.name for stem in stems if stem.role == "vocal" and not stem.silent]
    if not leads:
        active = [strip for strip in plan.stems if not strip.mute and not stems[strip.name].silent]
        leads = [max(active or plan.stems, key=lambda strip: strip.gain_db).name]
    wash = ReverbBus(name=_WASH, params=ReverbParams(t60_s=WASH_T60_S, room_size_m=25.0))
    bad = plan.replace(
        made_by="mixrules: spoilt on purpose, for training",
        decisions=(),
        result=None,
        reverbs=(*plan.reverbs, wash),
    )
    for strip in plan.stems:
        changes: dict[str, Any] = {"sends": (*strip.sends, Send(to=_WASH, level_db=WASH_SEND_DB))}
        if strip.name in leads:
            changes["gain_db"] = strip.gain_db - BURIED_DB
        else:
            mud = EqBand(frequency_hz=MUD_HZ, gain_db=MUD_DB, q=0.7)
            changes["equalizer"] = EqualizerParams(bands=(*strip.equalizer.bands, mud))
        bad = bad.replace_stem(strip.name, **changes)
    return bad.replace(master=dataclasses.replace(bad.master, compressor=_PUMPING))
