"""Stems: named tracks with their roles and one sample rate; reading them from a folder."""

from mixrules.stems.stems import Progress, Stem, Stems, load_stems

__all__ = ["Progress", "Stem", "Stems", "load_stems"]
