import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from analysis.synth import RATE, read
from mixrules.analysis import decay_curve, decay_time
from mixrules.analysis.decay import DecayMethod
from mixrules.errors import ParameterError

Array = npt.NDArray[Any]

# T30 and T20 of an independent broadband Schroeder fit.
ROOMS = {
    "qvbdev__large_church": (1.36, 1.33),
    "qvbdev__medium_chamber": (1.75, 1.58),
    "qvbdev__medium_hall": (2.37, 2.23),
    "rerdavies__Genesis_6_Studio_Live_Room": (0.24, 0.22),
    "rerdavies__Jack_Lyons_Hall_University_of_York": (1.94, 1.8),
}


def decaying_noise(
    t60_s: float,
    rate: int = RATE,
    floor: float = 0.0,
    seconds: float | None = None,
    seed: int = 0,
    channels: int = 1,
) -> Array:
    rng = np.random.default_rng(seed)
    samples = round((seconds or max(1.5 * t60_s, 0.5)) * rate)
    fall = 10.0 ** (-3.0 * np.arange(samples) / rate / t60_s)[:, np.newaxis]
    return rng.standard_normal((samples, channels)) * fall + floor * rng.standard_normal((samples, channels))


@pytest.mark.parametrize("t60_s", [0.3, 1.0, 2.0, 4.0, 9.0])
@pytest.mark.parametrize("floor", [0.0, 1e-4, 1e-3])
@pytest.mark.parametrize("method", ["T30", "T20"])
def test_exponential_noise_within_two_per_cent(t60_s: float, floor: float, method: DecayMethod) -> None:
    found = decay_time(decaying_noise(t60_s, floor=floor, channels=4), RATE, method=method)
    assert found == pytest.approx(t60_s, rel=0.02)


def test_a_noiseless_exponential_is_exact() -> None:
    fall = 10.0 ** (-3.0 * np.arange(2 * RATE) / RATE / 1.2)
    methods: tuple[DecayMethod, ...] = ("T30", "T20", "EDT")
    for method in methods:
        assert decay_time(fall, RATE, method=method) == pytest.approx(1.2, rel=1e-3)


@pytest.mark.parametrize("band_hz", [125, 250, 4000, 8000])
def test_bands_are_told_apart(band_hz: int) -> None:
    from scipy.signal import butter, sosfilt

    low = sosfilt(butter(8, 1000, "lowpass", fs=RATE, output="sos"), decaying_noise(2.0, seconds=4)[:, 0])
    high = sosfilt(butter(8, 1000, "highpass", fs=RATE, output="sos"), decaying_noise(0.7, seconds=4)[:, 0])
    expected = 2.0 if band_hz < 1000 else 0.7
    assert decay_time(low + high, RATE, band_hz=band_hz) == pytest.approx(expected, rel=0.07)


def test_the_band_filter_does_not_lengthen_a_short_decay() -> None:
    # A forward octave filter at 125 Hz rings for about 0.1 s by itself.
    found = decay_time(decaying_noise(0.15, channels=8), RATE, band_hz=125, method="T20")
    assert found == pytest.approx(0.15, rel=0.1)


def test_two_slopes_are_fitted_where_the_standard_says() -> None:
    time = np.arange(3 * RATE) / RATE
    power = 10.0 ** (-6.0 * time / 0.4) + 1e-2 * 10.0 ** (-6.0 * time / 2.0)
    curve = 10 * np.log10(0.4 * 10.0 ** (-6.0 * time / 0.4) + 1e-2 * 2.0 * 10.0 ** (-6.0 * time / 2.0))
    curve -= curve[0]
    ranges_db: dict[DecayMethod, tuple[int, int]] = {"EDT": (0, -10), "T20": (-5, -25), "T30": (-5, -35)}
    for method, (high, low) in ranges_db.items():
        part = (curve <= high) & (curve >= low)
        expected = -60 / np.polyfit(time[part], curve[part], 1)[0]
        assert decay_time(np.sqrt(power), RATE, method=method) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("room", ROOMS)
def test_measured_rooms_agree_with_an_independent_fit(room: str) -> None:
    audio, rate = read("_impulse_responses", f"{room}.wav")
    t30, t20 = ROOMS[room]
    # The reference measures one signal, ours adds the energies of the channels.
    assert decay_time(audio, rate) == pytest.approx(t30, rel=0.08)
    assert decay_time(audio, rate, method="T20") == pytest.approx(t20, rel=0.1)


def test_noise_in_a_measured_response_does_not_lengthen_its_decay() -> None:
    audio, rate = read("_impulse_responses", "spatialaudio__rir_clap.wav")
    t20 = decay_time(audio, rate, method="T20")
    assert t20 == pytest.approx(0.63, rel=0.05)
    # Integrated to the end of the file, noise included, T30 reads 0.98 s; the decay itself goes on as before.
    assert decay_time(audio, rate) == pytest.approx(t20, rel=0.08)


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros(RATE),
        np.ones(1),
        np.ones(RATE),
        np.random.default_rng(0).standard_normal(RATE),
        decaying_noise(1.0, floor=0.05),
        decaying_noise(4.0, seconds=0.5),
    ],
    ids=["silence", "one sample", "constant", "steady noise", "noise 26 dB down", "cut off"],
)
def test_nan_where_the_range_is_not_there(audio: Array) -> None:
    assert math.isnan(decay_time(audio, RATE))


def test_gain_delay_and_fade_in_do_not_matter() -> None:
    audio = decaying_noise(1.0, channels=2)
    expected = decay_time(audio, RATE)
    assert decay_time(1e-3 * audio, RATE) == pytest.approx(expected, rel=1e-6)
    assert decay_time(np.concatenate((np.zeros((RATE, 2)), audio)), RATE) == pytest.approx(expected, rel=1e-6)
    faded = audio * np.minimum(1.0, np.arange(len(audio)) / (0.2 * RATE))[:, np.newaxis]
    assert decay_time(faded, RATE, start_s=0.2) == pytest.approx(1.0, rel=0.03)


@pytest.mark.parametrize(
    "settings",
    [{"method": "T60"}, {"band_hz": 0.0}, {"band_hz": 30000.0}, {"start_s": -1.0}, {"start_s": math.nan}],
)
def test_bad_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        decay_time(decaying_noise(0.5), RATE, **settings)


def test_the_curve_of_an_exponential_is_a_straight_line_to_minus_sixty() -> None:
    fall = 10.0 ** (-3.0 * np.arange(3 * RATE) / RATE / 1.2)
    curve_db = decay_curve(fall, RATE)
    times_s = np.arange(len(curve_db)) / RATE
    until = times_s <= 1.2
    assert curve_db[0] == 0.0
    assert curve_db[until] == pytest.approx(-60.0 * times_s[until] / 1.2, abs=0.05)


@pytest.mark.parametrize("t60_s", [0.5, 2.0])
def test_the_curve_of_noise_in_a_band_falls_as_the_time_says(t60_s: float) -> None:
    noise = decaying_noise(t60_s, seconds=2 * t60_s, channels=4)
    curve_db = decay_curve(noise, RATE, band_hz=1000.0)
    at_db = [int(np.argmax(curve_db <= level)) / RATE for level in (-10.0, -40.0)]
    assert 2.0 * (at_db[1] - at_db[0]) == pytest.approx(t60_s, rel=0.05)


def test_silence_has_no_curve() -> None:
    assert decay_curve(np.zeros(RATE), RATE).size == 0
    assert decay_curve(np.ones(1), RATE).size == 0
