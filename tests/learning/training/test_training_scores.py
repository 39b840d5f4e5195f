from __future__ import annotations

import math

import numpy as np
import pytest
from task_blocks import blocks_of

from mixrules.corpus.tasks.constant_predictors import song_means
from mixrules.learning.error_pair import ErrorPair
from mixrules.learning.training.blocks import Blocks
from mixrules.learning.training.scores import (
    against_constant,
    both_errors,
    constants_of,
    split_errors,
)
from mixrules.statistics import Interval, bootstrap_mean

ONE = np.ones(1)


def blocks(targets: list[float], songs: list[str]) -> Blocks:
    return blocks_of(np.zeros((len(songs), 1)), targets, songs)


def test_errors_by_snippet_and_by_song_worked_out_by_hand() -> None:
    of = blocks([0.0, 2.0, 5.0, 5.0, 5.0], ["a", "a", "b", "b", "b"])
    answers = np.array([[1.0], [-1.0], [6.0], [5.0], [7.0]])
    # Errors 1, -3, 1, 0, 2; song a: 0 against 1, song b: 6 against 5.
    by_snippet, by_song = both_errors(answers, of, ONE)
    assert (by_snippet.mae, by_snippet.rmse) == pytest.approx((7 / 5, math.sqrt(15 / 5)))
    assert by_song == ErrorPair(mae=1.0, rmse=1.0)
    assert song_means(answers, of.songs).ravel().tolist() == pytest.approx([0.0, 6.0])


def test_songs_need_not_lie_together() -> None:
    of = blocks([1.0, 10.0, 3.0, 20.0], ["a", "b", "a", "b"])
    assert song_means(of.targets, of.songs).ravel().tolist() == [2.0, 15.0]


def test_constants_are_mean_and_median_of_each_output() -> None:
    found = constants_of(np.array([[0.0, 1.0], [0.0, 2.0], [9.0, 6.0]]))
    assert found["mean"].tolist() == [3.0, 3.0]
    assert found["median"].tolist() == [0.0, 2.0]


def test_errors_of_a_split_beside_those_of_a_constant() -> None:
    rng = np.random.default_rng(4)
    songs = [name for name in "abcde" for _ in range(6)]
    of = blocks(rng.normal(size=30).tolist(), songs)
    answers = of.targets + rng.normal(size=(30, 1))
    found = split_errors("test", {"network": answers, "median": np.zeros(1)}, of, ("level",), ONE)
    assert [(row.by, row.predictor, row.songs, row.values) for row in found] == [
        ("snippet", "network", 5, 30),
        ("snippet", "median", 5, 30),
        ("song", "network", 5, 5),
        ("song", "median", 5, 5),
    ]
    errors = np.abs(answers - of.targets).reshape(5, 6)
    assert found[0].mae.mean == pytest.approx(errors.mean())
    assert found[0].rmse.mean == pytest.approx(math.sqrt(np.square(errors).mean()))
    assert found[0].by_output["level"] == ErrorPair.of(answers, of.targets)
    # Songs of one length: the interval is that of the songs' mean errors.
    interval = bootstrap_mean(errors.mean(axis=1), resamples=5000)
    assert (found[0].mae.low, found[0].mae.high) == pytest.approx((interval.low, interval.high))
    by_song = np.abs((answers - of.targets).reshape(5, 6).mean(axis=1))
    interval = bootstrap_mean(by_song, resamples=5000)
    assert (found[2].mae.low, found[2].mae.high) == pytest.approx((interval.low, interval.high))
    interval = bootstrap_mean(np.square(by_song), resamples=5000)
    assert (found[2].rmse.low, found[2].rmse.high) == pytest.approx(
        (math.sqrt(interval.low), math.sqrt(interval.high))
    )


def test_a_song_with_more_blocks_counts_for_more_by_snippet() -> None:
    songs = ["a"] * 8 + ["b"] + ["c"] * 3
    of = blocks([0.0] * 12, songs)
    answers = np.array([[1.0]] * 8 + [[7.0]] + [[2.0]] * 3)
    (by_snippet, _) = split_errors("test", {"network": answers}, of, ("level",), ONE)
    assert by_snippet.mae.mean == pytest.approx((8 + 7 + 6) / 12)
    assert by_snippet.mae.low < by_snippet.mae.mean < by_snippet.mae.high


def test_of_many_songs_the_interval_is_of_the_normal_distribution() -> None:
    rng = np.random.default_rng(2)
    songs, error = [str(number) for number in range(2001)], np.abs(rng.normal(size=2001))

    def interval_of(count: int) -> Interval:
        of = blocks(error[:count].tolist(), songs[:count])
        return split_errors("test", {"network": np.zeros(1)}, of, ("level",), ONE)[0].mae

    few, many = interval_of(20), interval_of(2001)
    half = 1.959964 * np.std(error, ddof=1) / math.sqrt(2001)
    assert (many.low, many.high) == pytest.approx((error.mean() - half, error.mean() + half))
    interval = bootstrap_mean(error[:20], resamples=5000)
    assert (few.low, few.high) == pytest.approx((interval.low, interval.high))


def test_two_songs_have_no_interval() -> None:
    found = split_errors("test", {"network": np.ones(1)}, blocks([0.0] * 3, ["a", "a", "b"]), ("level",), ONE)
    assert all(
        math.isnan(bound) for row in found for each in (row.mae, row.rmse) for bound in (each.low, each.high)
    )


def test_outputs_of_several_units_are_divided_before_they_are_averaged() -> None:
    of = blocks_of(np.zeros((2, 1)), [[1.0, 1000.0], [1.0, 1000.0]], ["a", "b"])
    by_snippet, _ = both_errors(np.array([[2.0, 1500.0]] * 2), of, np.array([0.5, 1000.0]))
    assert by_snippet.mae == pytest.approx((2.0 + 0.5) / 2)
    (errors, _) = split_errors(
        "test", {"network": np.array([2.0, 1500.0])}, of, ("t60_s", "cut_hz"), np.array([0.5, 1000.0])
    )
    assert errors.by_output["cut_hz"] == ErrorPair(mae=500.0, rmse=500.0)


def test_the_network_is_compared_with_the_better_constant() -> None:
    of = blocks([4.0, 4.0, -2.0, -2.0, 1.0, 1.0], ["a", "a", "b", "b", "c", "c"])
    constants = {"mean": np.array([9.0]), "median": np.array([1.0])}
    better, test = against_constant(of.targets + 0.5, constants, of, ONE, "song")
    # Errors 0.5, 0.5, 0.5 against 3, 3, 0.
    assert better == "median"
    assert (test.wins, test.losses) == (2, 1)
    assert test.mean_difference == pytest.approx(-1.5)


def test_by_snippet_errors_of_both_signs_do_not_cancel() -> None:
    of = blocks([5.0, -5.0, 5.0, -5.0], ["a", "a", "b", "b"])
    network, constants = np.zeros((4, 1)), {"mean": np.ones(1)}
    assert against_constant(network, constants, of, ONE, "song")[1].mean_difference == pytest.approx(-1.0)
    assert against_constant(network, constants, of, ONE, "snippet")[1].mean_difference == pytest.approx(0.0)
