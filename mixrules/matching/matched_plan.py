"""What was found, as a plan that the engine renders."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from mixrules.matching.linear_strips import placed
from mixrules.matching.master_fit import MasterFit
from mixrules.matching.room_fit import FoundRoom
from mixrules.matching.room_numbers import LEAST_SEND_DB
from mixrules.matching.strip import Strip
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, Send, starting_plan
from mixrules.processors import EqualizerParams, gain_to_db
from mixrules.stems import Stems

ROOM = "room"
_LEAST_GAIN_DB = -100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that was found of a mix.

    Attributes
    ----------
    strips : tuple of Strip
        Of each stem, in the song's order.
    absent : frozenset of str
        Stems that are not heard in the mix.
    room : FoundRoom or None
        The reverb.
    master : MasterFit
        What was done to the sum.
    """

    strips: tuple[Strip, ...]
    absent: frozenset[str] = frozenset()
    room: FoundRoom | None = None
    master: MasterFit = field(default_factory=MasterFit)


def plan_of(stems: Stems, found: Found, *, made_by: str) -> MixPlan:
    """Return the plan of what was found, without decisions."""
    plan = starting_plan(stems).replace(made_by=made_by, master=master_plan(found.master))
    if found.room is not None:
        plan = plan.replace(reverbs=(ReverbBus(name=ROOM, params=found.room.params),))
    for number, (stem, strip) in enumerate(zip(stems, found.strips, strict=True)):
        # A stem whose sides are equal is solved for as mono, and placed by the balance of a stereo stem.
        place = placed(replace(strip.linear, channels=stem.channels))
        silent = place.gain_db < _LEAST_GAIN_DB or stem.name in found.absent
        plan = plan.replace_stem(
            stem.name,
            gain_db=0.0 if silent else place.gain_db,
            mute=silent,
            pan=place.pan,
            width=place.width,
            invert_polarity=place.invert_polarity,
            invert_right_polarity=place.invert_right_polarity,
            equalizer=EqualizerParams(bands=strip.linear.bands),
            compressor=strip.compressor,
            sends=() if silent else _sends(found.room, number),
        )
    return plan


def _sends(room: FoundRoom | None, number: int) -> tuple[Send, ...]:
    if room is None or not room.sends_db[number] > LEAST_SEND_DB:
        return ()
    return (Send(to=ROOM, level_db=float(room.sends_db[number])),)


def master_plan(fit: MasterFit) -> MasterPlan:
    """Return the master of a plan."""
    return MasterPlan(
        compressor=fit.compressor,
        gain_db=float(gain_to_db(fit.gain)) if fit.gain > 0.0 else 0.0,
        limiter=fit.limiter,
    )
