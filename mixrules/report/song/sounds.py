"""What the page of a song plays: before and after, each stem, the mix without each rule; always at one loudness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from mixrules._support.validation import Audio, SlicedAudio
from mixrules.evaluation.audio_excerpts import loudest_segment
from mixrules.loudness import BlockEnergies
from mixrules.measurements import Measurements
from mixrules.mix_result import MixResult
from mixrules.mixplan import MixPlan
from mixrules.report.players import PlayerRow, players
from mixrules.report.song.without_rules import WithoutRule

ReportAudio = Literal["none", "excerpts", "full"]
REPORT_AUDIO: tuple[ReportAudio, ...] = ("none", "excerpts", "full")
"""What a page may hold of the audio."""
SONG_EXCERPT_S = 15.0
STEM_EXCERPT_S = 6.0


def song_excerpt(energies: BlockEnergies, samples: int, sample_rate: int) -> slice:
    """Return the samples of a song that its page plays: the loudest 15 s."""
    return _loudest(energies, samples, sample_rate, SONG_EXCERPT_S)


def before_and_after(
    before: SlicedAudio, result: MixResult, *, audio: ReportAudio, excerpt: slice
) -> PlayerRow | None:
    """Return players for the stems as given, every fader at 0 dB, and for the mix."""
    if audio == "none":
        return None
    part = slice(0, len(result.audio)) if audio == "full" else excerpt
    sounds = {"before": before, "after": result.to_write}
    return _row(sounds, part, result.sample_rate)


def stem_players(
    measurements: Measurements, given: MixPlan, plan: MixPlan, name: str, *, audio: ReportAudio
) -> PlayerRow | None:
    """Return players for a stem as it was given and as it sits in the mix."""
    if audio == "none" or name not in measurements.levels.in_mix(plan):
        return None
    rate = measurements.stems.sample_rate
    before, after = (measurements.sum_audio(one, [name]) for one in (given, plan))
    part = slice(0, len(after))
    if audio == "excerpts":
        part = _loudest(measurements.levels.energies(plan, {name: 0.0}), len(after), rate, STEM_EXCERPT_S)
    return _row({"as given": before, "in the mix": after}, part, rate)


def rule_players(result: MixResult, excerpt: slice, without: Sequence[WithoutRule]) -> PlayerRow | None:
    """Return players for the mix and for the mix without each rule that was tried; `None` where none was."""
    sounds: dict[str, Audio | SlicedAudio] = {
        f"without {one.rule}": one.excerpt for one in without if one.excerpt is not None and len(one.excerpt)
    }
    if not sounds:
        return None
    mix = np.asarray(result.to_write[excerpt])
    return _row({"the mix": mix, **sounds}, slice(0, len(mix)), result.sample_rate, start=excerpt.start)


def _loudest(energies: BlockEnergies, samples: int, sample_rate: int, seconds: float) -> slice:
    length = min(samples, round(seconds * sample_rate))
    first = loudest_segment(energies, samples, length)
    return slice(first, first + length)


def _row(
    sounds: Mapping[str, Audio | SlicedAudio], part: slice, sample_rate: int, *, start: int | None = None
) -> PlayerRow | None:
    length = part.stop - part.start
    if not length:
        return None
    cut = {title: _of_length(np.asarray(sound[part], np.float32), length) for title, sound in sounds.items()}
    first = part.start if start is None else start
    row = players(cut, sample_rate, length_s=length / sample_rate)
    return PlayerRow(players=row.players, lufs=row.lufs, start_s=first / sample_rate, length_s=row.length_s)


def _of_length(audio: Audio, samples: int) -> Audio:
    """Return audio with silence after it: what is switched between is of one length."""
    return np.pad(audio, ((0, samples - len(audio)), (0, 0)))
