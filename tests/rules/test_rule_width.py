"""Phasey stems are narrowed, mono stems spread only in a mix without a side, and what is promised is measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from preset_numbers import numbers
from synthetic import RATE, Samples, noise

from mixrules import MixPlan, RuleSet, mix, plan, presets

SECONDS = 4.0


def rules_of(*names: str, **values: object) -> RuleSet:
    rules = presets.load("default")
    rules = rules.without(*(name for name in rules.rules if name not in names))
    return rules.with_values({f"width.{k}": v for k, v in values.items()})


def decided(song: dict[str, Samples], **values: object) -> MixPlan:
    return plan(song, sample_rate=RATE, rules=rules_of("pan", "width", **values))


def phasey(ratio: float) -> Samples:
    """Return a stereo signal whose right is its left upside down, and some noise of its own."""
    left = noise(SECONDS, 300, 4000, seed=3)
    return np.stack([left, -ratio * left + (1.0 - ratio) * noise(SECONDS, 300, 4000, seed=4)], axis=1)


MONO = {"vocals": noise(SECONDS, 300, 3000), "piano": noise(SECONDS, 400, 2500, seed=2)}


@pytest.mark.parametrize("ratio", [0.5, 0.6])
def test_a_phasey_stem_is_narrowed_until_it_loses_three_decibels(ratio: float) -> None:
    keys = phasey(ratio)
    result = mix({**MONO, "keys": keys}, sample_rate=RATE, rules=rules_of("width"))
    heard = np.asarray(result.stems["keys"], float)
    mid, side = heard.sum(axis=1), heard[:, 0] - heard[:, 1]
    assert np.mean(side**2) / np.mean(mid**2) == pytest.approx(1.0, rel=0.02)
    np.testing.assert_allclose(mid, keys.sum(axis=1, dtype=float), atol=1e-6)
    (decision,) = (d for d in result.plan.decisions if d.rule == "width")
    before = np.asarray(keys, float)
    in_mono = np.mean(before.sum(axis=1) ** 2) / (2.0 * np.mean(before**2) * 2.0)
    assert f"would lose {-10.0 * math.log10(in_mono):.1f} dB" in decision.sentence
    assert all(statement.holds for statement in decision.statements)


@pytest.mark.parametrize("stem", [phasey(0.0), phasey(1.0)])
def test_what_is_wide_and_what_has_no_mid_is_left_alone(stem: Samples) -> None:
    assert decided({**MONO, "keys": stem}).stem("keys").width is None


def test_a_mono_song_gets_a_little_side_and_loses_nothing_in_mono() -> None:
    result = mix(MONO, sample_rate=RATE, rules=rules_of("pan", "width"))
    assert result.plan.stem("vocals").width is None
    heard = np.asarray(result.stems["piano"], float)
    mid, side = heard.sum(axis=1), heard[:, 0] - heard[:, 1]
    assert 10.0 * math.log10(np.mean(side**2) / np.mean(mid**2)) == pytest.approx(
        20.0 * math.log10(numbers("width")["spread"]), abs=0.5
    )
    (decision,) = (d for d in result.plan.decisions if d.rule == "width")
    assert decision.statements[0].holds
    without = mix(MONO, sample_rate=RATE, rules=rules_of("pan"))
    np.testing.assert_allclose(mid, np.asarray(without.stems["piano"], float).sum(axis=1), atol=1e-6)


def test_a_song_with_a_side_keeps_its_mono_stems() -> None:
    wide = np.stack([noise(SECONDS, 300, 4000, seed=7), noise(SECONDS, 300, 4000, seed=8)], axis=1)
    assert all(stem.width is None for stem in decided({**MONO, "strings": wide}).stems)
    apart = {**MONO, "guitar": noise(SECONDS, 500, 2500, seed=9)}
    assert all(stem.width is None for stem in decided(apart).stems)


@pytest.mark.parametrize("name", ["bass", "kick", "snare", "vocals 2", "drums"])
def test_who_stays_mono(name: str) -> None:
    assert all(stem.width is None for stem in decided({name: noise(SECONDS, 400, 2500)}).stems)


def test_low_stems_are_not_spread() -> None:
    assert decided({"synth": noise(SECONDS, 40, 150)}).stem("synth").width is None


def test_neutral_values_do_nothing() -> None:
    made = decided({**MONO, "keys": phasey(0.7)}, narrow_share=0.0, spread=0.0)
    assert all(stem.width is None for stem in made.stems)


@pytest.mark.parametrize("audio", [np.zeros((4000, 2), np.float32), np.ones(1, np.float32)])
def test_silence_and_one_sample_pass(audio: Samples) -> None:
    result = mix({"keys": audio, "vocals": MONO["vocals"]}, sample_rate=RATE, rules=rules_of("pan", "width"))
    assert np.isfinite(result.audio).all()
