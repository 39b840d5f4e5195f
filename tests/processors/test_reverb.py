from typing import Any

import naive_processors as naive
import numpy as np
import numpy.typing as npt
import pytest
from schroeder import schroeder_t60
from scipy import signal

from mixrules.errors import ParameterError
from mixrules.processors import ReverbParams, impulse_response, reverberate, t60_at

Array = npt.NDArray[Any]

SURVEY = ReverbParams(
    t60_s=1.78,
    room_size_m=14.5,
    low_shelf_hz=102,
    low_shelf_q=0.53,
    low_shelf_db_per_s=-2.1,
    high_shelf_hz=11_900,
    high_shelf_q=0.77,
    high_shelf_db_per_s=-16,
    fade_in_s=0.68,
)
ROOMS = {
    "survey": SURVEY,
    "flat": ReverbParams(t60_s=2.0),
    "short and small": ReverbParams(t60_s=0.4, room_size_m=4),
    "long and large": ReverbParams(t60_s=4.0, room_size_m=25, high_shelf_db_per_s=-20, high_shelf_hz=6000),
    "bass rings on": ReverbParams(t60_s=1.2, low_shelf_hz=250, low_shelf_db_per_s=15),
    "dark": ReverbParams(t60_s=1.5, high_shelf_hz=2000, high_shelf_db_per_s=-60, high_shelf_q=0.6),
    "sixteen lines": ReverbParams(t60_s=1.0, lines=16),
}


@pytest.mark.parametrize("centre_hz", [125, 250, 500, 1000, 2000, 4000])
@pytest.mark.parametrize("room", ROOMS)
def test_every_octave_decays_as_asked(room: str, centre_hz: int) -> None:
    params = ROOMS[room]
    response = impulse_response(44_100, params)
    measured = schroeder_t60(response, 44_100, centre_hz, params.fade_in_s)
    # what a band decays like is the mean of its decays, not that of its centre, where it slopes
    octave = np.geomspace(centre_hz / np.sqrt(2), centre_hz * np.sqrt(2), 21)
    expected = t60_at(params, centre_hz, 44_100)
    spread = np.ptp(t60_at(params, octave, 44_100)) / expected
    assert measured == pytest.approx(expected, rel=0.05 if spread < 0.15 else 0.1)


@pytest.mark.parametrize("sample_rate", [8000, 48_000, 96_000])
def test_the_decay_does_not_depend_on_the_sample_rate(sample_rate: int) -> None:
    params = ReverbParams(t60_s=1.0, low_shelf_db_per_s=-10)
    response = impulse_response(sample_rate, params)
    for centre_hz in (125, 500, 2000):
        measured = schroeder_t60(response, sample_rate, centre_hz, 0.0)
        assert measured == pytest.approx(t60_at(params, centre_hz, sample_rate), rel=0.05)


def test_requested_times() -> None:
    np.testing.assert_allclose(t60_at(ReverbParams(t60_s=2.0), [50.0, 1000.0, 9000.0], 44_100), 2.0)
    # far on a shelf's plateau its decibels per second simply add
    low = ReverbParams(t60_s=2.0, low_shelf_hz=500, low_shelf_q=0.7, low_shelf_db_per_s=-10)
    assert t60_at(low, 5.0, 44_100) == pytest.approx(60 / 40, rel=1e-3)
    assert t60_at(low, 15_000.0, 44_100) == pytest.approx(2.0, rel=1e-3)
    high = ReverbParams(t60_s=2.0, high_shelf_hz=500, high_shelf_q=0.7, high_shelf_db_per_s=-30)
    assert t60_at(high, 18_000.0, 44_100) == pytest.approx(60 / 60, rel=1e-3)


@pytest.mark.parametrize("room", ROOMS)
def test_response_is_stereo_decorrelated_normalised_and_kept(room: str) -> None:
    params = ROOMS[room]
    response = impulse_response(44_100, params)
    assert response.dtype == np.float32
    assert response.shape[1] == 2
    assert not response.flags.writeable
    assert impulse_response(44_100, params) is response
    assert np.sum(response.astype(np.float64) ** 2) == pytest.approx(1, abs=1e-5)
    assert abs(np.asarray(np.corrcoef(response.T))[0, 1]) < 0.1
    left, right = np.sum(response.astype(np.float64) ** 2, axis=0)
    assert 10 * np.log10(left / right) == pytest.approx(0, abs=0.5)
    # the end is inaudible: 80 dB under the strongest 50 ms
    power = [
        np.mean(part.astype(np.float64) ** 2) for part in np.array_split(response, len(response) // 2205)
    ]
    assert 10 * np.log10(power[-1] / max(power)) < -80


def test_white_noise_comes_out_as_strong_as_it_goes_in(rng: np.random.Generator) -> None:
    noise = rng.standard_normal(44_100 * 8)
    wet = reverberate(noise, 44_100, ReverbParams(t60_s=1.0))
    settled = wet[44_100 * 2 : 44_100 * 8]
    assert np.mean(np.sum(settled**2, axis=1)) == pytest.approx(1, rel=0.05)


def test_pre_delay_is_silent_and_only_delays() -> None:
    at_once = impulse_response(48_000, ReverbParams(t60_s=0.5))
    later = impulse_response(48_000, ReverbParams(t60_s=0.5, pre_delay_ms=40))
    assert not later[:1920].any()
    np.testing.assert_array_equal(later[1920:], at_once)


def test_fade_in_rises_and_then_is_over() -> None:
    plain = impulse_response(44_100, ReverbParams(t60_s=2.0)).astype(np.float64)
    faded = impulse_response(44_100, ReverbParams(t60_s=2.0, fade_in_s=0.5)).astype(np.float64)
    count = len(plain)
    sounding = np.abs(plain[:, 0]) > 1e-5
    ratio = faded[:count, 0][sounding] / plain[:, 0][sounding]
    time_s = np.flatnonzero(sounding) / 44_100
    final = np.median(ratio[time_s > 0.5])
    np.testing.assert_allclose(ratio[time_s > 0.5], final, rtol=1e-2)
    np.testing.assert_allclose(
        ratio[time_s < 0.5], final * np.sin(np.pi * time_s[time_s < 0.5]) ** 2, rtol=1e-2, atol=1e-3
    )


def test_a_fade_longer_than_the_decay_still_gives_a_response() -> None:
    response = impulse_response(44_100, ReverbParams(t60_s=0.1, fade_in_s=9.0)).astype(np.float64)
    assert np.sum(response**2) == pytest.approx(1, abs=1e-5)
    power = [np.mean(part**2) for part in np.array_split(response, 50)]
    assert power[-1] < 1e-8 * max(power)


def test_cuts_are_butterworth() -> None:
    plain = impulse_response(44_100, ReverbParams(t60_s=0.5)).astype(np.float64)
    cut = impulse_response(44_100, ReverbParams(t60_s=0.5, low_cut_hz=200, high_cut_hz=5000)).astype(
        np.float64
    )
    expected = signal.lfilter(*signal.butter(2, 200, "highpass", fs=44_100), plain, axis=0)
    expected = signal.lfilter(*signal.butter(2, 5000, fs=44_100), expected, axis=0)
    expected /= np.sqrt(np.sum(expected**2))
    np.testing.assert_allclose(cut, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("room_size_m", "t60_s", "lines"), [(14.5, 1.78, 64), (1, 8.0, 64), (3, 2.0, 8), (30, 0.3, 128)]
)
@pytest.mark.parametrize("sample_rate", [8000, 44_100])
def test_delays_are_distinct_primes_and_dense_enough(
    room_size_m: float, t60_s: float, lines: int, sample_rate: int
) -> None:
    from mixrules.processors.room import line_lengths

    lengths = line_lengths(ReverbParams(t60_s=t60_s, room_size_m=room_size_m, lines=lines), sample_rate)
    assert len(set(lengths)) == lines
    assert np.gcd.reduce(np.gcd.outer(lengths, lengths)[~np.eye(lines, dtype=bool)]) == 1
    assert (np.gcd.outer(lengths, lengths)[~np.eye(lines, dtype=bool)] == 1).all()
    reached = lengths.sum() >= 0.15 * t60_s * sample_rate
    assert reached or lengths[-1] >= 0.199 * sample_rate


@pytest.mark.parametrize("block_samples", [1, 5, 7])
def test_naive_network(block_samples: int) -> None:
    from mixrules.processors._kernels import delay_network

    lengths = np.array([7, 11, 13, 17, 19, 23, 29, 31])
    gains = 0.98 ** (lengths / 10)
    rng = np.random.default_rng(3)
    shelves = np.zeros((8, 2, 5))
    shelves[:, :, 0] = 0.9
    shelves[:, :, 1:] = rng.uniform(-0.02, 0.02, (8, 2, 4))
    signs = np.where(np.arange(8) % 3 == 0, 1.0, -1.0)
    memory, taps, out = np.zeros(lengths.sum()), np.zeros((8, block_samples)), np.zeros((400, 2))
    delay_network(lengths, gains, shelves, signs, memory, taps, out)
    np.testing.assert_allclose(out, naive.delay_network(lengths, gains, shelves, signs, 400), atol=1e-12)


def test_a_lossless_network_loses_nothing() -> None:
    from mixrules.processors._kernels import delay_network

    lengths = np.array([101, 149, 211, 307])
    shelves = np.zeros((4, 2, 5))
    shelves[:, :, 0] = 1
    memory, taps, out = np.zeros(lengths.sum()), np.zeros((4, 101)), np.zeros((200_000, 2))
    delay_network(lengths, np.ones(4), shelves, np.ones(4), memory, taps, out)
    early, late = np.mean(out[:50_000] ** 2), np.mean(out[150_000:] ** 2)
    assert late == pytest.approx(early, rel=0.03)


@pytest.mark.parametrize("samples", [1, 1000, 100_000, 700_000])
def test_convolution_is_scipys(rng: np.random.Generator, samples: int) -> None:
    audio = rng.standard_normal((samples, 2))
    params = ReverbParams(t60_s=0.3, room_size_m=3, pre_delay_ms=5)
    response = impulse_response(44_100, params).astype(np.float64)
    expected = signal.oaconvolve(audio.mean(axis=1)[:, np.newaxis], response, axes=0)
    wet = reverberate(audio, 44_100, params)
    assert wet.shape == (samples + len(response) - 1, 2)
    np.testing.assert_allclose(wet, expected, atol=1e-9)
    single = reverberate(audio.astype(np.float32), 44_100, params)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, atol=1e-5)


def test_silence_between_is_skipped_without_a_trace(rng: np.random.Generator) -> None:
    audio = np.zeros(3_000_000, dtype=np.float32)
    audio[0] = audio[2_500_000] = 1
    params = ReverbParams(t60_s=0.3)
    response = impulse_response(44_100, params)
    wet = reverberate(audio, 44_100, params)
    np.testing.assert_allclose(wet[: len(response)], response, atol=1e-6)
    np.testing.assert_allclose(wet[2_500_000 : 2_500_000 + len(response)], response, atol=1e-6)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"t60_s": 0.01}, "t60_s must be 0.05 to 30"),
        ({"t60_s": 1, "room_size_m": 0.5}, "room_size_m must be 1 to 30"),
        ({"t60_s": 1, "lines": 12}, "lines must be 4, 8, 16"),
        ({"t60_s": 1, "low_shelf_db_per_s": -101}, "low_shelf_db_per_s"),
        ({"t60_s": 9, "low_shelf_db_per_s": 6}, "decay"),
        ({"t60_s": 4, "high_shelf_db_per_s": 20}, "decay"),
        ({"t60_s": 1, "low_cut_hz": 500, "high_cut_hz": 400}, "high_cut_hz must be above low_cut_hz"),
        ({"t60_s": 1, "fade_in_s": -1}, "fade_in_s"),
    ],
)
def test_bad_rooms_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ReverbParams(**fields)


def test_a_low_cut_at_half_the_sample_rate_is_refused() -> None:
    with pytest.raises(ParameterError, match="frequency_hz of a high_pass band must be below 4000"):
        impulse_response(8000, ReverbParams(t60_s=0.2, low_cut_hz=4000))
