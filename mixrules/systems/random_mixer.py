"""The random mixer that listeners rated as the low anchor: every parameter drawn uniformly.

The vocal's channel strip and its level against the backing are drawn from the ranges of likelian/Lab_spring2022 (2022);
the backing stays as it is. Where there is no vocal, a stem drawn by chance takes its place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import SupportsIndex, TypedDict

import numpy as np

from mixrules._support.arguments import is_number, shown_value
from mixrules.errors import ParameterError, StemsError
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, Send, starting_plan
from mixrules.processors import CompressorParams, EqBand, EqualizerParams
from mixrules.session import Session
from mixrules.stems import Stems
from mixrules.systems.random_reverb import WET_SHARE, drawn_reverb

OCTAVES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0)
LISTENING_LUFS = -28.0
"""The loudness of the survey's stimuli."""
_BANDS = 4
_EQ_DB = (-15.0, 15.0)
_TO_BACKING_LU = (-8.0, 8.0)
_THRESHOLD_DB = (-50.0, 0.0)
_RATIO = (1.0, 16.0)
_ATTACK_MS, _RELEASE_MS = 30.0, 150.0
_ROOM = "random"


class _Strip(TypedDict):
    equalizer: EqualizerParams
    compressor: CompressorParams


def random_plan(stems: Stems, *, seed: int) -> MixPlan:
    """Draw a mix.

    Vocal to backing in [-8, 8] LU; 4 of the octave bands with gains in [-15, 15] dB; threshold in [-50, 0]
    dB, ratio in [1, 16]; room size in [1, 30] m, T60 in [0.1, 9] s, both shelves in [20, 20000] Hz, their Q in
    [0.01, 0.9], gains in [-80, 6] and [-80, 4] dB/s, fade-in in [0, 9] s, wet share in [0.01, 0.99]. A wet
    share of s is a reverb 20 log10(s / (1 - s)) LU against the dry sound, as in preset ``survey-2022``.

    Parameters
    ----------
    stems : Stems
        The song. Several lead vocals get the same settings and keep their balance; where there is
        none, a stem drawn by chance takes the vocal's part.
    seed : int
        What everything is drawn from; same stems and seed, same plan.

    Returns
    -------
    MixPlan
        At -28 LUFS, the level of the listening test. Its seed and, in its notes, what was drawn.

    Raises
    ------
    StemsError
        If no stem sounds.
    ParameterError
        If the seed is negative.
    """
    if not is_number(seed) or not isinstance(seed, SupportsIndex) or seed < 0:
        raise ParameterError(f"seed must be 0 or more, a whole number, got {shown_value(seed)}")
    rng = np.random.default_rng(seed)
    session = Session(stems, starting_plan(stems).replace(made_by="mixrules: random mixer", seed=seed))
    active = [stem.name for stem in session.active]
    if not active:
        raise StemsError(f"every stem ({', '.join(stems.names)}) is silent, at least one must hold sound")
    drawn_lead = active[int(rng.integers(len(active)))]
    leads = list(session.vocals) or [drawn_lead]
    room = ReverbBus(name=_ROOM, params=drawn_reverb(rng, stems.sample_rate))
    strip = _strip(rng, stems.sample_rate)
    wet_share = rng.uniform(*WET_SHARE)
    to_backing_lu = rng.uniform(*_TO_BACKING_LU)
    to_dry_lu = 20.0 * math.log10(wet_share / (1.0 - wet_share))

    session.plan = session.plan.replace(reverbs=(room,))
    for name in leads:
        session.plan = session.plan.replace_stem(name, **strip)
    for name, (_, level_db) in session.send_levels(dict.fromkeys(leads, to_dry_lu), room).items():
        if math.isfinite(level_db):
            session.plan = session.plan.replace_stem(name, sends=(Send(to=_ROOM, level_db=level_db),))
    backing = [name for name in active if name not in leads]
    _balance(session, leads, backing, to_backing_lu)
    who = "" if session.vocals else f"no lead vocal was found, {leads[0]} takes its part by chance; "
    level = f"{to_backing_lu:+.1f} LU to the backing" if backing else "no backing to set a level against"
    note = f"drawn: {who}{level}, wet share {wet_share:.2f}"
    mix_lufs = session.loudness(*active)
    master = MasterPlan(gain_db=LISTENING_LUFS - mix_lufs if math.isfinite(mix_lufs) else 0.0)
    return session.plan.replace(master=master, notes=(*session.plan.notes, note))


def _balance(session: Session, leads: Sequence[str], backing: Sequence[str], to_backing_lu: float) -> None:
    """Move the leads together so that their loudness minus that of the backing is as drawn."""
    if not backing:
        return
    move_db = session.loudness(*backing) + to_backing_lu - session.loudness(*leads)
    if not math.isfinite(move_db):
        return
    for name in leads:
        session.plan = session.plan.replace_stem(name, gain_db=move_db)


def _strip(rng: np.random.Generator, sample_rate: int) -> _Strip:
    octaves = [hz for hz in OCTAVES_HZ if hz < 0.45 * sample_rate]
    chosen = sorted(rng.choice(octaves, size=_BANDS, replace=False))
    bands = tuple(EqBand(frequency_hz=float(hz), gain_db=rng.uniform(*_EQ_DB), q=1.0) for hz in chosen)
    compressor = CompressorParams(
        threshold_db=rng.uniform(*_THRESHOLD_DB),
        ratio=rng.uniform(*_RATIO),
        attack_ms=_ATTACK_MS,
        release_ms=_RELEASE_MS,
    )
    return {"equalizer": EqualizerParams(bands=bands), "compressor": compressor}
