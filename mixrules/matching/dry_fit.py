"""The channel strips of all stems: gains, places, widths, equalisers and compressors, added where they pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import in_threads
from mixrules._support.validation import Audio
from mixrules.matching.compressor_fit import (
    CompressedPart,
    frame_gains,
    halves_of,
    hop_levels_db,
    search_compressor,
    worth_of,
)
from mixrules.matching.equalizer_fit import fewest_bands, found_tone, lowered_by, next_band, with_band
from mixrules.matching.excerpts import Excerpt, covering, mean_square
from mixrules.matching.gain_over_time import FrameStatistics, frame_statistics
from mixrules.matching.linear_fit import Free, LinearFit, fit_linear
from mixrules.matching.linear_strips import CENTRE_GAIN, LinearStrip
from mixrules.matching.simpler_strips import StripTrials, use_fewer_bands
from mixrules.matching.spectral_statistics import SpectralStatistics, spectral_statistics
from mixrules.matching.strip import Strip
from mixrules.matching.strip_fit import fit_strips, residual_power

Floats = npt.NDArray[np.float64]

PAYS_SHARE = 0.002
"""A processor is kept that lowers what is unexplained by this share (0.009 dB) in excerpts that it was not found in."""
MOST_BANDS = 6
ROUNDS = 4
_SAMPLES_S = 16.0
"""So much of a song is compared sample by sample, lead-ins included: it tells a compressor's numbers to some digits."""
_LEAST_WIDTH_DB = 0.25
_SETTLED = 0.01  # of the residual's power: rounds that lower it by less are the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Which processors may be used."""

    pan: bool = True
    equalizer: bool = True
    compressor: bool = True


def centred(channels: int) -> Strip:
    """Return the strip that leaves a stem as it is, in the centre."""
    gain = CENTRE_GAIN if channels == 1 else 1.0
    return Strip(linear=LinearStrip(channels=channels, left=gain, right=gain))


class DryFit:
    """Fits the strips of a song's stems to a mix, in rounds.

    Parameters
    ----------
    excerpts : sequence of Excerpt
        What is compared. Stretches of them are taken in turns: a processor is looked for in some, and whether it pays is
        seen in the others.
    sample_rate : int
        Hz.
    allowed : Allowed
        Which processors may be used.
    rounds : int
        So many at most.
    threads : int
        How many excerpts to work on at once; the result is the same.

    Attributes
    ----------
    left : float
        Power that the latest strips leave unexplained, of the excerpts together.
    """

    def __init__(
        self,
        excerpts: Sequence[Excerpt],
        sample_rate: int,
        allowed: Allowed,
        *,
        rounds: int = ROUNDS,
        threads: int = 1,
    ) -> None:
        self._rounds, self._threads = rounds, threads
        self.left = np.inf
        self._excerpts = excerpts
        powers = np.array([[mean_square(audio) for audio in excerpt.stems] for excerpt in excerpts]).T
        longest_s = max(len(excerpt.mix) for excerpt in excerpts) / sample_rate
        self._few = sorted(covering(powers, max(1, round(_SAMPLES_S / longest_s))))
        self._rate = sample_rate
        self._allowed = allowed

    def fit(self, strips: Sequence[Strip], known: Sequence[Audio] | None = None) -> tuple[Strip, ...]:
        """Return better strips.

        Parameters
        ----------
        strips : sequence of Strip
            Where to start.
        known : sequence of ndarray, optional
            What else is in the mix in each excerpt without its lead-in, shape (samples, 2): the reverb.

        Returns
        -------
        tuple of Strip
            With the processors that pay.
        """
        strips, left = tuple(strips), np.inf
        for _ in range(self._rounds):
            strips, changed, residual = self._round(strips, known)
            if residual > (1.0 - _SETTLED) * left or not (changed or self._allowed.compressor):
                break
            left = residual
        return strips

    def _round(
        self, strips: tuple[Strip, ...], known: Sequence[Audio] | None
    ) -> tuple[tuple[Strip, ...], bool, float]:
        strips, bands, tone = self._linear(strips, known)
        if not self._allowed.compressor:
            return strips, bands > 0, self.left
        strips, compressors = self._compressors(strips, known)
        if any(strip.compressor for strip in strips):
            trials = StripTrials(
                self._excerpts,
                strips,
                self._rate,
                may_cost=PAYS_SHARE,
                known=known,
                threads=self._threads,
            )
            use_fewer_bands(trials, tone.fewest_bands)
            strips = tuple(trials.strips)
            few = [self._excerpts[number] for number in self._few]
            reverb = None if known is None else [known[number] for number in self._few]
            fitted, _ = fit_strips(few, strips, self._rate, known=reverb, threads=self._threads)
            # What was solved on a part of the song must hold in all of it.
            before, after = (
                residual_power(self._excerpts, each, self._rate, known, self._threads)
                for each in (strips, fitted)
            )
            strips, self.left = (fitted, after) if after < before else (strips, before)
        return strips, bands + compressors > 0, self.left

    def _linear(
        self, strips: tuple[Strip, ...], known: Sequence[Audio] | None
    ) -> tuple[tuple[Strip, ...], int, _Tone]:
        """Solve for all that is linear, with more bands where they pay."""
        halves = self._statistics(strips, known)
        together = SpectralStatistics.added(halves) if halves[0] is not halves[1] else halves[0]
        free = Free(
            gain=not self._allowed.pan,
            pan=self._allowed.pan,
            width=self._allowed.pan,
            equalizer=self._allowed.equalizer,
        )
        # What a compressor hears is not moved here: its strip's bands come before it, and stay.
        solved = [_after_compressor(strip) for strip in strips]
        most = [
            MOST_BANDS - len(strip.linear.bands) + len(linear.bands)
            for strip, linear in zip(strips, solved, strict=True)
        ]
        fit = fit_linear(together, solved, self._rate, free)
        added = 0
        while self._allowed.equalizer:
            more = self._with_bands(halves, fit, most)
            if more is None:
                break
            added += 1
            fit = fit_linear(together, more, self._rate, free)
        if added:
            tone = _Tone(together, fit, self._rate)
            fewest = [tone.fewest_bands(number, strip) for number, strip in enumerate(fit.strips)]
            fewer = fit_linear(together, fewest, self._rate, free)
            fit = fewer if fewer.residual < (1.0 + PAYS_SHARE) * fit.residual else fit
        if free.width:
            rounded = [_with_plain_width(strip) for strip in fit.strips]
            fit = fit_linear(together, rounded, self._rate, replace(free, width=False))
        self.left = fit.residual
        joined = tuple(_joined(strip, linear) for strip, linear in zip(strips, fit.strips, strict=True))
        return joined, added, _Tone(together, fit, self._rate)

    def _with_bands(
        self, halves: Sequence[SpectralStatistics], fit: LinearFit, most: Sequence[int]
    ) -> list[LinearStrip] | None:
        """Return the strips with one band more, of so many each, where one pays; None where none does."""
        found, other = halves[0], halves[-1]
        tones = []
        for half in (found, other):
            cells = half.frames * len(half.frequencies_hz)
            tones.append(found_tone(half, fit.strips, self._rate, 0.5 * fit.residual / max(cells, 1)))
        strips, changed = list(fit.strips), False
        for number, strip in enumerate(fit.strips):
            if len(strip.bands) >= most[number]:
                continue
            (factors, weights), (other_factors, other_weights) = (
                (tone[:, number], weight[:, number]) for tone, weight in tones
            )
            grid = found.frequencies_hz
            band = next_band(grid, self._rate, factors, weights)
            pays = lowered_by(band, grid, self._rate, other_factors, other_weights)
            if pays > PAYS_SHARE * 0.5 * fit.residual:
                strips[number], changed = with_band(strip, band), True
        return strips if changed else None

    def _statistics(
        self, strips: Sequence[Strip], known: Sequence[Audio] | None
    ) -> tuple[SpectralStatistics, SpectralStatistics]:
        """Return the statistics of the stretches that processors are looked for in, and of the others."""

        def of_one(number: int) -> tuple[SpectralStatistics, SpectralStatistics]:
            excerpt = self._excerpts[number]
            signals = [
                side[excerpt.lead_in :]
                for strip, audio in zip(strips, excerpt.stems, strict=True)
                for side in (audio if strip.compressor is None else strip.before_place(audio, self._rate)).T
            ]
            target = excerpt.target(None if known is None else known[number])
            return spectral_statistics(signals, target, self._rate)

        every = in_threads(of_one, range(len(self._excerpts)), self._threads)
        found, other = (SpectralStatistics.added(half) for half in zip(*every, strict=True))
        # Of a song shorter than two stretches both halves are the same.
        return (found, other) if other.frames else (found, found)

    def _compressors(
        self, strips: tuple[Strip, ...], known: Sequence[Audio] | None
    ) -> tuple[tuple[Strip, ...], int]:
        """Look for a compressor on each stem that has none."""
        changed, added = list(strips), 0
        frames, levels = self._frames(strips, known)
        gains = [np.ones((len(each.mix_power), len(strips))) for each in frames]
        for number, strip in enumerate(strips):
            if strip.compressor is not None:
                continue
            parts = [
                CompressedPart(*levels[e][number], *frames[e].for_stem(number, gains[e]), self._rate)
                for e in range(len(frames))
            ]
            found, other = halves_of(parts)
            if not any(part.power.any() for part in found):
                continue
            params = search_compressor(found, self._rate)
            unexplained = sum(float(f.residual_power(g).sum()) for f, g in zip(frames, gains, strict=True))
            pays, _ = worth_of(other, self._rate, params)
            _, factor = worth_of(parts, self._rate, params)
            if factor > 0.0 and pays > PAYS_SHARE * 0.5 * unexplained:
                linear = replace(
                    strip.linear, left=strip.linear.left * factor, right=strip.linear.right * factor
                )
                changed[number], added = Strip(linear=linear, compressor=params), added + 1
                for e, part in enumerate(parts):
                    gains[e][:, number] = factor * frame_gains(part, self._rate, params)
        return tuple(changed), added

    def _frames(
        self, strips: Sequence[Strip], known: Sequence[Audio] | None
    ) -> tuple[list[FrameStatistics], list[list[tuple[Floats, int]]]]:
        """Return sums over short frames, and the levels that compressors would hear, of each excerpt and stem."""

        def of_one(number: int) -> tuple[FrameStatistics, list[tuple[Floats, int]]]:
            excerpt = self._excerpts[number]
            before = [
                strip.before_place(audio, self._rate)
                for strip, audio in zip(strips, excerpt.stems, strict=True)
            ]
            parts = [
                strip.placed(audio)[excerpt.lead_in :] for strip, audio in zip(strips, before, strict=True)
            ]
            target = excerpt.target(None if known is None else known[number])
            levels = [hop_levels_db(audio, excerpt.lead_in, self._rate) for audio in before]
            return frame_statistics(parts, target, self._rate), levels

        frames, levels = zip(*in_threads(of_one, range(len(self._excerpts)), self._threads), strict=True)
        return list(frames), list(levels)


class _Tone:
    """What every stem's response should be, as far as the statistics tell, beside what a fit made it."""

    def __init__(self, statistics: SpectralStatistics, fit: LinearFit, sample_rate: int) -> None:
        self._grid, self._rate, self._residual = statistics.frequencies_hz, sample_rate, fit.residual
        noise = fit.residual / max(statistics.frames * len(self._grid), 1)
        self._factors, self._weights = found_tone(statistics, fit.strips, sample_rate, noise)

    def fewest_bands(self, number: int, strip: LinearStrip) -> LinearStrip:
        """Return a stem's strip with its bands found again, all at once: fewer of them or better ones."""
        if not strip.bands:
            return strip
        factors, weights = self._factors[:, number], self._weights[:, number]
        worth = PAYS_SHARE * self._residual
        return fewest_bands(strip, self._grid, self._rate, factors, weights, worth=worth)


def _with_plain_width(strip: LinearStrip) -> LinearStrip:
    """Return a strip without a change of width that nobody would make."""
    least = 10.0 ** (_LEAST_WIDTH_DB / 20.0)
    return replace(strip, side_gain=1.0) if 1.0 / least < strip.side_gain < least else strip


def _after_compressor(strip: Strip) -> LinearStrip:
    """Return what is solved for of a strip: without the bands where the signal has been through them already."""
    return strip.linear if strip.compressor is None else replace(strip.linear, bands=())


def _joined(strip: Strip, solved: LinearStrip) -> Strip:
    """Return a strip with what was solved for: bands found after a compressor are tried before it."""
    if strip.compressor is None:
        return replace(strip, linear=solved)
    return replace(strip, linear=replace(solved, bands=(*strip.linear.bands, *solved.bands)))
