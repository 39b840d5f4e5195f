"""The meter's door for engineers: what `mixrules.loudness` measures, of an array or of a file.

A file is read in blocks, so that an hour takes no more memory than a minute, and its channels count as its own layout
says. `mixrules.loudness` beneath knows arrays alone.
"""

from mixrules.metering.file_layouts import ChannelLayout, file_layout
from mixrules.metering.readings import (
    Metered,
    integrated_loudness,
    loudness_range,
    measure,
    metered,
    momentary_loudness,
    short_term_loudness,
    true_peak,
)

__all__ = [
    "ChannelLayout",
    "Metered",
    "file_layout",
    "integrated_loudness",
    "loudness_range",
    "measure",
    "metered",
    "momentary_loudness",
    "short_term_loudness",
    "true_peak",
]
