"""What passes over a song have measured, each kept with the settings that it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules.engine.song_pass import Signal, run_pass
from mixrules.loudness import BlockEnergies, CrossEnergies
from mixrules.mixplan import MixPlan
from mixrules.processors import db_to_gain

if TYPE_CHECKING:
    from mixrules.engine.strip import StripRenderer


class Passes:
    """Measures stems under plans; what the latest pass holds is not measured again.

    Parameters
    ----------
    renderer : StripRenderer
        The song and the engine.
    """

    def __init__(self, renderer: StripRenderer) -> None:
        self.renderer = renderer
        self._latest: tuple[dict[Signal, Any], CrossEnergies] | None = None

    def heard(self, plan: MixPlan) -> tuple[str, ...]:
        """Return the names of all stems that add to the mix, however quietly."""
        stems = self.renderer.stems
        return tuple(stem.name for stem in stems if not (stem.silent or plan.stem(stem.name).mute))

    def measure(self, plan: MixPlan, signals: Iterable[Signal]) -> CrossEnergies:
        """Run a pass over all stems that are heard, and return and keep what it found.

        Parameters
        ----------
        plan : MixPlan
            The settings.
        signals : iterable of Signal
            What to measure beyond the stems and the reverbs they are sent to.

        Returns
        -------
        CrossEnergies
            Of all of them.
        """
        along = [signal for name in self.heard(plan) for signal in _signals_of(plan, name)]
        made_by = {signal: _made_by(plan, signal) for signal in [*along, *signals]}
        self._latest = None  # its numbers go before there are others
        cross = run_pass(self.renderer, plan, made_by)
        self._latest = (made_by, cross)
        return cross

    def cross(self, plan: MixPlan, signals: Iterable[Signal]) -> CrossEnergies:
        """Return the products of some signals: from the latest pass if it holds them as the plan has them.

        Else a new pass measures all stems that are heard with them: what is asked of one will be asked of
        the others.
        """
        wanted = {signal: _made_by(plan, signal) for signal in signals}
        latest = self._latest
        if latest is not None:
            made_by, cross = latest
            if all(made_by.get(signal) == settings for signal, settings in wanted.items()):
                return cross
        return self.measure(plan, wanted)

    def energies(self, plan: MixPlan, gains_db: Mapping[str, float]) -> BlockEnergies:
        """Return the K-weighted energies of the sum of some stems in hops of 100 ms.

        Parameters
        ----------
        plan : MixPlan
            The settings.
        gains_db : mapping of str to float
            The stems, and their faders in place of the plan's. A muted stem has no energy.

        Returns
        -------
        BlockEnergies
            With the stems' reverbs.
        """
        gains: dict[Signal, float] = {}
        for name, gain_db in gains_db.items():
            strip = plan.stem(name)
            fader = 0.0 if strip.mute else db_to_gain(gain_db)
            gains[Signal("dry", name)] = fader
            for send in strip.sends if not strip.mute else ():
                gains[Signal("wet", name, send.to)] = fader * db_to_gain(send.level_db)
        if not gains:
            return BlockEnergies(
                energies=np.zeros(0),
                boundaries=np.zeros(1, np.int64),
                sample_rate=self.renderer.stems.sample_rate,
                hops_per_100_ms=1,
            )
        return self.cross(plan, gains).of(gains)


def _signals_of(plan: MixPlan, name: str) -> list[Signal]:
    """Return what a stem's level in the mix follows from."""
    strip = plan.stem(name)
    sends = () if strip.mute else strip.sends
    return [Signal("dry", name), *(Signal("wet", name, send.to) for send in sends)]


def _made_by(plan: MixPlan, signal: Signal) -> Any:
    """Return the settings that make a signal what it is."""
    strip = plan.stem(signal.stem)
    dry = (strip.input_gain_db, strip.equalizer, strip.compressor, strip.plugins, strip.pan)
    return (dry, plan.reverb(signal.bus)) if signal.bus else dry
