"""One mix against another, from files: what `mixrules score` prints."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixrules._support.arguments import as_path
from mixrules.errors import ParameterError
from mixrules.evaluation.measures.registry import DEFAULT_GROUPS, evaluate, groups_named
from mixrules.evaluation.rendition import Rendition
from mixrules.evaluation.systems_rendered import vocals_of
from mixrules.files import read_audio
from mixrules.stems import load_stems

_TOLD_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one mix measures against another.

    Attributes
    ----------
    values : dict of str to float
        By the names of `mixrules.evaluation.MEASURES`; NaN where one is not defined.
    notes : tuple of str
        What was noticed and done.
    """

    values: dict[str, float]
    notes: tuple[str, ...]


def score(
    mix: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    *,
    stems: str | os.PathLike[str] | None = None,
    reference_stems: str | os.PathLike[str] | None = None,
    groups: Sequence[str] = DEFAULT_GROUPS,
) -> Score:
    """Measure how far a mix is from another.

    Parameters
    ----------
    mix, reference : path-like
        Audio files. The mix is brought to the rate and the length of the reference.
    stems, reference_stems : path-like, optional
        Folders of the stems as they sit in each mix (``mixrules mix --stems-out``), of the same names; what
        needs stems is not defined without both.
    groups : sequence of str
        Names of groups of measures.

    Returns
    -------
    Score

    Raises
    ------
    MixrulesError
        If a file cannot be read, the two sets of stems differ, or a group of measures is unknown or doubled.
    """
    if (stems is None) != (reference_stems is None):
        raise ParameterError("stems are compared with stems: name both folders or neither")
    groups_named(groups)  # refuses before anything is read
    mix, reference = as_path(mix, name="mix"), as_path(reference, name="reference")
    ours, theirs = _rendition(mix, stems), _rendition(reference, reference_stems)
    if ours.stems is not None and theirs.stems is not None and set(ours.stems) != set(theirs.stems):
        odd = sorted(set(ours.stems) ^ set(theirs.stems))
        raise ParameterError(f"{', '.join(odd)}: these stems stand in one folder only, one set is needed")
    notes = []
    if ours.sample_rate != theirs.sample_rate:
        notes.append(f"{Path(mix).name} is resampled from {ours.sample_rate} to {theirs.sample_rate} Hz")
    longer_s = ours.samples / ours.sample_rate - theirs.samples / theirs.sample_rate
    if abs(longer_s) > _TOLD_S:
        what = (
            "longer than the reference and cut" if longer_s > 0 else "shorter than the reference and padded"
        )
        notes.append(f"{Path(mix).name} is {abs(longer_s):.2f} s {what}")
    for path, rendition in ((mix, ours), (reference, theirs)):
        if not np.any(rendition.audio):
            notes.append(
                f"{Path(path).name} is silent: what needs its loudness is not defined, and the rest says little"
            )
    return Score(values=evaluate(ours, theirs, groups=groups), notes=tuple(notes))


def _rendition(path: str | os.PathLike[str], stems: str | os.PathLike[str] | None) -> Rendition:
    data = read_audio(path, channels_max=2)
    if stems is None:
        return Rendition(data.audio, data.sample_rate)
    placed = load_stems(stems, sample_rate=data.sample_rate, hold_mib=math.inf)
    return Rendition(
        data.audio, data.sample_rate, {stem.name: stem.audio for stem in placed}, vocals_of(placed)
    )
