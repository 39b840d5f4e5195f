"""Masking between the stems of a song, on their band powers: measured again while stems are equalised.

An equaliser changes a stem's powers by its response, so that what it would do to the masking is known
without measuring the audio again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio
from mixrules.analysis.bands import Bands
from mixrules.analysis.masking import MaskingSums, apply_eq_to_powers, blocks_to_mask
from mixrules.processors import EqualizerParams, frequency_response

_BLOCKS_AT_ONCE = 1024

PowerTable = npt.NDArray[np.float64] | npt.NDArray[np.float32] | SlicedAudio
"""Powers of shape (blocks, bands): an array, or what is read from the disk in slices of blocks."""

StoreTable = Callable[[Iterable[npt.NDArray[np.float64]], int, int], PowerTable]
"""Keeps a table that comes in parts; also given are its blocks and its bands."""


class MaskingModel:
    """The stems' band powers, and how much each stem is masked by the sum of the others.

    Tables are read some blocks at a time: those of a long song may lie on the disk.

    Parameters
    ----------
    bands : Bands
        The bands of the powers.
    powers : mapping of str to array or SlicedAudio, shape (blocks, bands)
        Each stem's mean squares. Blocks past the end of the shortest table do not count.
    sample_rate : int
        Hz, for the responses of equalisers.
    store : callable
        Keeps a table that the model makes: ``store(parts, blocks, bands)``.
    """

    def __init__(
        self, bands: Bands, powers: Mapping[str, PowerTable], *, sample_rate: int, store: StoreTable
    ) -> None:
        self._bands = bands
        self._powers = dict(powers)
        self._blocks = min(len(table) for table in powers.values())
        self._sample_rate = sample_rate
        self._store = store
        self._active: dict[str, npt.NDArray[np.bool_]] = {}

    def equalized(self, name: str, equalizer: EqualizerParams) -> PowerTable:
        """Return a stem's powers after an equaliser; the model keeps those before it."""
        centers_hz = np.asarray(self._bands.centers_hz)
        response = frequency_response(equalizer, self._sample_rate, centers_hz)
        response_db = 20.0 * np.log10(np.abs(response))
        parts = (
            apply_eq_to_powers(self._powers[name][start:stop], self._bands, response_db)
            for start, stop in self._spans()
        )
        return self._store(parts, self._blocks, len(self._bands))

    def replace(self, name: str, powers: PowerTable) -> None:
        """Let a stem have other powers from now on."""
        self._powers[name] = powers
        self._active.pop(name, None)

    def mean_smr_db(
        self,
        maskees: Sequence[str],
        *,
        power_exponent: float,
        changed: Mapping[str, PowerTable] | None = None,
    ) -> float:
        """Return the mean signal-to-masker ratio of some stems.

        Parameters
        ----------
        maskees : sequence of str
            The stems; the mean over them is returned.
        power_exponent : float
            As in `masking`.
        changed : mapping of str to table, optional
            Stems that have other powers for this once.

        Returns
        -------
        float
            dB; NaN where one of the stems has no block to measure.
        """
        tables = {**self._powers, **(changed or {})}
        sums = {name: MaskingSums(self._bands, power_exponent=power_exponent) for name in maskees}
        for start, stop in self._spans():
            powers = {name: _rows(table, start, stop) for name, table in tables.items()}
            for maskee in maskees:
                masker = np.zeros((stop - start, len(self._bands)))
                for name, others in powers.items():
                    if name != maskee:
                        masker += others
                active = self._active_blocks(maskee)[start:stop]
                sums[maskee].add(powers[maskee][active], masker[active])
        return float(np.mean([each.result().mean_smr_db for each in sums.values()]))

    def _active_blocks(self, name: str) -> npt.NDArray[np.bool_]:
        """Return in which blocks a stem can be masked."""
        if name not in self._active:
            table = self._powers[name]
            totals = [_rows(table, start, stop).sum(axis=1) for start, stop in self._spans()]
            self._active[name] = blocks_to_mask(np.concatenate(totals))
        return self._active[name]

    def _spans(self) -> Iterator[tuple[int, int]]:
        """Return the first block and the one after the last of each part that is read at once."""
        for start in range(0, self._blocks, _BLOCKS_AT_ONCE):
            yield start, min(start + _BLOCKS_AT_ONCE, self._blocks)


def _rows(table: PowerTable, start: int, stop: int) -> npt.NDArray[np.float64]:
    return np.asarray(table[start:stop], np.float64)
