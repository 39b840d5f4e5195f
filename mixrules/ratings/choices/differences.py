"""Whether two can be told apart: right answers of an ABX test, of all listeners together and of each."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mixrules.ratings.choices.table import Choice, ChoiceTable
from mixrules.ratings.describe import seed_of
from mixrules.ratings.settings import Settings
from mixrules.statistics import (
    abx_d_prime,
    binomial_p,
    bootstrap_mean,
    exact_proportion,
    holm,
    smallest_binomial_p,
)

Heard = Literal["told apart", "not shown", "too few"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrimination:
    """How often two conditions were told apart.

    `p` is of the exact one-sided binomial test over all trials: where nobody hears a difference every answer is a guess,
    whoever gives it. `share` is the mean over listeners of the share of right answers. Its interval is exact where each
    listener answered once or there is one listener (`interval_over` is ``trials``), else a bootstrap over ``listeners``.
    `d_prime` and its bounds are the sensitivities that such shares speak of.
    """

    group: str
    first: str
    second: str
    listeners: int
    trials: int
    correct: int
    share: float
    ci_low: float
    ci_high: float
    interval_over: Literal["trials", "listeners"]
    d_prime: float
    d_prime_low: float
    d_prime_high: float
    family: int
    p: float
    p_holm: float
    smallest_p: float
    verdict: Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerDiscrimination:
    """One listener's right answers for a pair; `p_holm` is adjusted over the listeners of that pair."""

    listener: str
    first: str
    second: str
    trials: int
    correct: int
    share: float
    ci_low: float
    ci_high: float
    p: float
    p_holm: float
    heard: bool


def compare_by_ear(table: ChoiceTable, group: str, settings: Settings) -> list[Discrimination]:
    """Return for every pair whether it was told apart, tested; the pairs are one family.

    Parameters
    ----------
    table : ChoiceTable
        All answers of an ABX test.
    group : str
        Whose to take.
    settings : Settings
        Level, confidence, seed.
    """
    own = table.of_group(group)
    raw = []
    for pair in table.pairs():
        rows = [row for row in own.rows if (row.first, row.second) == pair]
        if rows:
            raw.append(_discrimination(group, pair, rows, settings))
    adjusted = holm([d.p for d in raw]).tolist()
    done = []
    for d, p in zip(raw, adjusted, strict=True):
        smallest = min(1.0, d.smallest_p * len(raw))
        verdict: Heard = (
            "told apart" if p < settings.alpha else "too few" if smallest > settings.alpha else "not shown"
        )
        done.append(replace(d, family=len(raw), p_holm=p, smallest_p=smallest, verdict=verdict))
    return done


def listeners_by_ear(table: ChoiceTable, settings: Settings) -> list[ListenerDiscrimination]:
    """Return each listener's right answers, pair by pair.

    Parameters
    ----------
    table : ChoiceTable
        All answers of an ABX test.
    settings : Settings
        Level and confidence.
    """
    found = []
    for pair in table.pairs():
        answers = _by_listener([row for row in table.rows if (row.first, row.second) == pair])
        counts = [(name, sum(right), len(right)) for name, right in answers.items()]
        p_values = [binomial_p(right, of, alternative="greater") for _, right, of in counts]
        for (name, right, of), p, p_holm in zip(counts, p_values, holm(p_values).tolist(), strict=True):
            exact = exact_proportion(right, of, confidence=settings.confidence)
            found.append(
                ListenerDiscrimination(
                    listener=name,
                    first=pair[0],
                    second=pair[1],
                    trials=of,
                    correct=right,
                    share=exact.share,
                    ci_low=exact.low,
                    ci_high=exact.high,
                    p=p,
                    p_holm=p_holm,
                    heard=p_holm < settings.alpha,
                )
            )
    return found


def _by_listener(rows: list[Choice]) -> dict[str, list[bool]]:
    answers: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        answers[row.listener].append(row.correct)
    return answers


def _discrimination(
    group: str, pair: tuple[str, str], rows: list[Choice], settings: Settings
) -> Discrimination:
    answers = _by_listener(rows)
    correct, trials = sum(row.correct for row in rows), len(rows)
    if len(answers) in (1, trials):
        exact = exact_proportion(correct, trials, confidence=settings.confidence)
        share, low, high = exact.share, exact.low, exact.high
        over: Literal["trials", "listeners"] = "trials"
    else:
        interval = bootstrap_mean(
            [float(np.mean(right)) for right in answers.values()],
            confidence=settings.confidence,
            resamples=settings.resamples,
            seed=seed_of(settings.seed, group, *pair),
        )
        share, low, high, over = interval.mean, interval.low, interval.high, "listeners"
    return Discrimination(
        group=group,
        first=pair[0],
        second=pair[1],
        listeners=len(answers),
        trials=trials,
        correct=correct,
        share=share,
        ci_low=low,
        ci_high=high,
        interval_over=over,
        d_prime=abx_d_prime(share),
        d_prime_low=abx_d_prime(low),
        d_prime_high=abx_d_prime(high),
        family=0,
        p=binomial_p(correct, trials, alternative="greater"),
        p_holm=math.nan,
        smallest_p=smallest_binomial_p(trials, alternative="greater"),
        verdict="not shown",
    )
