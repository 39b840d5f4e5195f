"""What a DAW can hold of a channel strip, and what is left of the strip where it cannot hold all.

A stage that a host lacks is rendered into the track, with all stages before it, or left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from mixrules._support.wording import listed
from mixrules.engine import CHAIN
from mixrules.export.project import Printing, ReverbWay
from mixrules.mixplan import MasterPlan, StemPlan
from mixrules.processors import CompressorParams, EqBand, LimiterParams

Ranges = Mapping[str, tuple[float, float]]
_Params = TypeVar("_Params", bound=CompressorParams | EqBand | LimiterParams)

STAGES = tuple(stage.name for stage in CHAIN.strip)
_EFFECTS = ("input", "equalizer", "dynamic_equalizer", "compressor", "limiter")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "input": ("input_gain_db", "invert_polarity", "invert_right_polarity"),
    "compressor": ("compressor", "plugins"),
}
_NEUTRAL = StemPlan(name="neutral")


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A kind of project file, and what the programs that open it can hold.

    Attributes
    ----------
    name : str
        What it is called in a sentence.
    reverb : {"ir", "track"}
        How a reverb travels unless somebody says otherwise.
    lacks : callable
        Takes a strip; returns the stages that the host lacks, each with what is the matter in words.
    differs : callable
        Takes a strip; returns what the host does in a way of its own, in words, where that is known.
    master_differs : callable
        The same for the master.
    pan_law_in_fader : bool
        Whether the faders of mono tracks make up for a pan law that is not ours.
    """

    name: str
    reverb: ReverbWay
    lacks: Callable[[StemPlan], dict[str, str]]
    differs: Callable[[StemPlan], list[str]]
    master_differs: Callable[[MasterPlan], list[str]]
    pan_law_in_fader: bool = False


def as_strip(master: MasterPlan) -> StemPlan:
    """Return the master's processors as those of a strip, for hosts that treat both alike."""
    return StemPlan(
        name="master", equalizer=master.equalizer, compressor=master.compressor, limiter=master.limiter
    )


def is_within(params: Any, ranges: Ranges) -> bool:
    """Return whether all of a processor's settings lie within a plug-in's ranges, lowest and highest by name."""
    return all(low <= getattr(params, name) <= high for name, (low, high) in ranges.items())


def nearest(params: _Params, ranges: Ranges) -> _Params:
    """Return a processor's settings with those outside of a plug-in's ranges at their ends."""
    inside = {name: min(max(getattr(params, name), low), high) for name, (low, high) in ranges.items()}
    return dataclasses.replace(params, **inside)


def beyond_on_master(lacks: Mapping[str, str]) -> list[str]:
    """Say what of a master its plug-ins cannot be set to: nothing of a master is rendered."""
    return [f"{what}: set to the nearest that it takes" for what in lacks.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldStrip:
    """A strip as a host holds it.

    Attributes
    ----------
    strip : StemPlan
        What the host sets; neutral where a stage was rendered or left out.
    printed : str
        The last stage that is rendered into the audio; empty where the stem stays as it is.
    """

    strip: StemPlan
    printed: str = ""


def lacked_everywhere(strip: StemPlan) -> dict[str, str]:
    """Return the stages in use that no generic project holds, each with what is the matter in words."""
    lacks = {}
    replaced = [insert for insert in strip.plugins if insert.replaces == "equalizer"]
    others = [insert for insert in strip.plugins if insert.replaces != "equalizer"]
    if replaced:
        lacks["equalizer"] = f"the plug-in {replaced[0].path}"
    if strip.dynamic_equalizer:
        lacks["dynamic_equalizer"] = "the de-esser"
    if others:
        lacks["compressor"] = f"the plug-in {listed([insert.path for insert in others])}"
    if not _is_neutral(strip, "width"):
        lacks["width"] = "the stereo width"
    return lacks


def held_strip(strip: StemPlan, lacks: Mapping[str, str], printing: Printing) -> HeldStrip:
    """Return a strip as a host holds it.

    Parameters
    ----------
    strip : StemPlan
        The plan's.
    lacks : mapping of str to str
        The stages that the host lacks.
    printing : {"needed", "all", "none"}
        Which effects are rendered into the track. "all" leaves pan, rides, sends and fader alone, unless a stage
        after them has to be rendered.
    """
    if printing == "none":
        changes = {name: value for stage in lacks for name, value in _dropped(stage).items()}
        return HeldStrip(strip=dataclasses.replace(strip, **changes))
    printed = set(lacks)
    if printing == "all":
        printed |= {stage for stage in _EFFECTS if not _is_neutral(strip, stage)}
    if not printed:
        return HeldStrip(strip=strip)
    last = max(printed, key=STAGES.index)
    within = STAGES[: STAGES.index(last) + 1]
    changes = {name: getattr(_NEUTRAL, name) for stage in within for name in _fields(stage)}
    return HeldStrip(strip=dataclasses.replace(strip, **changes), printed=last)


def _fields(stage: str) -> tuple[str, ...]:
    return _FIELDS.get(stage, (stage,))


def _is_neutral(strip: StemPlan, stage: str) -> bool:
    return all(getattr(strip, name) in (getattr(_NEUTRAL, name), ()) for name in _fields(stage))


def _dropped(stage: str) -> dict[str, Any]:
    """Return the fields of a lacked stage at their neutral values; of the input stage the gain is held everywhere."""
    names = ("invert_polarity", "invert_right_polarity") if stage == "input" else _fields(stage)
    return {
        name: getattr(_NEUTRAL, name) for name in (*names, *(["plugins"] if stage == "equalizer" else []))
    }
