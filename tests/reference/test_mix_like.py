"""A mix like another: what the rules then do, measured on the rendered mix, and what they say of it."""

from __future__ import annotations

import math

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, Song, band, noise

from mixrules import MixPlan, ReferenceTargets, RuleSet, Stems, mix, plan, presets
from mixrules.errors import ParameterError
from mixrules.mixer import Like
from mixrules.reference import SourceTarget, StemTarget, rules_like

SECONDS = 6.0
METER = pyloudnorm.Meter(RATE)  # not ours
GAINS_DB = {"vocals": 4.0, "drums": -3.0, "bass": -6.0, "guitar": 3.0}
LOUD = ReferenceTargets(name="a loud mix", integrated_lufs=-9.0)


def reference() -> Stems:
    song = {
        name: np.float32(10.0 ** (GAINS_DB[name] / 20.0)) * audio for name, audio in band(SECONDS).items()
    }
    return Stems.from_arrays(song, RATE, title="Song B")


def mixed_like(like: Like | list[Like], **options: object) -> MixPlan:
    return plan(band(SECONDS), sample_rate=RATE, like=like, **options)  # type: ignore[arg-type]


def lufs_in_mix(song: Song, gains_db: dict[str, float]) -> dict[str, float]:
    return {
        name: METER.integrated_loudness((audio * 10.0 ** (gains_db[name] / 20.0)).astype(np.float64)[:, None])
        for name, audio in song.items()
    }


def number(rules: RuleSet, name: str) -> float:
    value = rules[name]
    assert isinstance(value, float)
    return value


def test_at_no_strength_the_mix_is_the_presets_sample_for_sample() -> None:
    song = band(SECONDS)
    usual = mix(song, sample_rate=RATE)
    same = mix(song, sample_rate=RATE, like=reference(), like_strength=0.0)
    np.testing.assert_array_equal(usual.audio, same.audio)
    assert usual.plan == same.plan


def test_the_balance_is_that_of_the_reference() -> None:
    rules = presets.load()
    rules = rules.without(*(rule for rule in rules.rules if rule != "level"))
    made = plan(band(SECONDS), sample_rate=RATE, rules=rules, like=reference())
    wanted = lufs_in_mix(band(SECONDS), GAINS_DB)
    found = lufs_in_mix(band(SECONDS), {strip.name: strip.gain_db for strip in made.stems})
    for name in wanted:
        assert found[name] - found["bass"] == pytest.approx(wanted[name] - wanted["bass"], abs=0.2)


def test_every_decision_says_both_numbers() -> None:
    made = mixed_like([reference(), LOUD])
    said = {(d.rule, d.stem): d.sentence for d in made.decisions if not d.superseded}
    assert said["like", ""].startswith("Targets are read from Song B and a loud mix: ")
    assert "the time of the room and reverb to dry" in said["like", ""]
    assert "(preset -2.6 LU)" in said["level", "vocals"]
    assert "vocal to backing" in said["level", "vocals"]
    assert "Read from Song B and a loud mix: level of guitar" in said["level", "guitar"]
    assert "(preset +2.6 LU)" in said["level", "guitar"]
    assert "loudness -9.0 LUFS (preset -14.0 LUFS)" in said["master", ""]
    assert "Read from" not in said["reverb", ""]
    checks = [s.kind for d in made.decisions for s in d.statements]
    assert checks
    assert MixPlan.from_json(made.to_json()) == made


def test_what_is_promised_holds_on_the_mix() -> None:
    result = mix(band(SECONDS), sample_rate=RATE, like=reference())
    statements = [s for d in result.plan.decisions if not d.superseded for s in d.statements]
    assert statements
    assert [s for s in statements if s.holds is not True and not s.note] == []


def test_a_strength_goes_a_share_of_the_way_in_the_right_unit() -> None:
    preset = presets.load()
    targets = ReferenceTargets(
        name="b",
        vocal_to_backing_lu=1.44,
        t60_s=(1.2,),
        integrated_lufs=-10.0,
        stems=(StemTarget(role="vocal", reverb_to_dry_lu=-8.0, loudness_range_lu=4.0),),
    )
    half = rules_like(preset, targets, strength=0.5)
    assert half["level.vocal_to_backing_lu"] == pytest.approx((-2.56 + 1.44) / 2)
    assert half["master.target_lufs"] == -12.0
    assert half["reverb.vocal_to_dry_lu"] == -11.0
    assert half["compression.vocal_target_lu"] == 7.0
    assert half["reverb.t60_max_s"] == pytest.approx(math.sqrt(2.4 * 1.2), abs=0.005)
    assert half["reverb.t60_min_s"] == pytest.approx(math.sqrt(0.4 * 1.2), abs=0.005)
    whole = rules_like(preset, targets)
    assert whole["reverb.t60_max_s"] == whole["reverb.t60_min_s"] == 1.2
    assert whole.label == "default, like b"
    assert half.label == "default, like b by 0.5"


def test_several_references_are_averaged_each_over_what_it_tells() -> None:
    others = [
        ReferenceTargets(name="a", vocal_to_backing_lu=0.0, t60_s=(0.5,), integrated_lufs=-8.0),
        ReferenceTargets(name="b", vocal_to_backing_lu=-4.0, t60_s=(2.0,)),
    ]
    rules = rules_like(presets.load(), others)
    assert rules["level.vocal_to_backing_lu"] == -2.0
    assert rules["reverb.t60_max_s"] == pytest.approx(1.0)  # of times the geometric mean
    assert rules["master.target_lufs"] == -8.0
    assert rules.read is not None
    assert rules.read.name == "a and b"


def test_roles_that_the_reference_has_not_keep_their_place_and_trust() -> None:
    song = {**band(SECONDS), "flute": noise(SECONDS, 600, 3000, seed=9)}
    made = plan(song, sample_rate=RATE, like=reference())
    (said,) = (d.sentence for d in made.decisions if d.rule == "like")
    assert "As in the preset: levels of winds" in said
    (flute,) = (
        d.sentence for d in made.decisions if d.stem == "flute" and d.rule == "level" and not d.superseded
    )
    assert "usual for winds" in flute
    assert "Read from" not in flute


def test_a_kit_in_pieces_is_read_as_a_kit() -> None:
    preset = presets.load()
    sources = (
        SourceTarget(role="drums", lufs=-20.0, kit_pieces=10, pieces=(("kick", -22.0), ("snare", -24.0))),
        SourceTarget(role="bass", lufs=-26.0),
    )
    rules = rules_like(preset, ReferenceTargets(name="b", sources=sources))
    kit_lu = number(rules, "level.drums_lu") + 3.0  # 3 LU for ten pieces
    assert kit_lu - number(rules, "level.bass_lu") == pytest.approx(6.0, abs=0.02)
    pieces = [number(rules, f"level.kit_{name}_lu") for name in ("kick", "snare")]
    assert pieces[0] - pieces[1] == pytest.approx(2.0, abs=0.02)
    assert sum(pieces) == pytest.approx(0.0 - 3.5, abs=0.02)  # where the preset has the two


def test_a_dull_reference_makes_the_mix_duller() -> None:
    song = {name: noise(SECONDS, 60, 10_000, seed=seed) for seed, name in enumerate(("guitar", "piano"))}
    usual = plan(song, sample_rate=RATE)
    dull = plan(song, sample_rate=RATE, like=ReferenceTargets(name="b", slope_db_per_octave=-9.0))
    shelves = [{band.kind: band.gain_db for band in each.master.equalizer.bands} for each in (usual, dull)]
    assert shelves[1]["high_shelf"] < shelves[0].get("high_shelf", 0.0) - 0.5
    (said,) = (d.sentence for d in dull.decisions if d.rule == "tone" and not d.stem)
    assert "brighter than b" in said
    assert "slope of the mix -9.0 dB/octave (preset -4.5 dB/octave)" in said


def test_a_wide_reference_spreads_what_is_mono() -> None:
    song = {name: noise(SECONDS, 200, 6000, seed=seed) for seed, name in enumerate(("vocals", "guitar"))}
    wide = ReferenceTargets(
        name="b", side_to_mid_db=-6.0, stems=(StemTarget(role="guitar", side_to_mid_db=-8.0),)
    )
    strip = plan(song, sample_rate=RATE, like=wide).stem("guitar")
    assert strip.width is not None
    assert strip.width.spread == pytest.approx(10.0 ** (-8.0 / 20.0), abs=0.001)


def test_a_mono_reference_spreads_nothing() -> None:
    song = {name: noise(SECONDS, 200, 6000, seed=seed) for seed, name in enumerate(("vocals", "guitar"))}
    mono = ReferenceTargets(
        name="b", side_to_mid_db=-math.inf, stems=(StemTarget(role="guitar", side_to_mid_db=-math.inf),)
    )
    assert plan(song, sample_rate=RATE, like=mono).stem("guitar").width is None


def test_what_is_set_besides_has_the_last_word_and_is_not_said_to_be_read() -> None:
    rules = rules_like(presets.load(), LOUD).with_values({"master.target_lufs": -16.0})
    made = plan(band(SECONDS), sample_rate=RATE, rules=rules)
    (said,) = (d.sentence for d in made.decisions if d.rule == "master")
    assert "Read from" not in said
    assert any(s.stated == pytest.approx(-16.0, abs=0.1) for s in made.decisions[-1].statements)


def test_the_published_rules_take_what_they_have() -> None:
    rules = rules_like(presets.load("survey-2022"), reference())
    assert rules.read is not None
    assert set(rules.read.targets) <= set(rules.constants)
    assert "level.vocal_to_backing_lu" in rules.read.targets
    made = plan(band(SECONDS), sample_rate=RATE, rules=rules)
    assert any("Read from Song B" in decision.sentence for decision in made.decisions)


@pytest.mark.parametrize("strength", [-0.1, 1.1, math.nan])
def test_a_strength_out_of_bounds_is_refused(strength: float) -> None:
    with pytest.raises(ParameterError, match="like_strength"):
        mixed_like(LOUD, like_strength=strength)


def test_a_reference_that_tells_nothing_is_refused() -> None:
    with pytest.raises(ParameterError, match="b tells nothing that rule set default aims at"):
        mixed_like(ReferenceTargets(name="b"))


def test_what_is_beyond_a_bound_counts_as_the_bound() -> None:
    rules = rules_like(
        presets.load(), ReferenceTargets(name="b", integrated_lufs=3.0, vocal_to_backing_lu=-80.0)
    )
    assert (rules["master.target_lufs"], rules["level.vocal_to_backing_lu"]) == (0.0, -30.0)


def test_a_style_on_top_is_said_as_what_is_used() -> None:
    targets = ReferenceTargets(name="b", stems=(StemTarget(role="guitar", reverb_to_dry_lu=-10.0),))
    rules = rules_like(presets.load(), targets).with_style("dry")
    assert rules["reverb.other_to_dry_lu"] == -16.0
    made = plan(band(SECONDS), sample_rate=RATE, rules=rules)
    (said,) = (d.sentence for d in made.decisions if d.rule == "reverb" and d.stem == "guitar")
    assert "reverb to dry -10.0 LU (preset -16.0 LU, used -16.0 LU)" in said


def test_a_plan_that_is_only_rendered_is_like_nothing() -> None:
    made = plan(band(1.0), sample_rate=RATE)
    with pytest.raises(ParameterError, match="like needs rules"):
        mix(band(1.0), sample_rate=RATE, mix_plan=made, like=LOUD)
