"""What the stems of a song measure as they were given, whatever the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mixrules.analysis import (
    Character,
    Spectrum,
    StemScan,
    Tempo,
    Tone,
    describe,
    estimate_tempo,
    mono_source,
    powers_in_sets,
    scan_stem,
    spectrum_bands,
    tone_of,
)
from mixrules.engine import Renderer
from mixrules.measurements.levels import Levels, given_plan
from mixrules.mixplan import MixPlan, starting_plan
from mixrules.stems import MonoSum

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

TONE_BLOCK_S = 0.1
"""The blocks of a stem's spectrum, those of `describe`: an incomplete last one is dropped."""


class GivenStems:
    """Measures stems as they were given; see `Measurements`.

    Parameters
    ----------
    renderer : Renderer
        The song, and the threads that work on it.
    levels : Levels
        Measures their loudness.
    """

    def __init__(self, renderer: Renderer, levels: Levels) -> None:
        self._renderer = renderer
        self._stems = renderer.stems
        self._levels = levels
        self._sums_lufs: dict[tuple[tuple[str, bool, bool], ...], float] = {}
        self._scans: dict[str, StemScan] = {}
        self._characters: dict[str, Character] = {}
        self._spectra: dict[str, Spectrum] = {}
        self._tempos: dict[tuple[tuple[str, ...], float, float], Tempo] = {}

    def scan(self, name: str) -> StemScan:
        """Return the loudness, width and offset of a stem as it was given."""
        return self.scans()[name]

    def scans(self) -> Mapping[str, StemScan]:
        """Return the loudness, width and offset of all stems as they were given."""
        if not self._scans:
            given = starting_plan(self._stems)
            loudness = dict.fromkeys(self._stems.names, -math.inf)
            loudness |= {name: self._levels.loudness(given, [name]) for name in self._levels.in_mix(given)}
            # Without a lock: two threads that ask at once make the same scans, and a task may ask while it waits.
            self._scans = self._renderer.each(
                self._stems.names,
                lambda name: scan_stem(
                    self._stems[name].audio, self._stems.sample_rate, integrated_lufs=loudness[name]
                ),
            )
        return self._scans

    def loudness(self, plan: MixPlan, names: Sequence[str]) -> float:
        """Return the integrated loudness in LUFS of the sum of some stems as they were given.

        With the polarity that the plan gives them, and nothing else of it. What was found is kept: a rule that runs
        again after others asks for it again, and the stems are then at other settings.
        """
        strips = [plan.stem(name) for name in sorted(names)]
        key = tuple((each.name, each.invert_polarity, each.invert_right_polarity) for each in strips)
        if key not in self._sums_lufs:
            self._sums_lufs[key] = self._levels.loudness(given_plan(self._stems, plan), names)
        return self._sums_lufs[key]

    def tone(self, name: str) -> Tone:
        """Return where in the spectrum a stem as it was given lies."""
        return self.tones([name])[name]

    def tones(self, names: Sequence[str]) -> dict[str, Tone]:
        """Return where in the spectrum several stems as they were given lie."""
        # The first band of a spectrum lies below those of the tone.
        return {
            name: tone_of(spectrum.powers[1:], self._stems.sample_rate)
            for name, spectrum in self.spectra(names).items()
        }

    def spectra(self, names: Sequence[str]) -> dict[str, Spectrum]:
        """Return the long-term spectra of several stems as they were given, in `spectrum_bands`."""
        bands = spectrum_bands(self._stems.sample_rate)

        def measure(name: str) -> None:
            audio = mono_source(self._stems[name].audio, in_opposite_phase=self.scan(name).in_opposite_phase)
            (powers,) = powers_in_sets(audio, self._stems.sample_rate, [bands], block_s=TONE_BLOCK_S)
            self.set_spectrum(name, powers)

        self.scans()
        self._renderer.each([name for name in names if name not in self._spectra], measure)
        return {name: self._spectra[name] for name in names}

    def has_spectrum(self, name: str) -> bool:
        """Return whether a stem's spectrum is known."""
        return name in self._spectra

    def set_spectrum(self, name: str, powers: npt.NDArray[np.float64]) -> None:
        """Take a stem's spectrum from its powers in `spectrum_bands`, in blocks of `TONE_BLOCK_S`, at any level."""
        self._spectra[name] = Spectrum(spectrum_bands(self._stems.sample_rate), powers.mean(axis=0))

    def character(self, name: str) -> Character:
        """Return what a stem as it was given sounds like, in all the numbers of `describe`."""
        return self.characters([name])[name]

    def characters(self, names: Sequence[str]) -> dict[str, Character]:
        """Return what several stems as they were given sound like."""
        unknown = [name for name in names if name not in self._characters]
        self._characters |= self._renderer.each(
            unknown, lambda name: describe(self._stems[name].audio, self._stems.sample_rate)
        )
        return {name: self._characters[name] for name in names}

    def tempo(self, names: Sequence[str], low_bpm: float, high_bpm: float) -> Tempo:
        """Return the tempo of the sum of some stems as they were given."""
        key = (tuple(names), low_bpm, high_bpm)
        if key not in self._tempos:
            # Files are read from their start on; only what lies in memory is read at several places at once.
            threads = self._renderer.threads if self._stems.in_memory else 1
            self._tempos[key] = estimate_tempo(
                MonoSum([self._stems[name] for name in names]),
                self._stems.sample_rate,
                low_bpm=low_bpm,
                high_bpm=high_bpm,
                threads=threads,
            )
        return self._tempos[key]
