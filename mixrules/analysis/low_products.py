"""How much several signals have in common in the lows: their products there, from which the power of any sum follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio, as_audio, require_sample_rate
from mixrules.errors import ParameterError


def low_products(
    audios: Sequence[npt.ArrayLike | SlicedAudio],
    sample_rate: int,
    *,
    low_hz: float,
    high_hz: float,
    block_s: float,
) -> npt.NDArray[np.float64]:
    """Return the products of all channels of some signals between two frequencies, at no lag.

    The signals are cut into blocks, each is transformed, and the spectra are multiplied bin by bin. For signals
    ``x`` and ``y`` the correlation in the band is ``xy / sqrt(xx * yy)``, and the power of ``x + y`` is
    ``xx + 2 xy + yy``.

    Parameters
    ----------
    audios : sequence of array_like or SlicedAudio, shape (samples, channels) or (samples,)
        Of one length. Not modified.
    sample_rate : int
        Hz.
    low_hz, high_hz : float
        The band.
    block_s : float
        Length of a block in seconds; long enough for a bin in the band.

    Returns
    -------
    ndarray of float64, shape (channels, channels)
        Symmetric; the channels of the first signal, then those of the second and so on.

    Raises
    ------
    AudioError, ParameterError
        If an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> kick = np.sin(2 * np.pi * 60 * np.arange(8000) / 8000)
    >>> products = low_products([kick, -0.5 * kick], 8000, low_hz=40, high_hz=300, block_s=0.5)
    >>> float(round(products[0, 1] / products[0, 0], 3))
    -0.5
    """
    signals = [as_audio(audio) for audio in audios]
    sample_rate = require_sample_rate(sample_rate)
    if not 0.0 <= low_hz < high_hz:
        raise ParameterError(f"low_hz must be below high_hz, got {low_hz:g} and {high_hz:g}")
    block = max(1, round(block_s * sample_rate))
    hz = np.fft.rfftfreq(block, 1.0 / sample_rate)
    band = (hz >= low_hz) & (hz < high_hz)
    if not band.any():
        raise ParameterError(f"block_s = {block_s:g} is too short for the band {low_hz:g} to {high_hz:g} Hz")
    channels = sum(signal.shape[1] for signal in signals)
    products = np.zeros((channels, channels))
    for start in range(0, len(signals[0]), block):
        together = np.concatenate([signal[start : start + block] for signal in signals], axis=1)
        spectra = np.fft.rfft(together, block, axis=0)[band]
        products += (spectra.conj().T @ spectra).real
    return products
