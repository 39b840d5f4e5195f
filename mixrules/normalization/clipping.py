"""Whether a signal was clipped before it came here: several samples in a row at full scale."""

from __future__ import annotations

import numpy as np

from mixrules._support.validation import Audio

# From the highest sample of 16 bits up to full scale; floats beyond it are not clipped.
_LOW, _HIGH = 1.0 - 2.0**-15, 1.0


class ClippingCount:
    """Counts the clipped runs of a stream: three samples and more in a row at full scale, in any channel."""

    def __init__(self) -> None:
        self.runs = 0

    def update(self, block: Audio) -> None:
        """Count those in the next block, shape (samples, channels); one that spans two blocks may be missed."""
        if max(float(block.max()), -float(block.min())) < _LOW:
            return
        magnitude = np.abs(block)
        full = (magnitude >= _LOW) & (magnitude <= _HIGH)
        runs = full[:-2] & full[1:-1] & full[2:]
        begins = runs.copy()
        begins[1:] &= ~runs[:-1]
        self.runs += int(begins.sum())
