from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from schroeder import schroeder_t60
from scipy import linalg, signal

from mixrules.errors import AudioError, ParameterError
from mixrules.matching import extract_response
from mixrules.matching.normal_equations import NormalEquations
from mixrules.processors import ReverbParams, impulse_response

Array = npt.NDArray[Any]

RATE = 16_000
ROOM = ReverbParams(t60_s=0.5, room_size_m=5.0, lines=16, high_shelf_hz=2000, high_shelf_db_per_s=-40)


def response_of_the_room() -> Array:
    return impulse_response(RATE, ROOM).astype(np.float64)


def music(rng: np.random.Generator, seconds: float = 6.0) -> Array:
    """Notes with pauses, and noise that falls by 12 dB per octave: like a stem, not white and not steady."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(time))
    for start in np.arange(0.1, seconds, 0.37):
        pitch = 110.0 * 2.0 ** (rng.integers(0, 36) / 12.0)
        after = np.maximum(time - start, 0.0)
        sound += signal.sawtooth(2 * np.pi * pitch * after) * np.exp(-8.0 * after) * (time >= start)
    hiss = signal.lfilter(*signal.butter(2, 200.0, fs=RATE), rng.standard_normal(len(time)))
    return np.asarray(0.2 * sound + hiss)


def wet(dry: Array, response: Array) -> Array:
    """What a recording as long as the dry one holds: the tail is cut off."""
    return np.array([signal.fftconvolve(dry, channel)[: len(dry)] for channel in response.T]).T


def error_db(found: Array, true: Array) -> float:
    samples = max(len(found), len(true))
    padded = [np.pad(each, ((0, samples - len(each)), (0, 0))) for each in (found, true)]
    return float(10 * np.log10(np.sum((padded[0] - padded[1]) ** 2) / np.sum(true**2)))


def test_the_equations_are_those_of_the_convolution_matrix(rng: np.random.Generator) -> None:
    takes = [(rng.standard_normal(n), rng.standard_normal((2, n))) for n in (300, 90, 30)]
    equations = NormalEquations(40, 2)
    for take in takes:
        equations.add(*take)
    found = equations.solve(np.full(equations.power.shape, 0.1), tolerance=1e-12, most_steps=500)
    matrices = [linalg.toeplitz(dry, np.zeros(40)) for dry, _ in takes]
    stacked = np.concatenate([*matrices, np.sqrt(0.1) * np.eye(40)])
    right = np.concatenate([*(after.T for _, after in takes), np.zeros((40, 2))])
    expected = np.linalg.lstsq(stacked, right, rcond=None)[0]
    np.testing.assert_allclose(found.T, expected, atol=1e-8)


def test_the_response_is_found_from_music_whose_tail_is_cut_off(rng: np.random.Generator) -> None:
    dry, true = music(rng), response_of_the_room()
    found = extract_response(dry, wet(dry, true), RATE)
    assert found.residual_db < -50
    assert found.explained_share > 0.99999
    assert error_db(found.response, true) < -45
    assert found.offsets_s == (0.0,)
    for octave in (250, 1000, 4000):
        expected, measured = (
            schroeder_t60(each, RATE, octave, 0.0, high_db=-30) for each in (true, found.response)
        )
        assert measured == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("offset", [-700, 40_000])
def test_recordings_that_begin_at_other_moments(rng: np.random.Generator, offset: int) -> None:
    dry, true = music(rng), response_of_the_room()
    after = wet(dry, true)
    moved = after[-offset:] if offset < 0 else np.pad(after, ((offset, 0), (0, 0)))
    found = extract_response(dry, moved, RATE)
    onset = int(np.argmax(np.abs(true).max(axis=1) > 0.1 * np.abs(true).max()))
    expected_s = (offset + onset) / RATE - 0.001
    assert found.offsets_s[0] == pytest.approx(expected_s, abs=0.002)
    start = round(found.offsets_s[0] * RATE) - offset
    assert error_db(found.response, true[start:]) < -25


def test_noise_is_said_and_shared_out_by_frequency(rng: np.random.Generator) -> None:
    dry, true = music(rng), response_of_the_room()
    after = wet(dry, true)
    noisy = after + rng.standard_normal(after.shape) * np.std(after) * 10 ** (-20 / 20)
    found = extract_response(dry, noisy, RATE)
    assert found.residual_db == pytest.approx(-20, abs=1.5)
    errors = dict(zip(found.frequencies_hz, found.band_error_db, strict=True))
    low, high = (min(errors, key=lambda each: abs(each - hz)) for hz in (250, 6300))
    assert errors[low] < errors[high] - 6  # the noise is white, the sound is not


def test_where_the_dry_sound_has_nothing_the_response_is_not_known(rng: np.random.Generator) -> None:
    below = signal.sosfilt(signal.butter(12, 1000, fs=RATE, output="sos"), rng.standard_normal(6 * RATE))
    true = response_of_the_room()
    after = wet(below, true) + 1e-5 * rng.standard_normal((len(below), 2))
    found = extract_response(below, after, RATE)
    known = {round(hz): is_known for hz, is_known in zip(found.frequencies_hz, found.known, strict=True)}
    assert all(is_known for hz, is_known in known.items() if 60 < hz < 900)
    assert not any(is_known for hz, is_known in known.items() if hz > 3000)


@pytest.mark.parametrize("loud_db", [-10, 20])
def test_hiss_above_a_low_pass_does_not_hide_the_response_below(
    rng: np.random.Generator, loud_db: float
) -> None:
    low = signal.butter(24, 2000, fs=RATE, output="sos")
    dry, true = signal.sosfilt(low, music(rng) + 0.3 * rng.standard_normal(6 * RATE)), response_of_the_room()
    after = wet(dry, true)
    above = signal.butter(24, 3200, "highpass", fs=RATE, output="sos")
    hiss = signal.sosfilt(above, rng.standard_normal(after.shape), axis=0)
    found = extract_response(dry, after + hiss * np.std(after) / np.std(hiss) * 10 ** (loud_db / 20), RATE)
    assert found.residual_where_dry_db < -20
    assert found.explained_share_where_dry > 0.99
    assert found.residual_db == pytest.approx(10 * np.log10(1 / (1 + 10 ** (-loud_db / 10))), abs=0.7)
    known = dict(zip(found.frequencies_hz, found.known, strict=True))
    assert not any(is_known for hz, is_known in known.items() if hz > 3000)
    below = signal.butter(20, 1200, fs=RATE, output="sos")
    assert error_db(*(signal.sosfilt(below, each, axis=0) for each in (found.response, true))) < -20


def test_lists_of_numbers_are_takes_where_they_are_no_samples(rng: np.random.Generator) -> None:
    dry, true = rng.standard_normal((2, RATE)), response_of_the_room()[:2000]
    wets = [wet(each, true) for each in dry]
    arrays = extract_response(list(dry), wets, RATE, length_s=0.1)
    lists = extract_response(dry.tolist(), [each.tolist() for each in wets], RATE, length_s=0.1)
    np.testing.assert_array_equal(lists.response, arrays.response)
    stereo = extract_response(
        dry.T.tolist(), wets[0].tolist(), RATE, length_s=0.1
    )  # one take of two channels
    np.testing.assert_array_equal(
        stereo.response, extract_response(dry.T, wets[0], RATE, length_s=0.1).response
    )


def test_errors_call_takes_by_their_names(rng: np.random.Generator) -> None:
    sound = rng.standard_normal(RATE)
    names = [("voice.wav", "hall.wav"), ("drums.wav", "room.wav")]
    with pytest.raises(AudioError, match=r"^room\.wav is silent"):
        extract_response([sound, sound], [sound, 0.0 * sound], RATE, names=names)
    with pytest.raises(ParameterError, match="names has 2 pairs for 1 takes"):
        extract_response(sound, sound, RATE, names=names)


def test_takes_count_where_they_have_energy(rng: np.random.Generator) -> None:
    true = response_of_the_room()
    noise = rng.standard_normal((2, 5 * RATE))
    low = signal.sosfilt(signal.butter(8, 2000, fs=RATE, output="sos"), noise[0])
    high = signal.sosfilt(signal.butter(8, 300, "highpass", fs=RATE, output="sos"), noise[1])
    wets = [wet(each, true) + 1e-4 * rng.standard_normal((5 * RATE, 2)) for each in (low, high)]
    # the second was cut a little later
    both = extract_response([low, high], [wets[0], np.pad(wets[1], ((123, 0), (0, 0)))], RATE)
    assert sum(both.known) > sum(extract_response(low, wets[0], RATE).known)
    assert both.offsets_s[1] - both.offsets_s[0] == pytest.approx(123 / RATE)
    assert error_db(both.response, true) < -30


def test_mono_wet_and_stereo_dry(rng: np.random.Generator) -> None:
    dry, true = music(rng), response_of_the_room()[:, :1]
    after = wet(dry, true)
    found = extract_response(np.stack([1.5 * dry, 0.5 * dry], axis=1), after[:, 0], RATE)
    assert found.response.shape[1] == 1
    assert error_db(found.response, true) < -45


def test_an_impulse_for_a_dry_sound_gives_the_recording_itself() -> None:
    true = response_of_the_room()
    dry = np.zeros(2 * len(true))
    dry[0] = 0.5
    found = extract_response(dry, wet(dry, true), RATE, length_s=len(true) / RATE)
    assert error_db(found.response, true) < -40


def sounds(rng: np.random.Generator) -> dict[str, Array]:
    dry = music(rng, 3.0)
    return {
        "dry": dry,
        "other": music(rng, 3.0),
        "silent": np.zeros(len(dry)),
        "one": np.ones(1),
        "short": dry[:800],
        "nan": np.where(np.arange(len(dry)) == 7, np.nan, dry),
        "cancelled": np.stack([dry, -dry], axis=1),
    }


@pytest.mark.parametrize(
    ("dry", "after", "match"),
    [
        ("silent", "dry", "dry is silent"),
        ("dry", "silent", "wet is silent"),
        ("cancelled", "dry", "its channels cancel each other"),
        ("one", "dry", "at least 0.1 s"),
        ("dry", "short", "at least 0.1 s"),
        ("nan", "dry", "dry holds|dry has"),
        ("dry", "other", "wet is not a reverb of dry"),
    ],
)
def test_bad_recordings_are_refused(rng: np.random.Generator, dry: str, after: str, match: str) -> None:
    given = sounds(rng)
    with pytest.raises(AudioError, match=match):
        extract_response(given[dry], given[after], RATE)


def test_takes_must_go_together(rng: np.random.Generator) -> None:
    dry = music(rng, 1.0)
    with pytest.raises(AudioError, match="dry has 2 takes and wet 1"):
        extract_response([dry, dry], [dry], RATE)
    with pytest.raises(AudioError, match="1 and 2 channels"):
        extract_response([dry, dry], [dry, np.stack([dry, dry], axis=1)], RATE)


@pytest.mark.parametrize("setting", [{"length_s": 0.0}, {"max_pre_delay_s": -1.0}])
def test_bad_settings_are_refused(rng: np.random.Generator, setting: dict[str, Any]) -> None:
    dry = music(rng, 1.0)
    with pytest.raises(ParameterError):
        extract_response(dry, dry, RATE, **setting)
