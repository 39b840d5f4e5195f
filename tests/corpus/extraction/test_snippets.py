"""Where snippets are."""

from __future__ import annotations

import numpy as np
import pytest

from mixrules.corpus.extraction.snippets import Snippets, sums_between


@pytest.mark.parametrize(
    ("samples", "starts"),
    [
        (65_536, [0]),
        (98_303, [0]),
        (98_304, [0, 32_768]),
        (131_072, [0, 32_768, 65_536]),
        (1, [0]),
        (65_535, [0]),
    ],
)
def test_what_is_shorter_than_a_snippet_at_the_end_is_left_out_but_for_a_short_song(
    samples: int, starts: list[int]
) -> None:
    snippets = Snippets(samples, 65_536, 32_768)
    assert snippets.starts.tolist() == starts
    assert len(snippets) == len(starts)
    assert snippets.ends.tolist() == [min(start + 65_536, samples) for start in starts]


def test_points_in_a_snippet_lie_from_its_first_sample_to_before_its_end() -> None:
    snippets = Snippets(50, 20, 15)  # 0 to 20, 15 to 35, 30 to 50
    first, last = snippets.points(10)
    assert (first.tolist(), last.tolist()) == ([0, 2, 3], [2, 4, 5])


def test_sums_are_those_of_slices(rng: np.random.Generator) -> None:
    values = rng.standard_normal((40, 3))
    first, last = np.array([0, 7, 7]), np.array([40, 7, 19])
    expected = [values[a:b].sum(axis=0) for a, b in zip(first, last, strict=True)]
    assert np.allclose(sums_between(values, first, last), expected)
