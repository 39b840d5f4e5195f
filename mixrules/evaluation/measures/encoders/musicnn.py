"""musicnn: a learnt music encoder, its published weights run with numpy alone.

The weights come inside the package musicnn 0.1.0 (``pip install --no-deps musicnn==0.1.0``; ISC licence, trained
on the Million Song Dataset). Its own code needs a TensorFlow of 2019; here its checkpoint is read and the
network computed after its description.

References: J. Pons, X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", ISMIR
late-breaking 2019.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio
from mixrules.errors import AudioFileError, MissingPackageError
from mixrules.evaluation.measures.encoders.encoder import Vectors
from mixrules.evaluation.measures.encoders.tf_checkpoint import read_checkpoint
from mixrules.evaluation.measures.mel import magnitudes

F32 = npt.NDArray[np.float32]

RATE, LENGTH, HOP, MELS, FRAMES = 16_000, 512, 256, 96, 187
_MODEL = "MSD_musicnn"
_EPSILON = 1e-3  # what TensorFlow's batch normalisation adds to a variance
TAGS = (
    *("rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s"),
    *("alternative rock", "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock"),
    *("soul", "indie rock", "Mellow", "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk"),
    *("oldies", "blues", "hard rock", "ambient", "acoustic", "experimental", "female vocalist", "guitar"),
    *("Hip-Hop", "70s", "party", "country", "easy listening", "sexy", "catchy", "funk", "electro"),
    *("heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy"),
)
"""The tags that the network was trained to predict, in the order of its outputs."""


class Musicnn:
    """An encoder of 200 numbers for every 3 s: the network's penultimate layer.

    Parameters
    ----------
    folder : path-like, optional
        Where the package's files are; by default where it is installed.
    """

    name = "musicnn 0.1.0, trained on the Million Song Dataset"

    def __init__(self, folder: str | Path | None = None) -> None:
        self.folder = None if folder is None else Path(folder)

    def __call__(self, audio: Audio, sample_rate: int) -> Vectors:
        """Return the penultimate layer, shape (segments of 3 s, 200); a shorter mix is padded to one."""
        return np.stack([self._network(patch)[0] for patch in patches(audio, sample_rate)]).astype(np.float64)

    def tags(self, audio: Audio, sample_rate: int) -> dict[str, float]:
        """Return how likely each tag is, 0 to 1, the mean over the mix."""
        likelihoods = [self._network(patch)[1] for patch in patches(audio, sample_rate)]
        return dict(zip(TAGS, np.mean(likelihoods, axis=0).tolist(), strict=True))

    def _network(self, patch: F32) -> tuple[F32, F32]:
        return network(patch, _weights(str(self.folder or _installed())))


def patches(audio: Audio, sample_rate: int) -> list[F32]:
    """Return log-mel spectra of 187 frames each, as the network was trained on: librosa's mel bands of unit area.

    Parameters
    ----------
    audio : ndarray, shape (samples, channels)
        Full scale ±1.0.
    sample_rate : int
        Hz.

    Returns
    -------
    list of ndarray of float32, shape (187, 96)
        An incomplete last one is left out; a shorter mix is padded to one.
    """
    import soxr
    from librosa import filters

    mono = np.asarray(soxr.resample(np.ascontiguousarray(audio.mean(axis=1)), sample_rate, RATE), np.float32)
    centred = np.pad(mono, LENGTH // 2)
    window = np.hanning(LENGTH + 1)[:-1]
    powers = np.concatenate([block**2 for block in magnitudes(centred, window, HOP)])
    mel = powers @ filters.mel(sr=RATE, n_fft=LENGTH, n_mels=MELS).T
    # Half precision on the way, as in training.
    with np.errstate(over="ignore"):
        halved = np.minimum(mel, np.finfo(np.float16).max).astype(np.float16)
    spectrum = np.log10(10_000.0 * halved.astype(np.float32) + 1.0)
    spectrum = np.pad(spectrum, ((0, max(0, FRAMES - len(spectrum))), (0, 0))).astype(np.float32)
    return [spectrum[i : i + FRAMES] for i in range(0, len(spectrum) - FRAMES + 1, FRAMES)]


def network(patch: F32, weights: dict[str, F32]) -> tuple[F32, F32]:
    """Compute the penultimate layer and the tags' likelihoods of one patch.

    Parameters
    ----------
    patch : ndarray of float32, shape (frames, 96)
        Log-mel spectrum.
    weights : dict of str to ndarray
        The checkpoint's variables.

    Returns
    -------
    penultimate : ndarray of float32, shape (200,)
    likelihoods : ndarray of float32, shape (50,)
    """
    net = _Layers(weights)
    normal = net.normalise(patch[:, :, None], 0)[:, :, 0]
    # Front end: timbral filters, 7 frames long and 38 or 67 bands high, and temporal ones of one band.
    front = [net.convolve(np.pad(normal, ((3, 3), (0, 0))), number) for number in (0, 1)]
    front += [
        net.convolve(np.pad(normal, ((length // 2 - 1, length // 2), (0, 0))), number)
        for number, length in ((2, 128), (3, 64), (4, 32))
    ]
    first = np.concatenate(
        [net.normalise(maps, number + 1).max(axis=1) for number, maps in enumerate(front)], 1
    )
    # Middle: three layers over time, the later two with residual connections; all are handed on.
    layers = [first]
    for number in (5, 6, 7):
        maps = net.convolve(np.pad(layers[-1], ((3, 3), (0, 0))), number)[:, 0]
        maps = net.normalise(maps, number + 1)
        layers.append(maps if number == 5 else maps + layers[-1])
    features = np.concatenate(layers, axis=1)
    pooled = np.stack([features.max(axis=0), features.mean(axis=0)], axis=1).ravel()
    dense = net.normalise(pooled, 9) @ weights["dense/kernel"] + weights["dense/bias"]
    penultimate = net.normalise(np.maximum(dense, 0.0), 10)
    logits = penultimate @ weights["dense_1/kernel"] + weights["dense_1/bias"]
    return penultimate, np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)


class _Layers:
    def __init__(self, weights: dict[str, F32]) -> None:
        self._weights = weights

    def convolve(self, source: F32, number: int) -> F32:
        """Return a rectified convolution without padding, shape (frames, positions, filters)."""
        suffix = f"_{number}" if number else ""
        kernel = self._weights[f"conv2d{suffix}/kernel"][:, :, 0]
        frames, high, filters = kernel.shape
        views = np.lib.stride_tricks.sliding_window_view(source, (frames, high))
        maps = views.reshape(*views.shape[:2], -1) @ kernel.reshape(-1, filters)
        return np.asarray(np.maximum(maps + self._weights[f"conv2d{suffix}/bias"], 0.0))

    def normalise(self, maps: F32, number: int) -> F32:
        """Return batch-normalised maps, the filters last."""
        name = f"batch_normalization{f'_{number}' if number else ''}"
        mean, variance = (self._weights[f"{name}/moving_{what}"] for what in ("mean", "variance"))
        scale = self._weights[f"{name}/gamma"] / np.sqrt(variance + _EPSILON)
        return np.asarray((maps - mean) * scale + self._weights[f"{name}/beta"])


def _installed() -> Path:
    spec = importlib.util.find_spec("musicnn")
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackageError(
            "musicnn is not installed, whose weights this needs: pip install --no-deps musicnn==0.1.0"
        )
    return Path(next(iter(spec.submodule_search_locations)))


@lru_cache(maxsize=1)
def _weights(folder: str) -> dict[str, F32]:
    model = Path(folder) / _MODEL
    try:
        index = (model / ".index").read_bytes()
        data = (model / ".data-00000-of-00001").read_bytes()
    except OSError as error:
        raise AudioFileError(f"{model} holds no checkpoint of musicnn ({error.strerror})") from None
    return read_checkpoint(index, data)
