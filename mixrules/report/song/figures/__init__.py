"""Figures of a song and its mix: each draws into axes of matplotlib, on one scale for all stems of a song."""

from mixrules.report.song.figures.dynamics import draw_compressor, draw_gain_reduction
from mixrules.report.song.figures.equalizer import draw_eq
from mixrules.report.song.figures.loudness import draw_loudness
from mixrules.report.song.figures.masking import draw_masking
from mixrules.report.song.figures.overview import draw_plan
from mixrules.report.song.figures.reverb import draw_reverb
from mixrules.report.song.figures.spectrum import draw_spectra, draw_spectrum
from mixrules.report.song.figures.stereo import draw_pan
from mixrules.report.song.figures.waveforms import draw_waveforms

__all__ = [
    "draw_compressor",
    "draw_eq",
    "draw_gain_reduction",
    "draw_loudness",
    "draw_masking",
    "draw_pan",
    "draw_plan",
    "draw_reverb",
    "draw_spectra",
    "draw_spectrum",
    "draw_waveforms",
]
