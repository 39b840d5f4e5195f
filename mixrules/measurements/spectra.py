"""Spectra of stems under a plan: their powers by block and band, and the masking between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.analysis import (
    Bands,
    MaskingModel,
    Peak,
    PowerTable,
    Sibilance,
    Spectrum,
    erb_bands,
    lasting_peaks,
    low_end_clash,
    mean_power_gains,
    mono_source,
    octave_bands,
    powers_in_sets,
    sibilance,
    spectrum_bands,
)
from mixrules.engine import Renderer, SumAudio
from mixrules.files import scratch_of
from mixrules.measurements.given_stems import TONE_BLOCK_S, GivenStems
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import (
    EqualizerParams,
    PanParams,
    db_to_gain,
    gain_to_db,
    pan,
)

_LOW_END_HZ = 120.0

_BLOCKS_AT_ONCE = 1024


class Spectra:
    """Measures spectra of a song under plans; see `Measurements`.

    What a stem as given has in each block and band is kept: a level and an equaliser change it by their response, so
    that a plan that does no more to the stem needs no audio.

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
        self._as_given: dict[str, tuple[tuple[Bands, Bands, float], list[PowerTable]]] = {}
        self._low_as_given: dict[str, PowerTable] = {}
        self._processed: dict[str, tuple[Any, list[PowerTable]]] = {}
        self._latest: tuple[StemPlan, Spectrum] | None = None

    def of_given(self, names: Sequence[str]) -> dict[str, Spectrum]:
        """Return the long-term spectra of several stems as they were given.

        One transform measures octaves and ERB bands in blocks of 100 ms on the way, for `band_powers`.
        """
        self._given.scans()
        unknown = [
            name
            for name in names
            if not (self._given.has_spectrum(name) or self._given.scan(name).in_opposite_phase)
        ]
        self._renderer.each(
            unknown, lambda name: self._tables_as_given(name, *self._usual_bands(), TONE_BLOCK_S)
        )
        return self._given.spectra(names)

    def after_equalizer(self, plan: MixPlan, name: str) -> Spectrum:
        """Return the long-term spectrum of a stem as it leaves its equaliser, rendered and measured."""
        alone = _equalized(plan.stem(name))
        if self._latest is None or self._latest[0] != alone:
            bands = spectrum_bands(self._stems.sample_rate)
            self._latest = (alone, Spectrum(bands, self._rendered(alone, bands).mean(axis=0)))
        return self._latest[1]

    def sibilance(self, plan: MixPlan, name: str) -> Sibilance:
        """Return the sibilance of a stem as it leaves its dynamic equaliser."""
        return sibilance(*self._after_equalizers(plan, name))

    def lasting_peaks(self, plan: MixPlan, name: str) -> list[Peak]:
        """Return the resonances of a stem as it leaves its dynamic equaliser."""
        return lasting_peaks(*self._after_equalizers(plan, name))

    def _after_equalizers(self, plan: MixPlan, name: str) -> tuple[npt.NDArray[np.float64], Bands]:
        """Return the powers of a stem as it leaves its dynamic equaliser, rendered, by blocks of 100 ms and ERB bands."""
        alone = dataclasses.replace(
            _equalized(plan.stem(name)), dynamic_equalizer=plan.stem(name).dynamic_equalizer
        )
        _, bands = self._usual_bands()
        return self._rendered(alone, bands), bands

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
        A transform costs far more than a set of bands. Where the plan changes nothing but the level of a stem and its
        equaliser, the powers follow from those of the stem as given, by the equaliser's mean power response over each
        band, and the same transform measures the stem's spectrum, which `GivenStems.spectra` then need not do.
        """
        self._given.scans()
        return self._renderer.each(names, lambda name: self._band_powers(plan, name, coarse, fine, block_s))

    def low_bands(self) -> Bands:
        """Return the bands of `low_powers`: third octaves from 20 to 126 Hz."""
        fine = spectrum_bands(self._stems.sample_rate)
        count = sum(center <= _LOW_END_HZ for center in fine.centers_hz[1:])
        lows, highs = fine.low_hz[1 : count + 1 : 2], fine.high_hz[2 : count + 1 : 2]
        centers = tuple((low * high) ** 0.5 for low, high in zip(lows, highs, strict=True))
        return Bands(centers, tuple(lows), tuple(highs))

    def low_powers(self, plan: MixPlan, names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the powers of some stems in the mix, added up, in blocks of 100 ms, shape (blocks, bands).

        In `low_bands`. Where the plan changes nothing but the level of a stem and its equaliser, they follow from the
        transform that `band_powers` makes anyway.
        """
        self._given.scans()
        tables = self._renderer.each(names, lambda name: self._low_powers(plan, name)).values()
        blocks = min(len(table) for table in tables)
        return np.asarray(sum(table[:blocks] for table in tables))

    def low_end_clash(self, plan: MixPlan, kicks: Sequence[str], basses: Sequence[str]) -> float:
        """Return in which share of the time kick and bass are equally strong in one third octave below 120 Hz."""
        kick, bass = (self.low_powers(plan, names) for names in (kicks, basses))
        blocks = min(len(kick), len(bass))
        return low_end_clash(kick[:blocks], bass[:blocks], self.low_bands()).share

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

    def _rendered(self, alone: StemPlan, bands: Bands) -> npt.NDArray[np.float64]:
        """Return the powers of a stem under a strip, with nothing else in the plan."""
        audio = SumAudio(self._renderer, MixPlan(stems=(alone,)), [alone.name])
        source = mono_source(audio, in_opposite_phase=self._given.scan(alone.name).in_opposite_phase)
        (powers,) = powers_in_sets(source, self._stems.sample_rate, [bands], block_s=TONE_BLOCK_S)
        return powers

    def _usual_bands(self) -> tuple[Bands, Bands]:
        nyquist_hz = self._stems.sample_rate / 2
        return octave_bands().below(nyquist_hz), erb_bands().below(nyquist_hz)

    def _band_powers(
        self, plan: MixPlan, name: str, coarse: Bands, fine: Bands, block_s: float
    ) -> list[PowerTable]:
        strip, rate = plan.stem(name), self._stems.sample_rate
        level_db = self._level_db(strip)
        if level_db is None:
            return self._processed_tables(plan, name, coarse, fine, block_s)
        gain = db_to_gain(level_db) ** 2
        given = self._tables_as_given(name, coarse, fine, block_s)
        return [
            self._scaled(table, gain * mean_power_gains(strip.equalizer, bands, rate), dtype)
            for table, bands, dtype in zip(given, (coarse, fine), _TABLE_TYPES, strict=True)
        ]

    def _level_db(self, strip: StemPlan) -> float | None:
        """Return by how much a strip but for its equaliser changes a stem's mono sum; None where it does more to it."""
        channels = self._stems[strip.name].channels
        without = dataclasses.replace(strip, equalizer=EqualizerParams())
        level_db = 0.0
        if channels == 1 and strip.width is None:  # a pan of one channel is a level of the mono sum
            one = np.ones((1, 1), np.float32)
            level_db = gain_to_db(float(pan(one, self._stems.sample_rate, strip.pan).mean()))
            without, channels = dataclasses.replace(without, pan=PanParams()), 2
        strip_db = self._renderer.chain.level_db(self._renderer.engine, without, channels)
        if strip_db is None or self._given.scan(strip.name).in_opposite_phase:
            return None
        return level_db + strip_db

    def _processed_tables(
        self, plan: MixPlan, name: str, coarse: Bands, fine: Bands, block_s: float
    ) -> list[PowerTable]:
        """Return the powers of a stem that more than an equaliser changes: rendered, the latest ones kept."""
        alone = plan.replace(stems=(plan.stem(name),), decisions=())
        key = (coarse, fine, block_s, self._renderer.chain.sum_key(alone))
        known = self._processed.get(name)
        if known is None or known[0] != key:
            audio = SumAudio(self._renderer, plan, [name])
            powers = powers_in_sets(audio, self._stems.sample_rate, [coarse, fine], block_s=block_s)
            known = self._processed[name] = (key, self._tables(powers))
        return known[1]

    def _low_powers(self, plan: MixPlan, name: str) -> npt.NDArray[np.float64]:
        strip, bands, rate = plan.stem(name), self.low_bands(), self._stems.sample_rate
        level_db = self._level_db(strip)
        if level_db is None:
            (powers,) = powers_in_sets(
                SumAudio(self._renderer, plan, [name]), rate, [bands], block_s=TONE_BLOCK_S
            )
            return powers
        if name not in self._low_as_given:
            self._tables_as_given(name, *self._usual_bands(), TONE_BLOCK_S)
        given = np.asarray(self._low_as_given[name][:], np.float64)
        return np.asarray(given * db_to_gain(level_db) ** 2 * mean_power_gains(strip.equalizer, bands, rate))

    def _tables_as_given(self, name: str, coarse: Bands, fine: Bands, block_s: float) -> list[PowerTable]:
        """Return the powers of a stem as given, measured once for the same bands and blocks."""
        key = (coarse, fine, block_s)
        known = self._as_given.get(name)
        with_spectrum = block_s == TONE_BLOCK_S and name not in self._low_as_given
        if known is not None and known[0] == key and not with_spectrum:
            return known[1]
        rate = self._stems.sample_rate
        asked = [coarse, fine, *([spectrum_bands(rate)] if with_spectrum else [])]
        powers = powers_in_sets(self._stems[name].audio, rate, asked, block_s=block_s)
        if with_spectrum:
            self._take_spectrum(name, powers.pop())
        tables = self._tables(powers)
        self._as_given[name] = (key, tables)
        return tables

    def _take_spectrum(self, name: str, powers: npt.NDArray[np.float64]) -> None:
        """Keep what a transform found of a stem as given in fine bands: its mean, and its low end by block."""
        if not self._given.has_spectrum(name):
            self._given.set_spectrum(name, powers)
        pairs = powers[:, 1 : 2 * len(self.low_bands()) + 1]
        low = pairs[:, 0::2] + pairs[:, 1::2]
        self._low_as_given[name] = self._table([low], *low.shape, dtype=np.float32)

    def _tables(self, powers: Sequence[npt.NDArray[np.float64]]) -> list[PowerTable]:
        return [
            self._table([each], *each.shape, dtype=dtype)
            for each, dtype in zip(powers, _TABLE_TYPES, strict=True)
        ]

    def _scaled(self, table: PowerTable, gains: npt.NDArray[np.float64], dtype: npt.DTypeLike) -> PowerTable:
        """Return a table with each band at another level."""

        def parts() -> Iterator[npt.NDArray[np.float64]]:
            for start in range(0, len(table), _BLOCKS_AT_ONCE):
                yield np.asarray(table[start : start + _BLOCKS_AT_ONCE], np.float64) * gains

        return self._table(parts(), len(table), len(gains), dtype=dtype)


_TABLE_TYPES: tuple[npt.DTypeLike, ...] = (np.float64, np.float32)
"""Of the coarse and the fine table."""


def _equalized(strip: StemPlan) -> StemPlan:
    """Return a strip up to its equaliser."""
    return StemPlan(
        name=strip.name,
        invert_polarity=strip.invert_polarity,
        invert_right_polarity=strip.invert_right_polarity,
        input_gain_db=strip.input_gain_db,
        equalizer=strip.equalizer,
        plugins=tuple(insert for insert in strip.plugins if insert.replaces == "equalizer"),
    )
