"""Rendition: one mix as the measures see it, with a cache of what was measured on it.

Stereo at one sample rate, and where they are known the stems as they sit in it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_mapping
from mixrules._support.validation import Audio, as_audio, require_finite, require_sample_rate
from mixrules.errors import AudioError
from mixrules.loudness import BlockEnergies, block_energies, integrated_from_energies

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Rendition:
    """One mix.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels) or (samples,)
        The finished mix, 1 or 2 channels; stored as two.
    sample_rate : int
        Hz.
    stems : mapping of str to ndarray, optional
        Every stem as it sits in the mix before the master, at the same rate; cut or padded with zeros to the
        length of the mix.
    vocals : tuple of str
        Which of the stems are lead vocals.

    Raises
    ------
    AudioError
        If the audio cannot be used.
    """

    audio: Audio
    sample_rate: int
    stems: Mapping[str, Audio] | None = None
    vocals: tuple[str, ...] = ()
    _cache: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sample_rate", require_sample_rate(self.sample_rate))
        object.__setattr__(self, "audio", _stereo(self.audio, "the mix"))
        if self.stems is not None:
            require_mapping(self.stems, name="stems", what="from a stem's name to its samples")
            stems = {
                name: _of_length(_stereo(stem, f"stem {name!r}"), self.samples)
                for name, stem in self.stems.items()
            }
            object.__setattr__(self, "stems", stems)

    @property
    def samples(self) -> int:
        """Length in samples."""
        return len(self.audio)

    def cached(self, key: Hashable, measure: Callable[[], _T]) -> _T:
        """Return what `measure` returns; it is called once for each key."""
        if key not in self._cache:
            self._cache[key] = measure()
        return cast("_T", self._cache[key])

    def energies(self) -> BlockEnergies:
        """Return the K-weighted energies of the mix."""
        return self.cached("energies", lambda: block_energies(self.audio, self.sample_rate))

    def integrated_lufs(self) -> float:
        """Return the integrated loudness of the mix in LUFS."""
        return self.cached("lufs", lambda: integrated_from_energies(self.energies()))

    def stem_energies(self, *names: str) -> BlockEnergies:
        """Return the K-weighted energies of the sum of some stems."""
        stems = self.stems or {}

        def measure() -> BlockEnergies:
            total = np.sum([stems[name] for name in names], axis=0, dtype=np.float32)
            return block_energies(total, self.sample_rate)

        return self.cached(("stems", *names), measure)

    def stem_lufs(self, *names: str) -> float:
        """Return the integrated loudness of the sum of some stems in LUFS."""
        return integrated_from_energies(self.stem_energies(*names))

    def at_loudness_of(self, other: Rendition) -> Audio:
        """Return the mix with the gain that brings it to another's integrated loudness."""
        gain_db = other.integrated_lufs() - self.integrated_lufs()
        return self.audio * np.float32(10.0 ** (gain_db / 20.0)) if math.isfinite(gain_db) else self.audio

    def fitted_to(self, reference: Rendition) -> Rendition:
        """Return the rendition at another's sample rate and of its length, cut or padded with zeros."""
        rate, samples = reference.sample_rate, reference.samples
        if self.sample_rate == rate and self.samples == samples:
            return self
        stems = self.stems and {n: _fitted(s, self.sample_rate, rate, samples) for n, s in self.stems.items()}
        return dataclasses.replace(
            self,
            audio=_fitted(self.audio, self.sample_rate, rate, samples),
            sample_rate=rate,
            stems=stems,
            _cache={},
        )


def _stereo(audio: npt.ArrayLike, name: str) -> Audio:
    with np.errstate(over="ignore"):  # what is too large for 32 bits is refused as infinite
        array = np.asarray(as_audio(audio, name=name, max_channels=2)).astype(np.float32, copy=False)
    require_finite(array, name=name)
    return array if array.shape[1] == 2 else np.repeat(array, 2, axis=1)


def _fitted(audio: Audio, rate_in: int, rate_out: int, samples: int) -> Audio:
    if rate_in != rate_out:
        import soxr

        audio = np.asarray(soxr.resample(audio, rate_in, rate_out), np.float32)
    if len(audio) == 0:
        raise AudioError("the mix holds no samples at the reference's rate, at least one is needed")
    return _of_length(audio, samples)


def _of_length(audio: Audio, samples: int) -> Audio:
    if len(audio) >= samples:
        return audio[:samples]
    return np.pad(audio, ((0, samples - len(audio)), (0, 0)))
