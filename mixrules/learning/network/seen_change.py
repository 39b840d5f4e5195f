"""What a network is given to see of a change of the vocal: in dB, before its input stage and after it.

The input stage of the networks of 2022 divides every mel band by its norm over time. A static equaliser multiplies a band
by the same number in every frame, and so does a gain: next to nothing of them is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.corpus.tasks.eq import CHANGED_BANDS, drawn_gains_db, octave_equalizer
from mixrules.corpus.tasks.mel_blocks import BANDS, FRAMES, SIGNALS, SNIPPET_SAMPLES, MelStream
from mixrules.errors import ParameterError
from mixrules.learning.network.mel_inputs import SPREAD_DB, TINY_POWER, mel_inputs, norms_over_time
from mixrules.learning.network.switches import Switches

Floats = npt.NDArray[np.float64]

_VOCAL = SIGNALS.index("vocal")
_NOISE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenChange:
    """A change of the vocal, as mel spectra show it and as a network sees it.

    A spectrum is the mean over the frames of a block.

    Attributes
    ----------
    mel_db, input_db : float
        Mean absolute change over blocks and bands, in dB: of the mel spectra, and of what the first convolution reads.
    mel_bands_db, input_bands_db : ndarray of float64, shape (128,)
        The change of each band with its sign, mean over blocks.
    """

    mel_db: float
    input_db: float
    mel_bands_db: Floats
    input_bands_db: Floats


def seen_change(
    before: npt.ArrayLike, after: npt.ArrayLike, switches: Switches, levels: str = "given"
) -> SeenChange:
    """Return how much of a change of the vocal is left when a network's input stage is done with it.

    Parameters
    ----------
    before, after : array_like, shape (blocks, 2, 128, 64)
        Power in mel bands, as task data holds it: of the same music, the vocal changed.
    switches : Switches
        What of the network is as it was in 2022.
    levels : {"given", "hidden"}
        Whether both channels are referred to one power, or each to its own.

    Returns
    -------
    SeenChange

    Raises
    ------
    ParameterError
        If the two are not mel blocks of one shape.

    Examples
    --------
    >>> from mixrules.learning.network.switches import switches_of
    >>> before, after = equalized_noise(seed=0, gains_db=(7, 0, -11, 0, 12, 0, -13, 0, 0))
    >>> for network in ("faithful", "corrected"):
    ...     seen = seen_change(before, after, switches_of(network, "eq"))
    ...     print(f"{network}: {seen.mel_db:.1f} dB in the mel spectrum, {seen.input_db:.2g} dB at its input")
    faithful: 4.1 dB in the mel spectrum, 0.012 dB at its input
    corrected: 4.1 dB in the mel spectrum, 4.1 dB at its input
    """
    blocks = [np.asarray(mel, np.float64) for mel in (before, after)]
    shape = blocks[0].shape
    if blocks[1].shape != shape or len(shape) != 4 or not shape[0] or shape[1:] != (2, BANDS, FRAMES):
        raise ParameterError(
            f"before and after must be mel blocks of one shape (blocks, 2, {BANDS}, {FRAMES}), got {shape} and "
            f"{blocks[1].shape}"
        )
    power_db = [_db(mel[:, _VOCAL].mean(axis=2)) for mel in blocks]
    inputs = [mel_inputs(mel, switches, levels) for mel in blocks]
    if switches.power_input:
        input_db = [_db(read[:, _VOCAL].mean(axis=2)) for read in inputs]
    else:
        spread = np.full((*shape[:3], 1), SPREAD_DB)
        if switches.time_normalization:  # one dB is as much of the input as it was before the change
            spread *= norms_over_time(mel_inputs(blocks[0], _without_normalization(switches), levels))
        input_db = [(spread * read)[:, _VOCAL].mean(axis=2) for read in inputs]
    changes = [pair[1] - pair[0] for pair in (power_db, input_db)]
    return SeenChange(
        mel_db=float(np.mean(np.abs(changes[0]))),
        input_db=float(np.mean(np.abs(changes[1]))),
        mel_bands_db=changes[0].mean(axis=0),
        input_bands_db=changes[1].mean(axis=0),
    )


def equalized_noise(
    seed: int, *, blocks: int = 4, gains_db: Sequence[float] | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return mel blocks of white noise as backing and vocal, before and after an equaliser on the vocal.

    Parameters
    ----------
    seed : int
        What noise and gains are drawn from.
    blocks : int
        How many, at least 1.
    gains_db : sequence of float, optional
        Of the nine octaves; by default four of them, chosen at random, are within ±15 dB, as in task ``eq``.

    Returns
    -------
    before : ndarray of float32, shape (blocks, 2, 128, 64)
        Power in mel bands.
    after : ndarray of float32, shape (blocks, 2, 128, 64)
        The same, the vocal through the equaliser.
    """
    rng = np.random.default_rng(seed)
    drawn = drawn_gains_db(rng, CHANGED_BANDS)
    # What the equaliser needs to settle is in a block of its own, which is left out.
    backing, vocal = (_NOISE * rng.standard_normal((2, (1 + blocks) * SNIPPET_SAMPLES, 1))).astype(np.float32)
    equalizer = octave_equalizer(list(drawn if gains_db is None else gains_db), 1)
    mels = [_mel_blocks(audio) for audio in (backing, vocal, equalizer.process(vocal))]
    return np.stack(mels[:2], axis=1), np.stack([mels[0], mels[2]], axis=1)


def _mel_blocks(audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    frames = MelStream().process(audio).reshape(-1, FRAMES, BANDS)
    return np.ascontiguousarray(frames[1:].transpose(0, 2, 1))


def _db(power: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(power, TINY_POWER)))


def _without_normalization(switches: Switches) -> Switches:
    return switches.changed(off=["time_normalization"])
