"""The measures that rules are based on: band powers, activity, tempo, decay, dynamics, masking, character.

Pure functions: arrays and parameters in, numbers out; they take no mixing decisions.
"""

from mixrules.analysis._blocks import power_db
from mixrules.analysis.activity import (
    active_blocks,
    active_from_levels,
    block_rms_dbfs,
    gated_level_dbfs,
)
from mixrules.analysis.band_powers import BandMethod, block_band_powers, powers_in_sets
from mixrules.analysis.bands import (
    Bands,
    bands_by_name,
    bark_bands,
    bark_number,
    erb_bands,
    erb_number,
    log_bands,
    octave_bands,
    third_octave_bands,
)
from mixrules.analysis.character import Character, describe
from mixrules.analysis.class_spectra import ClassSpectrum
from mixrules.analysis.compression_model import predict_compression, predict_compressions
from mixrules.analysis.decay import decay_curve, decay_time
from mixrules.analysis.dynamics import (
    crest_factor_db,
    crest_factor_squared_smoothed,
    level_envelope,
    low_frequency_share,
    percussivity,
    rms_dbfs,
)
from mixrules.analysis.flatness import spectral_flatness_db
from mixrules.analysis.level_scan import LevelScan, LevelScanStream
from mixrules.analysis.likeness import BlockSpectra, Likeness
from mixrules.analysis.low_end import LowEndClash, low_end_clash
from mixrules.analysis.low_products import low_products
from mixrules.analysis.masking import (
    Masking,
    MaskingSums,
    apply_eq_to_powers,
    blocks_to_mask,
    masking,
    spreading_matrix,
)
from mixrules.analysis.masking_matrix import HiddenShares, MaskingMatrix
from mixrules.analysis.masking_model import MaskingModel, PowerTable
from mixrules.analysis.onsets import left_at_next_note, note_gap_s, onset_times_s
from mixrules.analysis.peak_model import PeakTrace, peak_db, summed_lufs, summed_peaks
from mixrules.analysis.resonance import Peak, lasting_peaks
from mixrules.analysis.short_term_ratio import ShortTermRatio, short_term_ratio
from mixrules.analysis.sibilance import Sibilance, sibilance
from mixrules.analysis.spectrum import Spectrum, mean_power_gains, spectrum_bands
from mixrules.analysis.stem_scan import StemScan, scan_stem
from mixrules.analysis.tempo import Tempo, estimate_tempo, fold_tempo, onset_strength
from mixrules.analysis.tone import Tone, tone_bands, tone_of
from mixrules.analysis.weighting import Weighting, power_per_hz_db, weighting_db
from mixrules.analysis.width import StereoPowers, correlation, is_mono, mono_source, side_to_mid_db

__all__ = [
    "BandMethod",
    "Bands",
    "BlockSpectra",
    "Character",
    "ClassSpectrum",
    "HiddenShares",
    "LevelScan",
    "LevelScanStream",
    "Likeness",
    "LowEndClash",
    "Masking",
    "MaskingMatrix",
    "MaskingModel",
    "MaskingSums",
    "Peak",
    "PeakTrace",
    "PowerTable",
    "ShortTermRatio",
    "Sibilance",
    "Spectrum",
    "StemScan",
    "StereoPowers",
    "Tempo",
    "Tone",
    "Weighting",
    "active_blocks",
    "active_from_levels",
    "apply_eq_to_powers",
    "bands_by_name",
    "bark_bands",
    "bark_number",
    "block_band_powers",
    "block_rms_dbfs",
    "blocks_to_mask",
    "correlation",
    "crest_factor_db",
    "crest_factor_squared_smoothed",
    "decay_curve",
    "decay_time",
    "describe",
    "erb_bands",
    "erb_number",
    "estimate_tempo",
    "fold_tempo",
    "gated_level_dbfs",
    "is_mono",
    "lasting_peaks",
    "left_at_next_note",
    "level_envelope",
    "log_bands",
    "low_end_clash",
    "low_frequency_share",
    "low_products",
    "masking",
    "mean_power_gains",
    "mono_source",
    "note_gap_s",
    "octave_bands",
    "onset_strength",
    "onset_times_s",
    "peak_db",
    "percussivity",
    "power_db",
    "power_per_hz_db",
    "powers_in_sets",
    "predict_compression",
    "predict_compressions",
    "rms_dbfs",
    "scan_stem",
    "short_term_ratio",
    "sibilance",
    "side_to_mid_db",
    "spectral_flatness_db",
    "spectrum_bands",
    "spreading_matrix",
    "summed_lufs",
    "summed_peaks",
    "third_octave_bands",
    "tone_bands",
    "tone_of",
    "weighting_db",
]
