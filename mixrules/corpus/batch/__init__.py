"""Mixing every song of a data set by the same rules."""
