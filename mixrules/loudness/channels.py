"""Channel weights of a loudspeaker layout (ITU-R BS.1770-5, Annex 1 and 3).

The rule of BS.1770-5: a loudspeaker at ear height (elevation under 30 degrees) and 60 to 120 degrees to the
side has the weight 1.41 (+1.5 dB), every other one 1, the low-frequency effects channel 0. Channel
orders are those of WAV files.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import shown_value
from mixrules._support.validation import MAX_CHANNELS
from mixrules.errors import ParameterError

SURROUND_WEIGHT = 1.41

_LAYOUTS: dict[str, tuple[float, ...]] = {
    "mono": (1.0,),
    "dual_mono": (2.0,),
    "stereo": (1.0, 1.0),
    "3.0": (1.0, 1.0, 1.0),  # L R C
    "quad": (1.0, 1.0, SURROUND_WEIGHT, SURROUND_WEIGHT),  # L R Ls Rs
    "5.0": (1.0, 1.0, 1.0, SURROUND_WEIGHT, SURROUND_WEIGHT),  # L R C Ls Rs
    "5.1": (1.0, 1.0, 1.0, 0.0, SURROUND_WEIGHT, SURROUND_WEIGHT),  # L R C LFE Ls Rs
    "6.1": (1.0, 1.0, 1.0, 0.0, 1.0, SURROUND_WEIGHT, SURROUND_WEIGHT),  # L R C LFE Cb Ls Rs
    "7.1": (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, SURROUND_WEIGHT, SURROUND_WEIGHT),  # L R C LFE Lb Rb Ls Rs
}
_BY_COUNT = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

ChannelWeights = Sequence[float] | npt.NDArray[np.float64] | str


def channel_weights(layout: str) -> tuple[float, ...]:
    """Return the weights of a named layout, in WAV channel order.

    Parameters
    ----------
    layout : str
        "mono", "dual_mono" (one channel that both loudspeakers of a pair will play: +3.01 LU),
        "stereo", "3.0" (L R C), "quad" (L R Ls Rs), "5.0" (L R C Ls Rs), "5.1" (L R C LFE Ls Rs),
        "6.1" (L R C LFE Cb Ls Rs) or "7.1" (L R C LFE Lb Rb Ls Rs).

    Returns
    -------
    tuple of float
        One weight a channel, on the channel's mean square.

    Raises
    ------
    ParameterError
        If the layout is unknown.

    Notes
    -----
    The surround loudspeakers of 5.1 stand at 110 degrees, weight 1.41. In 6.1 and 7.1 the side pair
    stands at 90 to 110 degrees, weight 1.41, the back pair at 135 to 180 degrees, weight 1.
    """
    try:
        return _LAYOUTS[layout]
    except (KeyError, TypeError):
        raise ParameterError(
            f"layout must be one of {', '.join(_LAYOUTS)}, got {shown_value(layout)}"
        ) from None


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
        weights = _BY_COUNT[int(channels)]
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
