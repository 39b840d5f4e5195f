"""What a system makes of a song: its plan rendered by our engine, or its finished audio read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.engine import load_engine
from mixrules.errors import AudioError, PlanError
from mixrules.mixer import plan as plan_by_rules
from mixrules.mixer import render
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted
from mixrules.stems.described_song import read_parts
from mixrules.systems.alignment import offset_s
from mixrules.systems.finding import find_mix, find_plan, spelled
from mixrules.systems.random_mixer import random_plan
from mixrules.systems.simple import equal_plan, sum_plan
from mixrules.systems.song import Song
from mixrules.systems.system import System, rules_of

SHORTER_S = 0.1
"""A finished mix may be so much shorter than the stems: what encoders and editors trim."""
LONGER_S = 30.0
"""And so much longer: a tail."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Produced:
    """One system's mix of one song.

    Attributes
    ----------
    system : System
        Who made it.
    audio : ndarray of float32, shape (samples, 2)
        The mix; may be longer than the stems by a tail, and beyond full scale.
    sample_rate : int
        Hz, that of the stems.
    plan : MixPlan or None
        What was rendered; None for finished audio.
    notes : tuple of str
        What was noticed and done.
    """

    system: System
    audio: npt.NDArray[np.float32]
    sample_rate: int
    plan: MixPlan | None = None
    notes: tuple[str, ...] = ()


def produce(system: System, song: Song, *, seed: int) -> Produced:
    """Return a system's mix of a song.

    Parameters
    ----------
    system : System
        Who is to make it.
    song : Song
        Of what.
    seed : int
        What chance is drawn from: the same seed gives the same mix, another song another one.

    Returns
    -------
    Produced

    Raises
    ------
    PlanError
        If the system's plan for this song cannot be read, or is for other stems.
    AudioFileError
        If the system has no plan or no mix of this song, or it cannot be read.
    AudioError
        If a finished mix is not as long as the stems.
    """
    if system.kind in ("human", "audio"):
        return _as_long_as_the_stems(finished_mix(system, song), song)
    plan = make_plan(system, song, seed=seed)
    audio = np.asarray(render(song.stems, plan), dtype=np.float32)
    return Produced(
        system=system, audio=audio, sample_rate=song.stems.sample_rate, plan=plan, notes=plan.notes
    )


def make_plan(system: System, song: Song, *, seed: int) -> MixPlan:
    """Return the plan by which a system mixes a song; parameters as for `produce`.

    Raises
    ------
    PlanError
        If the system makes no plans, or its plan is for other stems.
    """
    if system.kind == "none":
        return sum_plan(song.stems)
    if system.kind == "equal":
        return equal_plan(song.stems)
    if system.kind == "random":
        return random_plan(song.stems, seed=song_seed(seed, song.name))
    if system.kind == "preset":
        return plan_by_rules(song.stems, rules=rules_of(system.name))
    if system.kind == "matched":
        from mixrules.matching import match

        return match(song.stems, finished_mix(system, song).audio).plan
    if system.kind == "plans":
        path = find_plan(system, song)
        plan, _ = fitted(MixPlan.load(path), song.stems, load_engine("native"), source=str(path))
        return plan
    raise PlanError(f"system {system.name!r} is finished audio: there is no plan of it")


def require_ready(system: System, song: Song) -> None:
    """Raise the error that `produce` would, as far as it can be known without rendering.

    Parameters
    ----------
    system : System
        Who is to make a mix.
    song : Song
        Of what.

    Raises
    ------
    PlanError, AudioFileError, AudioError
        As for `produce`.
    """
    if system.kind == "plans":
        make_plan(system, song, seed=0)
    elif system.kind == "matched":
        finished_mix(system, song)
    elif system.kind in ("human", "audio"):
        _as_long_as_the_stems(finished_mix(system, song), song)


def song_seed(seed: int, song: str) -> int:
    """Return a seed of a song's own, so that no two songs get the same draw."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{song}".encode()).digest()[:4], "big")


def finished_mix(system: System, song: Song) -> Produced:
    """Return a system's finished mix of a song, of any length, at the stems' rate and in stereo.

    Parameters
    ----------
    system : System
        Whose mix.
    song : Song
        Of what.

    Returns
    -------
    Produced

    Raises
    ------
    AudioFileError
        If there is no mix of this song, or it cannot be read.
    AudioError
        If it is silent.
    """
    parts = find_mix(system, song)
    data = read_parts(parts)
    name = spelled(parts)
    audio, notes = data.audio, []
    rate = song.stems.sample_rate
    if data.sample_rate != rate:
        import soxr

        audio = soxr.resample(audio, data.sample_rate, rate, quality="VHQ").reshape(-1, audio.shape[1])
        notes.append(f"{name}: resampled from {data.sample_rate} to {rate} Hz")
    if audio.shape[1] == 1:
        audio = np.repeat(audio, 2, axis=1)
        notes.append(f"{name}: mono, on both sides")
    if not np.any(audio):
        raise AudioError(f"{spelled(parts, whole_path=True)} is silent: a mix that holds sound is needed")
    late_s = offset_s(audio, song.stems)
    if late_s:
        when = "later" if late_s > 0 else "earlier"
        notes.append(
            f"{name}: seems to be about {abs(late_s):.1f} s {when} than the stems of {song.name}; if it is, shift it"
        )
    return Produced(
        system=system,
        audio=np.ascontiguousarray(audio, dtype=np.float32),
        sample_rate=rate,
        notes=tuple(notes),
    )


def _as_long_as_the_stems(made: Produced, song: Song) -> Produced:
    length_s, stems_s = len(made.audio) / made.sample_rate, song.stems.duration_s
    if not -SHORTER_S <= length_s - stems_s <= LONGER_S:
        name = spelled(find_mix(made.system, song), whole_path=True)
        raise AudioError(
            f"{name} lasts {length_s:.2f} s, the stems of {song.name} {stems_s:.2f} s: a "
            f"finished mix must be as long as the stems, or longer by a tail of at most {LONGER_S:g} s"
        )
    return made
