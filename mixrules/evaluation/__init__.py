"""Evaluation: how far a mix is from another, and which system comes nearer.

`registry` holds every measure with its unit, range, direction and source; `comparison` runs systems over
songs; `mixrules.statistics` says what the differences are worth; `predictions` scores predicted parameters.
"""

from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.registry import DEFAULT_GROUPS, GROUPS, MEASURES, evaluate
from mixrules.evaluation.rendition import Rendition

__all__ = ["DEFAULT_GROUPS", "GROUPS", "MEASURES", "Measure", "MeasureGroup", "Rendition", "evaluate"]
