"""The course of a part against the rest: by brute force over the samples, pauses and solos left out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from synthetic import RATE, Samples, noise

from mixrules.analysis import short_term_ratio
from mixrules.errors import ParameterError
from mixrules.loudness import block_energies, integrated_loudness
from mixrules.loudness.energies import BlockEnergies

SECONDS = 20.0


def energies(audio: Samples) -> BlockEnergies:
    return block_energies(audio[:, np.newaxis], RATE)


def with_gains(audio: Samples, gains_db: list[float]) -> Samples:
    """Steps of equal length; -inf is a pause."""
    each = -(-len(audio) // len(gains_db))
    return np.asarray(audio * np.repeat(10.0 ** (np.array(gains_db) / 20.0), each)[: len(audio)], np.float32)


def test_the_ratio_of_steady_parts_is_their_difference_in_loudness() -> None:
    part, rest = noise(SECONDS, 300, 3000, seed=1), 2.0 * noise(SECONDS, 100, 6000, seed=2)
    course = short_term_ratio(energies(part), energies(rest))
    expected_lu = integrated_loudness(part, RATE) - integrated_loudness(rest, RATE)
    assert course.together.all()
    np.testing.assert_allclose(course.ratio_lu, expected_lu, atol=0.5)
    assert course.median_lu == pytest.approx(expected_lu, abs=0.1)
    assert course.spread_lu < 0.5


def test_the_window_is_three_seconds_around_each_hop() -> None:
    part, rest = with_gains(noise(SECONDS, 300, 3000, seed=1), [0.0, -8.0]), noise(SECONDS, 300, 3000, seed=2)
    part_energies, rest_energies = energies(part), energies(rest)
    course = short_term_ratio(part_energies, rest_energies)
    middle = len(course.ratio_lu) // 2 + 40
    window = slice(middle - 150, middle + 150)
    expected_lu = 10 * math.log10(part_energies.energies[window].sum() / rest_energies.energies[window].sum())
    assert course.ratio_lu[middle] == pytest.approx(expected_lu, abs=1e-9)
    assert course.ratio_lu[100] - course.ratio_lu[-100] == pytest.approx(8.0, abs=0.3)
    assert course.times_s[middle] == pytest.approx(middle / 100, abs=0.01)


def test_pauses_of_the_part_and_of_the_rest_do_not_count() -> None:
    part = with_gains(noise(SECONDS, 300, 3000, seed=1), [0.0, -math.inf, 0.0, 0.0])
    rest = with_gains(noise(SECONDS, 300, 3000, seed=2), [0.0, 0.0, -math.inf, 0.0])
    course = short_term_ratio(energies(part), energies(rest))
    quarters = course.together.reshape(4, -1)
    assert quarters[0, :-40].all()
    assert not quarters[1:3, 40:-40].any()
    assert course.part_active.reshape(4, -1)[2, 40:].all()
    assert np.isnan(course.ratio_lu[~course.together]).all()
    np.testing.assert_allclose(course.ratio_lu[course.together], 0.0, atol=1.0)


def test_a_rest_that_ends_earlier_and_none_at_all() -> None:
    part, rest = noise(SECONDS, 300, 3000, seed=1), noise(8.0, 300, 3000, seed=2)
    course = short_term_ratio(energies(part), energies(rest))
    assert course.times_s[course.together].max() < 8.5
    silent = short_term_ratio(energies(part), energies(0.0 * part))
    assert math.isnan(silent.median_lu)
    assert math.isnan(silent.spread_lu)
    assert not silent.together.any()
    one = short_term_ratio(energies(part[:1]), energies(part[:1]))
    assert one.ratio_lu.shape == (1,)


def test_other_hops_are_refused() -> None:
    part = noise(1.0, 300, 3000)
    with pytest.raises(ParameterError, match="one sample rate"):
        short_term_ratio(energies(part), block_energies(part[:, np.newaxis], 2 * RATE))
