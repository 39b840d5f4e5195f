"""The meter: every measure of EBU R 128 from one pass, on a stream or on an array.

References: ITU-R BS.1770-5; EBU Tech 3341 v4 (EBU Mode); EBU Tech 3342 v4 (loudness range).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.errors import AudioError
from mixrules.loudness.channels import ChannelWeights, resolve_weights
from mixrules.loudness.energies import BlockEnergies, energy_to_lufs, hop_boundary
from mixrules.loudness.energy_stream import EnergyStream
from mixrules.loudness.from_energies import (
    MOMENTARY_S,
    SHORT_TERM_S,
    highest_lufs,
    integrated_from_energies,
    loudness_range_from_energies,
)
from mixrules.loudness.peaks import PeakStream

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """The readings of the meter.

    Attributes
    ----------
    sample_rate : int
        Hz.
    channels : int
        Channels measured.
    duration_s : float
        Length of the signal.
    integrated_lufs : float
        Gated loudness of the whole signal; ``-inf`` for silence. Not gated when `gated` is False.
    loudness_range_lu : float
        NaN when there is no short-term value of at least -70 LUFS (as in any signal under 3 s).
    momentary_max_lufs : float
        Highest loudness of any 400 ms, every 10 ms; NaN under 400 ms, ``-inf`` for silence.
    short_term_max_lufs : float
        Highest loudness of any 3 s, every 10 ms; NaN under 3 s, ``-inf`` for silence.
    true_peak_dbtp : float
        Highest point of the waveform between the samples; ``-inf`` for silence.
    sample_peak_dbfs : float
        Highest sample; ``-inf`` for silence.
    """

    sample_rate: int
    channels: int
    duration_s: float
    integrated_lufs: float
    loudness_range_lu: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    true_peak_dbtp: float
    sample_peak_dbfs: float

    @property
    def gated(self) -> bool:
        """Whether the integrated loudness is gated; False under 400 ms, where it is one block over all."""
        return round(self.duration_s * self.sample_rate) >= hop_boundary(4, self.sample_rate, 1)


class LoudnessMeter:
    """Measures a stream that arrives in blocks of any size.

    Memory grows by 8 to 16 bytes for each 10 ms of signal.

    Parameters
    ----------
    sample_rate : int
        Hz, 8000 to 384000.
    channels : int
        1 to 8.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout (see `channel_weights`); None takes the usual
        layout of that many channels.

    Raises
    ------
    ParameterError
        If a setting is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> meter = LoudnessMeter(48_000, 2)
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    >>> for block in np.array_split(np.stack([tone, tone], axis=1), 100):
    ...     meter.update(block)
    >>> round(meter.result().integrated_lufs, 1) + 0.0
    0.0
    >>> round(meter.momentary_lufs, 1) + 0.0, meter.short_term_lufs
    (0.0, nan)
    """

    def __init__(
        self, sample_rate: int, channels: int, *, channel_weights: ChannelWeights | None = None
    ) -> None:
        self._sample_rate = require_sample_rate(sample_rate)
        self._weights = resolve_weights(channel_weights, channels)
        self._channels = self._weights.size
        self.reset()

    def reset(self) -> None:
        """Forget the stream so far: the next block is the first of another one."""
        self._energies = EnergyStream(self._sample_rate, self._weights)
        self._peaks = PeakStream(self._sample_rate, self._channels)

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms, ungated (EBU Tech 3341), for a display that follows the stream.

        The window ends with the last complete 10 ms, so the highest of all readings is `Loudness.momentary_max_lufs`.
        NaN under 400 ms, ``-inf`` for silence. It costs microseconds, however long the stream.
        """
        return self._last_lufs(MOMENTARY_S)

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s, ungated; NaN under 3 s. See `momentary_lufs`."""
        return self._last_lufs(SHORT_TERM_S)

    def _last_lufs(self, window_s: float) -> float:
        return float(energy_to_lufs(self._energies.last_energy(window_s)))

    def update(self, block: npt.ArrayLike) -> None:
        """Measure the next block.

        Parameters
        ----------
        block : array_like, shape (samples, channels) or (samples,)
            Float samples, full scale ±1.0, at least one. Not modified.

        Raises
        ------
        AudioError
            If the block is not float, holds NaN or infinity, or has another number of channels; the
            meter is then as it was before.
        """
        audio = as_audio(block, name=f"block at sample {self._energies.samples}")
        if audio.shape[1] != self._channels:
            raise AudioError(f"block has {audio.shape[1]} channels: this meter measures {self._channels}")
        self._update(audio)

    def _update(self, audio: Audio) -> None:
        self._energies.update(audio)
        self._peaks.update(audio)

    def block_energies(self) -> BlockEnergies:
        """Return the energies of the 10 ms hops so far.

        Returns
        -------
        BlockEnergies
            All readings but the peaks can be computed from them, also after a gain.
        """
        return self._energies.block_energies()

    def result(self) -> Loudness:
        """Return the readings for the stream so far; the stream can go on.

        Returns
        -------
        Loudness
            As `measure` would read the same samples in one array.
        """
        energies = self.block_energies()
        return Loudness(
            sample_rate=self._sample_rate,
            channels=self._channels,
            duration_s=self._energies.samples / self._sample_rate,
            integrated_lufs=integrated_from_energies(energies),
            loudness_range_lu=loudness_range_from_energies(energies),
            momentary_max_lufs=highest_lufs(energies, MOMENTARY_S),
            short_term_max_lufs=highest_lufs(energies, SHORT_TERM_S),
            true_peak_dbtp=self._peaks.true_peak_dbtp(),
            sample_peak_dbfs=self._peaks.sample_peak_dbfs(),
        )


def measure(
    audio: npt.ArrayLike, sample_rate: int, *, channel_weights: ChannelWeights | None = None
) -> Loudness:
    """Measure everything that EBU R 128 asks for, in one pass.

    Parameters
    ----------
    audio : array_like, shape (samples, channels) or (samples,)
        Float samples, full scale ±1.0. Not modified, and not copied when float32 or float64.
    sample_rate : int
        Hz, 8000 to 384000.
    channel_weights : sequence of float, str or None
        One weight a channel or the name of a layout (see `channel_weights`); None takes the usual
        layout of that many channels.

    Returns
    -------
    Loudness
        The readings.

    Raises
    ------
    AudioError
        If `audio` is not float, is empty, or holds NaN or infinity.
    ParameterError
        If another argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000))
    >>> round(measure(tone, 48_000).integrated_lufs, 2)
    -3.01
    """
    audio = as_audio(audio, file_function="mixrules.measure")
    meter = LoudnessMeter(sample_rate, audio.shape[1], channel_weights=channel_weights)
    meter._update(audio)  # checked above
    return meter.result()
