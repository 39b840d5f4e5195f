"""Checks of the arguments of public functions: arrays, sample rates, numbers, lists as text.

Audio inside the package is always 2-D, shape ``(samples, channels)``, float32 or float64, C-order
and finite. Parameters are checked by their dataclass.
"""

from __future__ import annotations

import math
import os
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import is_finite, is_number, require_instance, require_text, shown_value
from mixrules.errors import AudioError, ParameterError

Audio = npt.NDArray[np.floating[Any]]

MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 384_000
MAX_CHANNELS = 8


class SlicedAudio:
    """Checked audio that is not an array but is read in slices along time: a file, or a sum of stems.

    The measures of `mixrules.analysis` that process a signal in blocks accept it in place of an array.

    Parameters
    ----------
    samples, channels : int
        Its shape.
    """

    def __init__(self, samples: int, channels: int) -> None:
        self.shape = (samples, channels)
        self.dtype: np.dtype[Any] = np.dtype(np.float32)
        self.peak = 0.0

    def __len__(self) -> int:
        return self.shape[0]

    def padded(self, samples: int) -> SlicedAudio:
        """Return it zero-padded to a length."""
        raise NotImplementedError

    def __getitem__(self, index: slice) -> Audio:
        """Return the samples of a slice with step 1, shape (samples, channels), C-order."""
        raise NotImplementedError


def as_audio(
    audio: npt.ArrayLike | SlicedAudio,
    *,
    name: str = "audio",
    max_channels: int = MAX_CHANNELS,
    file_function: str = "",
    takes_path: bool = False,
) -> Audio:
    """Return `audio` as a finite 2-D float array of shape (samples, channels).

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Floating-point samples, full scale ±1.0. Not modified; copied only where the layout needs it.
    name : str
        What to call it in an error message (a stem's or a file's name).
    max_channels : int
        The most channels accepted.
    file_function : str
        The function that takes the path of a file, if there is one: an error names it.
    takes_path : bool
        Whether the caller takes the path of a file too: an error says so.

    Returns
    -------
    ndarray, shape (samples, channels)
        float32 or float64 (other float types become float64), C-contiguous.

    Raises
    ------
    AudioError
        If it is not float, is empty, has the wrong number of dimensions or of channels, or holds
        NaN or infinity.
    """
    if isinstance(audio, SlicedAudio):
        return cast("Audio", audio)
    if file_function and isinstance(audio, str | os.PathLike):
        raise AudioError(
            f"{name} is a path: pass an array of floats, or call {file_function}, which takes files"
        )
    array = _shaped(audio, name, max_channels, ", or the path of a file" if takes_path else "")
    require_finite(array, name=name)
    return array


def require_block(block: Audio, *, channels: int | None = None, samples: int | None = None) -> Audio:
    """Return a block of a stream in C order, as kernels read it; its values have been checked.

    Parameters
    ----------
    block : ndarray, shape (samples, channels)
        float32 or float64; it may be empty.
    channels, samples : int, optional
        Its shape.

    Raises
    ------
    AudioError
        If it has another shape or type.
    """
    if not isinstance(block, np.ndarray) or block.dtype not in (np.float32, np.float64):
        kind = str(block.dtype) if isinstance(block, np.ndarray) else type(block).__name__
        raise AudioError(f"the block is of {kind}: pass an array of float32 or float64")
    rows, columns = "samples" if samples is None else samples, "channels" if channels is None else channels
    fits = block.ndim == 2 and rows in ("samples", len(block)) and columns in ("channels", block.shape[1])
    if not fits:
        raise AudioError(f"the block has shape {block.shape}: pass ({rows}, {columns})")
    return np.ascontiguousarray(block)


def as_audio_and_peak(
    audio: npt.ArrayLike, *, name: str = "audio", max_channels: int = MAX_CHANNELS
) -> tuple[Audio, float]:
    """Return the result of `as_audio`, and its largest magnitude, from one pass."""
    array = _shaped(audio, name, max_channels)
    peak = max(float(array.max()), -float(array.min()))
    if not math.isfinite(peak):
        require_finite(array, name=name)
    return array, peak


def _shaped(audio: npt.ArrayLike, name: str, max_channels: int, or_else: str = "") -> Audio:
    array = _array(audio, name)
    if array.dtype.kind != "f":
        if array.dtype.kind not in "biu":
            raise AudioError(
                f"{name} is {_kind_of(audio, array)}: pass an array of floats, full scale ±1.0{or_else}"
            )
        raise AudioError(
            f"{name} holds {array.dtype} samples: pass floats with full scale ±1.0 "
            "(16-bit integers: audio / 32768)"
        )
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise AudioError(f"{name} has shape {array.shape}: pass (samples, channels) or (samples,)")
    samples, channels = array.shape
    if samples == 0 or channels == 0:
        raise AudioError(f"{name} is empty (shape {array.shape}): pass at least one sample")
    if channels > max_channels:
        hint = ": looks transposed, pass audio.T" if samples <= max_channels else ""
        raise AudioError(f"{name} has {channels} channels, at most {max_channels} are accepted{hint}")
    if array.dtype not in (np.float32, np.float64):
        with np.errstate(over="ignore"):  # what is too large for 64 bits is refused as infinite
            array = array.astype(np.float64)
    return np.ascontiguousarray(array)


def _array(audio: npt.ArrayLike, name: str) -> npt.NDArray[Any]:
    """Return anything that can be an array as one; whatever fails within is an `AudioError`."""
    if isinstance(audio, np.ma.MaskedArray):
        masked = int(np.sum(np.ma.getmaskarray(audio)))
        if masked:
            raise AudioError(
                f"{name} has {masked} masked samples of {audio.size}: fill them, e.g. audio.filled(0.0)"
            )
    if isinstance(audio, tuple) and len(audio) == 2 and np.ndim(audio[1]) == 0 and is_number(audio[1]):
        raise AudioError(
            f"{name} is a tuple with {shown_value(audio[1])} in its second place, as soundfile.read returns it: "
            "pass samples and sample rate apart"
        )
    try:
        return np.asarray(audio)
    except MemoryError:
        raise
    except Exception as error:  # an object's own __array__ may raise anything
        why = " ".join(str(error).split()) or type(error).__name__
        raise AudioError(f"{name} cannot be made an array of samples: {why}") from None


def _kind_of(audio: object, array: npt.NDArray[Any]) -> str:
    """Say what was given in place of samples."""
    if array.dtype.kind == "O" and array.ndim == 0:
        return "None" if audio is None else f"of type {type(audio).__name__}"
    return "text" if array.dtype.kind in "US" else f"an array of {array.dtype}"


def require_finite(audio: Audio, *, name: str = "audio") -> None:
    """Raise `AudioError` with the index of the first NaN or infinity in 2-D `audio`."""
    # The sum is finite whenever every sample is, short of overflow: one cheap pass for the usual case.
    with np.errstate(invalid="ignore", over="ignore"):
        if math.isfinite(float(np.sum(audio))):
            return
    bad = ~np.isfinite(audio)
    if not bad.any():
        return
    sample, channel = np.unravel_index(int(np.argmax(bad)), audio.shape)
    raise AudioError(
        f"{name} holds {audio[sample, channel]} at sample {sample}, channel {channel}: "
        "only finite samples are accepted"
    )


def require_sample_rate(sample_rate: object) -> int:
    """Return `sample_rate` as an int, or raise `ParameterError` if it is not 8 to 384 kHz."""
    if not is_number(sample_rate):
        raise ParameterError(f"sample_rate must be a number in Hz, got {shown_value(sample_rate)}")
    rate = cast("float", sample_rate)
    if not is_finite(rate) or rate != int(rate):
        raise ParameterError(f"sample_rate must be a whole number of Hz, got {shown_value(sample_rate)}")
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise ParameterError(
            f"sample_rate must be {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz, got {int(rate)}"
        )
    return int(rate)


def require_finite_fields(params: object, *names: str) -> None:
    """Raise `ParameterError` unless each named field of `params` is a finite number."""
    for name in names:
        value = getattr(params, name)
        if not is_finite(value):
            raise ParameterError(f"{name} must be a finite number, got {shown_value(value)}")


def require_at_least(params: object, **lows: float) -> None:
    """Raise `ParameterError` unless each named field of `params` is finite and at least its bound."""
    require_finite_fields(params, *lows)
    for name, low in lows.items():
        value = getattr(params, name)
        if value < low:
            raise ParameterError(f"{name} must be at least {_shown(low)}, got {_shown(value)}")


def require_between(params: object, **bounds: tuple[float, float]) -> None:
    """Raise `ParameterError` unless each named field of `params` lies within its two bounds."""
    require_finite_fields(params, *bounds)
    for name, (low, high) in bounds.items():
        value = getattr(params, name)
        if not low <= value <= high:
            raise ParameterError(f"{name} must be {_shown(low)} to {_shown(high)}, got {_shown(value)}")


def require_types(params: object, **kinds: type | tuple[type, ...]) -> None:
    """Raise `ParameterError` unless each named field of `params` is of its type."""
    for name, kind in kinds.items():
        require_instance(getattr(params, name), kind, name=name)


def split_items(text: str, *, name: str) -> list[str]:
    """Return the items of a list separated by commas, none where the text is blank.

    Parameters
    ----------
    text : str
        The list. Spaces around its items do not count.
    name : str
        What to call it in an error message.

    Raises
    ------
    ParameterError
        If an item is empty: something may have been left out by mistake.
    """
    items = [item.strip() for item in require_text(text, name=name).split(",")]
    if any(items) and not all(items):
        raise ParameterError(
            f"{name}: an item of {text!r} is empty, take the comma away or name what is missing"
        )
    return items if all(items) else []


def _shown(number: float) -> str:
    """Return a number as text; whole ones, such as seeds, with all their digits."""
    return str(number) if isinstance(number, int | np.integer) else f"{number:g}"
