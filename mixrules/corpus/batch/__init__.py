"""Mixing every song of a data set by the same rules."""

from mixrules.corpus.batch.every_song import mix_songs
from mixrules.corpus.batch.mixing import Mixing

__all__ = ["Mixing", "mix_songs"]
