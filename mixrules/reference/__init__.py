"""Mix like that one: what a mix that somebody admires tells, in place of what a preset says.

A reference is measured (`reference_targets`), its numbers become constants of a rule set (`rules_like`), and the rules
decide as ever. It imports the rules' settings, which say what their constants are, and nothing that mixes.
"""

from mixrules.reference.reading import reference_targets, rules_like
from mixrules.reference.reference import Reference
from mixrules.reference.targets import ReferenceTargets, SourceTarget, StemTarget

__all__ = [
    "Reference",
    "ReferenceTargets",
    "SourceTarget",
    "StemTarget",
    "reference_targets",
    "rules_like",
]
