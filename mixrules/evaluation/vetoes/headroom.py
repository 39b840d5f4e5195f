"""Does one part use up the headroom of the master: the limiting that its peaks alone would need.

A mix that promises no loudness is taken at the loudness that it has.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from mixrules._support.validation import Audio
from mixrules.evaluation.vetoes.definition import Veto
from mixrules.evaluation.vetoes.heard_mix import HeardMix
from mixrules.loudness import block_energies, integrated_from_energies

CEILING_DBFS = -1.0


def limiting_by_stem_db(mix: HeardMix) -> Mapping[str, float]:
    """Return by how many dB less a limiter would work without each stem's part in the peaks."""
    if len(mix.names) < 2:
        return {}
    whole = mix.before_master()
    lufs = integrated_from_energies(block_energies(whole, mix.sample_rate))
    target_lufs = mix.rendition.integrated_lufs() if mix.target_lufs is None else mix.target_lufs
    if not (math.isfinite(lufs) and math.isfinite(target_lufs)):
        return {}
    gain_db = target_lufs - lufs - CEILING_DBFS
    limiting_db = _peak_dbfs(whole) + gain_db
    if limiting_db <= 0.0:
        return dict.fromkeys(mix.names, 0.0)
    return {name: limiting_db - max(_peak_dbfs(whole - mix.stem(name)) + gain_db, 0.0) for name in mix.names}


def _peak_dbfs(audio: Audio) -> float:
    peak = max(float(audio.max()), -float(audio.min()))
    return 20.0 * math.log10(peak) if peak > 0.0 else -math.inf


HEADROOM = Veto(
    name="headroom_eaten",
    about="the peaks of one part use up the headroom: the master's limiter works for it alone",
    measured="limiting to -1 dBFS at the target loudness, less what would be left of it without the stem",
    unit="dB",
    threshold=3.0,
    source="ours",
    function=limiting_by_stem_db,
)
