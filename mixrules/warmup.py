"""Compile every kernel before it is needed: for an image that is built once, a node of a cluster, a first run on time."""

from __future__ import annotations

import importlib
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mixrules._support.compilation import watched
from mixrules.errors import ParameterError

_SAMPLE_RATE = 44_100
_SECONDS = 6


@dataclass(frozen=True, slots=True)
class Warmup:
    """What `warmup` found and did.

    Attributes
    ----------
    kernels : int
        Kernels of the package.
    compiled : int
        Compiled now: one for each type of audio that a kernel is used with.
    seconds : float
        How long it took.
    folder : str
        In which folder, or those below it, the machine code is kept for the next run; empty where it cannot be kept.
    """

    kernels: int
    compiled: int
    seconds: float
    folder: str


def warmup(progress: Callable[[str], None] | None = None) -> Warmup:
    """Run each kernel once on a few seconds of audio, so that the next run finds all of them compiled.

    Machine code belongs to one kind of processor, one version of numba and the installed files: on a cluster warm up on a
    node of each kind, and set ``NUMBA_CACHE_DIR`` to a folder that the jobs see.

    Parameters
    ----------
    progress : callable, optional
        Called with the name of each kernel that is about to be compiled.

    Returns
    -------
    Warmup
        How many there are, and how many were compiled.

    Raises
    ------
    ParameterError
        If ``NUMBA_DISABLE_JIT`` is set.

    Examples
    --------
    >>> from mixrules.warmup import warmup
    >>> done = warmup(print)  # doctest: +SKIP
    >>> print(f"{done.compiled} of {done.kernels} kernels, kept in {done.folder}")  # doctest: +SKIP
    """
    from numba import config

    from mixrules._support import jit

    if vars(config)["DISABLE_JIT"]:
        raise ParameterError("NUMBA_DISABLE_JIT is set: nothing is compiled")
    import_kernels()
    names: list[str] = []

    def tell(name: str) -> None:
        names.append(name)
        if progress is not None:
            progress(name)

    started = time.monotonic()
    with watched(tell):
        _use_every_kernel()
    kernels = jit.kernels()
    folders = [kernel.stats.cache_path for kernel in kernels.values()]
    folder = "" if jit.not_cached() else os.path.commonpath(folders)
    return Warmup(len(kernels), len(names), time.monotonic() - started, folder)


def import_kernels() -> None:
    """Import every module of kernels."""
    package = Path(__file__).parent
    for path in sorted(package.glob("*/*_kernels.py")):
        importlib.import_module(".".join(["mixrules", *path.relative_to(package).with_suffix("").parts]))


def _use_every_kernel() -> None:
    """Mix a few seconds of a song with all that the rules may decide, and measure it."""
    from mixrules import presets
    from mixrules.mixer import mix

    stems = _song()
    # In one thread: numba compiles one kernel at a time anyway.
    mix(stems, sample_rate=_SAMPLE_RATE, rules=presets.load("default"), threads=1)
    _process(stems["keys"])
    _measure(stems["keys"])


def _song() -> dict[str, np.ndarray]:
    """Return a few seconds of a voice, a bass, drums and keys, of one and of two channels."""
    rng = np.random.default_rng(0)
    t = np.arange(_SECONDS * _SAMPLE_RATE) / _SAMPLE_RATE
    beats = np.exp(-8.0 * (t % 0.5))
    noise = rng.standard_normal((len(t), 2)) * beats[:, np.newaxis]
    stems = {
        "vocals": 0.3 * np.sin(2.0 * math.pi * 440.0 * t) * np.sin(math.pi * t / _SECONDS),
        "bass": 0.5 * np.sin(2.0 * math.pi * 55.0 * t) * beats,
        "drums": 0.2 * noise,
        "keys": 0.1 * (noise[::-1] + np.sin(2.0 * math.pi * 523.0 * t)[:, np.newaxis]),
    }
    return {name: stem.astype(np.float32) for name, stem in stems.items()}


def _process(audio: np.ndarray) -> None:
    """Run every processor on stereo audio, so loud that the limiter and the compressor act."""
    from mixrules import processors

    equalizer = processors.EqualizerParams(bands=(processors.EqBand(frequency_hz=1000.0, gain_db=-3.0),))
    processors.equalize(audio, _SAMPLE_RATE, equalizer)
    compressor = processors.CompressorParams(threshold_db=-40.0)
    processors.compress(audio, _SAMPLE_RATE, compressor)
    processors.gain_reduction_db(audio, _SAMPLE_RATE, compressor)
    processors.reverberate(audio, _SAMPLE_RATE, processors.ReverbParams(t60_s=1.0))
    processors.limit(4.0 * audio, _SAMPLE_RATE, processors.LimiterParams())
    processors.mix_into(audio.copy(), audio, 0.0)


def _measure(audio: np.ndarray) -> None:
    """Take every measurement that has a kernel of its own."""
    from mixrules import analysis
    from mixrules.loudness import block_energies, measure
    from mixrules.processors import CompressorParams

    measure(audio, _SAMPLE_RATE)
    envelope = analysis.level_envelope(audio, _SAMPLE_RATE)
    analysis.predict_compression(envelope, block_energies(audio, _SAMPLE_RATE), CompressorParams())
    analysis.describe(audio, _SAMPLE_RATE)
    analysis.block_band_powers(audio, _SAMPLE_RATE, analysis.octave_bands(), method="butterworth")
