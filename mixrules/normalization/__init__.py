"""Loudness normalisation: a gain to a target, under a true-peak ceiling, of arrays, files and albums."""

from mixrules.normalization.batch import (
    ChannelOptions,
    FailedFile,
    NormalizedFile,
    album_refusal,
    normalize_each,
)
from mixrules.normalization.gains import Gain
from mixrules.normalization.normalize_arrays import NormalizedAudio, normalize_audio
from mixrules.normalization.normalize_files import DEFAULT_OUTPUT, normalize
from mixrules.normalization.outputs import FORMATS, OutputPlaces
from mixrules.normalization.targets import LoudnessTarget

__all__ = [
    "DEFAULT_OUTPUT",
    "FORMATS",
    "ChannelOptions",
    "FailedFile",
    "Gain",
    "LoudnessTarget",
    "NormalizedAudio",
    "NormalizedFile",
    "OutputPlaces",
    "album_refusal",
    "normalize",
    "normalize_audio",
    "normalize_each",
]
