"""A stem's channel strip as it is solved for: equaliser, compressor, place and level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.matching.linear_strips import LinearStrip
from mixrules.processors import CompressorParams, EqualizerParams, compress, equalize

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A stem's channel strip: equaliser, compressor, place and level.

    Attributes
    ----------
    linear : LinearStrip
        All but the compressor.
    compressor : CompressorParams or None
        Without make-up: the level is the linear strip's.
    """

    linear: LinearStrip
    compressor: CompressorParams | None = None

    def equalized(self, audio: Audio, sample_rate: int) -> Audio:
        """Return a stem after the equaliser."""
        if not self.linear.bands:
            return audio
        return equalize(audio, sample_rate, EqualizerParams(bands=self.linear.bands))

    def compressed(self, audio: Audio, sample_rate: int) -> Audio:
        """Return what `equalized` returned after the compressor."""
        return audio if self.compressor is None else compress(audio, sample_rate, self.compressor)

    def before_place(self, audio: Audio, sample_rate: int) -> Audio:
        """Return a stem after equaliser and compressor."""
        return self.compressed(self.equalized(audio, sample_rate), sample_rate)

    def placed(self, audio: Audio) -> Audio:
        """Return left and right of what `before_place` returned."""
        placement = self.linear.placement().astype(audio.dtype)
        both = np.empty((len(audio), 2), audio.dtype)
        # Column by column: products with rows of two numbers take several times as long.
        for side, factors in enumerate(placement):
            own = 0 if self.linear.channels == 1 else side
            np.multiply(audio[:, own], factors[own], out=both[:, side])
            if self.linear.channels == 2 and factors[1 - own]:
                both[:, side] += audio[:, 1 - own] * factors[1 - own]
        return both

    def moved(self, steps: Floats, sample_rate: int) -> Strip:
        """Return the strip with its numbers moved: those of the linear strip, then those of the compressor."""
        own = self.linear.vector()
        linear = self.linear.with_vector(own + steps[: len(own)], sample_rate)
        if self.compressor is None:
            return replace(self, linear=linear)
        threshold, ratio, attack, release = np.clip(steps[len(own) :], -12.0, 12.0)
        was = self.compressor
        compressor = replace(
            was,
            threshold_db=float(np.clip(was.threshold_db + threshold, -100.0, 30.0)),
            ratio=float(np.clip(was.ratio * 2.0**ratio, 1.0, 100.0)),
            attack_ms=float(np.clip(was.attack_ms * 2.0**attack, 0.05, 300.0)),
            release_ms=float(np.clip(was.release_ms * 2.0**release, 1.0, 5000.0)),
        )
        return Strip(linear=linear, compressor=compressor)
