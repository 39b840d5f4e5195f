"""Stems: named tracks with their roles and one sample rate; reading them from a folder."""

from mixrules.stems.mono_sum import MonoSum
from mixrules.stems.stems import Progress, Stem, Stems, load_stems

__all__ = ["MonoSum", "Progress", "Stem", "Stems", "load_stems"]
