"""Stems: named tracks with their roles and one sample rate; reading them from a folder."""

from mixrules.stems.stems import Stem, Stems, load_stems

__all__ = ["Stem", "Stems", "load_stems"]
