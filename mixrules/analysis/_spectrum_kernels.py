"""Compiled loop: the power of frames of a signal, in SIMD lanes, in frequency bands."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.apart_pointers import apart
from mixrules._support.jit import jit
from mixrules._support.pointers import copy, elements, local
from mixrules.fourier import LANES

AnyFloat = npt.NDArray[np.floating[Any]]
Integers = npt.NDArray[np.int64]

BINS_AT_ONCE = 4


@jit
def band_powers(
    spectra: AnyFloat,
    columns: int,
    bins: Integers,
    lows: Integers,
    ends: Integers,
    shares: AnyFloat,
    powers: AnyFloat,
    out: AnyFloat,
) -> None:
    """Write to `out`, (bands, LANES), the squared magnitudes of each lane's spectrum, added up in bands.

    ``bins[k]`` is the bin at index ``k``. Band ``k`` starts at bin ``lows[k]``; its weights of
    the bins are ``shares`` from the end of the band before up to ``ends[k]``, a multiple of four. `powers` is memory
    for those of the bins, in order, and of three after them: (bins + 3, LANES).
    """
    _, lanes = out.shape  # a variable: LLVM would unroll a loop of a known length before it vectorises it
    bin_at, low_of, end_of = elements(bins, 0), elements(lows, 0), elements(ends, 0)
    for index in range(bins.size):
        number = apart(elements(spectra, (index + index // columns) * 2 * LANES), 0)
        power = apart(elements(powers, bin_at[index] * LANES), 1)
        for lane in range(lanes):
            a, b = number[lane], number[LANES + lane]
            power[lane] = a * a + b * b
    total = local(LANES, out.dtype)
    begin = 0
    for band in range(lows.size):
        for lane in range(LANES):
            total[lane] = 0.0
        for k in range(begin, end_of[band], BINS_AT_ONCE):
            share = elements(shares, k)
            a, b = share[0], share[1]
            c, d = share[2], share[3]
            power = elements(powers, (low_of[band] + k - begin) * LANES)
            for lane in range(LANES):
                total[lane] += (a * power[lane] + b * power[LANES + lane]) + (
                    c * power[2 * LANES + lane] + d * power[3 * LANES + lane]
                )
        copy(elements(out, band * LANES), total, LANES)
        begin = end_of[band]
