r"""Let simulated panels with known preferences take the four kinds of listening test, and look what is found.

First one panel of each kind, written as a test's folder with one results file a listener and read by `mixrules ratings`'
own reader. Then many panels of each kind: how often an interval covers what was planted, and how often a test finds a
difference where there is none.

    python benchmarks/listening_panels.py --listeners 40 --panels 200 > panels.md
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.listening import Attribute, Key, KeyPage, KeyStimulus, ListeningTest, Page, Scale, Stimulus
from mixrules.ratings import RejectionRules, Settings, analyse, analyse_choices, read_ratings
from mixrules.statistics import binomial_p, bootstrap_mean, exact_proportion, fit_strengths, signed_rank_p
from mixrules.statistics.mixed_models import COMPONENTS, fit_linear, fit_ordinal

Floats = npt.NDArray[np.float64]

KINDS = ("continuous", "likert", "ab", "abx")
CONDITIONS = ("random", "default", "human")
SONGS = 6
TRIALS = 8
PLANTED = {
    # Points of 0 to 100; places on a latent scale with logistic errors; log odds; probabilities of a right answer.
    "continuous": np.array([35.0, 50.0, 60.0]),
    "likert": np.array([-1.5, 0.0, 1.0]),
    "ab": np.array([-1.0, 0.0, 0.6]),
    "abx": np.array([0.80, 0.85, 0.50]),  # of the pairs, in the order of `PAIRS`
}
PAIRS = tuple(itertools.combinations(range(len(CONDITIONS)), 2))
CUTS = np.array([-2.0, -0.6, 0.6, 2.0])
TIE = 0.2
# Standard deviations: of listeners and songs, of how much each condition matters to a listener and in a song.
SPREAD = {"listener": 1.0, "song": 0.5, "listener:condition": 0.6, "song:condition": 0.3}
POINTS = 8.0
"""Points of a continuous scale for one of the latent scale."""
KEEP_ALL = Settings(resamples=1000, rejection=RejectionRules.none())


@dataclass(frozen=True)
class Panel:
    """The answers of one panel, and what its own songs make of what was planted.

    `values` has shape (listeners, songs, conditions) for ratings, and (listeners, songs, pairs, trials) for choices:
    1 for the first of the pair or for a right answer, -1 for the second, 0 for neither.
    """

    values: Floats
    of_its_songs: Floats


def draw(kind: str, listeners: int, rng: np.random.Generator, *, null: bool = False) -> Panel:
    """Draw a panel; with `null` no condition is better than another, and nobody hears a difference."""
    planted = PLANTED[kind]
    if kind == "abx":
        share = np.full(3, 0.5) if null else planted
        # Listeners differ: a beta distribution with a standard deviation of 0.08 where there is something to hear.
        precision = np.where(share > 0.5, share * (1 - share) / 0.08**2 - 1, 1e9)
        own = rng.beta(share * precision, (1 - share) * precision, (listeners, 3))
        right = rng.random((listeners, SONGS, 3, TRIALS)) < own[:, None, :, None]
        return Panel(np.where(right, 1.0, -1.0), share)
    scale = POINTS if kind == "continuous" else 1.0
    levels = np.zeros(3) if null else planted - planted.mean() if kind == "ab" else planted
    if null and kind == "continuous":
        levels = levels + 50.0
    songs = SPREAD["song:condition"] * scale * rng.standard_normal((SONGS, 3)) * (kind != "ab" and not null)
    of_songs = np.asarray(levels + songs.mean(axis=0), np.float64)
    liking = levels + songs + SPREAD["listener:condition"] * scale * rng.standard_normal((listeners, 1, 3))
    if kind == "ab":
        gaps = np.stack([liking[..., a] - liking[..., b] for a, b in PAIRS], axis=-1)[..., None]
        first = rng.random(gaps.shape) < 1 / (1 + np.exp(-gaps))
        values = np.where(rng.random(gaps.shape) < TIE, 0.0, np.where(first, 1.0, -1.0))
        return Panel(values, of_songs)
    liking = liking + SPREAD["listener"] * scale * rng.standard_normal((listeners, 1, 1))
    liking = liking + SPREAD["song"] * scale * rng.standard_normal((1, SONGS, 1))
    if kind == "continuous":
        rated = liking + POINTS * rng.standard_normal(liking.shape)
        return Panel(np.asarray(np.clip(rated, 0.0, 100.0), np.float64), of_songs)
    rated = liking + rng.logistic(size=liking.shape)
    return Panel(np.asarray(np.digitize(rated, CUTS) + 1.0, np.float64), of_songs)


# One panel of each kind, by way of files.


def definition(kind: str) -> ListeningTest:
    """Return a test of one kind."""
    pages = tuple(
        Page(
            id=f"page-{song + 1}",
            label=f"Song {song + 1}",
            stimuli=tuple(
                Stimulus(id=_stimulus(song, c), file=f"audio/{_stimulus(song, c)}.wav") for c in range(3)
            ),
        )
        for song in range(SONGS)
    )
    scale: Any = kind
    return ListeningTest(
        test_id="00112233445566aa",
        title=f"A simulated panel ({kind})",
        seed=1,
        scale=Scale(kind=scale, trials=TRIALS),
        attributes=() if kind == "abx" else (Attribute(id="overall", label="Overall"),),
        pages=pages,
    )


def _stimulus(song: int, condition: int) -> str:
    return f"{0xA0000000 + song * 256 + condition:012x}"


def write_panel(folder: Path, kind: str, panel: Panel, rng: np.random.Generator) -> None:
    """Write a panel as a test's folder: definition, key, and a results file a listener."""
    test = definition(kind)
    key = Key(
        test_id=test.test_id,
        pages=tuple(
            KeyPage(
                id=page.id,
                song=page.label,
                stimuli=tuple(
                    KeyStimulus(id=s.id, condition=name)
                    for s, name in zip(page.stimuli, CONDITIONS, strict=True)
                ),
            )
            for page in test.pages
        ),
    )
    (folder / "site").mkdir(parents=True)
    (folder / "ratings").mkdir()
    (folder / "site" / "test.json").write_text(test.to_json())
    (folder / "key.json").write_text(key.to_json())
    for number, values in enumerate(panel.values):
        document = {
            **{"format": "mixrules-ratings", "version": 2, "test_id": test.test_id, "seed": 5, "scale": kind},
            **{"listener_id": f"listener-{number:03d}", "session_id": f"{number:016x}", "complete": True},
            **{"started": "2026-11-25T04:00:00+00:00", "updated": "2026-11-25T04:30:00+00:00"},
            "pages": [
                _answers(kind, page, of_song, rng) for page, of_song in zip(test.pages, values, strict=True)
            ],
        }
        (folder / "ratings" / f"{number:016x}.json").write_text(json.dumps(document))


def _answers(kind: str, page: Page, values: Floats, rng: np.random.Generator) -> dict[str, Any]:
    ids = [s.id for s in page.stimuli]
    if kind in ("continuous", "likert"):
        ratings = [
            {"stimulus_id": s, "attribute": "overall", "value": int(v) if kind == "likert" else float(v)}
            for s, v in zip(ids, values, strict=True)
        ]
        return {"page_id": page.id, "order": ids, "seconds": 60.0, "ratings": ratings}
    trials = []
    for (first, second), of_pair in zip(PAIRS, values, strict=True):
        for number, answer in enumerate(of_pair, 1):
            a, b = (first, second) if rng.random() < 0.5 else (second, first)
            trial: dict[str, Any] = {"a": ids[a], "b": ids[b], "number": number, "seconds": 10.0}
            if kind == "abx":
                x = a if rng.random() < 0.5 else b
                trial |= {"x": ids[x], "choice": "a" if (x == a) == (answer > 0) else "b"}
            else:
                better = first if answer > 0 else second
                trial |= {
                    "attribute": "overall",
                    "choice": "none" if answer == 0 else "a" if better == a else "b",
                }
            trials.append(trial)
    return {"page_id": page.id, "seconds": 60.0, "trials": trials}


def recovered(kind: str, listeners: int, rng: np.random.Generator) -> Iterator[tuple[str, str, str, str]]:
    """Yield what was planted in one panel, and what was found: what, planted, found, verdict."""
    panel = draw(kind, listeners, rng)
    with tempfile.TemporaryDirectory() as folder:
        write_panel(Path(folder), kind, panel, rng)
        reading = read_ratings([Path(folder) / "ratings"])
    if kind in ("continuous", "likert"):
        analysis = analyse(reading, KEEP_ALL)
        contrasts = {(c.first, c.second): c for c in analysis.models[0].contrasts}
        for c in analysis.comparisons:
            names = CONDITIONS.index(c.first), CONDITIONS.index(c.second)
            planted = PLANTED[kind][names[0]] - PLANTED[kind][names[1]]
            model = contrasts[c.first, c.second]
            found = f"{model.estimate:+.2f} ({model.ci_low:+.2f} to {model.ci_high:+.2f})"
            yield f"{c.first} − {c.second}", f"{planted:+.2f}", found, c.verdict
        return
    choices = analyse_choices(reading, KEEP_ALL)
    if kind == "ab":
        log_strengths = {s.condition: s.log_strength for s in choices.strengths}
        for p in choices.preferences:
            planted = PLANTED[kind][CONDITIONS.index(p.first)] - PLANTED[kind][CONDITIONS.index(p.second)]
            gap = log_strengths[p.first] - log_strengths[p.second]
            yield f"{p.first} − {p.second}", f"{planted:+.2f}", f"{gap:+.2f}", p.verdict
        return
    for planted, d in zip(PLANTED[kind], choices.discriminations, strict=True):
        found = f"{d.share:.2f} ({d.ci_low:.2f} to {d.ci_high:.2f})"
        yield f"{d.first} / {d.second}", f"{planted:.2f}", found, d.verdict


# Many panels of each kind: coverage of 95 % intervals, and false alarms at 0.05.


def ratings_coverage(kind: str, panel: Panel, nothing: Panel, seed: int) -> Iterator[tuple[str, bool]]:
    """Yield by name whether an interval covers, or a test finds what is not there, for human against default."""
    values = panel.values / 100.0 if kind == "continuous" else (panel.values - 1.0) / 4.0
    differences = (values[:, :, 2] - values[:, :, 1]).mean(axis=1)
    interval = bootstrap_mean(differences, resamples=1000, seed=seed)
    if kind == "continuous":
        of_songs = (panel.of_its_songs[2] - panel.of_its_songs[1]) / 100.0
        of_all = (PLANTED[kind][2] - PLANTED[kind][1]) / 100.0
        yield "bootstrap over listeners, difference in these songs", interval.low <= of_songs <= interval.high
        yield "bootstrap over listeners, difference in all songs", interval.low <= of_all <= interval.high
        fit = fit_linear(panel.values[..., None], np.eye(3), COMPONENTS)
        weights = np.array([0.0, -1.0, 1.0])
        from scipy.stats import t

        half = float(t.ppf(0.975, fit.degrees_of_freedom(weights))) * math.sqrt(
            weights @ fit.covariance @ weights
        )
        off = abs(float(weights @ fit.coefficients) - (PLANTED[kind][2] - PLANTED[kind][1]))
        yield "linear mixed model, difference in all songs", off <= half
    else:
        fit_of_steps = fit_ordinal(panel.values[..., None] - 1.0, np.eye(3)[:, 1:], COMPONENTS)
        weights = np.array([-1.0, 1.0])
        half = 1.96 * math.sqrt(weights @ fit_of_steps.covariance @ weights)
        off = abs(float(weights @ fit_of_steps.coefficients) - (PLANTED[kind][2] - PLANTED[kind][1]))
        yield "ordinal mixed model, difference in all songs", off <= half
    none = nothing.values
    by_listener = np.round((none[:, :, 2] - none[:, :, 1]).mean(axis=1), 9)
    yield "signed-rank test over listeners, false alarms", signed_rank_p(by_listener) < 0.05
    every = np.round((none[:, :, 2] - none[:, :, 1]).ravel(), 9)
    yield "signed-rank test over single ratings, false alarms", signed_rank_p(every) < 0.05


def ab_coverage(panel: Panel, nothing: Panel, seed: int, truth: Floats) -> Iterator[tuple[str, bool]]:
    """Yield the same for choices; `truth` are the strengths that very many listeners would give."""
    wins, ties = _wins(panel.values)
    fit = fit_strengths(wins, ties)
    from scipy.stats import t

    half = float(t.ppf(0.975, len(wins) - 1)) * np.sqrt(np.diag(fit.covariance))
    yield (
        "Bradley-Terry strength, sandwich over listeners",
        bool(abs(fit.log_strengths[2] - truth[2]) <= half[2]),
    )
    pooled = fit_strengths(wins.sum(axis=0), ties.sum(axis=0))
    half = 1.96 * np.sqrt(np.diag(pooled.covariance))
    yield (
        "Bradley-Terry strength, choices taken as independent",
        bool(abs(pooled.log_strengths[2] - truth[2]) <= half[2]),
    )
    scores = nothing.values[:, :, 2].mean(axis=(1, 2))
    shares = bootstrap_mean(0.5 + scores / 2.0, resamples=1000, seed=seed)
    yield "bootstrap over listeners, share of choices", shares.low <= 0.5 <= shares.high
    wins_of, losses = int((scores > 1e-9).sum()), int((scores < -1e-9).sum())
    yield "sign test over listeners, false alarms", binomial_p(wins_of, wins_of + losses) < 0.05
    single = nothing.values[:, :, 2]
    first, second = int((single > 0).sum()), int((single < 0).sum())
    yield "sign test over single choices, false alarms", binomial_p(first, first + second) < 0.05


def abx_coverage(panel: Panel, nothing: Panel, seed: int) -> Iterator[tuple[str, bool]]:
    """Yield the same for an ABX test."""
    shares = (panel.values[:, :, 0] > 0).mean(axis=(1, 2))
    interval = bootstrap_mean(shares, resamples=1000, seed=seed)
    yield (
        "bootstrap over listeners, share of right answers",
        interval.low <= PLANTED["abx"][0] <= interval.high,
    )
    once = panel.values[:, 0, 0, 0] > 0
    exact = exact_proportion(int(once.sum()), once.size)
    yield "exact interval, one trial a listener", exact.low <= PLANTED["abx"][0] <= exact.high
    right = nothing.values[:, :, 2] > 0
    p = binomial_p(int(right.sum()), right.size, alternative="greater")
    yield "binomial test over all trials, false alarms", p < 0.05


def _wins(values: Floats) -> tuple[Floats, Floats]:
    wins, ties = np.zeros((len(values), 3, 3)), np.zeros((len(values), 3, 3))
    for place, (a, b) in enumerate(PAIRS):
        of_pair = values[:, :, place]
        wins[:, a, b] = (of_pair > 0).sum(axis=(1, 2))
        wins[:, b, a] = (of_pair < 0).sum(axis=(1, 2))
        ties[:, a, b] = (of_pair == 0).sum(axis=(1, 2))
    return wins, ties


def coverage(kind: str, listeners: int, panels: int, seed: int) -> dict[str, tuple[int, int]]:
    """Return by name how often it was so, and of how many panels."""
    found: dict[str, list[bool]] = {}
    truth = np.zeros(3)
    if kind == "ab":
        # What very many listeners would give: those who differ are less of one mind than the mean of their odds.
        pooled = [_wins(draw(kind, 400, np.random.default_rng((seed, 1000 + n))).values) for n in range(300)]
        truth = fit_strengths(
            sum(w.sum(axis=0) for w, _ in pooled), sum(t.sum(axis=0) for _, t in pooled)
        ).log_strengths
    for number in range(panels):
        rng = np.random.default_rng((seed, KINDS.index(kind), number))
        panel, nothing = draw(kind, listeners, rng), draw(kind, listeners, rng, null=True)
        if kind == "ab":
            named = ab_coverage(panel, nothing, number, truth)
        elif kind == "abx":
            named = abx_coverage(panel, nothing, number)
        else:
            named = ratings_coverage(kind, panel, nothing, number)
        for name, so in named:
            found.setdefault(name, []).append(bool(so))
    return {name: (sum(so), len(so)) for name, so in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", type=int, default=40)
    parser.add_argument("--panels", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    given = parser.parse_args()
    names = {"continuous": "0 to 100", "likert": "5-point", "ab": "A/B", "abx": "ABX"}
    print("| kind | what | planted | found | verdict |")
    print("|---|---|---:|---:|---|")
    for kind in given.kinds:
        for what, planted, found, verdict in recovered(
            kind, given.listeners, np.random.default_rng((given.seed, KINDS.index(kind)))
        ):
            print(f"| {names[kind]} | {what} | {planted} | {found} | {verdict} |", flush=True)
    print()
    print(f"| kind | of {given.panels} panels of {given.listeners} listeners | share | standard error |")
    print("|---|---|---:|---:|")
    for kind in given.kinds:
        for name, (so, of) in coverage(kind, given.listeners, given.panels, given.seed).items():
            share = so / of
            error = math.sqrt(max(share * (1 - share), 0.25 / of) / of)
            print(f"| {names[kind]} | {name} | {share:.1%} | {error:.1%} |", flush=True)


if __name__ == "__main__":
    main()
