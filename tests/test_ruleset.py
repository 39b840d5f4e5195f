"""Rule sets: every constant is documented and bounded, and survey-2022 is what was published."""

from __future__ import annotations

import numpy as np
import pytest

from mixrules import plan, presets
from mixrules.errors import ParameterError
from mixrules.rules import RULES
from mixrules.ruleset import RULE_NAMES, Constant, RuleSet

PUBLISHED = {
    "level.vocal_to_backing_lu": -1.77,
    "eq.bands": "octave",
    "eq.band_filter": "butterworth",
    "eq.block_s": 0.1,
    "eq.gate_dbfs": -30.0,
    "eq.weighting": "k",
    "eq.backing_essential_bands": 2,
    "eq.vocal_essential_bands": 6,
    "eq.max_gain_db": 8.0,
    "eq.max_bands": 4,
    "eq.q": 1.0,
    "compression.target_lu": 15.7,
    "compression.tolerance_lu": 1.0,
    "compression.method": "iterative",
    "compression.peak_dbfs": -1.0,
    "compression.attack_ms": 30.0,
    "compression.release_ms": 150.0,
    "compression.threshold_step_db": 3.0,
    "compression.first_ratio": 3.0,
    "compression.ratio_step": 0.1,
    "compression.makeup_step_db": 0.5,
    "compression.deep_threshold_db": -30.0,
    "compression.deep_ratio_step": 1.0,
    "compression.deep_threshold_step_db": 0.5,
    "compression.last_threshold_db": -35.0,
    "compression.max_steps": 100,
    "compression.wide_range_lu": 20.0,
    "compression.wide_tolerance_step_lu": 0.2,
    "reverb.t60_at_0_bpm_s": 40 / 9,
    "reverb.t60_bpm_divisor": 45.0,
    "reverb.t60_min_s": 0.3,
    "reverb.t60_max_s": 4.0,
    "reverb.room_size_m": 14.5,
    "reverb.lines": 64,
    "reverb.low_shelf_hz": 102.0,
    "reverb.low_shelf_q": 0.53,
    "reverb.low_shelf_db_per_s": -2.1,
    "reverb.high_shelf_hz": 11_900.0,
    "reverb.high_shelf_q": 0.77,
    "reverb.high_shelf_db_per_s": -16.0,
    "reverb.fade_in_s": 0.68,
    "reverb.wet_share": 0.11,
    "master.target_lufs": -28.0,
}
OURS = {  # what the publication leaves open; the preset says so in its sources
    "eq.gate_below_loudness_lu",
    "compression.knee_db",
    "reverb.tempo_low_bpm",
    "reverb.tempo_high_bpm",
    "reverb.tempo_fallback_bpm",
    "reverb.tempo_min_confidence",
    "master.ceiling_dbtp",
}
ALL = [(name, key, c) for name in presets.names() for key, c in presets.load(name).constants.items()]


@pytest.mark.parametrize(("name", "value"), PUBLISHED.items())
def test_survey_2022_is_what_was_published(name: str, value: object) -> None:
    constant = presets.load("survey-2022").constants[name]
    assert constant.value == value
    assert type(constant.value) is type(value)


def test_survey_2022_has_no_other_constants() -> None:
    assert set(presets.load("survey-2022").constants) == set(PUBLISHED) | OURS


def test_survey_2022_goes_in_the_published_order() -> None:
    chain = [step.rule for step in presets.load("survey-2022").chain]
    assert chain == ["level", "eq", "compression", "reverb", "level", "master"]


@pytest.mark.parametrize(("preset", "name", "constant"), ALL, ids=[f"{p}:{k}" for p, k, _ in ALL])
def test_every_constant_is_documented_and_within_its_own_bounds(
    preset: str, name: str, constant: Constant
) -> None:
    assert constant.about
    assert constant.source
    rules = presets.load(preset)
    assert rules.with_values({name: constant.value})[name] == constant.value
    assert rules.source(name) == constant.source
    if isinstance(constant.value, str):
        assert constant.choices
        assert constant.value in constant.choices
    elif not isinstance(constant.value, bool):
        assert constant.minimum is not None
        assert constant.maximum is not None
        assert constant.minimum <= constant.value <= constant.maximum
    suffix = name.rpartition("_")[2]
    units = {"db": "dB", "lu": "LU", "lufs": "LUFS", "dbfs": "dBFS", "dbtp": "dBTP", "hz": "Hz", "ms": "ms"}
    units |= {"bpm": "BPM", "m": "m"}
    if suffix in units:
        assert constant.unit == units[suffix]
    if name.endswith("_s"):
        assert constant.unit in ("s", "dB/s")


@pytest.mark.parametrize("preset", presets.names())
def test_every_step_is_a_rule_and_every_table_belongs_to_one(preset: str) -> None:
    rules = presets.load(preset)
    assert rules.name == preset
    assert {str(step) for step in rules.chain} <= set(RULES)
    assert {name.partition(".")[0] for name in rules.constants} <= set(rules.rules)
    assert set(rules.rules) <= set(RULE_NAMES)


def test_default_is_the_first_preset() -> None:
    assert presets.names()[0] == "default"
    assert "survey-2022" in presets.names()


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("level.vocal_to_backing_lu", "-1.0", -1.0),
        ("level.vocal_to_backing_lu", -1, -1.0),
        ("eq.max_bands", "3", 3),
        ("eq.max_bands", 3.0, 3),
        ("eq.weighting", "a", "a"),
    ],
)
def test_with_values_takes_values_as_people_write_them(name: str, given: object, value: object) -> None:
    rules = presets.load("survey-2022")
    changed = rules.with_values({name: given})
    assert changed[name] == value
    assert type(changed[name]) is type(value)
    assert changed is not rules
    assert rules[name] == PUBLISHED[name]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("level.vocal_to_backing_lu", "loud", "must be a number"),
        ("level.vocal_to_backing_lu", "nan", "finite"),
        ("level.vocal_to_backing_lu", True, "finite"),
        ("level.vocal_to_backing_lu", 31, "-30 to 30 LU"),
        ("eq.max_bands", "2.5", "whole number"),
        ("eq.max_bands", -1, "0 to 32"),
        ("eq.weighting", "z", "one of k, a, none"),
        ("eq.weighting", 3, "one of k, a, none"),
        ("level.vocal_to_backing", -1, "did you mean level.vocal_to_backing_lu"),
        ("nonsense", 1, "mixrules presets survey-2022"),
    ],
)
def test_with_values_refuses_in_one_line(name: str, given: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        presets.load("survey-2022").with_values({name: given})
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


def test_a_boolean_constant_takes_words() -> None:
    constant = Constant(value=True, unit="", about="a", source="s")
    assert constant.with_value("off", "x").value is False
    assert constant.with_value("Yes", "x").value is True
    with pytest.raises(ParameterError, match="true or false"):
        constant.with_value(1, "x")


def test_without_leaves_every_step_of_a_rule_out() -> None:
    rules = presets.load("default").without("level", "eq")
    assert [step.rule for step in rules.chain] == ["compression", "pan", "reverb", "master"]
    with pytest.raises(ParameterError, match="no rule 'equalizer': it has level, eq"):
        presets.load("default").without("equalizer")


@pytest.mark.parametrize(
    ("after", "chain"),
    [
        (None, ["level", "eq", "compression", "reverb", "level", "mine", "master"]),
        ("level", ["level", "eq", "compression", "reverb", "level", "mine", "master"]),
        ("eq", ["level", "eq", "mine", "compression", "reverb", "level", "master"]),
        ("master", ["level", "eq", "compression", "reverb", "level", "master", "mine"]),
    ],
)
def test_with_rule_goes_before_the_master_or_after_the_rule_named(
    after: str | None, chain: list[str]
) -> None:
    rules = presets.load("survey-2022").with_rule("mine", lambda session, settings: [], after=after)
    assert [step.rule for step in rules.chain] == chain


def test_with_rule_after_an_unknown_rule_is_refused() -> None:
    with pytest.raises(ParameterError, match="no rule 'nowhere'"):
        presets.load().with_rule("mine", lambda session, settings: [], after="nowhere")
    rules = presets.load().without("master").with_rule("mine", lambda session, settings: [])
    assert rules.chain[-1].rule == "mine"


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match=r"no preset 'rock': there are default, survey-2022"):
        presets.load("rock")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = [", "not TOML"),
        ('about = "x"\nchain = []', "name"),
        ('name = "x"\nabout = "x"\nchain = []\n[eq]\nq = 3', "eq.q"),
        ('name = "x"\nabout = "x"\nchain = []\n[eq]\nq = { value = 3 }', "eq.q"),
        (
            'name = "x"\nabout = "x"\nchain = []\n[eq]\n'
            'q = { value = 3, unit = "", about = "", source = "", maximum = 2 }',
            "eq.q must be -inf to 2",
        ),
        ('name = "x"\nabout = "x"\nchain = ["eq:by_magic"]', "no rule 'eq:by_magic'"),
        ('name = "x"\nabout = "x"\nchain = ["level:by_role"]', "lacks the constant level.reference_lufs"),
    ],
)
def test_a_broken_preset_file_is_one_line(text: str, message: str) -> None:
    def read_and_use() -> None:
        plan({"vocals": np.full(9, 0.1)}, sample_rate=8000, rules=RuleSet.from_toml(text))

    with pytest.raises(ParameterError, match=message) as caught:
        read_and_use()
    assert "\n" not in str(caught.value)
