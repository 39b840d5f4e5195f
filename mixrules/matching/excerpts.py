"""The parts of a song that a mix is matched on: all of a short song, of a long one excerpts in which every stem plays."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.stems import Stems

EXCERPT_S = 5.0
LEAD_IN_S = 1.0
"""What is heard before an excerpt, so that filters and compressors are in the state in which they were in the song."""
REVERB_LEAD_IN_S = 5.0
"""The same where a reverb is listened for."""
TOTAL_S = 30.0
_ACTIVE_DB = -30.0  # of a stem's loudest excerpt


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """Samples of all stems and of the mix at one place of the song.

    Attributes
    ----------
    start : int
        The first sample that counts.
    lead_in : int
        How many samples before it are here too.
    stems : tuple of ndarray of float32, shape (lead_in + samples, 1 or 2)
        In the order of the song's stems; a stem whose sides are equal has one channel.
    mix : ndarray of float32, shape (lead_in + samples, 2)
        The finished mix, on the stems' clock.
    """

    start: int
    lead_in: int
    stems: tuple[Audio, ...]
    mix: Audio

    @property
    def samples(self) -> int:
        """How many samples count."""
        return len(self.mix) - self.lead_in

    def target(self, known: Audio | None) -> Audio:
        """Return a copy of the mix without its lead-in, less what is known of it, shape (samples, 2)."""
        mix = self.mix[self.lead_in :].copy()
        return mix if known is None else mix - known

    def with_lead_in(self, samples: int) -> Excerpt:
        """Return the excerpt with no more than so many samples before it."""
        cut = max(self.lead_in - samples, 0)
        return replace(
            self,
            lead_in=self.lead_in - cut,
            stems=tuple(np.ascontiguousarray(audio[cut:]) for audio in self.stems),
            mix=np.ascontiguousarray(self.mix[cut:]),
        )


def choose_excerpts(stems: Stems, covered: slice, *, total_s: float = TOTAL_S) -> tuple[slice, ...]:
    """Return where to look: excerpts in which each stem plays, no more of them than `total_s` holds.

    Parameters
    ----------
    stems : Stems
        The song.
    covered : slice
        The samples of the stems that the mix covers.
    total_s : float
        How long the excerpts are together, in seconds.

    Returns
    -------
    tuple of slice
        In the order of time, of samples.
    """
    samples = covered.stop - covered.start
    rate = stems.sample_rate
    length = round(EXCERPT_S * rate)
    if samples <= round(total_s * rate):
        count = max(1, round(samples / length))
        edges = np.linspace(covered.start, covered.stop, count + 1).round().astype(int)
        return tuple(slice(int(a), int(b)) for a, b in itertools.pairwise(edges))
    starts = np.arange(covered.start, covered.stop - length + 1, length)
    powers = np.array([[mean_square(stem.read(int(s), int(s) + length)) for s in starts] for stem in stems])
    kept = covering(powers, round(total_s / EXCERPT_S))
    return tuple(slice(int(starts[i]), int(starts[i]) + length) for i in sorted(kept))


def read_excerpt(stems: Stems, mix: Audio, place: slice, mono: tuple[bool, ...]) -> Excerpt:
    """Return the samples at one place, with the lead-in of a reverb; `mono` says which stems have equal sides."""
    lead_in = min(place.start, round(REVERB_LEAD_IN_S * stems.sample_rate))
    first = place.start - lead_in
    parts = tuple(
        np.ascontiguousarray(stem.read(first, place.stop)[:, : 1 if one else 2])
        for stem, one in zip(stems, mono, strict=True)
    )
    return Excerpt(place.start, lead_in, parts, np.ascontiguousarray(mix[first : place.stop], np.float32))


def with_equal_sides(stems: Stems) -> tuple[bool, ...]:
    """Return which stems are mono, or hold the same samples on both sides."""
    step = 1 << 20
    return tuple(
        stem.channels == 1
        or all(
            np.array_equal(block[:, 0], block[:, 1])
            for block in (stem.read(start, start + step) for start in range(0, stem.samples, step))
        )
        for stem in stems
    )


def mean_square(block: Audio) -> float:
    """Return the mean of the squares of all samples."""
    return float(np.mean(np.square(block, dtype=np.float64)))


def covering(powers: npt.NDArray[np.float64], count: int) -> list[int]:
    """Choose excerpts one by one, each time the one with most of the stems that have been heard least so far.

    Parameters
    ----------
    powers : ndarray, shape (stems, excerpts)
        How loud each stem is in each.
    count : int
        How many to choose.

    Returns
    -------
    list of int
        Numbers of excerpts, in the order of choice.
    """
    loudest = powers.max(axis=1, keepdims=True)
    plays = powers > np.maximum(loudest * 10.0 ** (_ACTIVE_DB / 10.0), 1e-14)
    heard = np.zeros(len(powers))
    chosen: list[int] = []
    share = powers / np.maximum(powers.max(axis=1, keepdims=True), 1e-30)
    for _ in range(min(count, powers.shape[1])):
        worth = (plays * (0.5 + share) / (1.0 + heard)[:, None] ** 2).sum(axis=0)
        worth[chosen] = -1.0
        best = int(np.argmax(worth))
        chosen.append(best)
        heard += plays[:, best]
    return chosen
