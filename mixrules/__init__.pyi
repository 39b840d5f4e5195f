# What `import mixrules` offers: __init__.py attaches these names, and type checkers read them here.
from . import presets
from ._support.version import __version__
from .constant import Constant
from .decision import Decision, Quantity, Statement
from .errors import MixrulesError
from .export import ExportReport, ImportReport, export_plan, import_plan
from .loudness import Loudness, LoudnessMeter
from .matching import Match, extract_response, fit_reverb, match, measure_response
from .metering import (
    integrated_loudness,
    loudness_range,
    measure,
    momentary_loudness,
    short_term_loudness,
    true_peak,
)
from .mix_result import MixResult
from .mixer import mix, plan, render
from .mixplan import MasterPlan, MixPlan, PluginInsert, ReverbBus, Send, StemPlan, starting_plan
from .normalization import NormalizedAudio, NormalizedFile, normalize, normalize_audio
from .reference import Reference, ReferenceTargets, reference_targets
from .ruleset import RuleSet
from .session import Session
from .stems import Stem, Stems, load_stems

__all__ = [  # noqa: RUF022, in the order in which they are met
    "mix",
    "MixResult",
    "load_stems",
    "Stems",
    "Stem",
    "match",
    "Match",
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
    "Reference",
    "ReferenceTargets",
    "reference_targets",
    "Session",
    "starting_plan",
    "export_plan",
    "ExportReport",
    "import_plan",
    "ImportReport",
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
    "extract_response",
    "measure_response",
    "fit_reverb",
    "normalize",
    "NormalizedFile",
    "normalize_audio",
    "NormalizedAudio",
    "MixrulesError",
    "__version__",
]
