"""Is the report true? Every statement is measured again on the rendered stems.

A statement says what will be true of the mix: a level, a range, a decay. Here each is measured on
the stem as it sits in the mix (before the master) or on the finished mix, and the number is kept
beside it; where the two differ by more than the statement's tolerance, a note says why.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

from mixrules.analysis import decay_time
from mixrules.decision import Decision, Statement, StatementKind, plain
from mixrules.engine import Mixdown, Passes, Signal
from mixrules.loudness import BlockEnergies, integrated_from_energies, loudness_range_from_energies
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import db_to_gain
from mixrules.session import wet_to_dry_lu

_DECAY_BAND_HZ = 1000.0
_DECAY_METHODS: tuple[Literal["T30", "T20"], ...] = ("T30", "T20")


def verify(plan: MixPlan, mixdown: Mixdown, passes: Passes) -> MixPlan:
    """Return the plan with every statement measured on what was rendered.

    Parameters
    ----------
    plan : MixPlan
        The plan that was rendered.
    mixdown : Mixdown
        The mix.
    passes : Passes
        Measures the stems; what the rules had it measure under these very settings is not measured again.

    Returns
    -------
    MixPlan
        With `measured` and, where needed, `note` of every statement that still holds the word;
        statements of superseded decisions are dropped.
    """
    probe = _Probe(plan, mixdown, passes)
    return plan.replace(decisions=tuple(_checked(decision, probe) for decision in plan.decisions))


def edited_fields(plan: MixPlan) -> list[str]:
    """Return what in a plan is not as its decisions left it, e.g. ``["vocals gain_db"]``."""
    decided: dict[tuple[str, str], Any] = {}
    for decision in plan.decisions:
        for field, value in decision.parameters.items():
            decided[decision.stem, field] = value
    untouched_mix, untouched_strip = _settings(MixPlan(stems=())), _settings(StemPlan(name="untouched"))
    parts = [("", _settings(plan), untouched_mix)]
    parts += [(stem.name, _settings(stem), untouched_strip) for stem in plan.stems]
    return [
        f"{owner or 'mix'} {field}"
        for owner, settings, untouched in parts
        for field, value in settings.items()
        if decided.get((owner, field), untouched[field]) != value
    ]


def _settings(part: MixPlan | StemPlan) -> dict[str, Any]:
    """Return what sounds in a plan or a channel strip, as plain data."""
    unheard = ("name", "role", "role_confidence")
    names = [f.name for f in dataclasses.fields(StemPlan) if f.name not in unheard]
    if isinstance(part, MixPlan):
        names = ["reverbs", "master"]
    return {name: plain(getattr(part, name)) for name in names}


def _checked(decision: Decision, probe: _Probe) -> Decision:
    if decision.superseded:
        return dataclasses.replace(decision, statements=())
    statements = []
    for statement in decision.statements:
        measured = probe.measure(statement)
        known = measured is not None and math.isfinite(measured)
        # A plan that was rendered before holds the note of then.
        checked = dataclasses.replace(statement, measured=measured if known else None, note="")
        if checked.holds is not True:
            checked = dataclasses.replace(checked, note=probe.explain(checked))
        statements.append(checked)
    return dataclasses.replace(decision, statements=tuple(statements))


class _Probe:
    """Measures what statements are about."""

    def __init__(self, plan: MixPlan, mixdown: Mixdown, passes: Passes) -> None:
        self.plan = plan
        self.passes = passes
        self.renderer = passes.renderer
        self.rate = self.renderer.stems.sample_rate
        self.heard = passes.heard(plan)
        loudness = mixdown.measured(plan.master)
        self._measures: Mapping[StatementKind, Callable[[Statement], float]] = {
            "stem_integrated_lufs": lambda s: self.loudness(s.stems),
            "group_integrated_lufs": lambda s: self.loudness(s.stems),
            "vocal_to_backing_lu": self.vocal_to_backing,
            "stem_loudness_range_lu": self.range,
            "reverb_t60_s": self.decay,
            "reverb_to_dry_lu": self.reverb_to_dry,
            "mix_integrated_lufs": lambda _: loudness.integrated_lufs,
            "mix_true_peak_dbtp": lambda _: loudness.true_peak_dbtp,
        }

    def measure(self, statement: Statement) -> float | None:
        """Measure what `statement` is about; None where the plan no longer has it."""
        known = set(self.renderer.stems.names)
        if not known.issuperset(statement.stems):
            return None
        if statement.bus and statement.bus not in {bus.name for bus in self.plan.reverbs}:
            return None
        return self._measures[statement.kind](statement)

    def explain(self, statement: Statement) -> str:
        """Say why a measurement departs from its statement: by the plan, or by the stages in between."""
        if statement.measured is None and not edited_fields(self.plan):
            if statement.kind == "reverb_t60_s":
                return "the fade-in outlasts the decay, which leaves nothing to measure"
            return "silent there, or too short to measure"
        if statement.kind == "stem_loudness_range_lu" and statement.measured is not None:
            (name,) = statement.stems
            strip = self.plan.stem(name)
            if strip.sends:
                dry = self.dry(name)
                dry_range_lu = loudness_range_from_energies(dry)
                if abs(dry_range_lu - statement.stated) <= statement.tolerance:
                    return (
                        f"{dry_range_lu:.2f} LU after the compressor, as stated; the reverb that follows "
                        f"fills the pauses"
                    )
        edits = edited_fields(self.plan)
        if edits:
            return f"the plan holds what no rule had decided: {', '.join(edits)}"
        return "the cause was not determined"

    def energies(self, names: tuple[str, ...]) -> BlockEnergies:
        """Return the energies of the sum of some stems as they sit in the mix."""
        gains_db = {name: self.plan.stem(name).gain_db for name in self.heard if name in names}
        return self.passes.energies(self.plan, gains_db)

    def dry(self, name: str) -> BlockEnergies:
        """Return the energies of one stem in the mix without its reverbs."""
        signal = Signal("dry", name)
        fader = db_to_gain(self.plan.stem(name).gain_db)
        return self.passes.cross(self.plan, [signal]).of({signal: fader})

    def loudness(self, names: tuple[str, ...]) -> float:
        """Return the integrated loudness of the sum of some rendered stems."""
        return integrated_from_energies(self.energies(names))

    def range(self, statement: Statement) -> float:
        """Return a stem's loudness range in the mix; the reverb's tail past its end does not count."""
        heard = self.energies(statement.stems).until(self.renderer.stems.samples)
        return loudness_range_from_energies(heard)

    def vocal_to_backing(self, statement: Statement) -> float:
        """Return the loudness of the vocals minus that of all other stems."""
        others = tuple(name for name in self.renderer.stems.names if name not in statement.stems)
        if not others:
            return math.nan
        return self.loudness(statement.stems) - self.loudness(others)

    def decay(self, statement: Statement) -> float:
        """Return the decay time at 1 kHz of the bus as the engine renders it."""
        params = self.plan.reverb(statement.bus)
        response = self.renderer.reverb_response(self.plan, statement.bus)
        start_s = params.pre_delay_ms / 1000.0 + params.fade_in_s
        found = math.nan
        # The longer stretch is the steadier reading; short decays may not leave enough of it.
        for method in _DECAY_METHODS:
            if math.isnan(found):
                found = decay_time(
                    response, self.rate, method=method, band_hz=_DECAY_BAND_HZ, start_s=start_s
                )
        return found

    def reverb_to_dry(self, statement: Statement) -> float:
        """Return the loudness of a stem's reverb minus that of the stem without it, in the mix."""
        (name,) = statement.stems
        strip = self.plan.stem(name)
        sends = {send.to: send.level_db for send in strip.sends}
        if strip.mute or statement.bus not in sends:
            return math.nan
        wet = Signal("wet", name, statement.bus)
        cross = self.passes.cross(self.plan, [wet])
        return wet_to_dry_lu(
            cross.of({wet: db_to_gain(strip.gain_db + sends[statement.bus])}), self.dry(name)
        )
