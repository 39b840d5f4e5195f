"""mixrules: rules decide, a plan records, the engine renders.

Rule-based music mixing that can be read: levels by K-weighted loudness, room by masking EQ,
compression to a loudness range, reverb tied to the tempo, and a reason for each.
Audio is float32 of shape (samples, channels); units are in the names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mixrules import presets
    from mixrules._support.version import __version__
    from mixrules.decision import Decision, Quantity, Statement
    from mixrules.errors import MixrulesError
    from mixrules.loudness import (
        Loudness,
        LoudnessMeter,
        integrated_loudness,
        loudness_range,
        measure,
        momentary_loudness,
        short_term_loudness,
        true_peak,
    )
    from mixrules.mixer import MixResult, mix, plan, render
    from mixrules.mixplan import MasterPlan, MixPlan, PluginInsert, ReverbBus, Send, StemPlan, starting_plan
    from mixrules.ruleset import Constant, RuleSet
    from mixrules.session import Session
    from mixrules.stems import Stem, Stems, load_stems

_HOME = {
    "Decision": "decision",
    "Quantity": "decision",
    "Statement": "decision",
    "MixrulesError": "errors",
    "Loudness": "loudness",
    "LoudnessMeter": "loudness",
    "integrated_loudness": "loudness",
    "loudness_range": "loudness",
    "measure": "loudness",
    "momentary_loudness": "loudness",
    "short_term_loudness": "loudness",
    "true_peak": "loudness",
    "MixResult": "mixer",
    "mix": "mixer",
    "plan": "mixer",
    "render": "mixer",
    "MasterPlan": "mixplan",
    "MixPlan": "mixplan",
    "PluginInsert": "mixplan",
    "ReverbBus": "mixplan",
    "Send": "mixplan",
    "StemPlan": "mixplan",
    "Constant": "ruleset",
    "RuleSet": "ruleset",
    "Session": "session",
    "starting_plan": "mixplan",
    "Stem": "stems",
    "Stems": "stems",
    "load_stems": "stems",
    "__version__": "_support.version",
}

__all__ = [  # noqa: RUF022, in the order in which they are met
    "mix",
    "MixResult",
    "load_stems",
    "Stems",
    "Stem",
    "plan",
    "render",
    "MixPlan",
    "StemPlan",
    "MasterPlan",
    "ReverbBus",
    "Send",
    "PluginInsert",
    "presets",
    "RuleSet",
    "Constant",
    "Session",
    "starting_plan",
    "Decision",
    "Quantity",
    "Statement",
    "measure",
    "Loudness",
    "LoudnessMeter",
    "integrated_loudness",
    "loudness_range",
    "short_term_loudness",
    "momentary_loudness",
    "true_peak",
    "MixrulesError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Import a public name where it is first used, so that ``import mixrules`` is instant."""
    import importlib

    if name == "presets":
        return importlib.import_module("mixrules.presets")
    if name not in _HOME:
        raise AttributeError(f"module 'mixrules' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"mixrules.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
