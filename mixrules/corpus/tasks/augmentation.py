"""Augmentation: copies of training songs with chance changes, by audiomentations and by our compressor and reverb.

What is drawn holds for a whole copy of a song: one gain, one equaliser. Vocal and backing are changed each by its own
draw, but pitch, which a song has in common, and compression, which is the vocal's. The order is that of `AUGMENTATIONS`;
noise is added last, after what a task does to the vocal: its spectrum is known, and would show an equaliser that it went
through. audiomentations draws from the global generators of Python and numpy; they are put back afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from mixrules._support.installed import require_installed
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE
from mixrules.corpus.tasks.reverb import added_reverb
from mixrules.corpus.tasks.seeds import drawn_number, generator
from mixrules.corpus.tasks.song_signals import SongSignals
from mixrules.corpus.tasks.task import Audio, Stage
from mixrules.processors import CompressorParams
from mixrules.processors.compressor import CompressorStream

SEGMENT_SAMPLES = 1 << 19
"""A whole multiple of snippets and of the blocks of the reverb."""
_CONTEXT_SAMPLES = 1 << 14  # on both sides of a segment, for what has no state from one call to the next
_FADE_SAMPLES = 1 << 11
_SHARED = ("pitch",)

Transform = Any  # of audiomentations


def _library() -> dict[str, Callable[[], Transform]]:
    """Return what makes the transforms that work on a segment by itself, before the task."""
    import audiomentations

    return {
        "gain": lambda: audiomentations.Gain(-6.0, 6.0, p=1.0),
        "eq": lambda: audiomentations.SevenBandParametricEQ(-6.0, 6.0, p=1.0),
        "polarity": lambda: audiomentations.PolarityInversion(p=0.5),
        "pitch": lambda: audiomentations.PitchShift(-2.0, 2.0, p=1.0),
        "distortion": lambda: audiomentations.TanhDistortion(0.01, 0.3, p=1.0),
    }


AUGMENTATIONS = {
    "gain": "-6 to 6 dB on vocal and on backing, independently",
    "eq": "seven bands of -6 to 6 dB each",
    "polarity": "inverted in half of the copies",
    "pitch": "-2 to 2 semitones, vocal and backing alike",
    "distortion": "hyperbolic tangent, an amount of 0.01 to 0.3",
    "compression": "our compressor, the vocal alone: threshold -50 to -15 dBFS, ratio 1.5 to 8",
    "reverb": "our reverb, 0.3 to 2 s, -20 to -8 dB",
    "noise": "white, -80 to -50 dBFS, after what the task does to the vocal",
}
"""What `--augment` takes and what each is, in the order in which they are applied."""


class Augmentation:
    """The changes of one copy of a song.

    Parameters
    ----------
    names : sequence of str
        Of `AUGMENTATIONS`; whatever their order here, they are applied in the order of that.
    key : tuple
        What the draw depends on: seed, song, copy.
    channels : int
        Of both signals.

    Attributes
    ----------
    vocal_stages, backing_stages : tuple of Stage
        What each goes through after `segments`, before the task.
    vocal_last, backing_last : tuple of Stage
        What each goes through after the task.
    """

    def __init__(self, names: Sequence[str], key: tuple[object, ...], channels: int) -> None:
        self._key = key
        ordered = in_order(names)
        self._vocal = _drawn(ordered, (*key, "vocal"), key, channels)
        self._backing = _drawn(ordered, (*key, "backing"), key, channels)
        self.vocal_stages = tuple(_streaming(ordered, (*key, "vocal"), vocal=True))
        self.backing_stages = tuple(_streaming(ordered, (*key, "backing"), vocal=False))
        noise = "noise" in ordered
        self.vocal_last = (_Noise((*key, "vocal", "noise"), channels),) if noise else ()
        self.backing_last = (_Noise((*key, "backing", "noise"), channels),) if noise else ()

    def segments(self, signals: SongSignals) -> Iterator[tuple[Audio, Audio]]:
        """Yield vocal and backing in segments, changed; one segment fades into the next where it is."""
        tails: list[Audio] | None = None
        for start in range(0, signals.samples, SEGMENT_SAMPLES):
            stop = min(start + SEGMENT_SAMPLES, signals.samples)
            if not self._vocal:  # nor anything for the backing
                yield signals.read(start, stop)
                continue
            first, last = max(0, start - _CONTEXT_SAMPLES), min(stop + _CONTEXT_SAMPLES, signals.samples)
            vocal, backing = signals.read(first, last)
            with own_random_state(drawn_number(*self._key, start)):
                changed = _applied(self._vocal, vocal), _applied(self._backing, backing)
            bodies = [audio[start - first : stop - first] for audio in changed]
            if tails is not None:
                bodies = [_faded(tail, body) for tail, body in zip(tails, bodies, strict=True)]
            tails = [audio[stop - first : stop - first + _FADE_SAMPLES] for audio in changed]
            yield bodies[0], bodies[1]


@contextmanager
def own_random_state(seed: int) -> Iterator[None]:
    """Seed the global generators of Python and numpy, and put them back as they were."""
    of_python, of_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002, audiomentations draws from it
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)  # noqa: NPY002


def require_augmentations() -> None:
    """Raise `MissingPackageError` where audiomentations is not installed."""
    require_installed("audiomentations", what="augmentation")


def in_order(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of augmentations in the order in which they are applied."""
    return tuple(sorted(names, key=list(AUGMENTATIONS).index))


def _drawn(
    names: Sequence[str], own: tuple[object, ...], shared: tuple[object, ...], channels: int
) -> list[Transform]:
    """Return transforms with their parameters drawn; what is shared is drawn alike for both signals."""
    library = _library() if names else {}
    return [
        _frozen(library[name](), (*(shared if name in _SHARED else own), name), channels)
        for name in names
        if name in library
    ]


def _frozen(transform: Transform, key: tuple[object, ...], channels: int) -> Transform:
    """Return a transform whose parameters are drawn once and for all."""
    with own_random_state(drawn_number(*key)):
        transform.randomize_parameters(np.zeros((channels, 1024), np.float32), SAMPLE_RATE)
    transform.freeze_parameters()
    return transform


class _Noise:
    """White noise of one level, added to a signal that arrives in segments."""

    def __init__(self, key: tuple[object, ...], channels: int) -> None:
        import audiomentations

        self._key = key
        self._transform = _frozen(audiomentations.AddGaussianNoise(0.0001, 0.003, p=1.0), key, channels)
        self._segments = 0

    def process(self, block: Audio) -> Audio:
        """Return the next segment with noise."""
        with own_random_state(drawn_number(*self._key, self._segments)):
            self._segments += 1
            return _applied([self._transform], block)


def _applied(transforms: list[Transform], audio: Audio) -> Audio:
    """Return audio after all transforms, shape (samples, channels) again."""
    channels_first = np.ascontiguousarray(audio.T)
    for transform in transforms:
        channels_first = transform(channels_first, SAMPLE_RATE)
    return np.ascontiguousarray(channels_first.T, np.float32)


def _streaming(names: Sequence[str], key: tuple[object, ...], *, vocal: bool) -> Iterator[Stage]:
    """Yield the changes that keep a state from one segment to the next."""
    for name in names:
        rng = generator(*key, name)
        if name == "compression" and vocal:
            threshold_db, ratio = float(rng.uniform(-50.0, -15.0)), float(rng.uniform(1.5, 8.0))
            yield CompressorStream(SAMPLE_RATE, CompressorParams(threshold_db=threshold_db, ratio=ratio))
        elif name == "reverb":
            t60_s, wet_db = float(np.exp(rng.uniform(*np.log((0.3, 2.0))))), float(rng.uniform(-20, -8))
            yield added_reverb({"t60_s": t60_s, "wet_db": wet_db})


def _faded(tail: Audio, body: Audio) -> Audio:
    """Return a segment whose beginning comes out of what the segment before it would have gone on with."""
    count = min(len(tail), len(body))
    if not count:
        return body
    rise = (0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)).astype(np.float32)[:, np.newaxis]
    faded = body.copy()
    faded[:count] = tail[:count] * (1 - rise) + body[:count] * rise
    return faded
