"""The one measurer of a song: what it measures under a plan, and every cache of that."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import Spectrum, decay_time, powers_in_sets, spectrum_bands
from mixrules.engine import ArrayStore, MakeStore, Mixdown, Renderer, SumAudio
from mixrules.files import Scratch
from mixrules.loudness import BlockEnergies, Loudness
from mixrules.measurements.given_stems import TONE_BLOCK_S, GivenStems
from mixrules.measurements.levels import Levels
from mixrules.measurements.predicted_balance import PredictedBalance, predicted_balance
from mixrules.measurements.spectra import Spectra
from mixrules.mixplan import MasterPlan, MixPlan
from mixrules.processors import gain_to_db
from mixrules.stems import Stems

_FADES_S = 0.05
_DECAY_METHODS: tuple[Literal["T30", "T20"], ...] = ("T30", "T20")


class Measurements:
    """Measures a song under plans.

    Rules ask while they decide, the report's checks ask of the finished plan; both get the same numbers. Every
    question names the plan it is about. What was found is cached with the settings that it follows from
    (`mixrules.engine.chain` names them): asking again costs nothing, and a changed plan needs no clearing of caches.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.

    Attributes
    ----------
    renderer
        As given.
    stems : Stems
        The song.
    levels : Levels
        Levels of stems and of their sums.
    spectra : Spectra
        Powers by block and band, and the masking between stems.
    given : GivenStems
        The stems as they were given: loudness, width, tone, character, tempo.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer
        self.stems: Stems = renderer.stems
        self.levels: Levels = Levels(renderer)
        self.given = GivenStems(renderer, self.levels)
        self.spectra = Spectra(renderer, self.given)
        self._latest_mixdown: tuple[Any, Mixdown] | None = None

    def audio(self, plan: MixPlan, name: str, *, through: str = "fader") -> Audio:
        """Return one stem after a stage of the chain."""
        return self.renderer.stem(plan, name, through=through)

    def sum_audio(self, plan: MixPlan, names: Sequence[str]) -> SlicedAudio:
        """Return the sum of some stems in the mix, rendered as it is read in slices; it is never held whole."""
        return SumAudio(self.renderer, plan, names)

    def predicted_balance(self, plan: MixPlan, vocal: str) -> PredictedBalance | None:
        """Predict how a lead vocal stands against its backing from what is known; None where that is too little."""
        return predicted_balance(plan, vocal, stems=self.stems, levels=self.levels)

    def decay_s(self, plan: MixPlan, bus: str, *, at_hz: float) -> float:
        """Return the decay time (T60) of a reverb bus in the octave about `at_hz`, as the engine renders it.

        In seconds; NaN where nothing decays long enough to be measured.
        """
        params = plan.reverb(bus)
        response = self.renderer.reverb_response(plan, bus)
        start_s = params.pre_delay_ms / 1000.0 + params.fade_in_s
        # T30 is the steadier reading; a short decay may not leave enough for it.
        for method in _DECAY_METHODS:
            decay_s = decay_time(
                response, self.stems.sample_rate, method=method, band_hz=at_hz, start_s=start_s
            )
            if not math.isnan(decay_s):
                break
        return decay_s

    def automation_range_db(self, plan: MixPlan, name: str) -> float:
        """Return from the lowest to the highest gain of a stem's automation, as the engine renders it, fades apart.

        In dB; 0 where nothing is automated. What lies within 50 ms of where the stem begins and ends does not count.
        """
        scan, apart = self.given.scan(name), round(_FADES_S * self.stems.sample_rate)
        first, last = scan.first_sample + apart, scan.last_sample - apart
        lowest, highest, start = math.inf, 0.0, 0
        for gains in self.renderer.automation_gains(plan, name):
            inside = gains[max(first - start, 0) : max(last - start, 0)]
            if len(inside):
                lowest, highest = min(lowest, float(inside.min())), max(highest, float(inside.max()))
            start += len(gains)
        return gain_to_db(highest) - gain_to_db(lowest) if highest else math.nan

    def edge_gain_db(self, plan: MixPlan, name: str) -> float:
        """Return the lower of the gains of a stem's automation, as the engine renders it, where it begins and ends."""
        scan = self.given.scan(name)
        edges, start = [], 0
        for gains in self.renderer.automation_gains(plan, name):
            edges += [
                float(gains[edge - start, 0])
                for edge in (scan.first_sample, scan.last_sample)
                if start <= edge < start + len(gains)
            ]
            start += len(gains)
        return gain_to_db(min(edges)) if edges else math.nan

    def mixdown(self, plan: MixPlan, *, measure: bool = True) -> Mixdown:
        """Return all stems under a plan, summed; `measure` says whether to measure the sum on the way."""
        key = self.renderer.chain.sum_key(plan)
        if self._latest_mixdown is None or self._latest_mixdown[0] != key:
            self._latest_mixdown = None  # its audio goes before the next is made
            make_store: MakeStore = ArrayStore if self.stems.in_memory else Scratch
            mixdown = Mixdown(self.renderer, plan, make_store=make_store, measure=measure)
            self._latest_mixdown = (key, mixdown)
        return self._latest_mixdown[1]

    def left_to_right_db(self, plan: MixPlan) -> float:
        """Return the power of left over right in the sum of all stems before the master, in dB; NaN for silence."""
        (left, _), (_, right) = self.mixdown(plan).channel_products.tolist()
        return gain_to_db(math.sqrt(left)) - gain_to_db(math.sqrt(right)) if left or right else math.nan

    def mix_loudness(self, plan: MixPlan) -> Loudness:
        """Return what the sum of all stems measures before the master's gain, after its inserts."""
        if _has_inserts(plan.master):
            return self.mixdown(plan).before_gain(plan.master).result()
        return self.mixdown(plan).loudness

    def mix_energies(self, plan: MixPlan) -> BlockEnergies:
        """Return the K-weighted energies of the sum of all stems before the master's gain, after its inserts."""
        if _has_inserts(plan.master):
            return self.mixdown(plan).before_gain(plan.master).block_energies()
        return self.mixdown(plan).energies

    def mix_spectrum(self, plan: MixPlan, master: MasterPlan | None = None) -> Spectrum:
        """Return the long-term spectrum of the mix after a master; of the sum of all stems without one."""
        rate = self.stems.sample_rate
        bands = spectrum_bands(rate)
        audio = self.mixdown(plan).sliced(master)
        (powers,) = powers_in_sets(audio, rate, [bands], block_s=TONE_BLOCK_S)
        return Spectrum(bands, powers.mean(axis=0))

    def mastered_loudness(self, plan: MixPlan, master: MasterPlan) -> Loudness:
        """Return what the mix measures after a master."""
        return self.mixdown(plan).measured(master)


def _has_inserts(master: MasterPlan) -> bool:
    return dataclasses.replace(master, gain_db=0.0, limiter=None) != MasterPlan()
