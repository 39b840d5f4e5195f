"""Rules: one file a decision.

A rule is a function ``rule(session, settings) -> list of Decision``. It measures through the
`Session`, decides by its `settings` alone, a frozen dataclass made of its table of the rule set, and
returns what should be set in the plan and why. It changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """A rule's function, and the type of the settings that it decides by."""

    function: Callable[[Session, _Settings], list[Decision]]
    settings_type: type[_Settings]

    def decide(self, session: Session, rules: RuleSet, name: str) -> list[Decision]:
        """Run the rule with its settings, made of the table `name` of a rule set."""
        settings = typed_settings(rules, name, self.settings_type)
        try:
            return self.function(session, settings)
        except ParameterError as error:  # constants that are each within their bounds and impossible together
            raise ParameterError(f"rule {name}: {error}") from None


RULES: Mapping[str, Rule[Any]] = {
    "instruments:one_source": Rule(instruments.one_source, instruments.InstrumentSettings),
    "polarity:same_source": Rule(polarity.same_source, polarity.PolaritySettings),
    "level:vocal_to_backing": Rule(vocal_level.vocal_to_backing, vocal_level.VocalLevelSettings),
    "level:by_role": Rule(level.by_role, level_faders.LevelSettings),
    "tone:by_class": Rule(tone.by_class, tone.ToneSettings),
    "tone:mix": Rule(tone_mix.mix, tone_mix.ToneMixSettings),
    "eq:vocal_against_backing": Rule(vocal_eq.vocal_against_backing, vocal_eq.VocalEqSettings),
    "deess:by_stem": Rule(deesser.by_stem, deesser.DeesserSettings),
    "low_end:kick_and_bass": Rule(low_end.kick_and_bass, low_end.LowEndSettings),
    "eq:between_stems": Rule(masking_eq.between_stems, masking_eq.MaskingEqSettings),
    "compression:vocal": Rule(vocal_compression.vocal, vocal_compression.VocalCompressionSettings),
    "compression:by_role": Rule(compression.by_role, compression.CompressionSettings),
    "peaks:in_strip": Rule(peaks.in_strip, peaks.PeakSettings),
    "pan:by_band": Rule(panning.by_band, panning.PanSettings),
    "width:by_class": Rule(width.by_class, width.WidthSettings),
    "ride:vocal": Rule(riding.vocal, riding.RideSettings),
    "duck:under_vocal": Rule(ducking.under_vocal, ducking.DuckSettings),
    "fades:edges": Rule(fades.edges, fades.FadeSettings),
    "reverb:vocal": Rule(vocal_reverb.vocal, vocal_reverb.VocalReverbSettings),
    "reverb:shared_room": Rule(shared_room.shared_room, shared_room.SharedRoomSettings),
    "master:normalise": Rule(master.normalise, master.NormaliseSettings),
    "master:limit": Rule(master.limit, master.LimitSettings),
}
"""Every rule that a preset's chain can name."""

__all__ = ["RULES", "Rule"]
