"""A room of our network for the reverb of a mix: of the right decay, and of the right samples where it was ours."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.analysis.non_negative import non_negative_solution
from mixrules.errors import ParameterError
from mixrules.matching.damped_step import damped_step
from mixrules.matching.decay_fit import fit_reverb_to_decay
from mixrules.matching.room_estimate import CENTRES_HZ, RoomEstimate
from mixrules.matching.room_numbers import moved_room, room_columns, room_numbers, sends_in_db, wet_of
from mixrules.processors import ReverbParams

Floats = npt.NDArray[np.float64]

OURS_SHARE = 0.2
"""A room that explains more of what is left than this, sample by sample, is the very network that was used."""
_PRE_DELAY_S = 0.25
_FADES_S = (0.1, 0.68)
_USUAL_SHELVES = ((11_900.0, -16.0), (4000.0, -20.0))
"""High shelves of the decay in the presets, Hz and dB per second: rooms that are tried besides the one fitted."""
_USUAL_T60_S = (0.7, 1.5, 3.0)
_TRIED_IN = 3  # stretches, where most is left
_STEPS = 5


@dataclass(frozen=True, slots=True, eq=False)
class SentPart:
    """A stretch of the song as the reverb hears it.

    Attributes
    ----------
    sent : ndarray of float32, shape (stems, lead_in + samples)
        The mean of each stem's sides, fader included.
    left : ndarray of float32, shape (samples, 2)
        What the dry stems leave of the mix.
    lead_in : int
        Samples before those that count.
    """

    sent: Audio
    left: Audio
    lead_in: int


@dataclass(frozen=True, slots=True, eq=False)
class FoundRoom:
    """A room, and what each stem sends to it.

    Attributes
    ----------
    params : ReverbParams
        The room.
    sends_db : ndarray, shape (stems,)
        Level of each stem's return against its mean of both sides; -inf for none.
    ours : bool
        Whether it repeats the mix's reverb sample by sample.
    share : float
        The share of what was left that it explains: by samples where it is ours, else by powers.
    """

    params: ReverbParams
    sends_db: Floats
    ours: bool
    share: float


def refit_room(parts: Sequence[SentPart], room: FoundRoom, sample_rate: int, threads: int = 1) -> FoundRoom:
    """Return a room that is ours with its sends found again on better dry stems."""
    return _with_sends(parts, room.params, sample_rate, threads)


def fit_room(
    parts: Sequence[SentPart], estimate: RoomEstimate, sample_rate: int, threads: int = 1
) -> FoundRoom:
    """Return the room of an estimate; where it was our network that made the reverb, to the sample.

    Parameters
    ----------
    parts : sequence of SentPart
        Where to listen.
    estimate : RoomEstimate
        What powers tell.
    sample_rate : int
        Hz.
    threads : int
        How many stretches to work on at once; the result is the same.

    Returns
    -------
    FoundRoom
    """
    room = _room_of(estimate, sample_rate)
    found = FoundRoom(room, estimate.sends_db, False, estimate.share)
    t60_s = float(np.exp(np.mean(np.log(estimate.t60_s[1:6]))))
    usual = [
        ReverbParams(
            t60_s=t60_s,
            high_shelf_hz=corner,
            high_shelf_db_per_s=slope,
            low_cut_hz=room.low_cut_hz,
            high_cut_hz=room.high_cut_hz,
        )
        for corner, slope in _USUAL_SHELVES
    ]
    # Octaves in which little sounds tell wild times and cuts; the echoes are told by any time that is not far off.
    plain = [
        ReverbParams(t60_s=t60_s, high_shelf_hz=corner, high_shelf_db_per_s=slope)
        for t60_s in _USUAL_T60_S
        for corner, slope in _USUAL_SHELVES[:1]
    ]
    # Which room is told by a few stretches; its numbers are found in all.
    few = sorted(parts, key=lambda part: -float(np.vdot(part.left, part.left)))[:_TRIED_IN]
    tried = [
        _with_pre_delay(few, estimate.sends_db, each, sample_rate, threads) for each in (room, *usual, *plain)
    ]
    best = _most_explaining(few, tried, sample_rate, threads)
    tried = [
        _with_pre_delay(
            few,
            estimate.sends_db,
            dataclasses.replace(best[1], fade_in_s=fade_s, pre_delay_ms=0.0),
            sample_rate,
            threads,
        )
        for fade_s in _FADES_S
    ]
    best = max(best, _most_explaining(few, tried, sample_rate, threads), key=lambda each: each[0])
    if best[0] < OURS_SHARE:
        return found
    return _with_sends(parts, _refined(parts, best[1], sample_rate, threads), sample_rate, threads)


def _most_explaining(
    parts: Sequence[SentPart], rooms: Sequence[ReverbParams], sample_rate: int, threads: int
) -> tuple[float, ReverbParams]:
    """Return the room that explains most of what is left, and how much that is."""
    shares = [_explained(parts, each, sample_rate, threads)[1] for each in rooms]
    best = int(np.argmax(shares))
    return shares[best], rooms[best]


def _with_sends(parts: Sequence[SentPart], params: ReverbParams, sample_rate: int, threads: int) -> FoundRoom:
    sends, share = _explained(parts, params, sample_rate, threads)
    return FoundRoom(params, sends_in_db(sends), True, share)


def _room_of(estimate: RoomEstimate, sample_rate: int) -> ReverbParams:
    """Return the network's room with an estimate's decay times, cut where its response is 3 dB down."""
    middle = float(np.median(estimate.levels_db[1:5]))
    low = [c for c, level in zip(CENTRES_HZ[:3], estimate.levels_db[:3], strict=True) if level < middle - 3.0]
    high = [
        c for c, level in zip(CENTRES_HZ[4:], estimate.levels_db[4:], strict=True) if level < middle - 3.0
    ]
    like = ReverbParams(
        t60_s=1.0,
        low_cut_hz=max(low) * math.sqrt(2.0) if low else 0.0,
        high_cut_hz=min(high) / math.sqrt(2.0) if high else 0.0,
    )
    weights = 10.0 ** (np.clip(estimate.levels_db - middle, -20.0, 0.0) / 10.0)
    return fit_reverb_to_decay(
        CENTRES_HZ,
        np.clip(estimate.t60_s, 0.05, 12.0),
        sample_rate=sample_rate,
        weights=weights,
        like=like,
        corrections=0,
    )


def _wet(signal: Audio, params: ReverbParams, part: SentPart, sample_rate: int) -> Audio:
    return wet_of(signal, params, part.lead_in, part.lead_in + len(part.left), sample_rate)


def _with_pre_delay(
    parts: Sequence[SentPart], sends_db: Floats, params: ReverbParams, sample_rate: int, threads: int
) -> ReverbParams:
    """Return a room with the pre-delay at which its return is most like what is left."""
    from scipy.signal import correlate

    gains = 10.0 ** (np.maximum(sends_db, -40.0) / 20.0)
    farthest = round(_PRE_DELAY_S * sample_rate)

    def of_one(part: SentPart) -> Floats:
        likeness = np.zeros(farthest + 1)
        wet = _wet(np.asarray(gains @ part.sent, np.float32), params, part, sample_rate)
        for side in range(2):
            whole = correlate(part.left[:, side], wet[:, side], mode="full", method="fft")
            start = len(wet) - 1
            ahead = whole[start : start + farthest + 1]
            likeness[: len(ahead)] += ahead
        return likeness

    delay = int(np.argmax(sum(in_threads(of_one, parts, threads))))
    return dataclasses.replace(params, pre_delay_ms=1000.0 * delay / sample_rate)


def _explained(
    parts: Sequence[SentPart], params: ReverbParams, sample_rate: int, threads: int
) -> tuple[Floats, float]:
    """Return the sends with which a room explains most of what is left, as factors, and how much that is."""

    def of_one(part: SentPart) -> tuple[Audio, Audio, float]:
        wet = np.stack([_wet(signal, params, part, sample_rate).ravel() for signal in part.sent])
        return wet @ wet.T, wet @ part.left.ravel(), float(np.vdot(part.left, part.left))

    normals, ontos, powers = zip(*in_threads(of_one, parts, threads), strict=True)
    normal: Floats = np.asarray(np.sum(normals, axis=0, dtype=np.float64))
    onto: Floats = np.asarray(np.sum(ontos, axis=0, dtype=np.float64))
    power = sum(powers)
    floor = 1e-12 * max(float(np.diag(normal).max()), 1e-30)
    sends = non_negative_solution(normal, onto, floor=floor, independent=1e-6)
    left = power - 2.0 * float(sends @ onto) + float(sends @ normal @ sends)
    return sends, 1.0 - left / power if power > 0.0 else 0.0


def _refined(parts: Sequence[SentPart], params: ReverbParams, sample_rate: int, threads: int) -> ReverbParams:
    """Return the room that explains most, sample by sample: Gauss and Newton's least squares on its numbers."""
    damping = 1e-3
    sends, share = _explained(parts, params, sample_rate, threads)
    for _ in range(_STEPS):
        names = room_numbers(params)
        normal, gradient = _normal_equations(parts, params, sends, sample_rate, threads)
        better = False
        while damping < 1e3:
            step = damped_step(normal, gradient, damping)
            try:
                trial = moved_room(params, dict(zip(names, step, strict=True)))
                trial_sends, trial_share = _explained(parts, trial, sample_rate, threads)
            except ParameterError:
                trial_share = -math.inf
            if trial_share > share:
                better = trial_share - share > 1e-4 * max(1.0 - share, 1e-6)
                params, sends, share = trial, trial_sends, trial_share
                damping = max(damping / 10.0, 1e-6)
                break
            damping *= 10.0
        if not better:
            break
    return params


def _normal_equations(
    parts: Sequence[SentPart],
    params: ReverbParams,
    sends: Floats,
    sample_rate: int,
    threads: int,
) -> tuple[Floats, Floats]:
    def of_one(part: SentPart) -> tuple[Audio, Audio]:
        signal = np.asarray(sends @ part.sent, np.float32)
        end = part.lead_in + len(part.left)
        columns = np.stack(
            [each.ravel() for each in room_columns(signal, params, part.lead_in, end, sample_rate)]
        )
        left = part.left - _wet(signal, params, part, sample_rate)
        return columns @ columns.T, columns @ left.ravel()

    normals, gradients = zip(*in_threads(of_one, parts, threads), strict=True)
    return np.sum(normals, axis=0, dtype=np.float64), np.sum(gradients, axis=0, dtype=np.float64)
