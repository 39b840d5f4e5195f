import math
from typing import Any

import numpy as np
import pytest
from analysis.synth import read
from schroeder import schroeder_t60
from scipy import signal

from mixrules.errors import AudioError, ParameterError
from mixrules.matching import fit_reverb, measure_response, response_difference
from mixrules.matching.decay_relief import DecayRelief
from mixrules.processors import ReverbParams, impulse_response, t60_at

RATE = 24_000
OCTAVES_HZ = (250.0, 1000.0, 4000.0)
ROOMS = {
    "plain": ReverbParams(t60_s=1.2),
    "as the rules make it": ReverbParams(
        t60_s=1.5,
        pre_delay_ms=40,
        high_shelf_hz=4000,
        high_shelf_db_per_s=-20,
        low_cut_hz=200,
        high_cut_hz=6000,
    ),
    "fades in": ReverbParams(t60_s=1.78, low_shelf_db_per_s=-2.1, fade_in_s=0.5),
    "small": ReverbParams(t60_s=0.4, room_size_m=4, pre_delay_ms=10),
}


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_of_our_own_is_recovered(name: str) -> None:
    room = ROOMS[name]
    true = impulse_response(RATE, room)
    fit = fit_reverb(0.1 * true, RATE)
    np.testing.assert_allclose(t60_at(fit.params, OCTAVES_HZ, RATE), t60_at(room, OCTAVES_HZ, RATE), rtol=0.1)
    made, start_s = impulse_response(RATE, fit.params), room.pre_delay_ms / 1000 + room.fade_in_s
    for octave in OCTAVES_HZ:
        expected = schroeder_t60(true, RATE, octave, start_s)
        assert schroeder_t60(made, RATE, octave, start_s) == pytest.approx(expected, rel=0.1)
    assert fit.level_db == pytest.approx(-20, abs=0.1)
    assert fit.direct_db == -math.inf
    assert fit.params.fade_in_s == pytest.approx(room.fade_in_s, abs=0.03)
    # the first echo of a larger room comes later, as after a longer pre-delay
    first = [each.pre_delay_ms + 500 * each.room_size_m / 343 for each in (fit.params, room)]
    assert first[0] == pytest.approx(first[1], abs=25 if room.fade_in_s else 3)
    if room.high_cut_hz:
        assert fit.params.high_cut_hz == pytest.approx(room.high_cut_hz, rel=0.15)
        assert fit.params.low_cut_hz == pytest.approx(room.low_cut_hz, rel=0.15)
    assert fit.cost_db < 2.5
    assert np.nanmedian(fit.decay_rms_db) < 1.0


def test_the_direct_sound_is_no_part_of_the_reverb() -> None:
    reverberation = 0.3 * impulse_response(RATE, ROOMS["plain"]).astype(np.float64)
    with_direct = reverberation.copy()
    with_direct[0] += 0.8
    fit, alone = fit_reverb(with_direct, RATE), fit_reverb(reverberation, RATE)
    assert fit.direct_db == pytest.approx(20 * math.log10(0.8), abs=0.01)
    assert fit.level_db == pytest.approx(alone.level_db, abs=0.01)
    assert fit.params.t60_s == pytest.approx(alone.params.t60_s, rel=0.02)
    measured = measure_response(with_direct, RATE)
    assert measured.direct_to_reverberant_db == pytest.approx(10 * math.log10(2 * 0.8**2 / 0.3**2), abs=0.1)


def test_mono_counts_as_both_loudspeakers() -> None:
    response = impulse_response(RATE, ROOMS["plain"])[:, 0].astype(np.float64)
    energy = 2 * float(np.sum(response**2))
    assert fit_reverb(response, RATE).level_db == pytest.approx(10 * math.log10(energy), abs=0.01)


@pytest.mark.parametrize("name", ["qvbdev__medium_hall", "rerdavies__Jack_Lyons_Hall_University_of_York"])
def test_measured_rooms_are_met_within_ten_per_cent_from_250_hz_to_4_khz(name: str) -> None:
    audio, rate = read("_impulse_responses", f"{name}.wav")
    fit = fit_reverb(audio, rate)
    made = impulse_response(rate, fit.params)
    for octave in (250, 500, 1000, 2000, 4000):
        expected = schroeder_t60(np.asarray(audio, np.float64), rate, octave, 0.1, low_db=-5, high_db=-30)
        assert schroeder_t60(made, rate, octave, 0.1, high_db=-30) == pytest.approx(expected, rel=0.1)


def test_measures_of_noise_that_decays(rng: np.random.Generator) -> None:
    time = np.arange(RATE) / RATE
    noise = rng.standard_normal((RATE, 2)) * 10.0 ** (-3 * time / 0.6)[:, np.newaxis]
    measured = measure_response(0.01 * noise, RATE)
    assert measured.frequencies_hz == (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0)
    assert measured.t60_s[2:] == pytest.approx([0.6] * 6, rel=0.1)
    assert measured.early_decay_s[4:] == pytest.approx([0.6] * 4, rel=0.15)
    assert math.isnan(measured.direct_to_reverberant_db)
    assert measured.reverberant_db == pytest.approx(10 * np.log10(np.sum((0.01 * noise) ** 2)), abs=0.01)


@pytest.mark.parametrize("bands", ["bark", "mel"])
def test_the_cost_is_nothing_for_the_same_and_grows_with_the_difference(bands: Any) -> None:
    response = impulse_response(RATE, ReverbParams(t60_s=1.0))
    relief = DecayRelief(response, RATE, bands)
    others = [impulse_response(RATE, ReverbParams(t60_s=t60_s)) for t60_s in (1.1, 1.5)]
    assert relief.distance_db(0.3 * response) == pytest.approx(0, abs=1e-3)
    assert 0.5 < relief.distance_db(others[0]) < relief.distance_db(others[1])
    # an exponential that is 10 % longer is off by 3.6 dB where the other one has decayed by 40 dB
    assert relief.distance_db(others[0]) < 3.6


def test_filtered_noise_gets_its_cut(rng: np.random.Generator) -> None:
    time = np.arange(2 * RATE) / RATE
    noise = rng.standard_normal((len(time), 2)) * 10.0 ** (-3 * time / 0.8)[:, np.newaxis]
    cut = signal.sosfilt(signal.butter(2, 400, "highpass", fs=RATE, output="sos"), noise, axis=0)
    params = fit_reverb(cut, RATE).params
    assert params.low_cut_hz == pytest.approx(400, rel=0.2)
    assert params.high_cut_hz == 0.0


@pytest.mark.parametrize(
    ("response", "match"),
    [
        (np.zeros(RATE), "silent"),
        (np.ones(1), "at least 0.02 s"),
        (np.full(RATE, np.nan), "holds nan"),
        (np.random.default_rng(0).standard_normal(RATE), "decays in no octave"),
    ],
    ids=["silence", "one sample", "NaN", "steady noise"],
)
def test_what_is_no_response_is_refused(response: Any, match: str) -> None:
    with pytest.raises(AudioError, match=match):
        fit_reverb(response, RATE)


def test_unknown_bands_are_refused() -> None:
    with pytest.raises(ParameterError, match="bands must be"):
        fit_reverb(impulse_response(RATE, ROOMS["small"]), RATE, bands="octave")  # type: ignore[arg-type]


def test_differences_of_responses_are_what_was_done_to_one() -> None:
    response = impulse_response(RATE, ROOMS["plain"])
    same = response_difference(response, response, RATE)
    assert same.log_spectral_distance_db == 0.0
    assert same.t60_ratio == pytest.approx([1.0] * len(same.t60_ratio))
    louder = response_difference(2.0 * response, response, RATE)
    assert louder.log_spectral_distance_db == pytest.approx(20 * math.log10(2.0))
    assert max(louder.decay_rms_db) == pytest.approx(0.0, abs=1e-6)
    # a decay that is faster by so many dB a second
    time = np.arange(len(response)) / RATE
    faster = response_difference(response * 10.0 ** (-time / 2.0)[:, np.newaxis], response, RATE)
    assert faster.t60_ratio[4] == pytest.approx((60 / 1.2) / (60 / 1.2 + 10), rel=0.03)


def test_responses_of_other_channels_are_refused() -> None:
    response = impulse_response(RATE, ROOMS["small"])
    with pytest.raises(AudioError, match="1 and 2 channels"):
        response_difference(response[:, 0], response, RATE)
