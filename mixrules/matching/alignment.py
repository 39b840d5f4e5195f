"""How a finished mix lies to its stems: its start, its clock and its polarity, found from sound alone.

Coarse from onsets in bands, then from the waveforms in windows all over the song, with a straight line through what these
say: a mix that was cut, played from another clock or speeded up lies on the stems' clock again afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.errors import ParameterError
from mixrules.matching.alignment_coarse import FRAMES_PER_S, FURTHEST_PPM, Line, candidates, onsets_in_bands
from mixrules.matching.alignment_fine import FittedLine, WindowLags, fit_line, window_lags, window_length
from mixrules.matching.alignment_words import alignment_sentence
from mixrules.matching.interpolation import read_at
from mixrules.matching.stem_delays import CommonDelay, common_delay, stem_delays
from mixrules.stems import Stems

_AT_ONCE = 1 << 20
_RATIOS = (
    *(48_000 / 44_100, 44_100 / 48_000),  # a file that says the wrong one of the two
    *(25 / 24, 24 / 25, 25_000 / 23_976, 23_976 / 25_000),  # film played as video and back
    *(1.06, 1 / 1.06, 1.03, 1 / 1.03),  # a semitone and half of one
    *(2.0, 0.5),
)
"""Speeds that are tried where the mix does not lie on the stems' clock, within 0.2 %."""
_VARISPEED = tuple(1.0 + 0.0035 * n for n in range(-24, 25) if n)
"""And then every speed within 8.4 %."""
_COARSE_S = 0.06
_AGREES_SAMPLES = 2.0
_SEARCHED_WINDOWS = 80
_SEARCHED_LENGTH = 1 << 13
_COARSE_FRAMES = 2.0  # by which a song's end may be off after the search by onsets
_CLEAR = 0.8  # a share of windows that leaves no doubt
_SHARE = 0.2  # of windows that must lie on one line
_WHOLE = 0.1  # nearer than this to a whole sample, without drift: nobody moves a mix by so little
_FEWEST_SAMPLES = 256  # of less no fraction of a sample is known
_CERTAIN = 0.15  # samples
_WHOLE_UNSURE = 0.4  # and than this where equalisers blur it
_STILL_SAMPLES = 0.05  # a drift that moves the song's end by less is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How a finished mix lies to its stems.

    Sample ``n`` of the stems is heard at ``offset_samples + n * (1 + drift_ppm / 1e6)`` of the mix.

    Attributes
    ----------
    offset_samples : float
        Where the stems begin in the mix, in samples of the mix; below 0 where the mix begins later than they do.
    drift_ppm : float
        By how many millionths the mix lasts longer than the stems: 88435 where 44.1 kHz were taken for 48 kHz.
    inverted : bool
        Whether the whole mix has the opposite polarity.
    told : bool
        Whether this could be found at all; where it could not, the rest says that nothing is moved.
    agreement : float
        0 to 1: the share of windows, of those in which the stems sound, that lie on the line.
    likeness : float
        0 to 1: how like the mix is to the stems' sum in these windows, whatever their levels: 1 for a copy.
    offset_interval_samples, drift_interval_ppm : float
        Half of the 95 % interval; of the offset at the song's middle.
    spread_samples : float
        RMS of how far the windows are from the line: above half a sample the clock wanders.
    stem_lags : mapping of str to float
        Of stems that lie elsewhere than the rest: how many samples later they are in the mix.
    sentence : str
        All that in words.
    """

    offset_samples: float = 0.0
    drift_ppm: float = 0.0
    inverted: bool = False
    told: bool = False
    agreement: float = 0.0
    likeness: float = 0.0
    offset_interval_samples: float = math.inf
    drift_interval_ppm: float = math.inf
    spread_samples: float = math.inf
    stem_lags: Mapping[str, float] = field(default_factory=dict)
    sentence: str = ""

    @property
    def step(self) -> float:
        """Samples of the mix for each of the stems."""
        return 1.0 + self.drift_ppm * 1e-6

    @property
    def moves_nothing(self) -> bool:
        """Whether the mix already lies on the stems' clock."""
        return not self.offset_samples and not self.drift_ppm and not self.inverted


def find_alignment(mix: npt.ArrayLike, stems: Stems, sample_rate: int) -> Alignment:
    """Find where a mix lies to its stems, how its clock runs against theirs, and its polarity.

    Parameters
    ----------
    mix : array_like, shape (samples, channels) or (samples,)
        The finished mix. Not modified.
    stems : Stems
        The song; stems on the disk are read in blocks.
    sample_rate : int
        Hz, of the mix and of the stems.

    Returns
    -------
    Alignment
        With `told` False where the mix holds nothing that lies in one line with the stems: a mix of other stems, one
        that was stretched without changing its pitch, or silence.

    Raises
    ------
    AudioError
        If the mix is not float, is empty, or holds NaN or infinity.
    ParameterError
        If the sample rate is not that of the stems.

    Notes
    -----
    Searched are offsets within 30 s and clocks within 0.2 %, of one speed first, then of usual wrong ones (44.1 for
    48 kHz, 24 for 25 frames a second), then of all within 8 %. Each stem counts alike, whatever its level. Of places
    that look alike, as in loops, the one wins at which most of the song agrees.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules.stems import Stems
    >>> noise = np.random.default_rng(0).standard_normal(40_000).astype(np.float32) * 0.1
    >>> late = -np.concatenate([np.zeros(1234, np.float32), noise])
    >>> found = find_alignment(late, Stems.from_arrays({"noise": noise}, 16_000), 16_000)
    >>> found.offset_samples, found.drift_ppm, found.inverted
    (1234.0, 0.0, True)
    """
    audio = as_audio(mix, name="the mix")
    rate = require_sample_rate(sample_rate)
    if rate != stems.sample_rate:
        raise ParameterError(f"sample_rate must be that of the stems, {stems.sample_rate} Hz, got {rate}")
    audio = np.broadcast_to(audio, (len(audio), 2)) if audio.shape[1] == 1 else audio
    reference = _equal_sum(stems)
    if not audio.any() or not reference.any():
        silent = "the mix is silent" if not audio.any() else "all stems are silent"
        return Alignment(sentence=f"Where the mix lies to its stems cannot be told: {silent}.")
    found = _search(audio, reference, rate)
    if found is None:
        return Alignment(
            sentence="Where the mix lies to these stems cannot be told: nothing in it agrees with them in time, so it is "
            "taken as it is. It may be of other stems."
        )
    found = _settled(audio, reference, rate, found)
    delays = stem_delays(audio, stems, rate, found.line)
    return _worded(found, common_delay(delays), rate, len(reference))


def aligned(mix: npt.ArrayLike, alignment: Alignment, samples: int) -> npt.NDArray[np.float32]:
    """Return a mix on its stems' clock and in their polarity.

    Parameters
    ----------
    mix : array_like, shape (samples, channels) or (samples,)
        The finished mix. Not modified.
    alignment : Alignment
        By `find_alignment`.
    samples : int
        How long the stems are; what the mix lacks is silence.

    Returns
    -------
    ndarray of float32, shape (samples, channels)
        Copied sample by sample where the offset is whole and there is no drift; else interpolated with an error below
        -95 dB up to 0.9 of half the sample rate.

    Examples
    --------
    >>> import numpy as np
    >>> aligned(np.array([0.0, 0.5, 0.25, 0.0]), Alignment(offset_samples=1.0, inverted=True), 2).tolist()
    [[-0.5], [-0.25]]
    """
    out = read_at(as_audio(mix, name="the mix"), alignment.offset_samples, alignment.step, samples)
    return np.negative(out, out=out) if alignment.inverted else out


@dataclass(frozen=True, slots=True)
class _Found:
    """A line with the windows that were measured by it, as they lie after it was moved."""

    line: Line
    windows: WindowLags
    fit: FittedLine

    @property
    def score(self) -> float:
        """The mean height of the agreeing windows over all windows in which the stems sound."""
        return float(self.windows.heights[self.fit.agreeing].sum()) / max(1, self.windows.tried)

    @property
    def agreement(self) -> float:
        return float(self.fit.agreeing.sum()) / max(1, self.windows.tried)


def _equal_sum(stems: Stems) -> npt.NDArray[np.float32]:
    """Return the sum of the stems, each at one RMS: which of them the mix has in front is not known."""
    total = np.zeros((stems.samples, 2), np.float32)
    for stem in stems:
        if stem.silent:
            continue
        power = sum(float(np.sum(np.square(block, dtype=np.float64))) for _, block in _blocks(stem.audio))
        scale = np.float32(math.sqrt(stem.samples * stem.channels / power))
        for start, block in _blocks(stem.audio):
            total[start : start + len(block)] += scale * block
    return total


def _blocks(audio: Audio) -> Iterator[tuple[int, Audio]]:
    for start in range(0, len(audio), _AT_ONCE):
        yield start, audio[start : start + _AT_ONCE]


def _search(mix: Audio, reference: Audio, rate: int) -> _Found | None:
    """Return the first speed's best line that enough of the song agrees with."""
    onsets = onsets_in_bands(mix, rate), onsets_in_bands(reference, rate)
    for ratios in ((1.0,), _RATIOS, _VARISPEED):
        guesses = [guess for ratio in ratios for guess in candidates(*onsets, rate, ratio=ratio, count=4)]
        guesses.sort(key=lambda guess: -guess[0])
        guesses = guesses[:6]
        if ratios == (1.0,):
            guesses = [*guesses, *((0.0, line) for line in _by_waveform(mix, reference, rate))]
        best: _Found | None = None
        good = 0.0
        for score, line in guesses:
            # One that most of the song agrees with is left only for one whose onsets agree nearly as well.
            if best is not None and best.agreement > _CLEAR and score < 0.9 * good:
                continue
            found = _measured(mix, reference, rate, line)
            if found is not None and (best is None or found.score > best.score * 1.002):
                best, good = found, max(good, score)
        if best is not None and ratios != (1.0,) and best.agreement < _CLEAR:
            # Of one speed few places were tried, and music repeats.
            for _, line in candidates(*onsets, rate, ratio=best.line.step, count=8):
                found = _measured(mix, reference, rate, line)
                best = found if found is not None and found.score > best.score * 1.002 else best
        if best is not None:
            return best
    return None


def _by_waveform(mix: Audio, reference: Audio, rate: int) -> list[Line]:
    """Return where excerpts of the stems lie in the mix by their waveforms: music without onsets has these alone."""
    from scipy.fft import irfft, next_fast_len, rfft

    length = min(len(reference), round(8.0 * rate))
    reach = round(30.0 * rate)
    lines = []
    hop = max(1, length // 2)
    energies = [
        float(np.sum(np.square(reference[start : start + length], dtype=np.float64)))
        for start in range(0, max(1, len(reference) - length + 1), hop)
    ]
    for index in np.argsort(energies)[::-1][:2]:
        start = int(index) * hop
        excerpt = reference[start : start + length]
        there = read_at(mix, float(start - reach), 1.0, length + 2 * reach)
        size = next_fast_len(length + 2 * reach, real=True)
        across = np.zeros(size // 2 + 1, np.complex64)
        for channel in range(2):
            across += rfft(there[:, channel], size) * rfft(excerpt[:, channel], size).conj()
        magnitude = np.abs(across)
        low, high = round(60.0 / rate * size), round(min(4000.0, 0.45 * rate) / rate * size)
        across[:low] = across[high:] = 0.0
        across /= (magnitude + 1e-6 * magnitude.max() + 1e-30) ** np.float32(0.85)
        lags = np.abs(irfft(across, size)[: 2 * reach + 1])
        lines.append(Line(float(np.argmax(lags) - reach)))
    return lines


def _measured(mix: Audio, reference: Audio, rate: int, line: Line) -> _Found | None:
    """Return a candidate moved to where the waveforms lie, or None where too few of them agree."""
    samples = len(reference)
    length = min(window_length(samples), _SEARCHED_LENGTH)
    reach = max(8, round(_COARSE_S * rate))
    # What a drift known from onsets may be off by; windows are not smeared by steps of this size.
    steepest = min(_COARSE_FRAMES * rate / FRAMES_PER_S / (samples / 2.0), FURTHEST_PPM * 1e-6)
    apart = _AGREES_SAMPLES / length
    tilts = sorted(np.arange(-int(steepest / apart), int(steepest / apart) + 1) * 2.0 * apart, key=abs)
    best: _Found | None = None
    for tilt in tilts if len(tilts) > 1 else [0.0]:
        if abs(tilt) > steepest:
            continue
        tilted = line.moved(-tilt * samples / 2.0, tilt)
        windows = window_lags(
            mix, reference, rate, tilted, reach=reach, length=length, most=_SEARCHED_WINDOWS, rough=True
        )
        several = len(windows.times) > 2
        fit = fit_line(windows, tolerance=_AGREES_SAMPLES, steepest=2.0 * apart if several else 0.0)
        if fit is None:
            continue
        found = _Found(tilted.moved(fit.lag, fit.drift), windows, fit)
        if _enough(found, reach) and (best is None or found.score > best.score):
            best = found
        if best is not None and best.agreement > _CLEAR:
            break
    if best is None or abs(best.fit.drift) * length < 0.25:
        return best
    # Windows that a wrong clock smeared are not to be compared with others that none did.
    windows = window_lags(
        mix, reference, rate, best.line, reach=64, length=length, most=_SEARCHED_WINDOWS, rough=True
    )
    fit = fit_line(windows, tolerance=_AGREES_SAMPLES, steepest=apart if len(windows.times) > 2 else 0.0)
    return best if fit is None else _Found(best.line.moved(fit.lag, fit.drift), windows, fit)


def _enough(found: _Found, reach: int) -> bool:
    """Whether more windows lie on the line than would by chance, each with a peak that stands out."""
    agreeing = found.fit.agreeing
    count, tried = int(agreeing.sum()), max(1, found.windows.tried)
    heights = found.windows.heights[agreeing]
    over = float(np.median(heights)) / found.windows.chance if count else 0.0
    if tried < 6:
        return count * 2 >= tried and over > 2.0
    by_chance = tried * min(1.0, (2.0 * _AGREES_SAMPLES + 1.0) / (2.0 * reach + 1.0))
    return count >= max(4.0, _SHARE * tried, 3.0 + 4.0 * by_chance) and over > 1.0


def _settled(mix: Audio, reference: Audio, rate: int, found: _Found) -> _Found:
    """Return the line measured again, in all windows."""
    samples = len(reference)
    length = window_length(samples)
    for _ in range(2):
        windows = window_lags(mix, reference, rate, found.line, reach=64, length=length)
        fit = fit_line(windows, tolerance=1.0, steepest=20e-6 if len(windows.times) > 2 else 0.0)
        if fit is None:
            break
        found = _Found(found.line.moved(fit.lag, fit.drift), windows, fit)
        if abs(fit.drift) * samples < 0.5:
            break
    return found


def _brought_to_whole(found: _Found, samples: int, common: CommonDelay | None) -> Line:
    """Return the line with what all stems are late by; without drift and at whole samples where it is so near."""
    fit = found.fit
    unsure, late = fit.lag_interval, 0.0
    if common is not None:
        unsure = max(unsure, common.uncertainty)
        # Where much is put down to equalisers, so may be what is none.
        late = common.samples if common.uncertainty <= _CERTAIN else 0.0
    line = found.line.moved(late, 0.0)
    still = max(_STILL_SAMPLES, min(1.0, max(2.0 * fit.drift_interval * samples, 4.0 * fit.spread)))
    if abs(line.step - 1.0) * samples > still:
        return Line(float(line.offset), float(line.step))
    offset = line(samples / 2.0) - samples / 2.0
    near = 0.5 if samples < _FEWEST_SAMPLES else min(_WHOLE_UNSURE, max(_WHOLE, 3.0 * unsure))
    whole = abs(offset - round(offset)) <= near
    return Line(float(round(offset) if whole else offset))


def _worded(found: _Found, common: CommonDelay | None, rate: int, samples: int) -> Alignment:
    fit = found.fit
    line = _brought_to_whole(found, samples, common)
    lags = {} if common is None else dict(common.apart)
    weights = found.windows.heights * fit.agreeing
    inverted = float(np.sum(weights * found.windows.signs)) < 0.0
    drift_ppm = (line.step - 1.0) * 1e6
    sentence = alignment_sentence(line, drift_ppm, rate, samples, inverted=inverted)
    agreement = min(1.0, found.agreement)
    if agreement < 0.9:
        sentence += f" Only {100.0 * agreement:.0f} % of the song agrees with that."
    if fit.spread > 0.5:
        sentence += f" Its clock wanders by {fit.spread:.1f} samples."
    for name, lag in lags.items():
        when = "later" if lag > 0 else "earlier"
        sentence += f" In it, {name} is {abs(lag):.1f} samples {when} than the other stems."
    return Alignment(
        offset_samples=line.offset,
        drift_ppm=drift_ppm,
        inverted=inverted,
        told=True,
        agreement=agreement,
        likeness=min(1.0, float(np.mean(found.windows.heights[fit.agreeing]))),
        offset_interval_samples=max(fit.lag_interval, 0.0 if common is None else common.uncertainty),
        drift_interval_ppm=fit.drift_interval * 1e6,
        spread_samples=fit.spread,
        stem_lags=lags,
        sentence=sentence,
    )
