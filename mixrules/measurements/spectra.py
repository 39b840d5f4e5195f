"""Spectra of stems under a plan: their powers by block and band, and the masking between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Bands, MaskingModel, PowerTable, powers_in_sets, tone_bands
from mixrules.engine import Renderer, SumAudio
from mixrules.files import scratch_of
from mixrules.measurements.given_stems import TONE_BLOCK_S, GivenStems
from mixrules.mixplan import MixPlan
from mixrules.processors import db_to_gain


class Spectra:
    """Measures spectra of a song under plans; see `Measurements`.

    Parameters
    ----------
    renderer : Renderer
        The song, the engine and the chain.
    given : GivenStems
        Knows which stems cancel out in mono.
    """

    def __init__(self, renderer: Renderer, given: GivenStems) -> None:
        self._renderer = renderer
        self._stems = renderer.stems
        self._given = given

    def band_powers(
        self, plan: MixPlan, names: Sequence[str], coarse: Bands, fine: Bands, *, block_s: float
    ) -> dict[str, list[PowerTable]]:
        """Return the powers of several stems in the mix in each block and band; one transform serves both sets.

        Parameters
        ----------
        plan : MixPlan
            The settings; faders count.
        names : sequence of str
            The stems.
        coarse : Bands
            Some bands; their table has double precision.
        fine : Bands
            Many bands; their table has single precision.
        block_s : float
            Block length in seconds.

        Returns
        -------
        dict of str to list of PowerTable, shape (blocks, bands)
            Mean squares, for each stem and set.

        Notes
        -----
        A transform costs far more than a set of bands. Where the plan changes nothing but the level of a stem, the
        same transform measures its tone, which `GivenStems.tones` then need not do.
        """
        self._given.scans()

        def tables(name: str) -> list[PowerTable]:
            coarse_powers, fine_powers = self._band_powers(plan, name, [coarse, fine], block_s)
            return [
                self._table([coarse_powers], *coarse_powers.shape, dtype=np.float64),
                self.power_table([fine_powers], *fine_powers.shape),
            ]

        return self._renderer.each(names, tables)

    def masking_model(self, bands: Bands, powers: Mapping[str, PowerTable]) -> MaskingModel:
        """Return the model of the masking between stems whose powers in some bands are given."""
        return MaskingModel(bands, powers, sample_rate=self._stems.sample_rate, store=self.power_table)

    def power_table(self, parts: Iterable[npt.NDArray[np.float64]], blocks: int, bands: int) -> PowerTable:
        """Keep a table of powers that comes in parts, in single precision, where the song is.

        Tables of all stems are as long as the song: they lie in memory or on the disk, as it does.
        """
        return self._table(parts, blocks, bands, dtype=np.float32)

    def _table(
        self, parts: Iterable[npt.NDArray[np.float64]], blocks: int, bands: int, *, dtype: npt.DTypeLike
    ) -> PowerTable:
        if self._stems.in_memory:
            return np.concatenate([part.astype(dtype, copy=False) for part in parts])
        return scratch_of(parts, blocks, bands, window_samples=1, dtype=dtype)

    def _band_powers(
        self, plan: MixPlan, name: str, sets: Sequence[Bands], block_s: float
    ) -> list[npt.NDArray[np.float64]]:
        chain, engine = self._renderer.chain, self._renderer.engine
        strip, stem = plan.stem(name), self._stems[name]
        cancels = self._given.scan(name).in_opposite_phase
        # A mono stem is placed between two channels, which changes its level alone as well.
        level_only = not cancels and chain.level_db(engine, strip, 2) is not None
        with_tone = level_only and block_s == TONE_BLOCK_S and not self._given.has_tone(name)
        asked = [*sets, tone_bands(self._stems.sample_rate)] if with_tone else sets
        gain_db = chain.level_db(engine, strip, stem.channels)
        if gain_db is None or cancels:
            audio = SumAudio(self._renderer, plan, [name])
            powers = powers_in_sets(audio, self._stems.sample_rate, asked, block_s=block_s)
        else:
            gain = db_to_gain(gain_db) ** 2
            given = powers_in_sets(stem.audio, self._stems.sample_rate, asked, block_s=block_s)
            powers = [each * gain for each in given]
        if with_tone:
            self._given.set_tone(name, powers.pop())
        return powers
