"""The table of `deep_songs.py`: errors by song with intervals over songs, beside the better constant.

python benchmarks/deep_songs_tables.py left_out/answers.jsonl
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules.statistics import Interval, bootstrap_mean, paired_test

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one predictor says of one song, and what is true, in LU."""

    song: str
    predictor: str
    seed: int
    answer: float
    truth: float


def table(answers: Sequence[Answer]) -> str:
    """Return the table in Markdown, and below it how many songs and what each seed alone would have said."""
    songs = sorted({answer.song for answer in answers})
    truth = np.array([next(a.truth for a in answers if a.song == song) for song in songs])
    predicted = {name: _by_song(answers, name, songs) for name in dict.fromkeys(a.predictor for a in answers)}
    absolute = {name: np.abs(values - truth[:, None]).mean(axis=1) for name, values in predicted.items()}
    square = {name: np.square(values - truth[:, None]).mean(axis=1) for name, values in predicted.items()}
    constants = [name for name in predicted if name.endswith("of the training songs")]
    better = min(constants, key=lambda name: float(absolute[name].mean()))
    lines = [
        "| predictor | MAE, LU | RMSE, LU | spread of its answers, LU | correlation with the truth "
        f"| nearer / farther than the {better.split()[0]} | p |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name in sorted(predicted, key=lambda name: ("rules" in name, "network" in name, name)):
        test = paired_test(absolute[name], absolute[better])
        against = ("–", "–") if name == better else (f"{test.wins} / {test.losses}", f"{test.p:.2g}")
        mae, mse = bootstrap_mean(absolute[name]), bootstrap_mean(square[name])
        rmse = Interval(
            **{k: math.sqrt(max(0.0, getattr(mse, k))) for k in ("mean", "low", "high")}, count=mse.count
        )
        cells = (
            name,
            _shown(mae),
            _shown(rmse),
            f"{predicted[name].std(axis=0).mean():.2f}",
            _correlation(predicted[name], truth),
            *against,
        )
        lines.append(f"| {' | '.join(cells)} |")
    spread = f"the truth is spread by {truth.std():.2f} LU about a mean of {truth.mean():.2f} LU"
    seeds = [
        f"- {name}: {_by_seed(values, truth, absolute[better])}"
        for name, values in sorted(predicted.items())
        if values.shape[1] > 1
    ]
    if seeds:
        lead = (
            f"MAE less than the {better.split()[0]}'s, in LU, and p, with one training a fold, seed by seed:"
        )
        seeds = ["", lead, "", *seeds]
    return "\n".join([*lines, "", f"{len(songs)} songs; {spread}.", *seeds])


def _by_seed(answers: Floats, truth: Floats, constant: Floats) -> str:
    """Return what the trainings of each seed alone say against a constant, whose errors are given."""
    tests = [paired_test(np.abs(column - truth), constant) for column in answers.T]
    return "; ".join(f"{-test.mean_difference:+.2f} (p {test.p:.2g})" for test in tests)


def _by_song(answers: Sequence[Answer], predictor: str, songs: Sequence[str]) -> Floats:
    """Return the answers of a predictor, shape (songs, seeds)."""
    own = {(a.song, a.seed): a.answer for a in answers if a.predictor == predictor}
    seeds = sorted({seed for _, seed in own})
    return np.array([[own[song, seed] for seed in seeds] for song in songs])


def _correlation(answers: Floats, truth: Floats) -> str:
    """Return how answers go with the truth, mean over seeds; where all answers are the same they do not."""
    if not answers.std(axis=0).all():
        return "–"
    return f"{np.mean([np.corrcoef(column, truth)[0, 1] for column in answers.T]):.2f}"


def _shown(interval: Interval) -> str:
    return f"{interval.mean:.2f} ({interval.low:.2f} to {interval.high:.2f})"


if __name__ == "__main__":
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    print(table([Answer(**json.loads(line)) for line in lines]))
