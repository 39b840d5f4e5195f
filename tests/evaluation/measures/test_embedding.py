"""Distances between sets of vectors whose distance is known, and encoders that cannot be used."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import sqrtm
from synthetic import RATE, noise

from mixrules.errors import MixrulesError, ParameterError
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.measures.embedding import (
    embedding_group,
    frechet_distance,
    mean_cosine_distance,
)
from mixrules.evaluation.measures.encoders.mel_statistics import MelStatistics


def test_the_frechet_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(0, 1, (40_000, 3))
    # Means (3, 0, 0) apart, deviations 1 and 2: 9 + 3 (1 - 2)^2.
    assert frechet_distance(a, 2 * rng.normal(0, 1, (40_000, 3)) + [3, 0, 0]) == pytest.approx(12, rel=0.03)
    assert frechet_distance(a, a) == pytest.approx(0.0, abs=1e-9)


def test_the_frechet_distance_by_scipys_matrix_root() -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.normal(0, 1, (60, 5)) @ rng.normal(0, 1, (5, 5)) for _ in range(2))
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    gap = a.mean(axis=0) - b.mean(axis=0)
    theirs = gap @ gap + np.trace(cov_a + cov_b - 2 * sqrtm(cov_a @ cov_b).real)
    assert frechet_distance(a, b) == pytest.approx(theirs, rel=1e-6)


def test_the_cosine_distance_by_hand() -> None:
    assert mean_cosine_distance([[1, 0], [0, 2]], [[3, 0], [1, 0]]) == pytest.approx(0.5)
    assert math.isnan(mean_cosine_distance(np.empty((0, 2)), [[1, 0]]))
    assert math.isnan(frechet_distance([[1, 0]], [[1, 0], [0, 1]]))
    with pytest.raises(ParameterError, match="of one dimension"):
        frechet_distance([[1, 0]], [[1, 0, 0]])


def test_a_brighter_mix_is_farther() -> None:
    dark, bright = (Rendition(noise(4.0, 50, high, rate=RATE), RATE) for high in (4000, 10_000))
    same = Rendition(noise(4.0, 50, 4000, rate=RATE, seed=3), RATE)
    near = evaluate(same, dark, groups=["embedding"])
    far = evaluate(bright, dark, groups=["embedding"])
    assert far["embedding_frechet_distance"] > 5 * near["embedding_frechet_distance"]
    assert far["embedding_cosine_distance"] > near["embedding_cosine_distance"]
    assert MelStatistics()(dark.audio, RATE).shape == (3, 80)  # the last second is not whole


def test_an_encoder_of_ones_own() -> None:
    class Level:
        name = "level"

        def __call__(self, audio: np.ndarray, sample_rate: int) -> np.ndarray:
            levels: np.ndarray = np.abs(audio[: 4 * sample_rate]).reshape(-1, sample_rate, 2).mean(axis=1)
            return levels

    mix = Rendition(noise(4.0, 50, 4000, rate=RATE), RATE)
    assert embedding_group(Level())(mix, mix)["embedding_cosine_distance"] == pytest.approx(0.0, abs=1e-9)


def test_an_encoder_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    mix = Rendition(noise(2.0, 50, 4000, rate=RATE), RATE)
    with pytest.raises(MixrulesError, match=r"needs onnxruntime, which is not installed|cannot encode audio"):
        evaluate(mix, mix, groups=[f"encoder={tmp_path / 'none.onnx'}"])
