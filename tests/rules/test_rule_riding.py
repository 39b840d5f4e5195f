"""The ride: what sinks is raised, what stands out is turned down, what is even is left alone; the promise holds."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pyloudnorm
import pytest
from statement_checks import assert_true
from synthetic import RATE, Samples, Song, noise

from mixrules import Decision, MixPlan, MixResult, mix, plan, presets
from mixrules.processors import automation_gain_db

RULES = presets.load().without("fades")
MOST_DB = float(RULES["ride.max_gain_db"])  # type: ignore[arg-type]
SECONDS = 40.0


def sung(levels_db: list[float], *, each_s: float = SECONDS / 8, seed: int = 1) -> Samples:
    """A voice that sings at one level after another; -inf is a pause."""
    voice = noise(each_s * len(levels_db), 300, 3000, seed=seed)
    return np.asarray(
        voice * np.repeat(10.0 ** (np.array(levels_db) / 20), len(voice) // len(levels_db)), np.float32
    )


def song_of(vocals: Samples) -> Song:
    seconds = len(vocals) / RATE
    return {
        "vocals": vocals,
        "guitar": noise(seconds, 200, 4000, seed=2),
        "bass": noise(seconds, 40, 150, seed=3),
    }


def ridden(made: MixPlan, stem: str = "vocals") -> Decision:
    (decision,) = (d for d in made.decisions if d.rule == "ride" and d.stem == stem)
    return decision


def gains_db(made: MixPlan, times_s: list[float], stem: str = "vocals") -> npt.NDArray[np.float64]:
    return automation_gain_db(times_s, made.stem(stem).automation)


def mixed(vocals: Samples, **options: object) -> MixResult:
    rules = RULES.without("compression").without("reverb")
    return mix(song_of(vocals), sample_rate=RATE, rules=rules, **options)  # type: ignore[arg-type]


def test_what_sinks_is_raised_and_what_stands_out_is_turned_down() -> None:
    result = mixed(sung([0, 0, 0, -9, 0, 0, 9, 0]))
    made = result.plan
    np.testing.assert_allclose(gains_db(made, [17.5, 32.5]), [MOST_DB, -MOST_DB], atol=0.1)
    np.testing.assert_allclose(gains_db(made, [2.0, 8.0, 25.0, 38.0]), 0.0, atol=0.6)
    sentence = ridden(made).sentence
    assert "turned up by 4.0 dB from 0:1" in sentence
    assert "turned down by 4.0 dB from 0:" in sentence
    (statement,) = ridden(made).statements
    assert statement.kind == "vocal_to_backing_spread_lu"
    assert statement.holds
    assert_true(made)


def test_the_spread_is_smaller_by_a_meter_of_someone_elses() -> None:
    levels = [0.0, 0.0, 0.0, -9.0, 0.0, 0.0, 9.0, 0.0]
    rules = RULES.without("compression", "reverb", "duck")
    with_ride, without = (
        mix(song_of(sung(levels)), sample_rate=RATE, rules=each) for each in (rules, rules.without("ride"))
    )

    def spread(result: MixResult) -> float:
        meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
        vocal = np.asarray(result.stems["vocals"], np.float64)
        backing = np.asarray(result.stems["guitar"] + result.stems["bass"], np.float64)
        parts = [slice(round((s + 1) * RATE), round((s + 4) * RATE)) for s in range(0, int(SECONDS), 5)]
        ratios = [meter.integrated_loudness(vocal[p]) - meter.integrated_loudness(backing[p]) for p in parts]
        return float(max(ratios) - min(ratios))

    assert spread(without) > 15.0
    assert spread(without) - spread(with_ride) == pytest.approx(2 * MOST_DB, abs=0.7)


@pytest.mark.parametrize("levels", [[0] * 8, [0, -2] * 4, [0, -math.inf] * 4])
def test_an_even_vocal_is_left_alone(levels: list[float]) -> None:
    made = plan(song_of(sung(levels)), sample_rate=RATE, rules=RULES)
    assert made.stem("vocals").automation == ()
    assert "no fader ride" in ridden(made).sentence
    assert ridden(made).parameters == {}


def test_bars_where_the_band_drops_out_do_not_turn_the_vocal_down() -> None:
    song = song_of(sung([0] * 8))
    for name in ("guitar", "bass"):
        song[name] *= np.where(np.arange(len(song[name])) > 0.7 * len(song[name]), 0.3, 1.0).astype(
            np.float32
        )
    made = plan(song, sample_rate=RATE, rules=RULES)
    assert made.stem("vocals").automation == ()
    assert "nearly alone" in ridden(made).sentence


def test_syllables_are_not_ridden() -> None:
    fast = sung([0, -12] * 50, each_s=0.4)
    assert (
        plan(song_of(fast), sample_rate=RATE, rules=RULES.without("compression")).stem("vocals").automation
        == ()
    )


def test_the_fader_rests_in_long_pauses_and_the_points_are_few() -> None:
    made = plan(
        song_of(sung([0, -math.inf, -9, -math.inf, 0, 0, 0, 0])),
        sample_rate=RATE,
        rules=RULES.without("compression"),
    )
    assert gains_db(made, [12.5])[0] > 1.0
    np.testing.assert_allclose(gains_db(made, [7.5, 17.5]), 0.0, atol=1e-9)
    points = made.stem("vocals").automation
    assert len(points) < 20
    assert all(abs(point.gain_db) <= MOST_DB for point in points)


def test_each_of_two_vocals_is_ridden_for_itself() -> None:
    song = song_of(sung([0, 0, 0, -9, 0, 0, 0, 0])) | {"Lead Vox 2": sung([0] * 8, seed=9)}
    made = plan(song, sample_rate=RATE, roles={"Lead Vox 2": "vocal"}, rules=RULES.without("compression"))
    assert made.stem("vocals").automation
    assert not made.stem("Lead Vox 2").automation


def test_a_return_of_the_vocal_rides_with_it() -> None:
    vocals = sung([0, 0, 0, -9, 0, 0, 0, 0])
    song = song_of(vocals) | {"Vocal Reverb": np.asarray(0.1 * np.roll(vocals, 800), np.float32)}
    made = plan(song, sample_rate=RATE, rules=RULES.without("compression"))
    assert made.stem("Vocal Reverb").automation == made.stem("vocals").automation != ()
    assert ridden(made, "Vocal Reverb").sentence == "Vocal Reverb: rides with vocals, which it goes with."


@pytest.mark.parametrize(
    "song", [{"vocals": noise(5.0, 300, 3000)}, {"bass": noise(5.0, 40, 150)}], ids=["alone", "none"]
)
def test_without_vocal_or_backing_nothing_is_said(song: Song) -> None:
    assert not [d for d in plan(song, sample_rate=RATE, rules=RULES).decisions if d.rule == "ride"]


def test_silence_one_sample_and_a_strength_of_nothing() -> None:
    voice = sung([0, 0, 0, -9, 0, 0, 0, 0])
    assert not plan(song_of(0.0 * voice), sample_rate=RATE, rules=RULES).stem("vocals").automation
    assert (
        not plan({n: a[:1] for n, a in song_of(voice).items()}, sample_rate=RATE, rules=RULES)
        .stem("vocals")
        .automation
    )
    rules = RULES.without("compression").with_strength(0.0)
    assert not plan(song_of(voice), sample_rate=RATE, rules=rules).stem("vocals").automation


def test_moves_are_no_longer_than_half_a_pause() -> None:
    rules = RULES.without("compression", "reverb").with_values(
        {"ride.rest_pause_s": 0.3, "ride.move_s": 2.0, "ride.bridged_pause_s": 0.1}
    )
    song = song_of(sung([0, -math.inf, -9, -math.inf, 0, 0, 0, 0], each_s=1.2))
    times_s = [point.time_s for point in plan(song, sample_rate=RATE, rules=rules).stem("vocals").automation]
    assert times_s == sorted(set(times_s))
