"""Rules: one file a decision.

A rule is a function ``rule(session, settings) -> list of Decision``. It measures through the
`Session`, reads its constants from `settings` (a mapping: one table of the rule set) and returns
what should be set in the plan and why. It changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mixrules.decision import Decision
from mixrules.rules import compression, level, masking_eq, master, pan, reverb, vocal_eq
from mixrules.session import Session

Rule = Callable[[Session, Mapping[str, Any]], list[Decision]]

RULES: Mapping[str, Rule] = {
    "level:vocal_to_backing": level.vocal_to_backing,
    "level:by_role": level.by_role,
    "eq:vocal_against_backing": vocal_eq.vocal_against_backing,
    "eq:between_stems": masking_eq.between_stems,
    "compression:vocal": compression.vocal,
    "compression:by_role": compression.by_role,
    "pan:by_band": pan.by_band,
    "reverb:vocal": reverb.vocal,
    "reverb:shared_room": reverb.shared_room,
    "master:normalise": master.normalise,
    "master:limit": master.limit,
}
"""Every rule that a preset's chain can name."""

__all__ = ["RULES", "Rule"]
