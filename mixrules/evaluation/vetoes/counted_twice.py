"""Is one instrument counted twice: two files of it, each as loud as an instrument of its own."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import LOW_RATE_HZ, HeardMix
from mixrules.stems.pickups import source_words
from mixrules.stems.roles.families import family_of

_SAME_SOURCE = 0.7
_LATEST_S = 0.01
_BOTH_COUNT_LU = 2.0


def above_others_lu(mix: HeardMix) -> Mapping[str, float]:
    """Return how far each instrument of several files, both of which count, stands over the mean of the others."""
    instruments = _instruments(mix)
    lufs = [mix.rendition.stem_lufs(*files) for files in instruments]
    found: dict[str, float] = {}
    for files, own in zip(instruments, lufs, strict=True):
        others = [other for other in lufs if other is not own and math.isfinite(other)]
        if len(files) < 2 or not others or not math.isfinite(own):
            continue
        if own - max(mix.rendition.stem_lufs(name) for name in files) >= _BOTH_COUNT_LU:
            found |= dict.fromkeys(files, own - float(np.mean(others)))
    return found


def _instruments(mix: HeardMix) -> list[tuple[str, ...]]:
    """Return the stems, those that are files of one instrument together."""
    spectra: dict[str, npt.NDArray[np.complexfloating]] = {}
    group = {name: name for name in mix.names}
    for one, other in itertools.combinations(mix.active_stems, 2):
        if other.role not in family_of(one.role):
            continue
        pickups = one.role == other.role and source_words(one.name) == source_words(other.name)
        if pickups or _similarity(mix, one.name, other.name, spectra) > _SAME_SOURCE:
            joined = group[other.name]
            group = {name: group[one.name] if of == joined else of for name, of in group.items()}
    return [tuple(n for n in mix.names if group[n] == first) for first in dict.fromkeys(group.values())]


def _similarity(
    mix: HeardMix, one: str, other: str, spectra: dict[str, npt.NDArray[np.complexfloating]]
) -> float:
    """Return the highest correlation of two stems, as given, at a lag of up to 10 ms; of either polarity."""
    from scipy.fft import irfft, next_fast_len, rfft

    lags = round(_LATEST_S * LOW_RATE_HZ)
    for name in (one, other):
        if name not in spectra:
            audio, _ = mix.low_rate(np.asarray(mix.given[name].audio))
            spectrum = rfft(audio, next_fast_len(audio.size + lags, real=True))
            power = math.sqrt(float(np.vdot(audio, audio)))
            spectra[name] = spectrum / max(power, 1e-12)
    product = irfft(spectra[one] * spectra[other].conj())
    return float(max(np.abs(product[: lags + 1]).max(), np.abs(product[-lags:]).max()))


TWICE = Veto(
    name="counted_twice",
    about="two files of one instrument are each as loud as an instrument: together it is far too loud",
    measured="loudness of the files together against the mean of the other instruments, where they add 2 LU or more",
    unit="LU",
    threshold=4.0,
    source="ours: two equally loud files of one sound add 5 to 6 LU",
    function=above_others_lu,
)
