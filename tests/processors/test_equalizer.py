from typing import Any

import naive_processors as naive
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from mixrules.errors import ParameterError
from mixrules.processors import (
    EqBand,
    EqualizerParams,
    biquad_coefficients,
    equalize,
    frequency_response,
)
from mixrules.processors.equalizer import EqKind

Array = npt.NDArray[Any]


def analog_prototype(band: EqBand, sample_rate: int) -> tuple[Array, Array]:
    """The cookbook's analogue filters at the prewarped corner, brought to z by scipy's bilinear transform."""
    corner = 2 * sample_rate * np.tan(np.pi * band.frequency_hz / sample_rate)
    a = 10 ** (band.gain_db / 40)
    q = band.q
    root = np.sqrt(a) / q
    forms = {
        "peaking": ([1, a / q, 1], [1, 1 / (a * q), 1]),
        "low_shelf": ([a, a * root, a * a], [a, root, 1]),
        "high_shelf": ([a * a, a * root, a], [1, root, a]),
        "low_pass": ([0, 0, 1], [1, 1 / q, 1]),
        "high_pass": ([1, 0, 0], [1, 1 / q, 1]),
    }
    powers = corner ** np.array([0.0, 1.0, 2.0])
    numerator, denominator = forms[band.kind]
    b, a = signal.bilinear(numerator * powers, denominator * powers, sample_rate)
    return b, a


BANDS = [
    EqBand(frequency_hz=1000, gain_db=6, q=1),
    EqBand(frequency_hz=63, gain_db=-8, q=4),
    EqBand(frequency_hz=15_000, gain_db=12, q=0.5),
    EqBand(kind="low_shelf", frequency_hz=102, gain_db=-6, q=0.53),
    EqBand(kind="low_shelf", frequency_hz=800, gain_db=9, q=0.9),
    EqBand(kind="high_shelf", frequency_hz=11_900, gain_db=-16, q=0.77),
    EqBand(kind="high_shelf", frequency_hz=2000, gain_db=5, q=0.7),
    EqBand(kind="high_pass", frequency_hz=80, q=np.sqrt(0.5)),
    EqBand(kind="low_pass", frequency_hz=5000, q=1.3),
]


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 192_000])
@pytest.mark.parametrize("band", BANDS, ids=lambda band: f"{band.kind}-{band.frequency_hz:g}")
def test_response_is_the_bilinear_transform_of_the_analog_filter(band: EqBand, sample_rate: int) -> None:
    frequencies = np.geomspace(20, 0.49 * sample_rate, 300)
    _, expected = signal.freqz(*analog_prototype(band, sample_rate), worN=frequencies, fs=sample_rate)
    response = frequency_response(EqualizerParams(bands=(band,)), sample_rate, frequencies)
    np.testing.assert_allclose(response, expected, rtol=1e-6, atol=1e-8)


def test_pass_filters_with_root_half_are_butterworth() -> None:
    band = EqBand(kind="low_pass", frequency_hz=5000, q=np.sqrt(0.5))
    b, a = biquad_coefficients(band, 48_000)
    expected_b, expected_a = signal.butter(2, 5000, fs=48_000)
    np.testing.assert_allclose(b, expected_b, rtol=1e-10)
    np.testing.assert_allclose(a, expected_a, rtol=1e-10)


@pytest.mark.parametrize(
    ("kind", "at_corner", "at_zero", "at_top"),
    [("peaking", 6, 0, 0), ("low_shelf", 3, 6, 0), ("high_shelf", 3, 0, 6)],
)
def test_gain_at_corner_and_ends(kind: EqKind, at_corner: int, at_zero: int, at_top: int) -> None:
    params = EqualizerParams(bands=(EqBand(kind=kind, frequency_hz=1000, gain_db=6, q=0.7),))
    gains_db = 20 * np.log10(np.abs(frequency_response(params, 48_000, [1000, 0, 24_000])))
    np.testing.assert_allclose(gains_db, [at_corner, at_zero, at_top], atol=1e-9)


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_audio_is_filtered_as_by_scipy(rng: np.random.Generator, count: int, channels: int) -> None:
    audio = rng.standard_normal((10_000, channels))
    params = EqualizerParams(bands=tuple(BANDS[:count]))
    sections = [np.concatenate(biquad_coefficients(band, 48_000)) for band in params.bands]
    expected = signal.sosfilt(sections, audio, axis=0)
    np.testing.assert_allclose(equalize(audio, 48_000, params), expected, atol=1e-10)
    single = equalize(audio.astype(np.float32), 48_000, params)
    np.testing.assert_allclose(single, expected, atol=1e-5)


def test_naive_twin(rng: np.random.Generator) -> None:
    audio = rng.standard_normal(6000)
    expected = audio
    for band in BANDS[:3]:
        expected = naive.biquad(expected, *biquad_coefficients(band, 44_100))
    out = equalize(audio, 44_100, EqualizerParams(bands=tuple(BANDS[:3])))
    np.testing.assert_allclose(out[:, 0], expected, atol=1e-9)


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_blocks_with_state_equal_one_call(rng: np.random.Generator, rows: int, channels: int) -> None:
    from mixrules.processors._kernels import biquad_cascade

    audio = rng.standard_normal((6000, channels))  # more than two of the kernel's blocks
    coefficients = np.array(
        [np.delete(np.concatenate(biquad_coefficients(band, 48_000)), 3) for band in BANDS[:rows]]
    )
    at_once, in_blocks = np.empty_like(audio), np.empty_like(audio)
    biquad_cascade(audio, coefficients, np.zeros((channels, rows, 2)), at_once)
    state = np.zeros((channels, rows, 2))
    for start, stop in [(0, 1), (1, 2900), (2900, 6000)]:
        biquad_cascade(audio[start:stop], coefficients, state, in_blocks[start:stop])
    np.testing.assert_allclose(in_blocks, at_once, atol=1e-12)


def test_a_filter_rings_out_to_zero_and_not_to_denormals() -> None:
    audio = np.zeros((44_100 * 5, 1))
    audio[0] = 1.0
    out = equalize(audio, 44_100, EqualizerParams(bands=tuple(BANDS[:1])))
    assert not out[-44_100:].any()
    assert np.abs(out[out != 0.0]).min() > 1e-60


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    frequency_hz=st.floats(20, 20_000),
    gain_db=st.floats(-60, 60),
    q=st.floats(0.05, 20),
    kind=st.sampled_from(["peaking", "low_shelf", "high_shelf"]),
)
def test_every_filter_is_stable_and_undone_by_its_mirror(
    frequency_hz: float, gain_db: float, q: float, kind: EqKind
) -> None:
    band = EqBand(kind=kind, frequency_hz=frequency_hz, gain_db=gain_db, q=q)
    mirror = EqBand(kind=kind, frequency_hz=frequency_hz, gain_db=-gain_db, q=q)
    _, a = biquad_coefficients(band, 44_100)
    assert np.abs(np.roots(a)).max() < 1
    both = frequency_response(EqualizerParams(bands=(band, mirror)), 44_100, np.geomspace(20, 20_000, 50))
    np.testing.assert_allclose(both, 1, atol=1e-4)


def test_peaking_agrees_with_pedalboard(rng: np.random.Generator) -> None:
    pedalboard = pytest.importorskip("pedalboard")
    audio = (0.1 * rng.standard_normal((20_000, 2))).astype(np.float32)
    theirs = pedalboard.PeakFilter(cutoff_frequency_hz=1200, gain_db=5, q=1.5)(audio.T.copy(), 44_100).T
    ours = equalize(audio, 44_100, EqualizerParams(bands=(EqBand(frequency_hz=1200, gain_db=5, q=1.5),)))
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_band_at_half_the_sample_rate_is_refused() -> None:
    params = EqualizerParams(bands=(EqBand(frequency_hz=12_000, gain_db=3),))
    with pytest.raises(ParameterError, match=r"below 8000 .* got 12000"):
        equalize(np.zeros(10), 16_000, params)
    with pytest.raises(ParameterError, match="half the sample rate"):
        frequency_response(params, 24_000, [100.0])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "notch", "frequency_hz": 100}, "kind must be one of"),
        ({"frequency_hz": 0}, "frequency_hz must be above 0"),
        ({"frequency_hz": float("nan")}, "frequency_hz must be a finite number"),
        ({"frequency_hz": 100, "q": 0}, "q must be above 0"),
        ({"frequency_hz": 100, "gain_db": 61}, "gain_db must be -60 to 60"),
        ({"kind": "high_pass", "frequency_hz": 100, "gain_db": 1}, "gain_db must be 0"),
    ],
)
def test_bad_bands_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        EqBand(**fields)


def test_bands_must_be_a_tuple_of_bands() -> None:
    with pytest.raises(ParameterError, match="bands must be a tuple"):
        EqualizerParams(bands=[EqBand(frequency_hz=100)])  # type: ignore[arg-type]
