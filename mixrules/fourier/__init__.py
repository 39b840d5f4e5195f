"""Fourier transforms of many real signals in SIMD lanes, for convolutions and band powers."""

from mixrules.fourier.lanes import (
    LANES,
    ROWS,
    TwiddleFactors,
    backward,
    bin_order,
    fold,
    fold_weights,
    forward,
    twiddle_factors,
    zero_signals,
)

__all__ = [
    "LANES",
    "ROWS",
    "TwiddleFactors",
    "backward",
    "bin_order",
    "fold",
    "fold_weights",
    "forward",
    "twiddle_factors",
    "zero_signals",
]
