"""Embedding distances: two mixes as sets of vectors, whatever encoder makes them.

An encoder is anything with a name that turns audio into vectors, one for each stretch. Built in is one
without weights, of mel statistics; a learnt one is read from an ONNX file that the user has.
"""

from __future__ import annotations

import math
import os
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import AudioFileError, ParameterError
from mixrules.evaluation.measure import Measure, MeasureGroup
from mixrules.evaluation.mel import log_mel_db
from mixrules.evaluation.rendition import Rendition

Vectors = npt.NDArray[np.float64]

_STRETCH_S = 1.0


class Encoder(Protocol):
    """What turns audio into vectors.

    Attributes
    ----------
    name : str
        What it is called; two of one name make the same vectors.
    """

    name: str

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return vectors of shape (stretches, dimensions) for audio of shape (samples, channels)."""
        ...


class MelStatistics:
    """An encoder without weights: mean and deviation of 40 log-mel bands over each second."""

    name = "mel statistics"

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return one vector of 80 numbers for each second."""
        hop = 1024
        mel = log_mel_db(audio, sample_rate, bands=40, length=2048, hop=hop).astype(np.float64)
        frames = max(1, round(_STRETCH_S * sample_rate / hop))
        parts = [mel[i : i + frames] for i in range(0, max(1, len(mel) - frames + 1), frames)]
        return np.stack([np.concatenate([part.mean(axis=0), part.std(axis=0)]) for part in parts])


class OnnxEncoder:
    """An encoder from an ONNX file: mono audio of shape (1, samples) in, vectors of (..., dimensions) out.

    Parameters
    ----------
    path : path-like
        The file; its metadata may say ``sample_rate``, else the rate is 16 kHz.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self.name = self.path

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return the vectors of the model's first output.

        Raises
        ------
        ParameterError
            If onnxruntime is not installed.
        AudioFileError
            If the file is no model that takes audio.
        """
        try:
            import onnxruntime
        except ImportError:
            raise ParameterError(
                "onnxruntime is not installed, which encoders from files need: pip install onnxruntime"
            ) from None
        import soxr

        try:
            session = onnxruntime.InferenceSession(self.path, providers=["CPUExecutionProvider"])
            rate = int(session.get_modelmeta().custom_metadata_map.get("sample_rate", 16_000))
            mono = soxr.resample(np.ascontiguousarray(audio.mean(axis=1)), sample_rate, rate)
            given = {session.get_inputs()[0].name: mono.astype(np.float32)[None, :]}
            found: Any = session.run(None, given)[0]
        except Exception as error:  # onnxruntime's own errors share no base class
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise AudioFileError(
                f"{self.path} cannot encode audio ({reason}): an ONNX model of (1, samples) is needed"
            ) from error
        return np.asarray(found, np.float64).reshape(-1, found.shape[-1])


def frechet_distance(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return the Fréchet distance between Gaussians fitted to two sets of vectors.

    Parameters
    ----------
    first, second : array_like, shape (vectors, dimensions)
        Two vectors or more each.

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
    """Return 1 minus the cosine between vectors of the same stretch, on average.

    Parameters
    ----------
    first, second : array_like, shape (vectors, dimensions)
        In the order of time; what is longer is not heard.

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


def embedding_group(encoder: Encoder, *, name: str = "embedding", prefix: str = "embedding") -> MeasureGroup:
    """Return the group of measures over an encoder's vectors, both mixes at one loudness.

    Parameters
    ----------
    encoder : Encoder
        What makes the vectors.
    name : str
        What to ask for the group by.
    prefix : str
        What the names of its two measures begin with.

    Returns
    -------
    MeasureGroup
    """
    source = f"Fréchet: Kilgour et al. 2019; encoder: {encoder.name}"
    return MeasureGroup(
        name=name,
        function=partial(_measured, encoder=encoder, prefix=prefix),
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
                about="1 minus the cosine between vectors of the same stretch, on average",
            ),
        ),
    )


def _measured(
    candidate: Rendition, reference: Rendition, *, encoder: Encoder, prefix: str
) -> dict[str, float]:
    key = ("embedding", encoder.name)
    theirs = reference.kept(key, lambda: encoder(reference.audio, reference.sample_rate))
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


EMBEDDING = embedding_group(MelStatistics())
