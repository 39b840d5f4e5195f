"""Which seconds of a song are heard in a listening test, chosen by rule, and why.

The lead vocal should sound in both halves, the halves should differ in loudness as a verse and a
chorus do, the start should be on a beat, and the end should not lie in the song's tail. Of the beats
that satisfy this the one with the strongest contrast is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.analysis import active_blocks
from mixrules.errors import AudioError, ParameterError
from mixrules.listening.making.beats import Beats, find_beats
from mixrules.loudness import BlockEnergies, block_energies, energy_to_lufs, integrated_from_energies
from mixrules.stems import Stems

MIN_SECONDS = 1.0
MAX_SECONDS = 600.0
FADE_IN_S = 0.01
FADE_OUT_S = 0.05
_HOP_S = 0.1
_VOCAL_GATE_LU = 15.0  # breaths and reverb between words lie lower
_SUNG_SHARE = 0.5  # a half in which the vocal sounds for less counts as one without it
_TAIL_LU = 20.0  # what is so far below the song's loudness is intro noise or tail
_CONTRAST_MAX_LU = 12.0
_LOUDER_WEIGHT = 0.25
_SILENT_LUFS = -70.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A segment of a song.

    Attributes
    ----------
    start_s : float
        Where it starts.
    seconds : float
        How long it is.
    reason : str
        A sentence that says why it starts there.
    """

    start_s: float
    seconds: float
    reason: str

    def samples(self, sample_rate: int) -> tuple[int, int]:
        """Return the first sample and how many there are, at a rate in Hz."""
        return round(self.start_s * sample_rate), round(self.seconds * sample_rate)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Times at which an excerpt could start and what it would hold, arrays of shape (candidates,)."""

    start_s: npt.NDArray[np.float64]
    vocal_share: npt.NDArray[np.float64]
    contrast_lu: npt.NDArray[np.float64]
    lufs: npt.NDArray[np.float64]
    before_tail: bool


def choose_excerpt(stems: Stems, *, seconds: float = 10.0, at_s: float | None = None) -> Excerpt:
    """Choose which seconds of a song are heard.

    Parameters
    ----------
    stems : Stems
        The song.
    seconds : float
        How long the excerpt is to be, 1 to 600.
    at_s : float, optional
        Where it is to start; nothing is chosen then.

    Returns
    -------
    Excerpt

    Raises
    ------
    ParameterError
        If the excerpt is longer than the song, or reaches beyond its end.
    AudioError
        If there is no sound in it.
    """
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise ParameterError(f"seconds must be {MIN_SECONDS:g} to {MAX_SECONDS:g}, got {seconds:g}")
    title = stems.title or "the song"
    latest_s = stems.duration_s - seconds
    if latest_s < 0:
        raise ParameterError(f"{title} lasts {stems.duration_s:.2f} s, an excerpt of {seconds:g} s is longer")
    total = np.zeros((stems.samples, 2), np.float32)
    for stem in stems:
        total += stem.audio
    energies = block_energies(total, stems.sample_rate, hop_s=_HOP_S)
    if at_s is not None:
        if not 0 <= at_s <= latest_s:
            raise ParameterError(
                f"{title} lasts {stems.duration_s:.2f} s: an excerpt of {seconds:g} s may start at 0 to "
                f"{latest_s:.2f} s, not at {at_s:g} s"
            )
        chosen = Excerpt(start_s=at_s, seconds=seconds, reason=f"It starts at {at_s:g} s, as was asked for.")
        require_sound(cut(total, stems.sample_rate, chosen, fades=False), stems.sample_rate, title, chosen)
        return chosen
    leads = [stem for stem in stems if stem.role == "vocal"]
    vocals = [np.asarray(stem.audio).mean(axis=1) for stem in leads if not stem.silent]
    vocal = np.asarray(np.sum(vocals, axis=0, dtype=np.float32)) if vocals else None
    beats = find_beats(total, stems.sample_rate)
    candidates = _candidates(stems, energies, vocal, beats, seconds)
    if candidates.start_s.size == 0:
        raise AudioError(
            f"{title} has no {seconds:g} s of sound on end: take a shorter excerpt, or say where"
        )
    no_vocal = None if vocals else "the lead vocal is silent" if leads else "there is no lead vocal"
    return _best(candidates, beats, no_vocal=no_vocal, seconds=seconds)


def cut(audio: Audio, sample_rate: int, excerpt: Excerpt, *, fades: bool = True) -> npt.NDArray[np.float32]:
    """Return the excerpt of a mix, with a raised-cosine fade of 10 ms at its start and 50 ms at its end.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        The mix. Not modified. Where it ends before the excerpt does, silence follows.
    sample_rate : int
        Hz.
    excerpt : Excerpt
        Which seconds.
    fades : bool
        Whether to fade.

    Returns
    -------
    ndarray of float32, shape (excerpt's samples, channels)
    """
    start, count = excerpt.samples(sample_rate)
    part = np.array(audio[start : start + count], dtype=np.float32)
    part = np.pad(part, ((0, count - len(part)), (0, 0)))
    if fades:
        rise = _ramp(round(FADE_IN_S * sample_rate))
        fall = _ramp(round(FADE_OUT_S * sample_rate))[::-1]
        part[: len(rise)] *= rise
        part[len(part) - len(fall) :] *= fall
    return part


def require_sound(audio: Audio, sample_rate: int, what: str, excerpt: Excerpt) -> float:
    """Return an excerpt's integrated loudness in LUFS, or raise `AudioError` where it has none."""
    lufs = integrated_from_energies(block_energies(audio, sample_rate))
    if not math.isfinite(lufs):
        raise AudioError(
            f"{what} is silent from {excerpt.start_s:.2f} s to {excerpt.start_s + excerpt.seconds:.2f} s: choose "
            "another excerpt"
        )
    return lufs


def _ramp(samples: int) -> npt.NDArray[np.float32]:
    phase = (np.arange(samples) + 0.5) / max(samples, 1)
    return (0.5 - 0.5 * np.cos(np.pi * phase)).astype(np.float32)[:, np.newaxis]


def _candidates(
    stems: Stems, energies: BlockEnergies, vocal: Audio | None, beats: Beats, seconds: float
) -> _Candidates:
    """Measure every beat at which an excerpt could start."""
    hops = energies.energies
    integrated = integrated_from_energies(energies)
    loud = np.flatnonzero(energy_to_lufs(hops) > max(integrated - _TAIL_LU, _SILENT_LUFS))
    if loud.size == 0:
        loud = np.array([0])
    first_s, last_s = loud[0] * _HOP_S, (loud[-1] + 1) * _HOP_S
    starts = beats.times_s[
        (beats.times_s >= first_s - 0.5 * _HOP_S) & (beats.times_s + seconds <= last_s + _HOP_S)
    ]
    # The fade is over when the beat comes.
    starts = np.maximum(starts - FADE_IN_S, 0.0)
    starts = starts[starts + seconds <= stems.duration_s]
    before_tail = bool(starts.size)
    if not before_tail and last_s - first_s > 0.5 * seconds:
        starts = np.array([min(first_s, stems.duration_s - seconds)])
    half_s = 0.5 * seconds
    early, late = _mean(hops, starts, half_s), _mean(hops, starts + half_s, half_s)
    share = np.ones(starts.size)
    if vocal is not None:
        sung = active_blocks(
            vocal, stems.sample_rate, block_s=_HOP_S, relative_lu=_VOCAL_GATE_LU, gate="relative"
        ).astype(np.float64)
        share = np.minimum(_mean(sung, starts, half_s), _mean(sung, starts + half_s, half_s))
    floor = 1e-10
    contrast = 10.0 * np.log10((late + floor) / (early + floor))
    lufs = energy_to_lufs(0.5 * (early + late) + floor)
    audible = lufs > _SILENT_LUFS
    return _Candidates(starts[audible], share[audible], contrast[audible], lufs[audible], before_tail)


def _mean(
    values: npt.NDArray[np.float64], starts_s: npt.NDArray[np.float64], seconds: float
) -> npt.NDArray[np.float64]:
    """Return the mean over `seconds` from each start, of values one a hop."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    first = np.clip(np.round(starts_s / _HOP_S).astype(int), 0, values.size - 1)
    last = np.clip(first + max(1, round(seconds / _HOP_S)), first + 1, values.size)
    return np.asarray((sums[last] - sums[first]) / (last - first))


def _best(candidates: _Candidates, beats: Beats, *, no_vocal: str | None, seconds: float) -> Excerpt:
    contrast = np.minimum(np.abs(candidates.contrast_lu), _CONTRAST_MAX_LU)
    score = contrast + _LOUDER_WEIGHT * (candidates.lufs - candidates.lufs.max())
    # Where the vocal is not sung in both halves, how much there is of it comes first.
    score -= 100.0 * np.maximum(_SUNG_SHARE - candidates.vocal_share, 0.0)
    best = int(np.argmax(score))
    start_s, contrast_lu = float(candidates.start_s[best]), float(candidates.contrast_lu[best])
    if no_vocal is not None:
        voice = no_vocal
    elif candidates.vocal_share[best] >= 0.995:
        voice = "the lead vocal sounds throughout"
    elif candidates.vocal_share[best] >= _SUNG_SHARE:
        voice = f"the lead vocal sounds in at least {100 * candidates.vocal_share[best]:.0f} % of either half"
    else:
        voice = f"the lead vocal sounds in only {100 * candidates.vocal_share[best]:.0f} % of one half"
    louder = "louder" if contrast_lu >= 0 else "softer"
    if not candidates.before_tail:
        where = "it starts with the first sound, since no beat leaves room for it before the tail"
    elif beats.found:
        where = f"it starts on a beat ({beats.bpm:.0f} BPM) and ends before the tail"
    else:
        where = "no tempo was found, it starts on an onset and ends before the tail"
    return Excerpt(
        start_s=round(start_s, 4),
        seconds=seconds,
        reason=(
            f"From {start_s:.2f} s: {voice}, the second half is {abs(contrast_lu):.1f} LU {louder} than the first, "
            f"{where}."
        ),
    )
