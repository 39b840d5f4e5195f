"""Embedding distances: two mixes as sets of vectors, whatever encoder makes them.

Built in is an encoder without weights, of mel statistics; a learnt one is read from an ONNX file that the user
has.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import numpy.typing as npt

from mixrules.errors import ParameterError
from mixrules.evaluation.measures.definition import Measure, MeasureGroup
from mixrules.evaluation.measures.encoders.encoder import Encoder, Vectors
from mixrules.evaluation.measures.encoders.mel_statistics import MelStatistics
from mixrules.evaluation.rendition import Rendition


def frechet_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return the Fréchet distance between Gaussians fitted to two sets of vectors.

    Parameters
    ----------
    first, second : array_like, shape (vectors, dimensions)
        At least two vectors in each.

    Returns
    -------
    float
        Squared, as FAD is reported; NaN with fewer than two vectors. With fewer vectors than dimensions it
        is biased upwards, the same for two systems of one length.

    Raises
    ------
    ParameterError
        If the dimensions differ.

    References
    ----------
    .. [1] D. C. Dowson, B. V. Landau, "The Fréchet distance between multivariate normal distributions", 1982.
    .. [2] K. Kilgour et al., "Fréchet audio distance", Interspeech 2019.
    """
    a, b = _sets(first, second)
    if len(a) < 2 or len(b) < 2:
        return math.nan
    cov_a, cov_b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    root = _root(cov_a)
    # The trace of the root of the product is that of a symmetric matrix with the same eigenvalues.
    middle = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0.0)).sum()
    gap = a.mean(axis=0) - b.mean(axis=0)
    return max(0.0, float(gap @ gap + np.trace(cov_a) + np.trace(cov_b) - 2.0 * middle))


def mean_cosine_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return 1 minus the cosine between vectors of the same segment, on average.

    Parameters
    ----------
    first, second : array_like, shape (vectors, dimensions)
        In the order of time; vectors beyond the shorter set's length are left out.

    Returns
    -------
    float
        0 (same direction) to 2; NaN without vectors.

    Raises
    ------
    ParameterError
        If the dimensions differ.
    """
    a, b = _sets(first, second)
    count = min(len(a), len(b))
    if count == 0:
        return math.nan
    a, b = a[:count], b[:count]
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosine = np.einsum("ij,ij->i", a, b) / np.maximum(lengths, 1e-30)
    return max(0.0, float(1.0 - cosine.mean()))


def embedding_group(
    encoder: Encoder,
    *,
    name: str = "embedding",
    prefix: str = "embedding",
    packages: tuple[str, ...] = (),
) -> MeasureGroup:
    """Return the group of measures over an encoder's vectors, both mixes at one loudness.

    Parameters
    ----------
    encoder : Encoder
        What makes the vectors.
    name : str
        The group's name.
    prefix : str
        How the names of its two measures begin.
    packages : tuple of str
        What the encoder imports beyond a minimal installation.

    Returns
    -------
    MeasureGroup
    """
    source = f"Fréchet: Kilgour et al. 2019; encoder: {encoder.name}"
    return MeasureGroup(
        name=name,
        function=partial(_distances, encoder=encoder, prefix=prefix),
        packages=packages,
        measures=(
            Measure(
                name=f"{prefix}_frechet_distance",
                unit="",
                source=source,
                about="squared Fréchet distance of Gaussians fitted to the vectors of the two mixes",
            ),
            Measure(
                name=f"{prefix}_cosine_distance",
                unit="",
                high=2.0,
                source=source,
                about="1 minus the cosine between vectors of the same segment, on average",
            ),
        ),
    )


def _distances(
    candidate: Rendition, reference: Rendition, *, encoder: Encoder, prefix: str
) -> dict[str, float]:
    key = ("embedding", encoder.name)
    theirs = reference.cached(key, lambda: encoder(reference.audio, reference.sample_rate))
    ours = encoder(candidate.at_loudness_of(reference), reference.sample_rate)
    return {
        f"{prefix}_frechet_distance": frechet_distance(ours, theirs),
        f"{prefix}_cosine_distance": mean_cosine_distance(ours, theirs),
    }


def _sets(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[Vectors, Vectors]:
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ParameterError(
            f"vectors need shape (vectors, dimensions) of one dimension, got {a.shape} and {b.shape}"
        )
    return a, b


def _root(matrix: Vectors) -> Vectors:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T)


EMBEDDING = embedding_group(MelStatistics(), packages=("librosa",))
