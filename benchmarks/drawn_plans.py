"""Plans drawn by chance, for `match_recovery.py`: everything that a mix of ours can hold, within what the rules use.

Ranges are ours: gains and sends as wide as engineers' faders, EQ within what the rules allow themselves, compressors that
act on the stem's own level.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from mixrules import MixPlan, Stems, render
from mixrules.mixplan import MasterPlan, ReverbBus, Send, StemPlan, starting_plan
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    LimiterParams,
    PanParams,
    ReverbParams,
)
from mixrules.stems import Stem

GAIN_DB = (-8.0, 8.0)
PAN = (-0.9, 0.9)
EQ_DB = (-6.0, 6.0)
EQ_Q = (0.5, 2.0)
EQ_HZ = (80.0, 8000.0)
RATIO = (1.5, 6.0)
ATTACK_MS = (3.0, 40.0)
RELEASE_MS = (60.0, 300.0)
PERCENTILE = (50.0, 90.0)
T60_S = (0.4, 3.0)
SEND_DB = (-24.0, -8.0)
LIMITING_DB = (0.5, 4.0)
_CENTRED = 0.4  # of stems
_COMPRESSED = 0.35
_SENT = 0.5
_REVERB = 0.7  # of songs
_LIMITED = 0.4
_ROOM = "room"


def drawn_plan(stems: Stems, seed: int) -> MixPlan:
    """Draw a plan; the same stems and seed give the same one."""
    rng = np.random.default_rng(seed)
    room = ReverbBus(name=_ROOM, params=ReverbParams(t60_s=_even_ratio(rng, T60_S)))
    has_room = rng.random() < _REVERB
    start = starting_plan(stems)
    strips = tuple(_strip(rng, stem, start.stem(stem.name), sent=has_room) for stem in stems)
    limited = rng.random() < _LIMITED
    plan = start.replace(
        made_by="benchmarks/drawn_plans.py",
        seed=seed,
        stems=strips,
        reverbs=(room,) if any(strip.sends for strip in strips) else (),
    )
    return plan.replace(master=_master(rng, stems, plan, limited=limited))


def _strip(rng: np.random.Generator, stem: Stem, start: StemPlan, *, sent: bool) -> StemPlan:
    bands = tuple(
        EqBand(
            kind="peaking",
            frequency_hz=_even_ratio(rng, EQ_HZ),
            gain_db=rng.uniform(*EQ_DB),
            q=_even_ratio(rng, EQ_Q),
        )
        for _ in range(rng.integers(0, 5))
    )
    pan = 0.0 if rng.random() < _CENTRED else rng.uniform(*PAN)
    compressor = None
    if rng.random() < _COMPRESSED and not stem.silent:
        levels = 20.0 * np.log10(np.maximum(np.abs(stem.audio).max(axis=1), 1e-7))
        compressor = CompressorParams(
            threshold_db=float(np.percentile(levels[levels > -80.0], rng.uniform(*PERCENTILE))),
            ratio=_even_ratio(rng, RATIO),
            attack_ms=_even_ratio(rng, ATTACK_MS),
            release_ms=_even_ratio(rng, RELEASE_MS),
        )
    sends = (Send(to=_ROOM, level_db=rng.uniform(*SEND_DB)),) if sent and rng.random() < _SENT else ()
    return dataclasses.replace(
        start,
        equalizer=EqualizerParams(bands=bands),
        compressor=compressor,
        pan=PanParams(pan=pan),
        sends=sends,
        gain_db=rng.uniform(*GAIN_DB),
    )


def _master(rng: np.random.Generator, stems: Stems, plan: MixPlan, *, limited: bool) -> MasterPlan:
    """Return a gain that brings the sum's peak to -3 dBFS, or into a limiter."""
    peak = float(np.abs(render(stems, plan.replace(master=MasterPlan()))).max())
    peak_db = 20.0 * np.log10(peak) if peak > 0.0 else 0.0
    if not limited:
        return MasterPlan(gain_db=float(-3.0 - peak_db))
    return MasterPlan(
        gain_db=float(-1.0 - peak_db + rng.uniform(*LIMITING_DB)), limiter=LimiterParams(ceiling_dbtp=-1.0)
    )


def _even_ratio(rng: np.random.Generator, between: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(np.log(between[0]), np.log(between[1]))))
