"""Channel weights: from the name of a layout, a list of positions, numbers, or the number of channels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import shown_value
from mixrules._support.validation import MAX_CHANNELS
from mixrules.errors import ParameterError
from mixrules.loudness.layouts import positions_of, weights_of_positions

_DUAL_MONO = (2.0,)
_BY_COUNT = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

ChannelWeights = Sequence[float] | npt.NDArray[np.float64] | str


def channel_weights(layout: str) -> tuple[float, ...]:
    """Return the weights of a layout.

    Parameters
    ----------
    layout : str
        A name, in WAV channel order: "mono", "dual_mono" (one channel that both loudspeakers of a pair will play:
        +3.01 LU), "stereo", "2.1" (L R LFE), "3.0" (L R C), "3.1" (L R C LFE), "4.0" (L R C Cb), "quad" (L R Ls Rs),
        "5.0" (L R C Ls Rs), "5.1" (L R C LFE Ls Rs), "5.1.2" (L R C LFE Ls Rs Ltf Rtf), "6.1" (L R C LFE Cb Ls Rs),
        "7.0" (L R C Lb Rb Ls Rs) or "7.1" (L R C LFE Lb Rb Ls Rs). Or the positions themselves in any order, such as
        "FL FC FR BL BR LFE".

    Returns
    -------
    tuple of float
        One weight a channel, on the channel's mean square.

    Raises
    ------
    ParameterError
        If the layout is unknown or has more than 8 channels.

    Notes
    -----
    The surround loudspeakers of 5.1 stand at 110 degrees, weight 1.41. In 6.1 and 7.1 the side pair
    stands at 90 to 110 degrees, weight 1.41, the back pair at 135 to 180 degrees, weight 1.
    """
    if isinstance(layout, str) and layout.strip().lower() == "dual_mono":
        return _DUAL_MONO
    return weights_of_positions(positions_of(layout))


def default_layout(channels: int) -> str:
    """Return the name of the layout that is assumed where only the number of channels, 1 to 8, is known."""
    return _BY_COUNT[channels]


def resolve_weights(weights: ChannelWeights | None, channels: int) -> npt.NDArray[np.float64]:
    """Return one weight a channel as float64, the default for the channel count when `weights` is None.

    Parameters
    ----------
    weights : sequence of float, str or None
        One weight a channel, or the name of a layout.
    channels : int
        1 to 8.

    Returns
    -------
    ndarray, shape (channels,)
        Weights on the mean squares.

    Raises
    ------
    ParameterError
        If the count does not fit or a weight is negative or not finite.
    """
    if not isinstance(channels, int | np.integer) or isinstance(channels, bool):
        raise ParameterError(f"channels must be a whole number, got {shown_value(channels)}")
    if not 1 <= channels <= MAX_CHANNELS:
        raise ParameterError(f"channels must be 1 to {MAX_CHANNELS}, got {shown_value(channels)}")
    if weights is None:
        weights = default_layout(int(channels))
    if isinstance(weights, str):
        weights = channel_weights(weights)
    try:
        given = np.asarray(weights)
        result = given.astype(np.float64) if given.dtype.kind in "fiu" else np.zeros(())
    except Exception:  # an object's own __array__ may raise anything
        result = np.zeros(())
    if result.ndim == 0:
        raise ParameterError(f"channel_weights must be numbers, one a channel, got {shown_value(weights)}")
    if result.shape != (channels,):
        raise ParameterError(
            f"channel_weights must hold one weight for each of {channels} channels, got shape {result.shape}"
        )
    if not np.isfinite(result).all() or (result < 0.0).any():
        raise ParameterError(f"channel_weights must be finite and at least 0, got {result.tolist()}")
    return result
