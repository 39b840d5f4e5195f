"""Fades: a stem that begins or ends with a step is faded there, on top of any ride; nothing else is touched."""

from __future__ import annotations

import numpy as np
import pytest
from statement_checks import assert_true
from synthetic import RATE, Samples, Song, noise

from mixrules import MixPlan, mix, plan, presets, starting_plan
from mixrules.mixer import as_stems
from mixrules.processors import GainPoint, automation_gain_db

SECONDS = 5.0
RULES = presets.load().without("reverb")


def tapered(audio: Samples) -> Samples:
    """The same with ends that are zero."""
    window = np.minimum(1.0, np.minimum(np.arange(len(audio)), np.arange(len(audio))[::-1]) / 400)
    return np.asarray(audio * window, np.float32)


def song_with(guitar: Samples) -> Song:
    return {"guitar": guitar, "bass": tapered(noise(SECONDS, 40, 150, seed=3))}


def with_steps(*, first: float = 0.0, last: float = 0.0) -> Samples:
    audio = tapered(noise(SECONDS, 300, 4000, seed=2))
    audio[0], audio[-1] = first, last
    return audio


def fades(made: MixPlan) -> dict[str, str]:
    return {decision.stem: decision.sentence for decision in made.decisions if decision.rule == "fades"}


def test_a_clean_stem_is_left_alone() -> None:
    made = plan(song_with(with_steps()), sample_rate=RATE)
    assert fades(made) == {}
    assert made.stem("guitar").automation == ()


@pytest.mark.parametrize(("first", "last"), [(0.3, 0.0), (0.0, -0.3), (-0.2, 0.2)])
def test_a_step_at_an_end_is_faded_there_and_nowhere_else(first: float, last: float) -> None:
    song = song_with(with_steps(first=first, last=last))
    result = mix(song, sample_rate=RATE, rules=RULES.without("master"))
    without = mix(song, sample_rate=RATE, rules=RULES.without("master").without("fades"))
    assert list(fades(result.plan)) == ["guitar"]
    assert ("faded in over 3 ms" in fades(result.plan)["guitar"]) == bool(first)
    assert ("out over 10 ms" in fades(result.plan)["guitar"]) == bool(last)
    rendered, plain = (
        result.stems["guitar"][: len(song["guitar"])],
        without.stems["guitar"][: len(song["guitar"])],
    )
    fader = 10 ** ((result.plan.stem("guitar").gain_db - without.plan.stem("guitar").gain_db) / 20)
    assert np.abs(rendered[[0, -1]]).max() < 0.006 * np.abs(plain[[0, -1]]).max() * fader
    inside = slice(round(0.02 * RATE), -round(0.02 * RATE))
    np.testing.assert_allclose(rendered[inside], plain[inside] * fader, atol=1e-6)
    (decision,) = (d for d in result.plan.decisions if d.rule == "fades")
    assert [statement.kind for statement in decision.statements] == ["edge_gain_db"]
    assert_true(result.plan)


def test_a_fade_is_added_to_what_is_there() -> None:
    stems = as_stems(song_with(with_steps(first=0.3)), sample_rate=RATE)
    ride = (GainPoint(time_s=1.0, gain_db=2.0), GainPoint(time_s=3.0, gain_db=-1.0))
    start = starting_plan(stems).replace_stem("guitar", automation=ride)
    made = plan(stems, start=start)
    times_s = [0.0, 0.5, 2.0, 4.0]
    np.testing.assert_allclose(
        automation_gain_db(times_s, made.stem("guitar").automation)[1:], [2.0, 0.5, -1.0], atol=1e-6
    )
    assert automation_gain_db([0.0], made.stem("guitar").automation)[0] < -40.0


def test_a_stem_that_ends_before_the_song_is_faded_at_its_own_end() -> None:
    """Stems are padded to the length of the song: silence that was added hides no step."""
    song = song_with(with_steps(first=-0.3, last=0.3)) | {
        "bass": tapered(noise(2 * SECONDS, 40, 150, seed=3))
    }
    song["guitar"] = np.concatenate([np.zeros(RATE, np.float32), song["guitar"]])
    result = mix(song, sample_rate=RATE, rules=RULES.without("master"))
    points = result.plan.stem("guitar").automation
    assert points[0].time_s == pytest.approx(1.0, abs=1e-4)
    assert points[-1].time_s == pytest.approx(SECONDS + 1.0, abs=1e-4)
    rendered = np.abs(result.stems["guitar"]).max(axis=1)
    assert rendered[[RATE, len(song["guitar"]) - 1]].max() < 0.01 * rendered.max()
    assert_true(result.plan)


def test_short_stems_silence_and_the_settings_alone() -> None:
    assert fades(plan({"guitar": np.full(1, 0.5, np.float32)}, sample_rate=RATE)) == {}
    assert fades(plan(song_with(0.0 * with_steps()), sample_rate=RATE)) == {}
    louder = RULES.with_values({"fades.click_lu": 40.0})
    assert fades(plan(song_with(with_steps(first=0.3)), sample_rate=RATE, rules=louder)) == {}
