"""Ratings of a listening test: read them, leave out by stated rules, describe, compare, show, and plan the next."""

from mixrules.listening.ratings.analysis import Analysis, analyse
from mixrules.listening.ratings.readers import FORMATS, read_ratings
from mixrules.listening.ratings.reading import LeftOut, Reading
from mixrules.listening.ratings.rejection import RejectionRules
from mixrules.listening.ratings.settings import Settings
from mixrules.listening.ratings.table import RatingTable, Row, ScaleRange

__all__ = [
    "FORMATS",
    "Analysis",
    "LeftOut",
    "RatingTable",
    "Reading",
    "RejectionRules",
    "Row",
    "ScaleRange",
    "Settings",
    "analyse",
    "read_ratings",
]
