"""How far a matched mix is from the finished one, process by process, by the measures that `score` knows."""

from __future__ import annotations

from collections.abc import Sequence

from mixrules.evaluation.measures.registry import evaluate
from mixrules.evaluation.rendition import Rendition
from mixrules.matching import Match
from mixrules.mixer import Song, as_stems, render

LADDER_GROUPS = ("spectrum", "width", "dynamics")
"""The groups of measures of a ladder: what is heard of a mix whose samples differ."""


def ladder_distances(
    song: Song, found: Match, *, groups: Sequence[str] = LADDER_GROUPS
) -> list[dict[str, float]]:
    """Measure the distance from the finished mix with each process more, where the mix covers the song.

    Parameters
    ----------
    song : path, mapping of str to array_like, or Stems
        The stems that were matched, at the match's sample rate.
    found : Match
        By `mixrules.matching.match`.
    groups : sequence of str
        Names of `mixrules.evaluation.GROUPS`.

    Returns
    -------
    list of dict of str to float
        For each of ``found.rungs`` what it measures, by names of `mixrules.evaluation.MEASURES`.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules.matching import match
    >>> rng = np.random.default_rng(0)
    >>> stems = {name: 0.1 * rng.standard_normal((2 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> mix = np.repeat(0.5 * stems["vocals"] + 0.25 * stems["piano"], 2, axis=1)
    >>> ladder = ladder_distances(stems, match(stems, mix, sample_rate=44_100), groups=("dynamics",))
    >>> bool(ladder[-1]["integrated_loudness_error_lu"] < 0.01)
    True
    """
    stems = as_stems(song, sample_rate=found.sample_rate)
    reference = Rendition(found.mix[found.covered], found.sample_rate)
    known: dict[int, dict[str, float]] = {}
    distances = []
    for rung in found.rungs:
        # A process that is not used leaves the plan as it was.
        if id(rung.plan) not in known:
            audio = render(stems, rung.plan)[: stems.samples][found.covered]
            known[id(rung.plan)] = evaluate(Rendition(audio, found.sample_rate), reference, groups=groups)
        distances.append(known[id(rung.plan)])
    return distances
