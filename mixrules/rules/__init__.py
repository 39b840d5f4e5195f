"""Rules: one file a decision.

A rule is a function ``rule(session, settings) -> list of Decision``. It measures through the
`Session`, decides by its `settings` alone, a frozen dataclass made of its table of the rule set, and
returns what should be set in the plan and why. It changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mixrules.decision import Decision
from mixrules.errors import ParameterError
from mixrules.rules import (
    compression,
    deesser,
    ducking,
    fades,
    instruments,
    level,
    level_faders,
    low_end,
    masking_eq,
    master,
    panning,
    peaks,
    polarity,
    read_aims,
    riding,
    shared_room,
    tone,
    tone_mix,
    vocal_compression,
    vocal_eq,
    vocal_level,
    vocal_reverb,
    width,
)
from mixrules.ruleset import RuleSet, typed_settings
from mixrules.session import Session

_Settings = TypeVar("_Settings")


@dataclass(frozen=True, slots=True)
class Rule(Generic[_Settings]):
    """A rule's function, the type of the settings that it decides by, and which of them a decision aims at.

    The aims are those that may be read from references; a rule without any has none to tell of.
    """

    function: Callable[[Session, _Settings], list[Decision]]
    settings_type: type[_Settings]
    aims: Callable[[Session, _Settings, Decision], Sequence[read_aims.Aim]] | None = None

    def decide(self, session: Session, rules: RuleSet, name: str) -> list[Decision]:
        """Run the rule with its settings, made of the table `name` of a rule set."""
        settings = typed_settings(rules, name, self.settings_type)
        try:
            decisions = self.function(session, settings)
        except ParameterError as error:  # constants that are each within their bounds and impossible together
            raise ParameterError(f"rule {name}: {error}") from None
        if session.read is None or self.aims is None:
            return decisions
        return [
            read_aims.told(session, decision, self.aims(session, settings, decision))
            for decision in decisions
        ]


RULES: Mapping[str, Rule[Any]] = {
    "instruments:one_source": Rule(instruments.one_source, instruments.InstrumentSettings),
    "polarity:same_source": Rule(polarity.same_source, polarity.PolaritySettings),
    "level:vocal_to_backing": Rule(
        vocal_level.vocal_to_backing, vocal_level.VocalLevelSettings, vocal_level.aims
    ),
    "level:by_role": Rule(level.by_role, level_faders.LevelSettings, level.aims),
    "tone:by_class": Rule(tone.by_class, tone.ToneSettings, tone.aims),
    "tone:mix": Rule(tone_mix.mix, tone_mix.ToneMixSettings, tone_mix.aims),
    "eq:vocal_against_backing": Rule(vocal_eq.vocal_against_backing, vocal_eq.VocalEqSettings),
    "deess:by_stem": Rule(deesser.by_stem, deesser.DeesserSettings),
    "low_end:kick_and_bass": Rule(low_end.kick_and_bass, low_end.LowEndSettings),
    "eq:between_stems": Rule(masking_eq.between_stems, masking_eq.MaskingEqSettings),
    "compression:vocal": Rule(
        vocal_compression.vocal, vocal_compression.VocalCompressionSettings, vocal_compression.aims
    ),
    "compression:by_role": Rule(compression.by_role, compression.CompressionSettings, compression.aims),
    "peaks:in_strip": Rule(peaks.in_strip, peaks.PeakSettings),
    "pan:by_band": Rule(panning.by_band, panning.PanSettings),
    "width:by_class": Rule(width.by_class, width.WidthSettings, width.aims),
    "ride:vocal": Rule(riding.vocal, riding.RideSettings),
    "duck:under_vocal": Rule(ducking.under_vocal, ducking.DuckSettings),
    "fades:edges": Rule(fades.edges, fades.FadeSettings),
    "reverb:vocal": Rule(vocal_reverb.vocal, vocal_reverb.VocalReverbSettings, vocal_reverb.aims),
    "reverb:shared_room": Rule(shared_room.shared_room, shared_room.SharedRoomSettings, shared_room.aims),
    "master:normalise": Rule(master.normalise, master.NormaliseSettings, master.aims),
    "master:limit": Rule(master.limit, master.LimitSettings, master.aims),
}
"""Every rule that a preset's chain can name."""

__all__ = ["RULES", "Rule"]
