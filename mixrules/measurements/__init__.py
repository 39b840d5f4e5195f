"""Measurements: what a song measures under a plan. One object answers, for rules and for the report's checks."""

from mixrules.measurements.measurer import Measurements

__all__ = ["Measurements"]
