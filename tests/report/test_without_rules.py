"""The mix without each rule: what is tried, and what is measured of the difference."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from reference_meters import pyloudnorm_exact
from synthetic import RATE, band

from mixrules import MixResult, RuleSet, Stems, mix, presets, starting_plan
from mixrules.engine import Renderer, load_engine
from mixrules.measurements import Measurements
from mixrules.report import measure_song
from mixrules.report.song.without_rules import LITTLE_DB, MeanHidden, WithoutRule, mixes_without_rules

EXCERPT = slice(20_000, 60_000)


@pytest.fixture(scope="module")
def stems() -> Stems:
    return Stems.from_arrays({name: audio[:, None] for name, audio in band(6.0).items()}, RATE)


@pytest.fixture(scope="module")
def result(stems: Stems) -> MixResult:
    return mix(stems)


@pytest.fixture(scope="module")
def without(stems: Stems, result: MixResult) -> dict[str, WithoutRule]:
    told: list[str] = []
    measurements = _measurements(stems)
    found = mixes_without_rules(
        result,
        presets.load("default"),
        measurements,
        MeanHidden(measurements),
        excerpt=EXCERPT,
        progress=lambda what, *_: told.append(what),
    )
    assert "mixing without level" in told
    return {one.rule: one for one in found}


def _measurements(stems: Stems) -> Measurements:
    return Measurements(Renderer(stems, load_engine("native")))


def test_every_rule_of_the_chain_is_told_once(without: dict[str, WithoutRule]) -> None:
    assert tuple(without) == presets.load("default").rules


@pytest.mark.parametrize("rule", ["level", "peaks", "reverb", "master"])
def test_the_difference_is_that_of_two_mixes_at_one_loudness(
    stems: Stems, result: MixResult, without: dict[str, WithoutRule], rule: str
) -> None:
    other = mix(stems, rules=presets.load("default").without(rule))
    meter = pyloudnorm_exact(RATE)
    samples = max(len(result.audio), len(other.audio))
    ours, theirs = (
        np.pad(audio, ((0, samples - len(audio)), (0, 0))) / 10 ** (meter.integrated_loudness(audio) / 20)
        for audio in (result.audio.astype(np.float64), other.audio.astype(np.float64))
    )
    residual_db = 10 * math.log10(np.sum((ours - theirs) ** 2) / np.sum(ours**2))
    found = without[rule]
    assert found.difference_db == pytest.approx(residual_db, abs=0.2)
    assert found.little == (residual_db <= LITTLE_DB)
    assert found.loudness == other.loudness
    assert found.excerpt is not None
    assert np.array_equal(found.excerpt, other.audio[EXCERPT])


def test_a_rule_that_raised_a_stem_is_said_to_have(stems: Stems, without: dict[str, WithoutRule]) -> None:
    level = without["level"]
    assert level.moved_stem in stems.names
    assert abs(level.moved_lu) >= 0.05


def test_a_rule_that_did_nothing_is_not_tried(without: dict[str, WithoutRule]) -> None:
    idle = without["polarity"]
    assert not idle.tried
    assert not idle.little
    assert idle.note == "left everything as it was"
    assert idle.excerpt is None


def test_without_all_of_its_rules_a_mix_is_the_start(stems: Stems) -> None:
    only_level = _only("level")
    result = mix(stems, rules=only_level)
    measurements = _measurements(stems)
    (level,) = mixes_without_rules(
        result, only_level, measurements, MeanHidden(measurements), excerpt=EXCERPT
    )
    expected = mix(stems, mix_plan=starting_plan(stems))
    assert level.excerpt is not None
    assert np.array_equal(level.excerpt, expected.audio[EXCERPT])


def _only(rule: str) -> RuleSet:
    rules = presets.load("default")
    return rules.without(*(name for name in rules.rules if name != rule))


def test_what_is_hidden_is_what_the_masking_of_the_whole_song_says(stems: Stems, result: MixResult) -> None:
    measured = measure_song(stems, result).masking_after
    assert measured is not None
    hidden = MeanHidden(_measurements(stems))
    assert hidden.of(result.plan) == pytest.approx(float(measured.hidden.sum(axis=0).mean()), abs=0.01)
    alone = result.plan.replace(
        stems=tuple(replace(strip, mute=strip.name != "vocals") for strip in result.plan.stems)
    )
    assert math.isnan(hidden.of(alone))


def test_a_stem_that_cancels_out_in_mono_is_hidden_as_it_is_heard(stems: Stems) -> None:
    song = {stem.name: stem.audio for stem in stems}
    song["drums"] = np.concatenate([song["drums"], -song["drums"]], axis=1)
    wide = Stems.from_arrays(song, RATE)
    plan = starting_plan(wide)
    measured = measure_song(wide, plan).masking_after
    assert measured is not None
    assert MeanHidden(_measurements(wide)).of(plan) == pytest.approx(
        float(measured.hidden.sum(axis=0).mean()), abs=0.01
    )
