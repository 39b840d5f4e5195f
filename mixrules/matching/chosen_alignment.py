"""Which of what was found of offset and clock is undone: no more than makes the stems explain more of the mix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mixrules.matching.alignment import Alignment, aligned, find_alignment
from mixrules.matching.dry_fit import PAYS_SHARE, Allowed, DryFit
from mixrules.matching.excerpts import choose_excerpts, read_excerpt
from mixrules.matching.finished_mix import FinishedMix
from mixrules.matching.strip import Strip
from mixrules.stems import Stems

_COMPARED_S = 20.0  # of the song, ours
_STILL = "The mix begins with its stems."
_UPSIDE_DOWN = " It is upside down."


def chosen_alignment(
    finished: FinishedMix, stems: Stems, mono: tuple[bool, ...], start: Sequence[Strip], *, threads: int = 1
) -> Alignment:
    """Return what was found of offset and clock, or less of it where the stems then explain more of the mix.

    Parameters
    ----------
    finished : FinishedMix
        The mix.
    stems : Stems
        What it was made of.
    mono : tuple of bool
        Which stems have equal sides.
    start : sequence of Strip
        Strips that leave the stems as they are.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Returns
    -------
    Alignment
    """
    found = find_alignment(finished.audio, stems, stems.sample_rate)
    if found.moves_nothing:
        return found
    still = Alignment(
        inverted=found.inverted,
        told=found.told,
        agreement=found.agreement,
        likeness=found.likeness,
        sentence=_STILL + _UPSIDE_DOWN * found.inverted,
    )
    best, least = still, math.inf
    # From the smallest change to the largest: a larger one is taken where it explains more.
    for alignment in (still, by_whole_samples(found), found):
        share = _unexplained_share(finished, stems, alignment, mono, start, threads)
        if share < (1.0 - PAYS_SHARE) * least:
            best, least = alignment, share
    return best


def covered_by(mix_samples: int, alignment: Alignment, samples: int) -> slice:
    """Return the samples of the stems that a mix of so many samples covers."""
    first = max(0, math.ceil(-alignment.offset_samples / alignment.step))
    last = min(samples, math.floor((mix_samples - 1 - alignment.offset_samples) / alignment.step) + 1)
    return slice(first, max(first, last))


def by_whole_samples(alignment: Alignment) -> Alignment:
    """Return an alignment by whole samples, without drift."""
    offset = float(round(alignment.offset_samples))
    sentence = f"The stems begin at sample {offset:.0f} of the mix." + _UPSIDE_DOWN * alignment.inverted
    return replace(alignment, offset_samples=offset, drift_ppm=0.0, sentence=sentence)


def _unexplained_share(
    finished: FinishedMix,
    stems: Stems,
    alignment: Alignment,
    mono: tuple[bool, ...],
    start: Sequence[Strip],
    threads: int,
) -> float:
    """Return the share of a moved mix that gains and places leave unexplained."""
    mix = aligned(finished.audio, alignment, stems.samples)
    covered = covered_by(len(finished.audio), alignment, stems.samples)
    excerpts = [
        read_excerpt(stems, mix, place, mono)
        for place in choose_excerpts(stems, covered, total_s=_COMPARED_S)
    ]
    power = sum(float(np.vdot(e.mix[e.lead_in :], e.mix[e.lead_in :])) for e in excerpts)
    allowed = Allowed(equalizer=False, compressor=False)
    fit = DryFit(excerpts, stems.sample_rate, allowed, rounds=1, threads=threads)
    fit.fit(start)
    return fit.left / power if power > 0.0 else 1.0
