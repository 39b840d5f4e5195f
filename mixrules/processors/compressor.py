"""The compressor: feed-forward, level and gain in decibels, channels linked.

The gain computer and the smooth decoupled peak detector, placed in the log domain after it, are
those of D. Giannoulis, M. Massberg and J. D. Reiss, "Digital Dynamic Range Compressor Design - A
Tutorial and Analysis", JAES 60(6), 2012. Levels are peak levels in dBFS. Nothing is delayed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import (
    Audio,
    as_audio,
    require_at_least,
    require_between,
    require_block,
    require_sample_rate,
)
from mixrules.errors import AudioError, ParameterError

Floats = npt.NDArray[np.float64]

_BLOCK_SAMPLES = 4096
_SILENCE = 1e-6  # -120 dBFS: the detector takes anything below it for this
_NEPERS_PER_DB = math.log(10.0) / 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CompressorParams:
    """Settings of the compressor; times are to 63 % of a step of the gain reduction.

    Attributes
    ----------
    threshold_db : float
        Peak level in dBFS above which the gain falls, -120 to 60: float audio may exceed full scale.
    ratio : float
        Decibels in for one decibel out above the threshold, 1 to 1000.
    attack_ms, release_ms : float
        Time constants, at least 0. A release shorter than the attack takes as long as the attack.
    knee_db : float
        Width of the soft knee about the threshold; 0 is a hard knee.
    makeup_db : float
        Gain after the compression.
    """

    threshold_db: float = -18.0
    ratio: float = 3.0
    attack_ms: float = 10.0
    release_ms: float = 120.0
    knee_db: float = 6.0
    makeup_db: float = 0.0

    def __post_init__(self) -> None:
        require_between(
            self,
            threshold_db=(-120.0, 60.0),
            ratio=(1.0, 1000.0),
            knee_db=(0.0, 60.0),
            makeup_db=(-60.0, 60.0),
        )
        require_at_least(self, attack_ms=0.0, release_ms=0.0)


def compress(
    audio: npt.ArrayLike,
    sample_rate: int,
    params: CompressorParams,
    *,
    sidechain: npt.ArrayLike | None = None,
) -> Audio:
    """Reduce the level of `audio` above the threshold.

    All channels get the same gain, that of the loudest, so that the stereo image stays.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Not modified.
    sample_rate : int
        Hz.
    params : CompressorParams
        The settings.
    sidechain : array_like, shape (samples, any) or (samples,), optional
        The audio that the gain follows, in place of `audio` itself; as long as `audio`.

    Returns
    -------
    ndarray, shape (samples, channels)
        A new array of the same dtype.

    Raises
    ------
    AudioError
        If an array is not usable or the two differ in length.
    """
    array, detector = _inputs(audio, sidechain)
    return CompressorStream(sample_rate, params).process(array, detector)


class CompressorStream:
    """A streaming compressor: the outputs of the blocks, joined, are those of `compress`.

    Parameters
    ----------
    sample_rate : int
        Hz.
    params : CompressorParams
        The settings.
    """

    def __init__(self, sample_rate: int, params: CompressorParams) -> None:
        self._params = params
        self._poles = _coefficients(require_sample_rate(sample_rate), params)
        self._state = np.zeros(2)

    def process(self, audio: Audio, detector: Audio | None = None) -> Audio:
        """Compress the next block, shape (samples, channels), already checked; returns a new array.

        The gain follows `detector`, as long as `audio`; by default `audio` itself.
        """
        audio = require_block(audio)
        detector = audio if detector is None else require_block(detector, samples=len(audio))
        if audio.dtype == detector.dtype == np.float32:
            return self._process_single(audio, detector)
        return self._process_double(audio, detector)

    def _process_single(self, audio: Audio, detector: Audio) -> Audio:
        """Compress a block in single precision, with twice the SIMD lanes."""
        from mixrules.processors._compressor_kernels import compress_single

        params = self._params
        knee_start = np.float32(10.0 ** ((params.threshold_db - 0.5 * params.knee_db) / 20.0))
        curve = (
            np.float32(params.threshold_db) - np.float32(0.5) * np.float32(params.knee_db),
            np.float32(1.0 - 1.0 / params.ratio),
            np.float32(params.knee_db),
            np.float32(0.5 / params.knee_db if params.knee_db > 0.0 else 0.0),
        )
        makeup_octaves = np.float32(params.makeup_db) * np.float32(1.0 / (20.0 * math.log10(2.0)))
        makeup = (np.float32(10.0 ** (params.makeup_db / 20.0)), makeup_octaves)
        out = np.empty_like(audio)
        compress_single(
            audio, detector, knee_start.view(np.int32), curve, self._poles, makeup, self._state, out
        )
        return out

    def _process_double(self, audio: Audio, detector: Audio) -> Audio:
        """Compress a block in double precision."""
        from mixrules.processors._compressor_kernels import smooth_decoupled

        out = np.empty_like(audio)
        for start in range(0, len(audio), _BLOCK_SAMPLES):
            block = slice(start, start + _BLOCK_SAMPLES)
            reduction = _static_reduction_db(_levels_db(detector[block]), self._params)
            smooth_decoupled(reduction, *self._poles, self._state, reduction)
            gain = np.exp((self._params.makeup_db - reduction) * _NEPERS_PER_DB)
            np.multiply(audio[block], gain[:, np.newaxis], out=out[block], casting="same_kind")
        return out


def gain_reduction_db(
    audio: npt.ArrayLike,
    sample_rate: int,
    params: CompressorParams,
    *,
    sidechain: npt.ArrayLike | None = None,
) -> Floats:
    """Return the gain reduction of `compress` at each sample, without make-up.

    Parameters
    ----------
    audio, sample_rate, params, sidechain
        As in `compress`.

    Returns
    -------
    ndarray of float64, shape (samples,)
        dB, at least 0.

    Raises
    ------
    AudioError
        If an array is not usable or the two differ in length.
    """
    _, detector = _inputs(audio, sidechain)
    attack, release = _coefficients(require_sample_rate(sample_rate), params)

    from mixrules.processors._compressor_kernels import smooth_decoupled

    reduction = np.empty(len(detector))
    for start in range(0, len(detector), _BLOCK_SAMPLES):
        block = slice(start, start + _BLOCK_SAMPLES)
        reduction[block] = _static_reduction_db(_levels_db(detector[block]), params)
    smooth_decoupled(reduction, attack, release, np.zeros(2), reduction)
    return reduction


def static_curve_db(level_db: npt.ArrayLike, params: CompressorParams) -> Floats:
    """Return the output level for a steady input level, without make-up.

    Parameters
    ----------
    level_db : array_like
        Peak level in dBFS, any shape; -inf is silence and stays so.
    params : CompressorParams
        Threshold, ratio and knee are used.

    Returns
    -------
    ndarray of float64, the shape of `level_db`
        dBFS.

    Notes
    -----
    Giannoulis et al. 2012, equation 4.
    """
    level = np.asarray(level_db, dtype=np.float64)
    return np.asarray(level - _static_reduction_db(level, params))


def smooth_reduction_db(reduction_db: npt.ArrayLike, sample_rate: float, params: CompressorParams) -> Floats:
    """Smooth a gain reduction by attack and release, as `compress` does sample by sample.

    For a compressor that is predicted on a level envelope rather than run on audio.

    Parameters
    ----------
    reduction_db : array_like, shape (points,)
        Gain reduction of the static curve, dB, at least 0.
    sample_rate : float
        Points per second: any positive rate.
    params : CompressorParams
        Attack and release are used.

    Returns
    -------
    ndarray of float64, shape (points,)
        dB.

    Raises
    ------
    ParameterError
        If `reduction_db` is not one-dimensional and finite, or the rate is not positive.
    """
    reduction = np.ascontiguousarray(reduction_db, dtype=np.float64)
    if reduction.ndim != 1 or not np.isfinite(reduction).all():
        raise ParameterError(f"reduction_db must be a finite array of shape (points,), got {reduction.shape}")
    if not (math.isfinite(sample_rate) and sample_rate > 0):
        raise ParameterError(f"sample_rate must be above 0, got {sample_rate}")
    attack, release = _coefficients(sample_rate, params)

    from mixrules.processors._compressor_kernels import smooth_decoupled

    out = np.empty_like(reduction)
    smooth_decoupled(reduction, attack, release, np.zeros(2), out)
    return out


def _levels_db(detector: Audio) -> Floats:
    """Return the level of each sample's highest channel, in dBFS."""
    peaks = np.full(len(detector), _SILENCE)
    for channel in range(detector.shape[1]):
        np.maximum(peaks, np.abs(detector[:, channel]), out=peaks)
    return np.asarray(np.log(peaks) / _NEPERS_PER_DB)


def _static_reduction_db(level_db: Floats, params: CompressorParams) -> Floats:
    """Return the gain reduction of the static curve: a parabola in the knee, a line above it; both start at 0."""
    over = level_db - (params.threshold_db - params.knee_db / 2.0)
    reduction = np.maximum(over - params.knee_db, 0.0)
    if params.knee_db > 0.0:
        bend = np.minimum(np.maximum(over, 0.0), params.knee_db)
        reduction += bend * bend / (2.0 * params.knee_db)
    reduction *= 1.0 - 1.0 / params.ratio
    return np.asarray(reduction)


def _inputs(audio: npt.ArrayLike, sidechain: npt.ArrayLike | None) -> tuple[Audio, Audio]:
    """Return the checked audio and the audio that its gain follows."""
    array = as_audio(audio)
    if sidechain is None:
        return array, array
    detector = as_audio(sidechain, name="sidechain")
    if len(detector) != len(array):
        raise AudioError(f"sidechain has {len(detector)} samples: pass as many as audio has, {len(array)}")
    return array, detector


def _coefficients(sample_rate: float, params: CompressorParams) -> tuple[float, float]:
    """Return the feedback coefficients of attack and release at `sample_rate`.

    The attack smoother also runs during a release and lengthens it by its own time constant, which
    is therefore taken off (Giannoulis et al. 2012, section 2.4): the release reaches 63 % within
    3 % of its time as long as the attack is at most a fifth of it, and 7 % late at the worst (a half).
    """
    attack_s = params.attack_ms / 1000.0
    release_s = max(params.release_ms / 1000.0 - attack_s, 0.0)

    def pole(seconds: float) -> float:
        return math.exp(-1.0 / (seconds * sample_rate)) if seconds > 0 else 0.0

    return pole(attack_s), pole(release_s)
