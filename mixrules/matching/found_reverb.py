"""The reverb of a mix: found in what the dry stems leave, taken off before these are fitted again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixrules._support.validation import Audio
from mixrules.matching.excerpts import Excerpt
from mixrules.matching.room_estimate import band_envelopes, estimate_room
from mixrules.matching.room_fit import FoundRoom, SentPart, fit_room, refit_room
from mixrules.matching.strip import Strip
from mixrules.processors import reverberate

LEAST_SHARE = 0.25
"""A reverb must explain this much of the power that the dry stems leave."""
LEAST_LEVEL_DB = -35.0
"""Nobody adds a reverb that lies further below the dry stems; what filters and interpolation leave does."""
BETTER = 0.7
"""And bring the divergence from the powers over time down to this share of what the stems' own power leaves."""


SHORTEST_S = 0.25
"""What decays faster, in the median of the octaves, is not told from what gains and equalisers leave."""


def find_reverb(
    excerpts: Sequence[Excerpt],
    strips: Sequence[Strip],
    sample_rate: int,
    *,
    room: FoundRoom | None = None,
    threads: int = 1,
) -> FoundRoom | None:
    """Return the reverb that a mix holds; None where what is left does not decay like one.

    Parameters
    ----------
    excerpts : sequence of Excerpt
        With the lead-in of a reverb.
    strips : sequence of Strip
        The dry stems as they were found.
    sample_rate : int
        Hz.
    room : FoundRoom, optional
        What was found on worse strips: where it is ours it is found again from there.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Returns
    -------
    FoundRoom or None
    """
    envelopes, parts = [], []
    for excerpt in excerpts:
        dry = dry_parts(excerpt, strips, sample_rate)
        left = excerpt.mix - sum(dry)
        sent = [np.asarray(each.mean(axis=1), np.float32) for each in dry]
        parts.append(SentPart(np.stack(sent), left[excerpt.lead_in :], excerpt.lead_in))
        if room is None or not room.ours:
            envelopes.append(band_envelopes(sent, left, excerpt.lead_in, sample_rate))
    if room is not None and room.ours:
        return refit_room(parts, room, sample_rate, threads)
    estimate = estimate_room(envelopes)
    too_little = estimate.share < LEAST_SHARE or estimate.level_db < LEAST_LEVEL_DB
    too_short = float(np.median(estimate.t60_s)) < SHORTEST_S
    if too_little or too_short or estimate.after > BETTER * estimate.before:
        return None
    return fit_room(parts, estimate, sample_rate, threads)


def dry_parts(excerpt: Excerpt, strips: Sequence[Strip], sample_rate: int) -> list[Audio]:
    """Return each stem as it is in the mix without reverb, shape (lead_in + samples, 2)."""
    return [
        strip.placed(strip.before_place(audio, sample_rate))
        for strip, audio in zip(strips, excerpt.stems, strict=True)
    ]


def reverb_of(dry: Sequence[Audio], room: FoundRoom, sample_rate: int) -> Audio:
    """Return what a room returns for the dry parts of an excerpt, as long as they are."""
    gains = 10.0 ** (room.sends_db / 20.0)
    sent = np.zeros((len(dry[0]), 1), np.float32)
    for part, gain in zip(dry, gains, strict=True):
        sent += np.float32(0.5 * gain) * (part[:, :1] + part[:, 1:])
    return reverberate(sent, sample_rate, room.params)[: len(sent)]
