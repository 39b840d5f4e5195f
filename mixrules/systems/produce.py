"""What a system makes of a song: its plan rendered by our engine, or its finished audio read."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules.engine import load_engine
from mixrules.errors import AudioError, AudioFileError, PlanError
from mixrules.files import read_audio
from mixrules.mixer import plan as plan_by_rules
from mixrules.mixer import render
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted_plan
from mixrules.systems.alignment import offset_s
from mixrules.systems.random_mixer import random_plan
from mixrules.systems.simple import equal_plan, sum_plan
from mixrules.systems.song import Song
from mixrules.systems.system import AUDIO_SUFFIXES, MIXTURE, PLAN_SUFFIXES, System, rules_of

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
        return _finished(system, song)
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
    if system.kind == "plans":
        path = find_file(system, song)
        plan = MixPlan.load(path)
        return fitted_plan(plan, song.stems, load_engine("native"), source=str(path))
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
    elif system.kind in ("human", "audio"):
        _finished(system, song)


def song_seed(seed: int, song: str) -> int:
    """Return a seed of a song's own, so that no two songs get the same draw."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{song}".encode()).digest()[:4], "big")


def find_file(system: System, song: Song) -> Path:
    """Return the plan or the finished mix that a system has of a song.

    Raises
    ------
    AudioFileError
        If there is none; says what was looked for.
    """
    if system.folder is None:
        if song.human is None:
            raise AudioFileError(
                f"song {song.name} has no human mix beside its stems (mixture.wav): put one there, or name a "
                "folder of mixes: human=FOLDER"
            )
        return song.human
    if system.kind == "plans":
        candidates = [f"{song.name}{suffix}" for suffix in PLAN_SUFFIXES]
    else:
        candidates = [f"{song.name}{suffix}" for suffix in AUDIO_SUFFIXES]
        candidates += [os.path.join(song.name, f"{MIXTURE}{suffix}") for suffix in AUDIO_SUFFIXES]
    for candidate in candidates:
        if (system.folder / candidate).is_file():
            return system.folder / candidate
    raise AudioFileError(
        f"system {system.name!r} lacks song {song.name}: {system.folder} holds no {' or '.join(candidates)}"
    )


def _finished(system: System, song: Song) -> Produced:
    path = find_file(system, song)
    data = read_audio(path, channels_max=2)
    audio, notes = data.audio, []
    rate = song.stems.sample_rate
    if data.sample_rate != rate:
        import soxr

        audio = soxr.resample(audio, data.sample_rate, rate, quality="VHQ").reshape(-1, audio.shape[1])
        notes.append(f"{path.name}: resampled from {data.sample_rate} to {rate} Hz")
    if audio.shape[1] == 1:
        audio = np.repeat(audio, 2, axis=1)
        notes.append(f"{path.name}: mono, on both sides")
    length_s, stems_s = len(audio) / rate, song.stems.duration_s
    if not -SHORTER_S <= length_s - stems_s <= LONGER_S:
        raise AudioError(
            f"{path} lasts {length_s:.2f} s, the stems of {song.name} {stems_s:.2f} s: a finished mix must be as "
            f"long as the stems, or longer by a tail of at most {LONGER_S:g} s"
        )
    if not np.any(audio):
        raise AudioError(f"{path} is silent: a mix that holds sound is needed")
    late_s = offset_s(audio, song.stems)
    if late_s:
        when = "later" if late_s > 0 else "earlier"
        notes.append(
            f"{path.name}: seems to be about {abs(late_s):.1f} s {when} than the stems of {song.name}; if it is, shift it"
        )
    return Produced(
        system=system,
        audio=np.ascontiguousarray(audio, dtype=np.float32),
        sample_rate=rate,
        notes=tuple(notes),
    )
