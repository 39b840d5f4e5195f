"""What each rule did: the song is mixed again without it, and both mixes are measured and heard.

A rule whose decisions left everything as it was is not tried. All else is decided again in the order of the chain, so
that a mix without its EQ has the levels that go without it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import MaskingMatrix, erb_bands, mono_source, powers_in_sets
from mixrules.decision import plain
from mixrules.errors import MixrulesError
from mixrules.loudness import Loudness
from mixrules.measurements import Measurements
from mixrules.mix_result import MixResult
from mixrules.mixer import decide
from mixrules.mixplan import MixPlan, starting_plan
from mixrules.processors import db_to_gain
from mixrules.ruleset import RuleSet
from mixrules.stems import Progress

LITTLE_DB = -30.0
"""A rule changed little where what the mixes differ by lies this far under the mix: 3 % of its amplitude."""
_BLOCK = 1 << 18
_BLOCK_S = 0.1
_ALL_HZ = (20.0, 20_001.0)
_COMPARED_AT_LUFS = -23.0
_LEAST_MOVED_LU = 0.05
_BAND_FLOOR_DB = 50.0
_LOWEST_HZ = 20.0
"""Where two spectra are compared: in bands that are heard, and not so far under the strongest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutRule:
    """The mix without one rule, against the mix.

    Attributes
    ----------
    rule : str
        The rule's name, as ``--without`` takes it.
    note : str
        Why it was not tried, or could not be, as what follows its name; then nothing else is given.
    difference_db : float
        Level of what the two mixes differ by, at one loudness, against the mix, dB.
    loudness : Loudness or None
        What the mix without the rule measures.
    moved_stem : str
        The stem whose level differs most; empty where none differs by 0.05 LU.
    moved_lu : float
        By how much the rule raised it, LU.
    band_hz, band_db : float
        Where the spectra of the mixes, at one loudness, differ most, and by how much the rule raised it.
    hidden : float
        Which share of a stem the others hide in the mix without the rule, in the mean over stems; 0 to 1.
    excerpt : ndarray or None
        The segment that was asked for, of the mix without the rule, shape (samples, 2).
    """

    rule: str
    note: str = ""
    difference_db: float = math.nan
    loudness: Loudness | None = None
    moved_stem: str = ""
    moved_lu: float = 0.0
    band_hz: float = math.nan
    band_db: float = 0.0
    hidden: float = math.nan
    excerpt: Audio | None = field(default=None, repr=False)

    @property
    def tried(self) -> bool:
        """Whether the song was mixed without the rule."""
        return self.loudness is not None

    @property
    def little(self) -> bool:
        """Whether it changed so little that hardly anyone hears it."""
        return self.tried and not self.difference_db > LITTLE_DB


def mixes_without_rules(
    result: MixResult,
    rules: RuleSet,
    measurements: Measurements,
    hidden: MeanHidden,
    *,
    excerpt: slice | None = None,
    start: MixPlan | None = None,
    progress: Progress | None = None,
) -> tuple[WithoutRule, ...]:
    """Mix a song without each rule of a rule set in turn.

    Parameters
    ----------
    result : MixResult
        The mix that all of the rules made.
    rules : RuleSet
        The rule set that made it.
    measurements : Measurements
        Of the song's stems.
    hidden : MeanHidden
        Measures what is hidden.
    excerpt : slice, optional
        Which samples of each mix to keep.
    start : MixPlan, optional
        The plan from which the rules went on.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    tuple of WithoutRule
        In the order of the chain.
    """
    before = start or starting_plan(measurements.stems)
    mix = _Mix(result.plan, measurements, hidden, result.to_write)
    found = []
    for number, name in enumerate(rules.rules):
        if progress is not None:
            progress(f"mixing without {name}", number, len(rules.rules))
        if _left_all_as_it_was(name, result.plan, before):
            found.append(WithoutRule(rule=name, note="left everything as it was"))
            continue
        try:
            other = decide(measurements, rules.without(name), start=start)
        except MixrulesError as error:
            found.append(WithoutRule(rule=name, note=f"cannot be left out: {error}"))
            continue
        found.append(_compared(name, mix, _Mix(other, measurements, hidden), excerpt))
    if progress is not None:
        progress("mixing without each rule", len(rules.rules), len(rules.rules))
    return tuple(found)


class MeanHidden:
    """Measures which share of a stem the others hide in a mix, in the mean over stems, on the rendered stems.

    As in `MaskingMatrix`, over all frequencies. A stem that two mixes treat alike is measured once.

    Parameters
    ----------
    measurements : Measurements
        Of the song's stems.
    """

    def __init__(self, measurements: Measurements) -> None:
        self._measurements = measurements
        self._bands = erb_bands().below(measurements.stems.sample_rate / 2)
        self._known: dict[str, list[tuple[Any, npt.NDArray[np.float32]]]] = {}

    def of(self, plan: MixPlan) -> float:
        """Return the share under a plan, 0 to 1; NaN where fewer than two stems sound."""
        names = self._measurements.levels.in_mix(plan)
        if len(names) < 2:
            return math.nan
        tables = self._measurements.renderer.each(names, lambda name: self._powers(plan, name))
        shares = MaskingMatrix(self._bands, _ALL_HZ).measure([tables[name] for name in names])
        return float(shares.hidden.mean())

    def _powers(self, plan: MixPlan, name: str) -> npt.NDArray[np.float32]:
        """Return the powers of a stem in the mix: those of the first mix and of the latest one are kept."""
        renderer = self._measurements.renderer
        key = renderer.chain.sum_key(plan.replace(stems=(plan.stem(name),), decisions=()))
        known = self._known.setdefault(name, [])
        for settings, powers in known:
            if settings == key:
                return powers
        cancels_out = self._measurements.given.scan(name).in_opposite_phase
        source = mono_source(self._measurements.sum_audio(plan, [name]), in_opposite_phase=cancels_out)
        (measured,) = powers_in_sets(
            source, self._measurements.stems.sample_rate, [self._bands], block_s=_BLOCK_S
        )
        powers = measured.astype(np.float32)
        known[1:] = [(key, powers)]
        return powers


class _Mix:
    """A mix and what it measures; `audio` is asked for last, since the mixdown keeps either sum or mix."""

    def __init__(
        self,
        plan: MixPlan,
        measurements: Measurements,
        hidden: MeanHidden,
        audio: Audio | SlicedAudio | None = None,
    ) -> None:
        levels = measurements.levels
        of_all = measurements.mix_loudness(plan).integrated_lufs
        self.levels_lu = {name: levels.loudness(plan, [name]) - of_all for name in levels.in_mix(plan)}
        self.loudness = measurements.mastered_loudness(plan, plan.master)
        self.spectrum = measurements.mix_spectrum(plan, plan.master)
        self.hidden = hidden.of(plan)
        self.gain = db_to_gain(_COMPARED_AT_LUFS - self.loudness.integrated_lufs)
        self.audio = measurements.mixdown(plan).sliced(plan.master) if audio is None else audio


def _left_all_as_it_was(rule: str, plan: MixPlan, before: MixPlan) -> bool:
    """Return whether each decision of a rule, the superseded ones too, kept what the plan had before all rules."""
    for decision in plan.decisions:
        if decision.rule != rule or not decision.parameters:
            continue
        owner = before.stem(decision.stem) if decision.stem else before
        if decision.parameters != plain({name: getattr(owner, name) for name in decision.parameters}):
            return False
    return True


def _compared(rule: str, mix: _Mix, other: _Mix, excerpt: slice | None) -> WithoutRule:
    difference_db, kept = _difference(mix, other, excerpt)
    moved = {
        name: level - other.levels_lu[name]
        for name, level in mix.levels_lu.items()
        if math.isfinite(level - other.levels_lu.get(name, math.nan))
    }
    most = max(moved, key=lambda name: abs(moved[name]), default="")
    band_hz, band_db = _band_that_differs(mix, other)
    return WithoutRule(
        rule=rule,
        difference_db=difference_db,
        loudness=other.loudness,
        moved_stem=most if most and abs(moved[most]) >= _LEAST_MOVED_LU else "",
        moved_lu=moved.get(most, 0.0),
        band_hz=band_hz,
        band_db=band_db,
        hidden=other.hidden,
        excerpt=kept,
    )


def _difference(mix: _Mix, other: _Mix, excerpt: slice | None) -> tuple[float, Audio | None]:
    """Return the level of the difference of two mixes at one loudness, dB, and the segment of the other to keep."""
    of_mix = of_difference = 0.0
    kept: list[Audio] = []
    samples = max(len(mix.audio), len(other.audio))
    for first in range(0, samples, _BLOCK):
        count = min(_BLOCK, samples - first)
        ours, theirs = (_padded(one.audio[first : first + count], count) for one in (mix, other))
        if excerpt is not None:
            kept.append(theirs[max(excerpt.start - first, 0) : max(excerpt.stop - first, 0)])
        scaled = ours * np.float32(mix.gain)
        of_mix += float(np.vdot(scaled, scaled))
        scaled = scaled - theirs * np.float32(other.gain)
        of_difference += float(np.vdot(scaled, scaled))
    level_db = 10.0 * math.log10(of_difference / of_mix) if of_mix and of_difference else -math.inf
    return level_db, np.concatenate(kept) if kept else None


def _padded(audio: Audio, samples: int) -> Audio:
    return np.pad(audio, ((0, samples - len(audio)), (0, 0)))


def _band_that_differs(mix: _Mix, other: _Mix) -> tuple[float, float]:
    """Return the middle of the band in which two mixes at one loudness differ most, Hz, and by how much, dB."""
    ours, theirs = mix.spectrum.powers * mix.gain**2, other.spectrum.powers * other.gain**2
    compared = np.minimum(ours, theirs) > ours.max() * 10.0 ** (-_BAND_FLOOR_DB / 10.0)
    compared &= np.asarray(mix.spectrum.bands.centers_hz) >= _LOWEST_HZ
    if not compared.any():
        return math.nan, 0.0
    differences = np.zeros(len(ours))
    differences[compared] = 10.0 * np.log10(ours[compared] / theirs[compared])
    most = int(np.argmax(np.abs(differences)))
    return float(mix.spectrum.bands.centers_hz[most]), float(differences[most])
