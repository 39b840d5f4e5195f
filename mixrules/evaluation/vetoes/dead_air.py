"""What is heard where nobody plays: noise that was brought up, and clicks where the song begins and ends."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules.analysis import block_rms_dbfs, gated_level_dbfs
from mixrules.evaluation.vetoes.definition import WHOLE_MIX, Veto
from mixrules.evaluation.vetoes.heard_mix import BLOCKS_A_SECOND, HeardMix, per_block
from mixrules.loudness import energy_to_lufs

_PAUSE_DB = 25.0
_SHORTEST_S = 0.5
_QUIETEST_SHARE = 0.1
_STEP_S = 0.02
_AUDIBLE_STEP_DB = -60.0


def noise_lu(mix: HeardMix) -> Mapping[str, float]:
    """Return how loud the mix is while every stem pauses, against the whole of it."""
    dead = _pauses(mix)
    lufs = mix.rendition.integrated_lufs()
    if dead is None or not math.isfinite(lufs):
        return {}
    energies = per_block(mix.rendition.energies())
    energies = energies[: dead.size][dead[: energies.size]]
    if energies.size < _SHORTEST_S * BLOCKS_A_SECOND:
        return {}
    # Noise goes on; what rings out after the last note is passed over.
    return {WHOLE_MIX: float(energy_to_lufs(np.quantile(energies, _QUIETEST_SHARE))) - lufs}


def _pauses(mix: HeardMix) -> npt.NDArray[np.bool_] | None:
    """Return the blocks in which every stem, as given, is far under its own level."""
    dead: npt.NDArray[np.bool_] | None = None
    for stem in mix.active_stems:
        levels = block_rms_dbfs(stem.audio, mix.sample_rate)
        paused = levels < gated_level_dbfs(levels) - _PAUSE_DB
        dead = paused if dead is None else dead & paused
    return dead


def step_db(mix: HeardMix) -> Mapping[str, float]:
    """Return how far the song's first and last sample jump over what the sound beside them does from sample to sample."""
    audio = np.asarray(mix.audio, np.float64)
    peak = float(np.abs(audio).max(initial=0.0))
    span = max(2, round(_STEP_S * mix.sample_rate))
    if peak == 0.0 or len(audio) < 2 * span:
        return {}
    steps = []
    for end in (audio[:span], audio[::-1][:span]):
        step = float(np.abs(end[0]).max())
        usual = math.sqrt(float(np.mean(np.square(np.diff(end, axis=0)))))
        if step > peak * 10.0 ** (_AUDIBLE_STEP_DB / 20.0):
            steps.append(20.0 * math.log10(step / max(usual, 1e-9)))
    return {WHOLE_MIX: max(steps)} if steps else {WHOLE_MIX: -math.inf}


NOISE = Veto(
    name="noise_in_pauses",
    about="noise is heard where nobody plays",
    measured="level of the mix while every stem pauses, against its integrated loudness",
    unit="LU",
    threshold=-50.0,
    source="ours",
    function=noise_lu,
)
CLICKS = Veto(
    name="click_at_an_end",
    about="the song begins or ends with a click",
    measured="the jump from or to silence over the usual step from sample to sample in the 20 ms beside it",
    unit="dB",
    threshold=12.0,
    source="ours",
    function=step_db,
)
