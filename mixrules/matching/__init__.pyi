# What `mixrules.matching` offers: __init__.py attaches these names, and type checkers read them here.
from .alignment import Alignment
from .decay_fit import fit_reverb_to_decay
from .extraction import ExtractedResponse, extract_response
from .match_result import Match, Rung
from .matcher import match
from .response_difference import ResponseDifference, response_difference
from .response_measures import ResponseMeasures, measure_response
from .reverb_fit import ReverbFit, fit_reverb
from .stem_levels import StemLevel

__all__ = [
    "Alignment",
    "ExtractedResponse",
    "Match",
    "ResponseDifference",
    "ResponseMeasures",
    "ReverbFit",
    "Rung",
    "StemLevel",
    "extract_response",
    "fit_reverb",
    "fit_reverb_to_decay",
    "match",
    "measure_response",
    "response_difference",
]
