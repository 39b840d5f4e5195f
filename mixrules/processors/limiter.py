"""The limiter: a look-ahead true-peak brick wall, for the end of the chain.

Peaks are read between the samples as well: 8-fold with a Kaiser-windowed sinc, and with the 4-fold
Hann-windowed sinc of libebur128, so that neither reading is above the ceiling (ITU-R BS.1770 Annex 2
says why: a 4-fold reading alone can be 0.6 dB low). The gain falls before the peak: nothing is delayed, and the gain
has no steps.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_between, require_block, require_sample_rate
from mixrules.processors.gain import db_to_gain

_MAX_PASSES = 12
_MARGIN_DB = (
    0.002  # peaks are limited to this far below the ceiling, so that rounding cannot raise them above it
)
_TAPS = 24
_EIGHTHS = 8
_RELEASE_TIME_CONSTANTS = 14.0  # exp(-14) of a reduction is less than a millionth of it
_SEGMENT_STEP = 1 << 14

SEGMENT_SAMPLES = 1 << 20
"""Least length of a segment of long audio; longer where a long release is heard. Tests shorten it."""

STRIP_SEGMENT_SAMPLES = 1 << 17
"""The same for one of many signals that are limited at once: less is held of each, and more is limited twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimiterParams:
    """Settings of the limiter.

    Attributes
    ----------
    ceiling_dbtp : float
        The highest true peak of the output, -60 to 0 dBTP.
    lookahead_ms : float
        Time over which the gain falls before a peak, 0.1 to 50.
    release_ms : float
        Time constant of the return of the gain, 1 to 5000.
    """

    ceiling_dbtp: float = -1.0
    lookahead_ms: float = 2.0
    release_ms: float = 80.0

    def __post_init__(self) -> None:
        require_between(self, ceiling_dbtp=(-60.0, 0.0), lookahead_ms=(0.1, 50.0), release_ms=(1.0, 5000.0))


def limit(audio: npt.ArrayLike, sample_rate: int, params: LimiterParams) -> Audio:
    """Keep the true peak of `audio` at or below the ceiling.

    All channels get the same gain. It is never above 1, and audio that is under the ceiling
    everywhere comes back bit by bit.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    sample_rate : int
        Hz.
    params : LimiterParams
        The settings.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype, not delayed.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    """
    array = as_audio(audio)
    segments = LimiterSegments(sample_rate, params)
    parts = [
        segments.process(array[first:end], start - first, stop - first)
        for first, start, stop, end in segments.plan(len(array))
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


@dataclass(frozen=True, slots=True, eq=False)
class _Workspace:
    """Memory for `_run`: the limited audio, and the required and the smoothed reduction, which begin as zeros."""

    out: Audio
    required: npt.NDArray[np.float32]
    reduction: npt.NDArray[np.float32]

    @classmethod
    def of(cls, audio: Audio) -> _Workspace:
        return cls(
            np.empty_like(audio),
            np.zeros(len(audio) + 2, dtype=np.float32),
            np.zeros(len(audio) + 2, dtype=np.float32),
        )

    def cut(self, samples: int) -> _Workspace:
        """Return as much of it as so many samples need, cleared."""
        part = _Workspace(self.out[:samples], self.required[: samples + 2], self.reduction[: samples + 2])
        part.required.fill(0.0)
        part.reduction.fill(0.0)
        return part


class LimiterSegments:
    """A limiter for long audio: independent segments, joined, are the output of `limit`.

    The gain at a sample depends on a second or so around it, until the release has decayed. Each segment is limited
    together with an overlap of that length before and after it.

    Parameters
    ----------
    sample_rate : int
        Hz.
    params : LimiterParams
        The settings.
    least_samples : int, optional
        Least length of a segment; by default `SEGMENT_SAMPLES`.
    """

    def __init__(self, sample_rate: int, params: LimiterParams, *, least_samples: int | None = None) -> None:
        self._sample_rate = require_sample_rate(sample_rate)
        self._params = params
        overlap_s = (params.lookahead_ms + _RELEASE_TIME_CONSTANTS * params.release_ms) / 1000.0
        blocks = math.ceil(overlap_s * sample_rate / _SEGMENT_STEP)
        self._overlap = blocks * _SEGMENT_STEP
        least = SEGMENT_SAMPLES if least_samples is None else least_samples
        self._segment = max(least, 4 * self._overlap)
        self._workspace: _Workspace | None = None

    def plan(self, samples: int) -> list[tuple[int, int, int, int]]:
        """Return (overlap start, start, stop, overlap stop) of each segment, in samples."""
        if samples <= self._segment + self._overlap:
            return [(0, 0, samples, samples)]
        return [
            (
                max(0, start - self._overlap),
                start,
                min(samples, start + self._segment),
                min(samples, start + self._segment + self._overlap),
            )
            for start in range(0, samples, self._segment)
        ]

    def process(self, audio: Audio, start: int, stop: int) -> Audio:
        """Limit a segment: from `start` to before `stop` of `audio`, which includes the overlaps."""
        return _run(require_block(audio), self._sample_rate, self._params)[0][start:stop]

    def process_in_turn(self, audio: Audio, start: int, stop: int) -> Audio:
        """Do the same for one segment after the other, in memory that is used again: fresh memory costs more time.

        Peaks between the samples are read 4-fold alone, as libebur128 does: the master has its own limiter, and a stem
        that is near its ceiling all the time would take most of the time of a mix.
        """
        audio = require_block(audio)
        workspace = self._workspace
        if workspace is None or workspace.out.dtype != audio.dtype or len(workspace.out) < len(audio):
            workspace = self._workspace = _Workspace.of(audio)
        out, _ = _run(audio, self._sample_rate, self._params, workspace.cut(len(audio)), eighths=False)
        return out[start:stop].copy()


def limiter_gain_db(audio: npt.ArrayLike, sample_rate: int, params: LimiterParams) -> npt.NDArray[np.float64]:
    """Return the gain that `limit` applies at each sample.

    Parameters
    ----------
    audio, sample_rate, params
        As in `limit`.

    Returns
    -------
    ndarray of float64, shape (samples,)
        dB, 0 or negative.

    Raises
    ------
    AudioError
        If `audio` is not usable.
    """
    array = as_audio(audio)
    reduction = _run(array, require_sample_rate(sample_rate), params)[1]
    # 0 - x rather than -x: no negative zeros
    return 0.0 - reduction[1 : len(array) + 1].astype(np.float64)


def _run(
    audio: Audio,
    sample_rate: int,
    params: LimiterParams,
    workspace: _Workspace | None = None,
    *,
    eighths: bool = True,
) -> tuple[Audio, npt.NDArray[np.float32]]:
    """Return the limited audio and the reduction in dB, one sample longer at both ends.

    A changing gain shifts the peaks between the samples a little, so the result is measured again and peaks that are
    still above the ceiling are reduced further, until there are none.
    """
    from mixrules.processors._limiter_kernels import (
        BLOCK_SAMPLES,
        add_excess,
        apply_trace,
        mark_loud_blocks,
        shape_reduction,
    )

    bank = _interpolators(4 if sample_rate < 96_000 else 2)
    if not eighths:
        bank = _without_idle_taps(bank[_EIGHTHS:])
    ceiling = db_to_gain(params.ceiling_dbtp)
    target = db_to_gain(params.ceiling_dbtp - _MARGIN_DB)
    bound = ceiling / float(np.abs(bank).sum(axis=1).max())
    lookahead = max(round(params.lookahead_ms * sample_rate / 1000.0), 1)
    release = math.exp(-1000.0 / (params.release_ms * sample_rate))

    workspace = _Workspace.of(audio) if workspace is None else workspace
    out, required, reduction = workspace.out, workspace.required, workspace.reduction
    out[:] = audio
    blocks = -(-len(audio) // BLOCK_SAMPLES)
    loud, active = np.empty(blocks, dtype=np.bool_), np.zeros(blocks, dtype=np.bool_)
    history1, history2 = np.empty(lookahead // 2 + 1), np.empty(lookahead - lookahead // 2 + 1)
    queue = np.empty(lookahead + 2, dtype=np.int64)
    scratch = np.zeros((3, BLOCK_SAMPLES + 1 + bank.shape[1]), dtype=np.float32)
    integers = np.dtype(f"i{audio.dtype.itemsize}")
    low = np.nextafter(audio.dtype.type(bound), audio.dtype.type(0.0))
    without_sign = integers.type(np.iinfo(integers).max)
    mark_loud_blocks(audio.view(integers), low.view(integers), without_sign, loud)
    check = loud
    for _ in range(_MAX_PASSES):
        if not add_excess(out, bank, ceiling, target, check, scratch, required):
            break
        history1.fill(0.0)
        history2.fill(0.0)
        shape_reduction(required, loud, release, queue, history1, history2, active, reduction)
        apply_trace(audio, reduction, active, out)
        check = loud & active
    return out, reduction


def _without_idle_taps(bank: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the filters without the taps at both ends that are 0 in all of them, four of them at a time."""
    used = np.flatnonzero(bank.any(axis=0))
    idle = min(used[0], bank.shape[1] - 1 - used[-1]) // 4 * 4
    return np.ascontiguousarray(bank[:, idle : bank.shape[1] - idle])


@functools.cache
def _interpolators(libebur128_factor: int) -> npt.NDArray[np.float32]:
    """Return the interpolation filters between two samples, shape (phases, taps).

    The eighths with the Kaiser window (beta 5, 20 samples wide) that resampling commonly uses, and
    the quarters or the half of libebur128's 49-tap filter, a sinc times a Hann window.
    """
    offsets = np.arange(_TAPS) - (_TAPS // 2 - 1)
    eighths = np.arange(-80, 81)
    kaiser = np.sinc(eighths / 8.0) * np.kaiser(161, 5.0)
    kaiser *= 8.0 / kaiser.sum()
    rows = []
    for phase in range(_EIGHTHS):
        positions = phase - 8 * offsets
        rows.append(np.where(np.abs(positions) <= 80, kaiser[np.clip(positions, -80, 80) + 80], 0.0))
    for phase in range(1, libebur128_factor):
        distance = phase / libebur128_factor - offsets
        half_width = 24.0 / libebur128_factor
        hann = 0.5 * (1.0 + np.cos(np.pi * distance / half_width))
        rows.append(np.where(np.abs(distance) < half_width, np.sinc(distance) * hann, 0.0))
    return np.array(rows, dtype=np.float32)
