"""Stereo width: the side alone changes, the mono sum never does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal

from mixrules import plan, presets, render
from mixrules.errors import AudioError, ParameterError
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import ReverbParams, WidthParams, WidthStream, set_width
from mixrules.processors.width import _ALL_PASS_Q, _ALL_PASSES_HZ, SPREAD_LOW_CUT_HZ

RATE = 44_100


def mid_and_side(audio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 0.5 * (audio[:, 0] + audio[:, 1]), 0.5 * (audio[:, 0] - audio[:, 1])


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "params", [WidthParams(side_gain_db=-144.0), WidthParams(side_gain_db=6.0, spread=0.7)]
)
def test_the_mono_sum_stays(rng: np.random.Generator, rate: int, dtype: Any, params: WidthParams) -> None:
    audio = (0.2 * rng.standard_normal((5000, 2))).astype(dtype)
    changed = set_width(audio, rate, params)
    np.testing.assert_allclose(changed.sum(axis=1), audio.sum(axis=1), atol=4.0 * np.finfo(dtype).eps)


@pytest.mark.parametrize("gain_db", [-20.0, -3.0, 6.0])
def test_the_side_gets_its_gain(rng: np.random.Generator, gain_db: float) -> None:
    audio = rng.standard_normal((3000, 2))
    side = mid_and_side(audio)[1]
    changed = mid_and_side(set_width(audio, RATE, WidthParams(side_gain_db=gain_db)))[1]
    np.testing.assert_allclose(changed, side * 10.0 ** (gain_db / 20.0), atol=1e-12)


def test_the_lowest_side_gain_leaves_mono(rng: np.random.Generator) -> None:
    changed = set_width(rng.standard_normal((1000, 2)), RATE, WidthParams(side_gain_db=-144.0))
    np.testing.assert_array_equal(changed[:, 0], changed[:, 1])


def test_a_spread_gives_a_mono_source_a_side_above_the_low_cut(rng: np.random.Generator) -> None:
    audio = rng.standard_normal((20 * RATE, 1))
    spread = 0.4
    mid, side = mid_and_side(set_width(audio, RATE, WidthParams(spread=spread)))
    hz, of_mid = scipy.signal.welch(mid, RATE, nperseg=16_384)
    of_side = scipy.signal.welch(side, RATE, nperseg=16_384)[1]
    ratio = np.sqrt(of_side / of_mid)
    # All-pass filters leave the level to a Butterworth high-pass of second order.
    expected = spread / np.sqrt(1.0 + (SPREAD_LOW_CUT_HZ / np.maximum(hz, 1.0)) ** 4)
    heard = (hz > 40.0) & (hz < 10_000.0)
    np.testing.assert_allclose(ratio[heard], expected[heard], rtol=0.02, atol=0.002)
    left, right = mid + side, mid - side
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.95


def test_blocks_joined_are_the_whole(rng: np.random.Generator) -> None:
    audio = (0.2 * rng.standard_normal((5000, 2))).astype(np.float32)
    params = WidthParams(side_gain_db=3.0, spread=0.5)
    stream = WidthStream(RATE, params)
    parts = [stream.process(audio[start : start + 700]) for start in range(0, 5000, 700)]
    np.testing.assert_array_equal(np.concatenate(parts), set_width(audio, RATE, params))


@pytest.mark.parametrize(
    "settings", [{"side_gain_db": 13.0}, {"side_gain_db": -145.0}, {"spread": 1.1}, {"spread": np.nan}]
)
def test_settings_out_of_bounds_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(settings))):
        WidthParams(**settings)


def test_more_than_two_channels_are_refused() -> None:
    with pytest.raises(AudioError):
        set_width(np.zeros((10, 3)), RATE, WidthParams())


@pytest.mark.parametrize("rate", [8000, 44_100, 96_000, 192_000])
def test_the_spread_is_a_high_pass_and_all_passes_as_scipy_makes_them(rate: int) -> None:
    """Analogue prototypes through scipy's bilinear transform, each warped to its own frequency."""
    impulse = np.zeros((1 << 15, 1))
    impulse[0] = 1.0
    side = mid_and_side(set_width(impulse, rate, WidthParams(spread=0.5)))[1]
    expected = 0.5 * impulse[:, 0]
    sections = [(SPREAD_LOW_CUT_HZ, np.sqrt(0.5), False)]
    sections += [(hz, _ALL_PASS_Q, True) for hz in _ALL_PASSES_HZ if hz < 0.45 * rate]
    for hz, q, all_pass in sections:
        warped = 2.0 * rate * np.tan(np.pi * hz / rate)
        zeros = [1.0, -warped / q, warped**2] if all_pass else [1.0, 0.0, 0.0]
        numerator, denominator = scipy.signal.bilinear(zeros, [1.0, warped / q, warped**2], rate)
        expected = scipy.signal.lfilter(numerator, denominator, expected)
    np.testing.assert_allclose(side, expected, atol=1e-9)


def test_a_spread_has_no_audible_tail() -> None:
    """Within 20 ms the side of a click is 60 dB down: it does not sound like a room."""
    click = np.zeros((RATE, 1))
    click[0] = 1.0
    side = mid_and_side(set_width(click, RATE, WidthParams(spread=1.0)))[1]
    later = np.sqrt(np.sum(side[round(0.02 * RATE) :] ** 2))
    assert 20.0 * np.log10(later / np.sqrt(np.sum(side**2))) < -60.0


@pytest.mark.parametrize(("hz", "below_db"), [(30.0, -30.0), (60.0, -18.0)])
def test_lows_stay_in_the_centre(hz: float, below_db: float) -> None:
    tone = np.sin(2.0 * np.pi * hz * np.arange(4 * RATE) / RATE)[:, np.newaxis]
    mid, side = (x[RATE:] for x in mid_and_side(set_width(tone, RATE, WidthParams(spread=1.0))))
    assert 20.0 * np.log10(side.std() / mid.std()) < below_db


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neutral_settings_change_no_bit(rng: np.random.Generator, dtype: Any) -> None:
    audio = rng.standard_normal((1000, 2)).astype(dtype)
    changed = set_width(audio, RATE, WidthParams())
    assert changed.dtype == dtype
    assert changed.tobytes() == audio.tobytes()
    assert changed is not audio


@pytest.mark.parametrize("slope", [0.0, -0.5, -1.0])
def test_left_and_right_of_a_spread_weigh_alike(rng: np.random.Generator, slope: float) -> None:
    """White noise, pink noise, and 6 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(20 * RATE))
    spectrum *= np.maximum(np.fft.rfftfreq(20 * RATE, 1.0 / RATE), 60.0) ** slope
    changed = set_width(np.fft.irfft(spectrum)[:, np.newaxis], RATE, WidthParams(spread=0.4))
    left, right = np.mean(changed**2, axis=0)
    assert abs(10.0 * np.log10(left / right)) < 0.5


def test_the_reverb_hears_a_stem_as_its_width_leaves_it() -> None:
    """A mono sum feeds the room: the side that a spread adds is not in it, nor is a side that is gone."""
    audio = np.random.default_rng(5).standard_normal((RATE, 2)).astype(np.float32) * 0.1
    rules = presets.load("default").without(*presets.load("default").rules)
    made = plan({"keys": audio}, sample_rate=RATE, rules=rules)
    room = ReverbBus(name="room", params=ReverbParams(t60_s=0.3))
    made = made.replace(reverbs=(room,)).replace_stem("keys", sends=(Send(to="room", level_db=-6.0),))
    dry = np.asarray(render({"keys": audio}, made, sample_rate=RATE), float)
    narrow = made.replace_stem("keys", width=WidthParams(side_gain_db=-144.0))
    mono = np.asarray(render({"keys": audio}, narrow, sample_rate=RATE), float)
    np.testing.assert_allclose(mono.sum(axis=1), dry.sum(axis=1), atol=1e-5)
    assert np.abs(mono[:, 0] - mono[:, 1]).max() > 1e-4  # the room's own side is still there
