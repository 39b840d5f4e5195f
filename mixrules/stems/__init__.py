"""Stems: named tracks with their roles and one sample rate; reading them from a folder."""

from mixrules.stems.loading import load_stems
from mixrules.stems.mono_sum import MonoSum
from mixrules.stems.stem import Stem
from mixrules.stems.stems import Progress, Stems

__all__ = ["MonoSum", "Progress", "Stem", "Stems", "load_stems"]
