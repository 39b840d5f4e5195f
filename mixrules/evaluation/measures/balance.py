"""Balance: the stems' loudness against one another, compared with the reference's."""

from __future__ import annotations

import math

import numpy as np

from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.snippets import snippet_lufs
from mixrules.evaluation.rendition import Rendition

_TRIAL = "ours; stems' loudness: ITU-R BS.1770-5"
_SEED = "vocal-and-backing baseline (docs/rules/level.md); loudness: ITU-R BS.1770-5"


def measured(candidate: Rendition, reference: Rendition) -> dict[str, float]:
    """Return the errors of the stems' balance and of the vocal against the backing, in LU."""
    names = sorted(reference.stems or {})
    gaps = np.asarray([candidate.stem_lufs(n) - reference.stem_lufs(n) for n in names])
    audible = gaps[np.isfinite(gaps)]
    balance = float(np.mean(np.abs(audible - audible.mean()))) if audible.size else math.nan
    vocals = tuple(n for n in names if n in reference.vocals)
    backing = tuple(n for n in names if n not in reference.vocals)
    values = {"stem_balance_error_lu": balance}
    signed = snippets = math.nan
    if vocals and backing:
        signed = _vocal_to_backing(candidate, vocals, backing) - _vocal_to_backing(reference, vocals, backing)
        snippets = _per_snippet(candidate, reference, vocals, backing)
    return values | {
        "vocal_to_backing_difference_lu": signed if math.isfinite(signed) else math.nan,
        "vocal_to_backing_error_lu": abs(signed) if math.isfinite(signed) else math.nan,
        "vocal_to_backing_error_snippets_lu": snippets,
    }


def _vocal_to_backing(mix: Rendition, vocals: tuple[str, ...], backing: tuple[str, ...]) -> float:
    vocal, rest = mix.stem_lufs(*vocals), mix.stem_lufs(*backing)
    return vocal - rest if math.isfinite(vocal) and math.isfinite(rest) else math.nan


def _per_snippet(
    candidate: Rendition, reference: Rendition, vocals: tuple[str, ...], backing: tuple[str, ...]
) -> float:
    differences = [
        snippet_lufs(mix.stem_energies(*vocals)) - snippet_lufs(mix.stem_energies(*backing))
        for mix in (candidate, reference)
    ]
    gaps = np.abs(differences[0] - differences[1])
    gaps = gaps[np.isfinite(gaps)]
    return float(gaps.mean()) if gaps.size else math.nan


GROUP = MeasureGroup(
    name="balance",
    function=measured,
    measures=(
        Measure(
            name="stem_balance_error_lu",
            unit="LU",
            needs_stems=True,
            source=_TRIAL,
            about="mean over stems of how far each one's loudness is off, less the mean over stems",
        ),
        Measure(
            name="vocal_to_backing_error_lu",
            unit="LU",
            needs_stems=True,
            source=_SEED,
            about="how far the lead vocal's loudness against everything else is off",
        ),
        Measure(
            name="vocal_to_backing_difference_lu",
            unit="LU",
            low=-math.inf,
            better="neither",
            needs_stems=True,
            source=_SEED,
            about="the same with its sign: above 0 the vocal is louder than in the reference",
        ),
        Measure(
            name="vocal_to_backing_error_snippets_lu",
            unit="LU",
            needs_stems=True,
            source=_SEED,
            about="mean over snippets of 65536 samples, 32768 apart, in which vocal and backing both sound",
        ),
    ),
)
