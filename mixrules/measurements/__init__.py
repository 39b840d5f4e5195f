"""Measurements: what a song measures under a plan. One object answers, for rules and for the report's checks."""

from mixrules.measurements.measurer import Measurements
from mixrules.measurements.predicted_balance import PredictedBalance

__all__ = ["Measurements", "PredictedBalance"]
