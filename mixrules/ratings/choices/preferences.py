"""Which of two is preferred: listeners are counted, not choices, since those of one listener are not independent."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.ratings.choices.table import Choice, ChoiceTable
from mixrules.ratings.describe import seed_of
from mixrules.ratings.settings import Settings
from mixrules.ratings.verdicts import Verdict, judged
from mixrules.statistics import (
    binomial_p,
    bootstrap_mean,
    equivalence_p,
    fit_strengths,
    smallest_binomial_p,
)

Floats = npt.NDArray[np.float64]
_EVEN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """Two conditions compared by choices for one attribute.

    `chose_first`, `chose_second` and `chose_none` count choices. `for_first`, `for_second` and `even` count listeners, by
    which of the two each chose more often. `share` is the mean over listeners of the share of choices for the first, no
    preference counted as half for each, with a bootstrap interval over listeners. `p` is of the sign test over listeners.
    """

    group: str
    attribute: str
    first: str
    second: str
    listeners: int
    choices: int
    chose_first: int
    chose_second: int
    chose_none: int
    for_first: int
    for_second: int
    even: int
    share: float
    ci_low: float
    ci_high: float
    family: int
    p: float
    p_holm: float
    p_equivalence: float
    p_equivalence_holm: float
    smallest_p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How strong one condition is among all that were compared for an attribute, by the Bradley-Terry model.

    `log_strength` is 0 for one of mean strength, with an interval over listeners; `against_mean` is how often it would be
    chosen over that one. `tie` is the share of ties between two of equal strength.
    """

    group: str
    attribute: str
    condition: str
    log_strength: float
    ci_low: float
    ci_high: float
    against_mean: float
    tie: float
    added: bool


def compare_preferences(table: ChoiceTable, group: str, settings: Settings) -> list[Preference]:
    """Return how every pair compares by choices; a family of tests is one attribute's pairs.

    Parameters
    ----------
    table : ChoiceTable
        All choices.
    group : str
        Whose to take.
    settings : Settings
        Level, margin, confidence, seed.
    """
    own = table.of_group(group)
    found: list[Preference] = []
    for attribute in table.names("attribute"):
        rows = [row for row in own.rows if row.attribute == attribute]
        raw = []
        for pair in table.pairs():
            of_pair = [row for row in rows if (row.first, row.second) == pair]
            if of_pair:
                raw.append(_preference(group, attribute, pair, of_pair, settings))
        found += judged(raw, settings)
    return found


def listener_scores(rows: list[Choice]) -> dict[str, float]:
    """Return each listener's mean score, -1 to 1: over repeats of a song first, then over songs.

    Parameters
    ----------
    rows : list of Choice
        Of one pair and attribute.
    """
    songs: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        songs[row.listener][row.song].append(row.score)
    return {
        listener: float(np.mean([np.mean(scores) for scores in of_song.values()]))
        for listener, of_song in songs.items()
    }


def _preference(
    group: str, attribute: str, pair: tuple[str, str], rows: list[Choice], settings: Settings
) -> Preference:
    scores = np.array(list(listener_scores(rows).values()))
    for_first, for_second = int((scores > _EVEN).sum()), int((scores < -_EVEN).sum())
    interval = bootstrap_mean(
        0.5 + scores / 2.0,
        confidence=settings.confidence,
        resamples=settings.resamples,
        seed=seed_of(settings.seed, group, attribute, *pair),
    )
    return Preference(
        group=group,
        attribute=attribute,
        first=pair[0],
        second=pair[1],
        listeners=scores.size,
        choices=len(rows),
        chose_first=sum(row.score > 0 for row in rows),
        chose_second=sum(row.score < 0 for row in rows),
        chose_none=sum(row.score == 0 for row in rows),
        for_first=for_first,
        for_second=for_second,
        even=scores.size - for_first - for_second,
        share=interval.mean,
        ci_low=interval.low,
        ci_high=interval.high,
        family=0,
        p=binomial_p(for_first, for_first + for_second),
        p_holm=math.nan,
        p_equivalence=equivalence_p(scores / 2.0, None, settings.margin),
        p_equivalence_holm=math.nan,
        smallest_p=smallest_binomial_p(scores.size),
        verdict="not tested",
    )


def strengths_of(table: ChoiceTable, group: str, settings: Settings) -> list[Strength]:
    """Return the strengths of conditions, where three or more were compared and two listeners chose.

    Parameters
    ----------
    table : ChoiceTable
        All choices.
    group : str
        Whose to take.
    settings : Settings
        Confidence of the intervals.
    """
    from scipy.stats import t

    from mixrules.errors import ParameterError

    own = table.of_group(group)
    found: list[Strength] = []
    for attribute in table.names("attribute"):
        rows = [row for row in own.rows if row.attribute == attribute]
        compared = {name for row in rows for name in (row.first, row.second)}
        conditions = [name for name in table.conditions if name in compared]
        place = {name: i for i, name in enumerate(conditions)}
        who = {name: i for i, name in enumerate(dict.fromkeys(row.listener for row in rows))}
        if len(conditions) < 3 or len(who) < 2:
            continue
        wins = np.zeros((len(who), len(conditions), len(conditions)))
        ties = np.zeros_like(wins)
        for row in rows:
            first, second = place[row.first], place[row.second]
            if row.score == 0:
                ties[who[row.listener], first, second] += 1
            else:
                winner, loser = (first, second) if row.score > 0 else (second, first)
                wins[who[row.listener], winner, loser] += 1
        try:
            fit = fit_strengths(wins, ties)
        except ParameterError:  # parts that were never compared with each other have no strengths in common
            continue
        half = float(t.ppf((1.0 + settings.confidence) / 2.0, len(who) - 1)) * np.sqrt(
            np.diag(fit.covariance)
        )
        found += [
            Strength(
                group=group,
                attribute=attribute,
                condition=name,
                log_strength=float(fit.log_strengths[i]),
                ci_low=float(fit.log_strengths[i] - half[i]),
                ci_high=float(fit.log_strengths[i] + half[i]),
                against_mean=1.0 / (1.0 + math.exp(-float(fit.log_strengths[i]))),
                tie=fit.tie / (2.0 + fit.tie),
                added=fit.added,
            )
            for name, i in place.items()
        ]
    return found
