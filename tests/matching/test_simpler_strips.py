from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from mixrules.matching.excerpts import Excerpt
from mixrules.matching.linear_strips import LinearStrip
from mixrules.matching.simpler_strips import StripTrials, leave_out_idle, use_fewer_bands
from mixrules.matching.strip import Strip
from mixrules.matching.strip_columns import _BAND_STEPS, _COMPRESSOR_STEPS, free_numbers, strip_columns
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, compress, equalize

RATE = 16_000
BELL = EqBand(frequency_hz=900.0, gain_db=5.0, q=1.0)
IDLE_BAND = EqBand(frequency_hz=3000.0, gain_db=0.0, q=1.0)
COMPRESSOR = CompressorParams(threshold_db=-30.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)
IDLE_COMPRESSOR = CompressorParams(threshold_db=20.0, ratio=4.0, attack_ms=5.0, release_ms=80.0)
LINEAR = LinearStrip(channels=2, left=0.5, right=0.4, bands=(BELL,))

Audio = npt.NDArray[np.float32]


def bursts(seed: int) -> Audio:
    """Return noise that is loud and soft in turns, so that a compressor has something to do."""
    rng = np.random.default_rng(seed)
    loud = np.repeat(rng.uniform(0.02, 0.5, 8), RATE // 4)[:, None]
    return np.asarray(loud * rng.uniform(-1.0, 1.0, (len(loud), 2)), np.float32)


def mixed(audio: Audio, compressor: CompressorParams | None) -> Audio:
    """Return what the processors themselves make of the stem, by another way than a strip's."""
    toned = equalize(audio, RATE, EqualizerParams(bands=(BELL,)))
    dry = toned if compressor is None else compress(toned, RATE, compressor)
    return np.asarray(dry * np.array([0.5, 0.4], np.float32))


def trials_of(strip: Strip, compressor: CompressorParams | None, *, known: bool = False) -> StripTrials:
    audio, hiss = bursts(0), np.random.default_rng(9).normal(0.0, 1e-4, (2 * RATE, 2)).astype(np.float32)
    reverb = bursts(5)
    mix = mixed(audio, compressor) + hiss + (reverb if known else 0.0)
    excerpt = Excerpt(start=0, lead_in=RATE // 2, stems=(audio,), mix=np.asarray(mix, np.float32))
    more = [reverb[RATE // 2 :]] if known else None
    return StripTrials([excerpt, excerpt], [strip], RATE, may_cost=0.002, known=more and more * 2, threads=2)


@pytest.mark.parametrize("known", [False, True])
def test_what_does_nothing_is_left_out(known: bool) -> None:
    strip = Strip(linear=replace(LINEAR, bands=(IDLE_BAND, BELL)), compressor=IDLE_COMPRESSOR)
    trials = trials_of(strip, None, known=known)
    leave_out_idle(trials)
    assert trials.strips[0].compressor is None
    assert trials.strips[0].linear.bands == (BELL,)
    assert trials.strips[0].linear.left == pytest.approx(0.5, rel=1e-3)


def test_what_acts_is_kept() -> None:
    strip = Strip(linear=LINEAR, compressor=COMPRESSOR)
    trials = trials_of(strip, COMPRESSOR)
    leave_out_idle(trials)
    assert trials.strips[0].compressor == COMPRESSOR
    assert trials.strips[0].linear.bands == (BELL,)


def test_fewer_bands_are_used_and_the_compressor_hears_the_level_that_it_heard() -> None:
    # Shelves that meet raise everything by 6 dB: the fader can do that, if the threshold follows.
    low, high = (
        EqBand(kind=kind, frequency_hz=900.0, gain_db=6.0206, q=0.7071)
        for kind in ("low_shelf", "high_shelf")
    )
    strip = Strip(
        linear=replace(LINEAR, left=0.25, right=0.2, bands=(low, high, BELL)),
        compressor=replace(COMPRESSOR, threshold_db=COMPRESSOR.threshold_db + 6.0206),
    )
    trials = trials_of(strip, COMPRESSOR)
    use_fewer_bands(trials, lambda _, linear: replace(linear, left=0.5, right=0.4, bands=(BELL,)))
    found = trials.strips[0]
    assert found.linear.bands == (BELL,)
    assert found.compressor is not None
    assert found.compressor.threshold_db == pytest.approx(COMPRESSOR.threshold_db, abs=0.01)
    assert found.linear.left == pytest.approx(0.5, rel=1e-3)


def test_fewer_bands_that_leave_more_are_not_used() -> None:
    strip = Strip(linear=LINEAR, compressor=COMPRESSOR)
    trials = trials_of(strip, COMPRESSOR)
    use_fewer_bands(trials, lambda _, linear: replace(linear, bands=()))
    assert trials.strips == [strip]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("compressor", [None, COMPRESSOR])
def test_columns_are_what_the_processed_stem_changes_by(
    channels: int, compressor: CompressorParams | None
) -> None:
    audio, lead_in = np.ascontiguousarray(bursts(1)[:, :channels]), RATE // 2
    strip = Strip(linear=replace(LINEAR, channels=channels, side_gain=0.8), compressor=compressor)
    free = free_numbers(strip, every_band=True)
    columns = np.zeros((len(free), 2, len(audio) - lead_in), np.float32)
    row, part = strip_columns(strip, audio, lead_in, RATE, columns, 0, every_band=True)
    assert row == len(free)

    def whole(number: int, by: float) -> Audio:
        steps = np.zeros(6 + (4 if compressor else 0))
        steps[number] = by
        moved = strip.moved(steps, RATE)
        return np.asarray(moved.placed(moved.before_place(audio, RATE))[lead_in:].T)

    assert part == pytest.approx(whole(0, 0.0), abs=1e-6)
    # Differences in one direction, by the steps that are taken: of a ratio's logarithm the slope is several per cent off.
    sizes = [1e-3, 1e-3, 1e-3, *_BAND_STEPS, *_COMPRESSOR_STEPS]
    for column, number in zip(columns, free, strict=True):
        there = (whole(number, sizes[number]) - whole(number, 0.0)) / sizes[number]
        assert np.linalg.norm(column - there) < 0.002 * np.linalg.norm(there)
