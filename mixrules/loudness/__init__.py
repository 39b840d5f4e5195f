"""Loudness and peaks after ITU-R BS.1770-5 and EBU R 128: arrays in, numbers out.

`measure` reads all measures at once, `LoudnessMeter` does the same for a stream; the other functions
read one measure each. Levels are LUFS, LU, dBTP and dBFS; silence is ``-inf``, and a measure for which the signal is
too short is NaN.
"""

from mixrules.loudness.channels import channel_weights, resolve_weights
from mixrules.loudness.cross_energies import CrossEnergies, CrossEnergyStream, MakeTable, Table
from mixrules.loudness.energies import BlockEnergies, energy_to_lufs, lufs_to_energy
from mixrules.loudness.energy_stream import EnergyStream
from mixrules.loudness.from_energies import (
    integrated_from_energies,
    integrated_together,
    loudness_range_ends_from_energies,
    loudness_range_from_energies,
    momentary_from_energies,
    momentary_range_from_energies,
    short_term_from_energies,
)
from mixrules.loudness.kweighting import (
    BS1770_TABLE_48K,
    Biquad,
    KWeighting,
    k_weighting,
    k_weighting_response_db,
    max_table_deviation,
)
from mixrules.loudness.layouts import layout_name, positions_of, weights_of_positions
from mixrules.loudness.measures import (
    block_energies,
    integrated_loudness,
    loudness_range,
    momentary_loudness,
    short_term_loudness,
)
from mixrules.loudness.meter import Loudness, LoudnessMeter, measure
from mixrules.loudness.peaks import sample_peak, true_peak
from mixrules.loudness.sum_energies import SumEnergyStream

__all__ = [
    "BS1770_TABLE_48K",
    "Biquad",
    "BlockEnergies",
    "CrossEnergies",
    "CrossEnergyStream",
    "EnergyStream",
    "KWeighting",
    "Loudness",
    "LoudnessMeter",
    "MakeTable",
    "SumEnergyStream",
    "Table",
    "block_energies",
    "channel_weights",
    "energy_to_lufs",
    "integrated_from_energies",
    "integrated_loudness",
    "integrated_together",
    "k_weighting",
    "k_weighting_response_db",
    "layout_name",
    "loudness_range",
    "loudness_range_ends_from_energies",
    "loudness_range_from_energies",
    "lufs_to_energy",
    "max_table_deviation",
    "measure",
    "momentary_from_energies",
    "momentary_loudness",
    "momentary_range_from_energies",
    "positions_of",
    "resolve_weights",
    "sample_peak",
    "short_term_from_energies",
    "short_term_loudness",
    "true_peak",
    "weights_of_positions",
]
