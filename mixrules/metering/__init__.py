"""Measurement of an array or of a file: all that `mixrules.loudness` measures.

A file is read in blocks, so that an hour takes no more memory than a minute, and its channels count as its own layout
says. `mixrules.loudness` beneath knows arrays alone.
"""

from mixrules.metering.one_pass import Metered, metered
from mixrules.metering.readings import (
    integrated_loudness,
    loudness_range,
    measure,
    momentary_loudness,
    short_term_loudness,
    true_peak,
)
from mixrules.metering.signal_layouts import ChannelLayout

__all__ = [
    "ChannelLayout",
    "Metered",
    "integrated_loudness",
    "loudness_range",
    "measure",
    "metered",
    "momentary_loudness",
    "short_term_loudness",
    "true_peak",
]
