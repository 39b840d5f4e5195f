"""Single measures of an array; `mixrules.loudness.measure` reads them all at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mixrules._support.arguments import is_finite, shown_value
from mixrules._support.validation import as_audio, require_sample_rate
from mixrules.errors import ParameterError
from mixrules.loudness.channels import ChannelWeights, resolve_weights
from mixrules.loudness.energies import BlockEnergies, FloatArray
from mixrules.loudness.energy_stream import EnergyStream
from mixrules.loudness.from_energies import (
    integrated_from_energies,
    loudness_range_from_energies,
    momentary_from_energies,
    short_term_from_energies,
)

if TYPE_CHECKING:
    import numpy.typing as npt


def block_energies(
    audio: npt.ArrayLike,
    sample_rate: int,
    *,
    hop_s: float = 0.01,
    channel_weights: ChannelWeights | None = None,
) -> BlockEnergies:
    """Measure the K-weighted energy of each hop, from which all loudness measures follow.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    hop_s : float
        Seconds a hop: 0.1 divided by a whole number from 1 to 100.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout; None takes the usual layout.

    Returns
    -------
    BlockEnergies
        Energies of hops that cover the whole signal.

    Raises
    ------
    AudioError
        If `audio` is not float, is empty, or holds NaN or infinity.
    ParameterError
        If another argument is out of range.
    """
    audio = as_audio(audio, file_function="mixrules.measure")
    sample_rate = require_sample_rate(sample_rate)
    weights = resolve_weights(channel_weights, audio.shape[1])
    stream = EnergyStream(sample_rate, weights, hops_per_100_ms=_hops_per_100_ms(hop_s))
    stream.update(audio)
    return stream.block_energies()


def integrated_loudness(
    audio: npt.ArrayLike, sample_rate: int, *, channel_weights: ChannelWeights | None = None
) -> float:
    """Measure gated integrated loudness (ITU-R BS.1770-5).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout; None takes the usual layout.

    Returns
    -------
    float
        LUFS; ``-inf`` when nothing is above -70 LUFS. Under 400 ms: one ungated block over all of it.

    Raises
    ------
    AudioError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> round(integrated_loudness(0.1 * tone, 48_000), 2)
    -23.01
    """
    return integrated_from_energies(block_energies(audio, sample_rate, channel_weights=channel_weights))


def loudness_range(
    audio: npt.ArrayLike,
    sample_rate: int,
    *,
    channel_weights: ChannelWeights | None = None,
    hop_s: float = 1.0,
) -> float:
    """Measure the loudness range (EBU Tech 3342).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout; None takes the usual layout.
    hop_s : float
        Seconds between short-term values, a multiple of 0.01.

    Returns
    -------
    float
        LU; NaN when there is no short-term value of at least -70 LUFS.

    Raises
    ------
    AudioError, ParameterError
        If the audio or an argument cannot be used.

    Notes
    -----
    The default of one value a second is libebur128's and makes readings comparable with it; Tech 3342
    v4 asks for at least ten a second, which ``hop_s=0.1`` gives. No silence is appended, so that the
    loudness range of a short programme does not include a fade to silence.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 1000 / 48_000 * np.arange(20 * 48_000))
    >>> round(loudness_range(np.concatenate([0.1 * tone, 0.03162 * tone]), 48_000), 1)  # 10 dB apart
    10.0
    """
    energies = block_energies(audio, sample_rate, channel_weights=channel_weights)
    return loudness_range_from_energies(energies, hop_s)


def short_term_loudness(
    audio: npt.ArrayLike,
    sample_rate: int,
    *,
    hop_s: float = 0.1,
    channel_weights: ChannelWeights | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Measure the course of short-term loudness: 3 s windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    hop_s : float
        Seconds between values, a multiple of 0.01.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout; None takes the usual layout.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start of the signal: the first is 3.0.
    lufs : ndarray, shape (values,)
        Short-term loudness, ``-inf`` for silence. Both are empty under 3 s.

    Raises
    ------
    AudioError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> times_s, lufs = short_term_loudness(0.1 * tone, 48_000, hop_s=1.0)
    >>> times_s.round(2).tolist(), lufs.round(1).tolist()
    ([3.0, 4.0, 5.0], [-23.0, -23.0, -23.0])
    """
    energies = block_energies(audio, sample_rate, channel_weights=channel_weights)
    return short_term_from_energies(energies, hop_s)


def momentary_loudness(
    audio: npt.ArrayLike,
    sample_rate: int,
    *,
    hop_s: float = 0.1,
    channel_weights: ChannelWeights | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Measure the course of momentary loudness: 400 ms windows, ungated (EBU Tech 3341).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified.
    sample_rate : int
        Hz, 8000 to 384000.
    hop_s : float
        Seconds between values, a multiple of 0.01.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout; None takes the usual layout.

    Returns
    -------
    times_s : ndarray, shape (values,)
        Where each window ends, seconds from the start of the signal: the first is 0.4.
    lufs : ndarray, shape (values,)
        Momentary loudness, ``-inf`` for silence. Both are empty under 0.4 s.

    Raises
    ------
    AudioError, ParameterError
        If the audio or an argument cannot be used.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    >>> times_s, lufs = momentary_loudness(0.1 * tone, 48_000, hop_s=0.2)
    >>> times_s.round(2).tolist(), lufs.round(1).tolist()
    ([0.4, 0.6, 0.8, 1.0], [-23.0, -23.0, -23.0, -23.0])
    """
    energies = block_energies(audio, sample_rate, channel_weights=channel_weights)
    return momentary_from_energies(energies, hop_s)


def _hops_per_100_ms(hop_s: float) -> int:
    count = 0.1 / float(hop_s) if is_finite(hop_s) and hop_s > 0.0 else math.nan
    hops = round(count) if math.isfinite(count) else 0
    if not 1 <= hops <= 100 or abs(count - hops) > 1e-6:
        raise ParameterError(
            f"hop_s must be 0.1 divided by a whole number from 1 to 100, got {shown_value(hop_s)}"
        )
    return hops
