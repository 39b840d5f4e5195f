"""The dynamic equaliser beside scipy's filter and a slow compressor, on sines, and through a plan."""

from typing import Any

import naive_processors as naive
import numpy as np
import numpy.typing as npt
import pytest
from scipy import signal

import mixrules
from mixrules.errors import ParameterError
from mixrules.processors import DynamicEqBand, equalize_dynamically, static_curve_db
from mixrules.processors.dynamic_equalizer import DynamicEqualizerStream

Array = npt.NDArray[Any]

BAND = DynamicEqBand(frequency_hz=3000, q=1.5, threshold_db=-30, ratio=4)
OTHER = DynamicEqBand(frequency_hz=700, q=3, threshold_db=-24, ratio=2, knee_db=0, attack_ms=0)


def band_pass(band: DynamicEqBand, rate: int) -> tuple[Array, Array]:
    """The analogue resonator (s/Q) / (s² + s/Q + 1) at the prewarped centre, brought to z by scipy."""
    center = 2 * rate * np.tan(np.pi * band.frequency_hz / rate)
    b, a = signal.bilinear([center / band.q, 0], [1, center / band.q, center**2], rate)
    return b, a


def sine(hz: float, level_db: float, seconds: float = 1.0, rate: int = 48_000) -> Array:
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def settled_db(audio: Array) -> float:
    return float(20 * np.log10(np.abs(audio[len(audio) // 2 :]).max()))


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_filter_of_scipys_and_a_slow_compressor_make_the_same(
    rng: np.random.Generator, rate: int, channels: int
) -> None:
    expected = audio = 0.3 * rng.standard_normal((3000, channels))
    for band in (BAND, OTHER):
        inside = signal.lfilter(*band_pass(band, rate), expected, axis=0)
        expected = expected + naive.compress(inside, rate, band.compressor) - inside
    assert np.abs(expected - audio).max() > 0.01
    out = equalize_dynamically(audio, rate, (BAND, OTHER))
    np.testing.assert_allclose(out, expected, atol=1e-7)
    single = equalize_dynamically(audio.astype(np.float32), rate, (BAND, OTHER))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=2e-5)


@pytest.mark.parametrize("level_db", [-40.0, -30.0, -28.0, -20.0, -6.0])
def test_the_gain_at_the_centre_is_that_of_the_curve(level_db: float) -> None:
    # A quarter of the rate at phase 0: each second sample is the peak, and a slow release holds over the others.
    band = DynamicEqBand(frequency_hz=12_000, threshold_db=-30, ratio=4, attack_ms=1, release_ms=20_000)
    out = equalize_dynamically(sine(12_000, level_db), 48_000, [band])
    assert settled_db(out) == pytest.approx(float(static_curve_db(level_db, band.compressor)), abs=0.02)


def test_what_lies_below_the_threshold_is_not_changed(rng: np.random.Generator) -> None:
    audio = (10 ** (-60 / 20) * rng.standard_normal((20_000, 2))).astype(np.float32)
    np.testing.assert_allclose(equalize_dynamically(audio, 48_000, (BAND, OTHER)), audio, atol=1e-9)


def test_frequencies_far_from_the_band_are_spared() -> None:
    for hz in (100, 250, 20_000):
        assert settled_db(equalize_dynamically(sine(hz, -6), 48_000, [BAND])) == pytest.approx(-6, abs=0.1)
    assert settled_db(equalize_dynamically(sine(3000, -6), 48_000, [BAND])) < -18


def test_the_band_is_turned_down_only_while_it_is_loud() -> None:
    loud = np.r_[sine(3000, -40), sine(3000, -10), sine(3000, -40)]
    out = equalize_dynamically(loud, 48_000, [BAND])[:, 0]
    np.testing.assert_allclose(out[:48_000], loud[:48_000], atol=1e-9)
    assert settled_db(out[48_000:96_000]) < -20
    np.testing.assert_allclose(out[-12_000:], loud[-12_000:], rtol=0.01, atol=1e-5)


def test_the_louder_channel_turns_both_down() -> None:
    loud, soft = sine(3000, -6), sine(3000, -46)
    out = equalize_dynamically(np.column_stack([loud, soft]), 48_000, [BAND])
    assert settled_db(out[:, 0]) - settled_db(out[:, 1]) == pytest.approx(40, abs=0.01)
    assert settled_db(equalize_dynamically(soft, 48_000, [BAND])) == pytest.approx(-46, abs=0.01)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_joined_are_the_whole(rng: np.random.Generator, dtype: Any) -> None:
    audio = (0.3 * rng.standard_normal((9000, 2))).astype(dtype)
    whole = equalize_dynamically(audio, 44_100, (BAND, OTHER))
    stream = DynamicEqualizerStream(44_100, 2, (BAND, OTHER))
    blocks = [stream.process(part) for part in np.split(audio, [1, 2, 900, 5001])]
    np.testing.assert_allclose(np.concatenate(blocks), whole, atol=1e-7 if dtype is np.float32 else 1e-12)


def test_audio_given_is_not_modified_and_no_bands_change_nothing(rng: np.random.Generator) -> None:
    audio = rng.standard_normal((1000, 2))
    kept = audio.copy()
    equalize_dynamically(audio, 48_000, [BAND])
    np.testing.assert_array_equal(audio, kept)
    np.testing.assert_array_equal(equalize_dynamically(audio, 48_000, ()), kept)


@pytest.mark.parametrize(
    "change", [{"frequency_hz": 0}, {"q": 0}, {"ratio": 0.9}, {"knee_db": -1}, {"attack_ms": float("nan")}]
)
def test_impossible_bands_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(change))):
        DynamicEqBand(**({"frequency_hz": 1000.0} | change))


@pytest.mark.parametrize("rate", [8000, 11_025])
def test_a_band_that_a_lower_rate_cannot_have_names_the_stem_in_one_line(rate: int) -> None:
    song = {"vocals": sine(500, -20, rate=rate), "piano": sine(300, -20, rate=rate)}
    plan = mixrules.plan(song, sample_rate=rate).replace_stem(
        "vocals", dynamic_equalizer=(DynamicEqBand(frequency_hz=7000),)
    )
    with pytest.raises(ParameterError) as caught:
        mixrules.render(song, plan, sample_rate=rate)
    assert str(caught.value) == (
        f"stem vocals, dynamic_equalizer: frequency_hz must be below half the sample rate ({rate / 2:g} Hz), got 7000"
    )
