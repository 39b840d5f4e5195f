"""The kinds of statements: what a rule may promise of the mix, and how each is measured.

To add a kind, add an entry to `KINDS`: nothing else knows them by name.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mixrules.decision import Statement
    from mixrules.measurements import Measurements
    from mixrules.mixplan import MixPlan

T60_STATED_AT_HZ = 1000.0
"""The frequency that statements of kind ``reverb_t60_s`` are about."""

SLOPE_BETWEEN_HZ = (89.0, 4500.0)
"""The range of statements of kind ``mix_slope_db_per_octave``: that of Elowsson & Friberg 2017."""

_MANY = 10_000

Measure = Callable[["Measurements", "MixPlan", "Statement"], float]
"""Measures what a statement is about, of a song under a plan; NaN or -inf where there is nothing to measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementKind:
    """One kind of statement.

    Attributes
    ----------
    label : str
        What it is about, in the report; ``{hz}`` stands for the frequency.
    measure : callable
        How it is measured.
    fewest_stems, most_stems : int
        How many stems it is about.
    names_bus : bool
        Whether it is about a reverb bus.
    names_frequency : bool
        Whether it is about a frequency.
    about : {"stems", "song", "mix", "bus"}
        What of a plan it depends on: the strips of its stems, those of all stems, all of it, or the reverbs.
    through : str
        The last field of a strip that it depends on, in the order of `StemPlan`; empty: all of them.
    unmeasured : str
        Why there may be nothing to measure.
    at_most : bool
        Whether what is stated is an upper bound: less holds as well.
    """

    label: str
    measure: Measure
    fewest_stems: int = 0
    most_stems: int = 0
    names_bus: bool = False
    names_frequency: bool = False
    about: Literal["stems", "song", "mix", "bus"] = "stems"
    through: str = ""
    unmeasured: str = "silent there, or too short to measure"
    at_most: bool = False

    @property
    def stems_in_words(self) -> str:
        """How many stems it is about, for an error message."""
        if self.most_stems == _MANY:
            return "at least two stems" if self.fewest_stems > 1 else "at least one stem"
        return "one stem" if self.most_stems else "no stem"


def _loudness(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.loudness(plan, statement.stems)


def _vocal_to_backing(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    others = [name for name in measurements.stems.names if name not in statement.stems]
    if not others:
        return math.nan
    return measurements.levels.loudness(plan, statement.stems) - measurements.levels.loudness(plan, others)


def _support_to_lead(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    support, *leads = statement.stems
    return measurements.levels.loudness(plan, [support]) - measurements.levels.loudness(plan, leads)


def _gain_by_polarity(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.gain_by_polarity_lu(plan, statement.stems)


def _channel_correlation(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.channel_correlation(plan, statement.stems[0])


def _vocal_to_backing_spread(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.vocal_to_backing(plan, statement.stems[0]).spread_lu


def _automation_range(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.automation_range_db(plan, statement.stems[0])


def _edge_gain(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.edge_gain_db(plan, statement.stems[0])


def _loudness_range(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    """Measure where the stem leaves its compressor: limiter, automation and reverb that follow move levels again."""
    return measurements.levels.loudness_range(plan, statement.stems[0], dry=True)


def _reverb_to_dry(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.reverb_to_dry_lu(plan, statement.stems[0], statement.bus)


def _peak_to_loudness(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.peak_to_loudness_db(plan, statement.stems[0])


def _sibilance(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.spectra.sibilance(plan, statement.stems[0]).ratio_db


def _resonance(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    peaks = measurements.spectra.lasting_peaks(plan, statement.stems[0])
    return peaks[0].over_db if peaks else 0.0


def _low_end_clash(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    bass, *kicks = statement.stems
    return measurements.spectra.low_end_clash(plan, kicks, [bass])


def _crest(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.levels.crest_db(plan, statement.stems[0])


def _level_of_octave(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    center_hz = statement.at_hz or math.nan
    spectrum = measurements.spectra.after_equalizer(_with_its_filters(plan, statement), statement.stems[0])
    return spectrum.share_db(center_hz / math.sqrt(2.0), center_hz * math.sqrt(2.0))


def _level_below(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    spectrum = measurements.spectra.after_equalizer(_with_its_filters(plan, statement), statement.stems[0])
    return spectrum.share_db(0.0, statement.at_hz or math.nan)


def _with_its_filters(plan: MixPlan, statement: Statement) -> MixPlan:
    """Return a plan with the filters of the rule that states something of a stem, without those added to it later."""
    (name,) = statement.stems
    about = (statement.kind, statement.stems, statement.at_hz)
    counts = [
        len(decision.parameters["equalizer"]["bands"])
        for decision in plan.decisions
        if "equalizer" in decision.parameters
        and any((each.kind, each.stems, each.at_hz) == about for each in decision.statements)
    ]
    equalizer = plan.stem(name).equalizer
    if counts:
        equalizer = dataclasses.replace(equalizer, bands=equalizer.bands[: counts[-1]])
    return plan.replace_stem(name, equalizer=equalizer)


def _mix_slope(measurements: Measurements, plan: MixPlan, statement: Statement) -> float:
    return measurements.mix_spectrum(plan, plan.master).slope_db_per_octave(*SLOPE_BETWEEN_HZ)


KINDS: Mapping[str, StatementKind] = {
    "stem_integrated_lufs": StatementKind(label="level", measure=_loudness, fewest_stems=1, most_stems=1),
    "group_integrated_lufs": StatementKind(
        label="level together", measure=_loudness, fewest_stems=1, most_stems=_MANY
    ),
    "vocal_to_backing_lu": StatementKind(
        label="vocal to backing", measure=_vocal_to_backing, fewest_stems=1, most_stems=_MANY, about="song"
    ),
    "vocal_to_backing_spread_lu": StatementKind(
        label="vocal to backing varies by at most",
        measure=_vocal_to_backing_spread,
        fewest_stems=1,
        most_stems=1,
        about="song",
        unmeasured="vocal and backing are nowhere active together",
        at_most=True,
    ),
    "automation_range_db": StatementKind(
        label="fader moves by", measure=_automation_range, fewest_stems=1, most_stems=1, through="automation"
    ),
    "edge_gain_db": StatementKind(
        label="gain at the click, at most",
        measure=_edge_gain,
        fewest_stems=1,
        most_stems=1,
        at_most=True,
        through="automation",
    ),
    "support_to_lead_lu": StatementKind(
        label="level against what it goes with", measure=_support_to_lead, fewest_stems=2, most_stems=_MANY
    ),
    "gain_by_polarity_lu": StatementKind(
        label="louder by the turned polarity",
        measure=_gain_by_polarity,
        fewest_stems=2,
        most_stems=_MANY,
    ),
    "channel_correlation": StatementKind(
        label="correlation of left and right",
        measure=_channel_correlation,
        fewest_stems=1,
        most_stems=1,
    ),
    "stem_side_to_mid_db": StatementKind(
        label="side to mid",
        measure=lambda measurements, plan, statement: measurements.levels.side_to_mid_db(
            plan, statement.stems[0]
        ),
        fewest_stems=1,
        most_stems=1,
    ),
    "stem_loudness_range_lu": StatementKind(
        label="loudness range after the compressor",
        measure=_loudness_range,
        fewest_stems=1,
        most_stems=1,
        through="compressor",
    ),
    "stem_crest_db": StatementKind(
        label="loud peaks over loudness", measure=_crest, fewest_stems=1, most_stems=1, through="compressor"
    ),
    "stem_octave_level_db": StatementKind(
        label="octave at {hz} Hz against the whole stem",
        measure=_level_of_octave,
        fewest_stems=1,
        most_stems=1,
        names_frequency=True,
        through="equalizer",
    ),
    "stem_level_below_db": StatementKind(
        label="below {hz} Hz against the whole stem, at most",
        measure=_level_below,
        fewest_stems=1,
        most_stems=1,
        names_frequency=True,
        at_most=True,
        through="equalizer",
    ),
    "stem_peak_to_loudness_db": StatementKind(
        label="highest peak over loudness",
        measure=_peak_to_loudness,
        fewest_stems=1,
        most_stems=1,
        through="limiter",
    ),
    "stem_sibilance_db": StatementKind(
        label="sharpest sounds to vowels",
        measure=_sibilance,
        fewest_stems=1,
        most_stems=1,
        through="dynamic_equalizer",
    ),
    "stem_resonance_db": StatementKind(
        label="strongest resonance over the sound around it",
        measure=_resonance,
        fewest_stems=1,
        most_stems=1,
        through="equalizer",
    ),
    "low_end_clash": StatementKind(
        label="share of the time that bass and kick are in each other's way",
        measure=_low_end_clash,
        fewest_stems=2,
        most_stems=_MANY,
        unmeasured="they never sound together",
    ),
    "reverb_t60_s": StatementKind(
        label="reverb time at 1 kHz",
        measure=lambda measurements, plan, statement: measurements.decay_s(
            plan, statement.bus, at_hz=T60_STATED_AT_HZ
        ),
        names_bus=True,
        unmeasured="the fade-in is longer than the decay, which leaves nothing to measure",
        about="bus",
    ),
    "reverb_to_dry_lu": StatementKind(
        label="reverb to dry", measure=_reverb_to_dry, fewest_stems=1, most_stems=1, names_bus=True
    ),
    "mix_slope_db_per_octave": StatementKind(label="slope of the spectrum", measure=_mix_slope, about="mix"),
    "mix_lean_db": StatementKind(
        label="left and right differ by at most",
        measure=lambda measurements, plan, _: abs(measurements.left_to_right_db(plan)),
        at_most=True,
        about="mix",
    ),
    "mix_integrated_lufs": StatementKind(
        label="loudness",
        measure=lambda measurements, plan, _: (
            measurements.mastered_loudness(plan, plan.master).integrated_lufs
        ),
        about="mix",
    ),
    "mix_true_peak_dbtp": StatementKind(
        label="true peak",
        measure=lambda measurements, plan, _: (
            measurements.mastered_loudness(plan, plan.master).true_peak_dbtp
        ),
        about="mix",
    ),
}
"""Every kind, by the name that a statement has in a plan's file."""

if TYPE_CHECKING:
    StatementKindName = str
else:
    StatementKindName = Literal[tuple(KINDS)]
    """The name of a kind: what reads a plan's file accepts these and no other."""
