"""A mix as vetoes hear it: the finished audio, the stems as they sit in it, as they were given, and the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from mixrules._support.channels import mean_of_channels
from mixrules._support.validation import Audio
from mixrules.analysis import Bands, erb_bands, powers_in_sets, third_octave_bands
from mixrules.evaluation.rendition import Rendition
from mixrules.evaluation.systems_rendered import rendered
from mixrules.loudness import BlockEnergies
from mixrules.mixplan import MixPlan
from mixrules.stems import Stem, Stems

STREAMING_LUFS = -14.0
"""The loudness that a mix is delivered at where nothing else is asked for."""
BLOCKS_A_SECOND = 10
LOW_RATE_HZ = 5000.0

Powers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class HeardMix:
    """A mix, and what is known of how it came about.

    Parameters
    ----------
    rendition : Rendition
        The finished mix, and its stems before the master.
    given : Stems
        The stems as they were given, at the mix's sample rate: for roles, pairs, and what was in them before.
    plan : MixPlan, optional
        By which it was mixed; none of finished audio.
    target_lufs : float, optional
        The loudness that was promised; none where none was.
    """

    rendition: Rendition
    given: Stems
    plan: MixPlan | None = None
    target_lufs: float | None = None

    @classmethod
    def of_plan(
        cls,
        plan: MixPlan,
        stems: Stems,
        *,
        vocal: Mapping[str, bool] | None = None,
        target_lufs: float | None = STREAMING_LUFS,
    ) -> Self:
        """Render a plan; parameters as above and, of `vocal`, as in `Song`."""
        return cls(rendered(plan, stems, vocal), stems, plan, target_lufs)

    @property
    def sample_rate(self) -> int:
        """Hz."""
        return self.rendition.sample_rate

    @property
    def audio(self) -> Audio:
        """The finished mix, shape (samples, 2)."""
        return self.rendition.audio

    @property
    def active_stems(self) -> tuple[Stem, ...]:
        """The given stems that the mix holds."""
        return self.rendition.cached(
            "sounding", lambda: tuple(stem for stem in self.given if np.any(self._audios.get(stem.name, 0.0)))
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stems that the mix holds."""
        return tuple(stem.name for stem in self.active_stems)

    @property
    def vocals(self) -> tuple[str, ...]:
        """The lead vocals that the mix holds."""
        return tuple(name for name in self.names if name in self.rendition.vocals)

    def with_roles(self, *roles: str) -> tuple[str, ...]:
        """Return the stems of some roles that the mix holds."""
        return tuple(stem.name for stem in self.active_stems if stem.role in roles)

    def stem(self, name: str) -> Audio:
        """Return a stem as it sits in the mix, shape (samples, 2)."""
        return self._audios[name]

    def others(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the stems that the mix holds besides some."""
        apart = set(names)
        return tuple(name for name in self.names if name not in apart)

    def before_master(self) -> Audio:
        """Return the sum of the stems, shape (samples, 2)."""

        def add_up() -> Audio:
            total = np.zeros_like(self.audio)
            for name in self.names:
                total += self.stem(name)
            return total

        return self.rendition.cached("sum", add_up)

    def erb_powers(self, *names: str) -> Powers:
        """Return the mean squares of some stems in blocks of 0.1 s and bands one ERB wide, added up."""
        return np.asarray(np.sum([self._powers(name)[0] for name in names], axis=0))

    def third_octave_powers(self, *names: str) -> Powers:
        """Return the mean squares of some stems in blocks of 0.1 s and third octaves, added up."""
        return np.asarray(np.sum([self._powers(name)[1] for name in names], axis=0))

    @property
    def erb_bands(self) -> Bands:
        """The bands of `erb_powers`."""
        return erb_bands().below(self.sample_rate / 2)

    @property
    def third_octaves(self) -> Bands:
        """The bands of `third_octave_powers`."""
        return third_octave_bands().below(self.sample_rate / 2)

    def low_rate(self, audio: Audio) -> tuple[npt.NDArray[np.float32], float]:
        """Return the mono sum of some audio averaged down to about 5 kHz, and that rate."""
        step = max(1, min(round(self.sample_rate / LOW_RATE_HZ), len(audio)))
        mono = np.asarray(mean_of_channels(audio), np.float32)
        samples = mono.size // step * step
        # Adding every sample of a step is several times faster than a mean over so short an axis.
        low = np.zeros(samples // step, np.float32)
        for first in range(step):
            low += mono[first:samples:step]
        return low / np.float32(step), self.sample_rate / step

    @property
    def _audios(self) -> Mapping[str, Audio]:
        return self.rendition.stems or {}

    def _powers(self, name: str) -> list[Powers]:
        return self.rendition.cached(
            ("powers", name),
            lambda: powers_in_sets(self.stem(name), self.sample_rate, [self.erb_bands, self.third_octaves]),
        )


def per_block(energies: BlockEnergies) -> npt.NDArray[np.float64]:
    """Return the mean K-weighted energies of blocks of 0.1 s."""
    hops = energies.hops_per_100_ms
    blocks = energies.energies.size // hops
    return np.asarray(energies.energies[: blocks * hops].reshape(blocks, hops).mean(axis=1))
