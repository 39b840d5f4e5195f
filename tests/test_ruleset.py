"""Rule sets: every constant is documented and bounded, and survey-2022 is what was published."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pytest

from mixrules import Decision, Session, plan, presets
from mixrules.constant import Constant, Value
from mixrules.errors import ParameterError
from mixrules.rules import RULES
from mixrules.ruleset import RuleSet, typed_settings

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
    "level.max_corrections",
    "eq.reference_bands",
    "eq.min_gain_db",
    "eq.gate_below_loudness_lu",
    "compression.knee_db",
    "reverb.tempo_low_bpm",
    "reverb.tempo_high_bpm",
    "reverb.tempo_fallback_bpm",
    "reverb.tempo_min_confidence",
    "reverb.t60_tolerance",
    "master.ceiling_dbtp",
    "master.max_corrections",
    "master.close_lu",
    "master.reached_lu",
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
    for value in constant.value if isinstance(constant.value, tuple) else (constant.value,):
        if isinstance(value, str):
            assert constant.choices
            assert value in constant.choices
        elif not isinstance(value, bool):
            assert constant.minimum is not None
            assert constant.maximum is not None
            assert constant.minimum <= value <= constant.maximum
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
    assert {name.partition(".")[0] for name in rules.constants} <= {*rules.rules, "like"}


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


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("pan.centre_roles", "vocal, kick", ("vocal", "kick")),
        ("pan.centre_roles", ["bass"], ("bass",)),
        ("pan.centre_roles", "none", ()),
        ("pan.centre_roles", (), ()),
        ("pan.range_edges_hz", "500,1000,4000", (500.0, 1000.0, 4000.0)),
        ("pan.range_edges_hz", [500], (500.0,)),
    ],
)
def test_a_list_takes_items_as_people_write_them(name: str, given: object, value: object) -> None:
    rules = presets.load().with_values({name: given})
    assert rules[name] == value
    assert rules.with_values({name: "none" if value == () else given})[name] == value


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("pan.centre_roles", "vocal,tuba", "each of pan.centre_roles must be one of vocal, .*, got 'tuba'"),
        ("pan.centre_roles", ["vocal", 3], "each of pan.centre_roles must be one of"),
        ("pan.centre_roles", "vocal,,kick", "an item of 'vocal,,kick' is empty"),
        ("pan.centre_roles", 3, "pan.centre_roles must be a list, its items separated by commas, got 3"),
        ("pan.range_edges_hz", "800,high", "each of pan.range_edges_hz must be a number"),
        ("pan.range_edges_hz", "5", "each of pan.range_edges_hz must be 20 to 20000 Hz, got 5"),
        ("pan.range_edges_hz", "none", "pan.range_edges_hz must hold at least one number"),
    ],
)
def test_a_list_refuses_in_one_line(name: str, given: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message) as caught:
        presets.load().with_values({name: given})
    assert "\n" not in str(caught.value)


def test_an_empty_list_without_choices_takes_texts() -> None:
    constant = Constant(value=(), unit="", about="a", source="s")
    assert constant.with_value("a,b", "x").value == ("a", "b")


def test_a_boolean_constant_takes_words() -> None:
    constant = Constant(value=True, unit="", about="a", source="s")
    assert constant.with_value("off", "x").value is False
    assert constant.with_value("Yes", "x").value is True
    with pytest.raises(ParameterError, match="true or false"):
        constant.with_value(1, "x")


def test_without_leaves_every_step_of_a_rule_out() -> None:
    whole = [step.rule for step in presets.load("default").chain]
    assert whole.count("level") == 2
    rules = presets.load("default").without("level", "eq")
    assert [step.rule for step in rules.chain] == [rule for rule in whole if rule not in ("level", "eq")]
    with pytest.raises(ParameterError, match="no rule 'equalizer': it has instruments, polarity, level"):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One field of each type that settings have."""

    level_db: float
    count: int
    weighting: Literal["k", "a"]
    roles: tuple[str, ...]
    edges_hz: tuple[float, ...]


def rule_set(**values: Value) -> RuleSet:
    given = {"level_db": -3.0, "count": 2, "weighting": "k", "roles": ("bass",), "edges_hz": (1.0,), **values}
    constants = {f"mine.{k}": Constant(value=v, unit="", about="a", source="s") for k, v in given.items()}
    return RuleSet(name="x", about="x", chain=(), constants=constants)


def test_settings_are_made_of_the_rules_table() -> None:
    made = typed_settings(rule_set(level_db=-3, another=1.0), "mine", Settings)
    assert made == Settings(level_db=-3.0, count=2, weighting="k", roles=("bass",), edges_hz=(1.0,))
    assert isinstance(made.level_db, float)


def test_settings_lack_no_constant() -> None:
    with pytest.raises(
        ParameterError, match=r"^rule set x lacks the constant yours.level_db, which its chain needs$"
    ):
        typed_settings(rule_set(), "yours", Settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("level_db", "loud"),
        ("level_db", True),
        ("count", 2.5),
        ("weighting", "z"),
        ("roles", "bass"),
        ("roles", (1.0,)),
        ("edges_hz", ("a",)),
    ],
)
def test_settings_of_the_wrong_type_are_refused_in_one_line(name: str, value: Value) -> None:
    with pytest.raises(
        ParameterError, match=f"^rule set x: the constant mine.{name} = .* is of the wrong type"
    ) as caught:
        typed_settings(rule_set(**{name: value}), "mine", Settings)
    assert "\n" not in str(caught.value)


def test_a_rule_of_the_users_own_is_given_a_mapping() -> None:
    given: list[object] = []

    def mine(session: Session, settings: Mapping[str, Any]) -> list[Decision]:
        given.extend([settings["depth_db"], settings["roles"]])
        with pytest.raises(ParameterError, match=r"rule set default lacks the constant mine.nonsense"):
            settings["nonsense"]
        return []

    constants = {
        "depth_db": Constant(value=3.0, unit="dB", about="a", source="s"),
        "roles": Constant(value=("bass", "kick"), unit="", about="a", source="s"),
    }
    rules = presets.load().without(*presets.load().rules).with_rule("mine", mine, constants=constants)
    rules = rules.with_values({"mine.roles": "snare"})
    plan({"vocals": np.full(9000, 0.1)}, sample_rate=8000, rules=rules)
    assert given == [3.0, ("snare",)]


def a_level(**fields: Any) -> Constant:
    return Constant(**{"value": -14.0, **fields}, unit="LU", about="a level", source="a test")


@pytest.mark.parametrize(
    ("fields", "strength", "value"),
    [
        ({"neutral": 0.0}, 0.0, 0.0),
        ({"neutral": 0.0}, 0.5, -7.0),
        ({"neutral": -10.0}, 0.5, -12.0),
        ({"neutral": 0.0, "minimum": -20.0}, 2.0, -20.0),
        ({"neutral": -math.inf, "minimum": -60.0}, 0.0, -60.0),
        ({"neutral": -math.inf}, 0.5, -14.0 - 20.0 * math.log10(2.0)),
        ({"neutral": None}, 0.5, -14.0),
        ({"value": 4, "neutral": 0}, 0.5, 2),
    ],
)
def test_a_strength_moves_a_constant_towards_neutral(
    fields: dict[str, Any], strength: float, value: float
) -> None:
    assert a_level(**fields).at_strength(strength).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"neutral": math.nan}, "neutral must be a number or -inf"),
        ({"neutral": math.inf}, "neutral must be a number or -inf"),
        ({"value": "octave", "neutral": 0.0}, "only a number has a neutral value"),
    ],
)
def test_an_impossible_neutral_value_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        a_level(**fields)


def test_strength_says_itself_and_leaves_the_master_alone() -> None:
    rules = presets.load("default")
    half = rules.with_strength(0.5)
    assert half.label == "default, strength 0.5"
    assert half["eq.strength"] == 0.5 * rules["eq.strength"]  # type: ignore[operator]
    assert half["master.target_lufs"] == rules["master.target_lufs"]
    assert rules.with_strength(1.0) == rules
    for wrong in (-0.1, 2.1, math.nan, "much"):
        with pytest.raises(ParameterError, match="strength"):
            rules.with_strength(wrong)  # type: ignore[arg-type]


def test_every_style_changes_what_it_says_and_names_its_source() -> None:
    rules = presets.load("default")
    assert set(rules.styles) == {"dry", "roomy", "vocal-forward", "flat"}
    for name, style in rules.styles.items():
        styled = rules.with_style(name)
        assert styled.label == f"default, style {name}"
        for key, change in style.changes.items():
            assert styled[key] == pytest.approx(change.of(float(rules[key])))  # type: ignore[arg-type]
            assert styled.source(key) == f"style {name}: {change.source}"
        others = set(rules.constants) - set(style.changes)
        assert all(styled[key] == rules[key] for key in others)


def test_an_unknown_style_is_refused_with_those_there_are() -> None:
    with pytest.raises(ParameterError, match="no style 'rock': there are dry, roomy, vocal-forward, flat"):
        presets.load("default").with_style("rock")
    with pytest.raises(ParameterError, match="survey-2022 has no style 'dry': it has none"):
        presets.load("survey-2022").with_style("dry")


def test_a_rule_set_without_neutral_values_has_no_strength() -> None:
    with pytest.raises(ParameterError, match="survey-2022 has no strength"):
        presets.load("survey-2022").with_strength(0.5)


@pytest.mark.parametrize("wrong", [20.5, -21, "loud", float("nan"), None, True])
def test_a_wish_for_the_vocal_has_bounds(wrong: object) -> None:
    with pytest.raises(ParameterError, match="vocal_db"):
        presets.load().with_vocal_db(wrong)  # type: ignore[arg-type]


def test_a_wish_for_the_vocal_needs_a_level_rule() -> None:
    with pytest.raises(ParameterError, match="sets no level of the vocal"):
        presets.load().without("level").with_vocal_db(2.0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, 21.0, "loud", float("nan")])
def test_a_wish_for_loudness_has_bounds(wrong: object) -> None:
    with pytest.raises(ParameterError, match="louder_lu"):
        presets.load().with_louder(wrong)  # type: ignore[arg-type]


def test_a_wish_for_loudness_raises_the_target_of_the_master() -> None:
    rules = presets.load().with_values({"master.target_lufs": -20}).with_louder(2.5)
    assert rules["master.target_lufs"] == -17.5
    assert "2.5 LU louder" in rules.label
    with pytest.raises(ParameterError, match=r"master\.target_lufs must be"):
        presets.load().with_louder(15.0)
    with pytest.raises(ParameterError, match="no master"):
        presets.load().without("master").with_louder(2.0)
