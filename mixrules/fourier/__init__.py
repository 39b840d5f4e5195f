"""Fourier transforms of many real signals side by side, for convolutions and band powers."""

from mixrules.fourier.lanes import LANES, ROWS, Tables, backward, bins, forward, silent_signals, tables

__all__ = ["LANES", "ROWS", "Tables", "backward", "bins", "forward", "silent_signals", "tables"]
