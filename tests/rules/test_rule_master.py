"""The master rules, read by libebur128."""

from __future__ import annotations

import numpy as np
import pytest
from reference_meters import libebur128
from synthetic import RATE, Samples, Song, band, clicks, noise

from mixrules import MixResult, mix, presets


def read(audio: Samples) -> tuple[float, float]:
    """Integrated loudness and true peak of a stereo mix as libebur128 reads them."""
    reading = libebur128(audio, RATE)
    return reading.integrated_lufs, reading.true_peak_dbtp


def mastered(song: Song, preset: str = "default", **values: float) -> MixResult:
    rules = presets.load(preset).without(
        *(r for r in presets.load(preset).rules if r not in ("level", "master"))
    )
    changed = {f"master.{name}": value for name, value in values.items()}
    return mix(song, sample_rate=RATE, rules=rules.with_values(changed))


def sentence(result: MixResult) -> str:
    return next(d.sentence for d in result.plan.decisions if d.rule == "master")


def limiting(result: MixResult) -> float:
    value = next(
        q.value
        for d in result.plan.decisions
        if d.rule == "master"
        for q in d.measured
        if q.name == "limiting"
    )
    assert value is not None
    return value


def test_an_easy_mix_reaches_its_loudness_without_a_limiter() -> None:
    result = mastered(band(5.0), target_lufs=-30.0)
    loudness, peak = read(result.audio)
    assert loudness == pytest.approx(-30.0, abs=0.05)
    assert peak < -1.0
    assert result.plan.master.limiter is None
    assert "as wanted" in sentence(result)


@pytest.fixture(scope="module")
def noisy() -> Song:
    """Noise: a crest factor of about 12 dB."""
    return {"vocals": noise(5.0, 100, 9000), "piano": noise(5.0, 100, 9000, seed=1)}


def test_up_to_3_db_of_limiting_reach_the_loudness(noisy: Song) -> None:
    plain = mastered(noisy, target_lufs=-40.0)
    crest = read(plain.audio)[1] + 40.0
    target = -1.0 - crest + 2.0  # wants about 2 dB of limiting
    result = mastered(noisy, target_lufs=target)
    loudness, peak = read(result.audio)
    assert loudness == pytest.approx(target, abs=0.1)
    assert peak <= -1.0 + 0.05
    assert 0.5 < limiting(result) <= 3.0
    assert result.plan.master.limiter is not None
    assert "dB of limiting" in sentence(result)


@pytest.mark.parametrize("most_db", [0.5, 3.0])
def test_where_that_is_not_enough_the_mix_stays_quieter_and_says_so(most_db: float) -> None:
    song = {"drums": clicks(5.0, 120), "percussion": clicks(5.0, 60, seed=3)}
    result = mastered(song, target_lufs=-8.0, max_limiting_db=most_db)
    loudness, peak = read(result.audio)
    assert loudness < -9.0
    assert peak == pytest.approx(-1.0, abs=0.05)
    assert limiting(result) == pytest.approx(most_db, abs=0.01)
    assert f"over {most_db:g} dB of limiting" in sentence(result)
    assert all(s.holds for d in result.plan.decisions for s in d.statements)


@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -6.0])
def test_the_survey_normalises_with_a_gain_alone(ceiling_dbtp: float, noisy: Song) -> None:
    result = mastered(noisy, "survey-2022", ceiling_dbtp=ceiling_dbtp)
    assert read(result.audio)[0] == pytest.approx(-28.0, abs=0.05)
    assert result.plan.master.limiter is None
    loud = mastered(noisy, "survey-2022", target_lufs=-5.0, ceiling_dbtp=ceiling_dbtp)
    loudness, peak = read(loud.audio)
    assert loudness < -6.0
    assert peak == pytest.approx(ceiling_dbtp, abs=0.05)
    assert loud.plan.master.limiter is None
    assert f"more gain would pass {ceiling_dbtp:g} dBTP" in sentence(loud)


def test_a_mix_that_is_too_quiet_to_measure_gets_no_gain() -> None:
    result = mix({"vocals": noise(2.0, 100, 5000) * np.float32(1e-4)}, sample_rate=RATE)
    assert result.plan.master.gain_db == 0.0
    assert "too quiet to have a loudness" in sentence(result)
    assert result.plan.result is not None
    assert result.plan.result.integrated_lufs is None
