"""Ratings of a listening test: read them, leave out by stated rules, describe, compare, and plan the next."""

from mixrules.ratings.analysis import Analysis, analyse
from mixrules.ratings.choices.analysis import ChoiceAnalysis, analyse_choices
from mixrules.ratings.choices.table import Choice, ChoiceTable
from mixrules.ratings.own_export import export_ratings
from mixrules.ratings.readers import FORMATS, read_ratings
from mixrules.ratings.reading import LeftOut, Reading
from mixrules.ratings.rejection import RejectionRules
from mixrules.ratings.settings import Settings
from mixrules.ratings.table import RatingTable, Row, ScaleRange

__all__ = [
    "FORMATS",
    "Analysis",
    "Choice",
    "ChoiceAnalysis",
    "ChoiceTable",
    "LeftOut",
    "RatingTable",
    "Reading",
    "RejectionRules",
    "Row",
    "ScaleRange",
    "Settings",
    "analyse",
    "analyse_choices",
    "export_ratings",
    "read_ratings",
]
