# What `mixrules.matching` offers: __init__.py attaches these names, and type checkers read them here.
from .decay_fit import fit_reverb_to_decay
from .extraction import ExtractedResponse, extract_response
from .response_measures import ResponseMeasures, measure_response
from .reverb_fit import ReverbFit, fit_reverb

__all__ = [
    "ExtractedResponse",
    "ResponseMeasures",
    "ReverbFit",
    "extract_response",
    "fit_reverb",
    "fit_reverb_to_decay",
    "measure_response",
]
