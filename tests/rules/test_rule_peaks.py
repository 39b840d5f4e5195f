"""The rule of peaks: which stems get a limiter of their own, how low, and what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import RATE, Samples, Song, clicks, noise

from mixrules import Decision, RuleSet, Session, Stems, integrated_loudness, mix, plan, presets, true_peak

SECONDS = 12.0


def bed() -> Samples:
    return 0.1 * noise(SECONDS, 200, 5000, seed=3)


def hits(gain: float = 1.0) -> Samples:
    """Short bursts far above their own loudness."""
    audio = 0.004 * noise(SECONDS, 200, 5000, seed=5)
    burst = noise(0.01, 500, 8000, seed=6)
    for start in range(RATE // 2, len(audio) - len(burst), RATE):
        audio[start : start + len(burst)] += burst / np.abs(burst).max()
    return np.asarray(gain * audio / np.abs(audio).max(), np.float32)


def only(**values: object) -> RuleSet:
    rules = presets.load("default")
    rules = rules.without(*(rule for rule in rules.rules if rule not in ("peaks", "master")))
    return rules.with_values({f"peaks.{name}": value for name, value in values.items()})


def said(song: Song, rules: RuleSet) -> dict[str, Decision]:
    return {d.stem: d for d in plan(song, sample_rate=RATE, rules=rules).decisions if d.rule == "peaks"}


def test_stems_that_fit_are_left_alone() -> None:
    decisions = said({"bed": bed(), "other": 0.5 * bed()[::-1].copy()}, only())
    assert set(decisions) == {""}
    assert "No stem needs a limiter" in decisions[""].sentence


def test_the_stem_that_makes_the_peaks_is_limited_and_keeps_its_promise() -> None:
    song = {"bed": bed(), "snare": hits()}
    result = mix(song, sample_rate=RATE, rules=only())
    assert result.plan.stem("bed").limiter is None
    limiter = result.plan.stem("snare").limiter
    assert limiter is not None
    session = Session(Stems.from_arrays(song, RATE), result.plan)
    limited = session.audio("snare", through="limiter")
    assert true_peak(limited, RATE) == pytest.approx(limiter.ceiling_dbtp, abs=0.1)
    (promise,) = (
        statement
        for decision in result.plan.decisions
        if decision.stem == "snare" and decision.rule == "peaks"
        for statement in decision.statements
    )
    peak_db = 20.0 * np.log10(np.abs(limited).max())
    assert promise.measured == pytest.approx(peak_db - integrated_loudness(limited, RATE), abs=0.02)
    assert promise.holds


def test_no_stem_comes_down_by_more_than_it_may() -> None:
    song = {"bed": bed(), "snare": hits()}
    for role, setting in (("snare", "max_percussive_db"), ("strings", "max_other_db")):
        rules = only(**{setting: 2.0}, percussive_ratio_db=60.0)
        made = plan(song, sample_rate=RATE, rules=rules, roles={"snare": role})
        limiter = made.stem("snare").limiter
        assert limiter is not None
        highest_dbfs = 20.0 * np.log10(np.abs(song["snare"]).max())
        assert highest_dbfs - limiter.ceiling_dbtp == pytest.approx(2.0, abs=0.02)
        (decision,) = (d for d in made.decisions if d.rule == "peaks" and d.stem == "snare")
        assert f"the most that the rule takes (peaks.{setting})" in decision.sentence


def test_more_room_at_the_master_needs_less_limiting_in_the_strip() -> None:
    song = {"bed": bed(), "snare": hits()}
    strict, roomy = (
        plan(song, sample_rate=RATE, rules=only().with_values({"master.target_lufs": target})).stem("snare")
        for target in (-14.0, -30.0)
    )
    assert strict.limiter is not None
    assert roomy.limiter is None


def test_the_level_of_what_was_given_does_not_matter_with_faders_that_undo_it() -> None:
    rules = presets.load("default")
    rules = rules.without(*(rule for rule in rules.rules if rule not in ("level", "peaks")))
    rules = rules.with_values(
        {name: 0.0 for name in rules.constants if name == "level.trust_given"}  # a fader as given is evidence
    )
    loud, quiet = (
        plan({"bed": bed(), "snare": hits(gain)}, sample_rate=RATE, rules=rules).stem("snare").limiter
        for gain in (1.0, 0.25)
    )
    assert loud is not None
    assert quiet is not None
    assert loud.ceiling_dbtp - quiet.ceiling_dbtp == pytest.approx(20.0 * np.log10(4.0), abs=0.15)


@pytest.mark.parametrize("threads", [2, 3])
def test_the_number_of_threads_does_not_matter(threads: int) -> None:
    song = {"bed": bed(), "snare": hits(), "kick": np.roll(hits(), 777), "clicks": clicks(SECONDS, 120.0)}
    one, many = (mix(song, sample_rate=RATE, threads=n).audio for n in (1, threads))
    np.testing.assert_array_equal(one, many)


@pytest.mark.parametrize(
    "song",
    [
        {"drums": np.zeros(RATE, np.float32), "bed": bed()[:100]},
        {"drums": np.ones(1, np.float32)},
        {"drums": hits(), "vocals": np.zeros(100, np.float32)},
    ],
)
def test_silence_one_sample_and_a_lone_stem_pass(song: Song) -> None:
    mix(song, sample_rate=RATE, rules=only())
