"""The room of our reverb that is nearest to an impulse response."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_known
from mixrules._support.validation import require_sample_rate
from mixrules.errors import AudioError, ParameterError
from mixrules.matching.cut_fit import fit_cuts
from mixrules.matching.decay_fit import fit_reverb_to_decay
from mixrules.matching.decay_relief import DecayRelief, ReliefBands
from mixrules.matching.early_fit import fit_beginning
from mixrules.matching.response_difference import curves_apart_db
from mixrules.matching.response_measures import (
    ResponseMeasures,
    as_response,
    measure_response,
    split_direct,
    t60_of,
)
from mixrules.matching.room_search import searched_room
from mixrules.matching.searches import SEARCHES
from mixrules.processors import ReverbParams, impulse_response

Floats = npt.NDArray[np.float64]

_ROUNDS = 2
_LAST_CORRECTIONS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverbFit:
    """A room fitted to an impulse response.

    Attributes
    ----------
    params : ReverbParams
        The room.
    level_db : float
        Gain of its return at which it is as loud as the measured reverberation: the room's own response has energy 1,
        left and right together.
    direct_db : float
        Level of the response's direct sound, 0 where it is that of the dry sound; -inf without one.
    measured, fitted : ResponseMeasures
        The reverberation of the response and the room, measured alike, both without the direct sound.
    decay_rms_db : tuple of float
        How far both decay curves are apart in each octave, root mean square down to -30 dB; NaN where noise hides it.
    cost_db : float
        How far both are apart in time and frequency, root mean square in auditory bands.
    bands : str
        Those bands: mel or bark.
    search : str
        How the room was found.
    evaluations : int
        Responses of the network that a search made; 0 for the direct fit.
    seconds : float
        How long that took.
    """

    params: ReverbParams
    level_db: float
    direct_db: float
    measured: ResponseMeasures
    fitted: ResponseMeasures
    decay_rms_db: tuple[float, ...]
    cost_db: float
    bands: ReliefBands
    search: str
    evaluations: int
    seconds: float


def fit_reverb(
    response: npt.ArrayLike,
    sample_rate: int,
    *,
    bands: ReliefBands = "bark",
    like: ReverbParams | None = None,
    search: str = "direct",
    evaluations: int = 400,
    seed: int = 0,
    from_scratch: bool = False,
) -> ReverbFit:
    """Return the room of our reverb that is nearest to an impulse response.

    Parameters
    ----------
    response : array_like, shape (samples, channels) or (samples,)
        The response. Its direct sound, if it has one, is no part of the reverb.
    sample_rate : int
        Hz.
    bands : {"bark", "mel"}
        The auditory bands in which the cost is measured.
    like : ReverbParams, optional
        The room whose delay lines are kept; 64 lines by default.
    search : {"direct", "differential-evolution", "cma-es", "genetic", "hill-climbing"}
        How the room is found. "direct" makes some twenty responses; each of the others begins at its room, makes
        `evaluations` more and keeps the cheapest.
    evaluations : int
        Responses that a search may make, 1 to 100,000.
    seed : int
        Of the search's chance, at least 0.
    from_scratch : bool
        Let a search begin without the direct fit, to see what it finds alone.

    Returns
    -------
    ReverbFit
        The room, its level, and both rooms' measures.

    Raises
    ------
    AudioError
        If the response is not usable, silent, too short, or decays in no octave.
    ParameterError
        If another argument is out of range.

    Notes
    -----
    Decay times per octave are met first, by `fit_reverb_to_decay`; pre-delay, fade-in and size then follow from how
    energy arrives, and the cuts from the energy of each third octave.

    Examples
    --------
    >>> from mixrules.matching import fit_reverb
    >>> from mixrules.processors import ReverbParams, impulse_response, t60_at
    >>> room = ReverbParams(t60_s=0.8, pre_delay_ms=20.0)
    >>> fit = fit_reverb(impulse_response(48_000, room), 48_000)
    >>> round(float(t60_at(fit.params, 1000.0, 48_000)), 1), round(fit.params.pre_delay_ms)
    (0.8, 20)
    """
    started = time.perf_counter()
    sample_rate = require_sample_rate(sample_rate)
    require_known(search, ("direct", *SEARCHES), what="search")
    if not isinstance(evaluations, int) or not 1 <= evaluations <= 100_000:
        raise ParameterError(f"evaluations must be 1 to 100000, got {evaluations!r}")
    if not isinstance(seed, int) or not 0 <= seed < 2**31:
        raise ParameterError(f"seed must be a whole number from 0 to {2**31 - 1}, got {seed!r}")
    audio = as_response(response, sample_rate)
    parts = split_direct(audio, sample_rate)
    measured = measure_response(parts.reverberation, sample_rate)
    relief = DecayRelief(parts.reverberation, sample_rate, bands)
    alike = like or ReverbParams(t60_s=1.0)
    made = 0
    if search == "direct" or not from_scratch:
        params = _fit_directly(parts.reverberation, sample_rate, alike)
    if search != "direct":
        start = None if from_scratch else params
        params, made = searched_room(
            parts.reverberation,
            sample_rate,
            start,
            alike,
            kind=search,
            bands=bands,
            evaluations=evaluations,
            seed=seed,
        )
        if start is not None:
            # The search listens at a lower rate: only what is better at this one is kept.
            params = min(
                (params, start), key=lambda room: relief.distance_db(impulse_response(sample_rate, room))
            )
    ours = np.asarray(impulse_response(sample_rate, params), np.float64)
    direct = float(np.sum(parts.direct**2)) / audio.shape[1]
    return ReverbFit(
        params=params,
        level_db=measured.reverberant_db,
        direct_db=10.0 * math.log10(direct) if direct else -math.inf,
        measured=measured,
        fitted=measure_response(ours, sample_rate),
        decay_rms_db=tuple(
            curves_apart_db(parts.reverberation, ours, sample_rate, band) for band in measured.frequencies_hz
        ),
        cost_db=relief.distance_db(ours),
        bands=bands,
        search=search,
        evaluations=made,
        seconds=time.perf_counter() - started,
    )


def _fit_directly(reverberation: Floats, sample_rate: int, like: ReverbParams) -> ReverbParams:
    """Return the room by decay times, arrival of energy and spectrum, one after the other, twice."""
    params, start_s = like, 0.0
    measured = measure_response(reverberation, sample_rate)
    bands_hz = np.array(measured.frequencies_hz)
    for _ in range(_ROUNDS):
        # A response that fades in decays evenly only afterwards.
        times_s = np.array([t60_of(reverberation, sample_rate, band, start_s=start_s) for band in bands_hz])
        usable = np.where((times_s > 0.05) & (times_s < 30.0), times_s, math.nan)
        if not np.isfinite(usable).any():
            raise AudioError(
                "the response decays in no octave: noise hides it, or it is cut off before it has decayed by 35 dB"
            )
        params = fit_reverb_to_decay(bands_hz, usable, sample_rate=sample_rate, like=params)
        params = fit_cuts(reverberation, sample_rate, params)
        params = fit_beginning(reverberation, sample_rate, params)
        start_s = params.pre_delay_ms / 1000.0 + params.fade_in_s
        if params.fade_in_s == 0.0:
            break
    # Size and cuts change how an octave decays, the latter by what they leave of its neighbours.
    return fit_reverb_to_decay(
        bands_hz, usable, sample_rate=sample_rate, like=params, corrections=_LAST_CORRECTIONS
    )
