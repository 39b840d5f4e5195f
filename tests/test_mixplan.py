"""Plans: JSON out and in without loss, strict reading, and edits that are checked."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixrules import (
    Decision,
    MasterPlan,
    MixPlan,
    PluginInsert,
    Quantity,
    ReverbBus,
    Send,
    Statement,
    StemPlan,
)
from mixrules.errors import ParameterError, PlanError
from mixrules.mixplan import Footer
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    LimiterParams,
    PanParams,
    ReverbParams,
)

FULL = MixPlan(
    title="Ärger im Büro – 日本",
    made_by="a test",
    sample_rate=44_100,
    seed=7,
    notes=("one", "two"),
    stems=(
        StemPlan(
            name="lead vocal",
            role="vocal",
            role_confidence=0.95,
            input_gain_db=-1.5,
            equalizer=EqualizerParams(bands=(EqBand(frequency_hz=250.0, gain_db=-3.25, q=2.0),)),
            compressor=CompressorParams(threshold_db=-20.5, ratio=2.5),
            plugins=(
                PluginInsert(
                    path="x.vst3",
                    replaces="compressor",
                    parameters={"mix": 0.5, "on": True, "mode": "soft"},
                    from_params={"threshold": "threshold_db"},
                ),
            ),
            pan=PanParams(pan=-0.25, pan_law_db=-4.5),
            sends=(Send(to="room", level_db=-12.0),),
            gain_db=3.1,
        ),
        StemPlan(name="bass", mute=True),
    ),
    reverbs=(ReverbBus(name="room", params=ReverbParams(t60_s=1.3)),),
    master=MasterPlan(
        equalizer=EqualizerParams(bands=(EqBand(kind="high_pass", frequency_hz=30.0),)),
        gain_db=-2.0,
        limiter=LimiterParams(ceiling_dbtp=-1.0),
    ),
    decisions=(
        Decision(
            rule="eq",
            stem="lead vocal",
            sentence="It was cut.",
            source="a paper",
            measured=(
                Quantity.of("range", float("nan"), "LU"),
                Quantity.of("level", np.float32(-20), "LUFS"),  # type: ignore[arg-type]
            ),
            parameters={"sends": (Send(to="room", level_db=-12.0),), "gain_db": np.float64(3.1)},
            statements=(
                Statement(kind="reverb_t60_s", bus="room", unit="s", stated=1.3, measured=1.29, note="near"),
            ),
        ),
        Decision(rule="level", sentence="An earlier word.", source="s", superseded=True),
    ),
    result=Footer(integrated_lufs=-14.0, true_peak_dbtp=None, duration_s=12.5),
)


def document() -> dict[str, Any]:
    """The full plan as a fresh JSON document."""
    made: dict[str, Any] = json.loads(FULL.to_json())
    return made


def refused(edited: dict[str, Any]) -> str:
    with pytest.raises(PlanError) as caught:
        MixPlan.from_json(json.dumps(edited), source="my.plan.json")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("my.plan.json")
    return message


def test_a_plan_comes_back_as_it_was() -> None:
    again = MixPlan.from_json(FULL.to_json())
    assert again == FULL
    assert again.to_json() == FULL.to_json()
    assert MixPlan.from_json(FULL.to_json().encode()) == FULL


def test_the_document_is_plain_and_readable() -> None:
    text = FULL.to_json()
    assert text.endswith("}\n")
    assert "日本" in text
    assert document()["version"] == 2
    assert document()["stems"][0]["compressor"]["threshold_db"] == -20.5
    assert document()["decisions"][0]["measured"][0]["value"] is None


def test_a_plan_of_names_alone_changes_nothing() -> None:
    plan = MixPlan.from_json('{"stems": [{"name": "a"}]}')
    assert plan == MixPlan(stems=(StemPlan(name="a"),))


UNKNOWN = [
    ((), "$"),
    (("stems", 0), "$.stems[0]"),
    (("stems", 1, "pan"), "$.stems[1].pan"),
    (("stems", 0, "equalizer"), "$.stems[0].equalizer"),
    (("stems", 0, "equalizer", "bands", 0), "$.stems[0].equalizer.bands[0]"),
    (("stems", 0, "compressor"), "$.stems[0].compressor"),
    (("stems", 0, "plugins", 0), "$.stems[0].plugins[0]"),
    (("stems", 0, "sends", 0), "$.stems[0].sends[0]"),
    (("reverbs", 0), "$.reverbs[0]"),
    (("reverbs", 0, "params"), "$.reverbs[0].params"),
    (("master",), "$.master"),
    (("master", "limiter"), "$.master.limiter"),
    (("decisions", 0), "$.decisions[0]"),
    (("decisions", 0, "measured", 0), "$.decisions[0].measured[0]"),
    (("decisions", 0, "statements", 0), "$.decisions[0].statements[0]"),
    (("result",), "$.result"),
]


@pytest.mark.parametrize(("way", "path"), UNKNOWN, ids=[path for _, path in UNKNOWN])
def test_an_unknown_field_is_named_with_its_path(way: tuple[str | int, ...], path: str) -> None:
    edited = document()
    part: Any = edited
    for key in way:
        part = part[key]
    part["gian_db"] = 1.0
    assert f"{path}.gian_db: unknown field" in refused(edited)


def test_a_later_version_is_named_before_the_fields_it_may_have() -> None:
    edited = document() | {"version": 3, "buses": []}
    edited["stems"][0]["delay_ms"] = 3.0
    assert "version 3 is not known here, this release reads 1 and 2" in refused(edited)


def test_a_misspelt_field_gets_a_suggestion() -> None:
    edited = document()
    edited["stems"][0]["gain"] = edited["stems"][0].pop("gain_db")
    assert "did you mean gain_db?" in refused(edited)


BROKEN: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("stems", 0, "gain_db"), "3", "$.stems[0].gain_db"),
    (("stems", 0, "gain_db"), None, "$.stems[0].gain_db"),
    (("stems", 0, "gain_db"), 145, "gain_db must be -144 to 144, got 145"),
    (("stems", 0, "name"), 3, "$.stems[0].name"),
    (("stems", 0, "name"), "", "a name is empty"),
    (("stems", 0, "role"), "banana", "$.stems[0]: role of 'lead vocal': 'banana' is not a role"),
    (("stems", 0, "role_confidence"), 1.5, "$.stems[0]"),
    (("stems", 1, "mute"), 1, "$.stems[1].mute"),
    (("stems", 0, "compressor", "ratio"), 0.9, "$.stems[0].compressor: ratio"),
    (("stems", 0, "compressor", "attack_ms"), -1, "$.stems[0].compressor: attack_ms"),
    (("stems", 0, "compressor", "release_ms"), -1, "$.stems[0].compressor: release_ms"),
    (("stems", 0, "compressor"), [], "$.stems[0].compressor"),
    (("stems", 0, "equalizer", "bands", 0, "frequency_hz"), 0, "$.stems[0].equalizer.bands[0]"),
    (("stems", 0, "equalizer", "bands", 0, "kind"), "notch", "$.stems[0].equalizer.bands[0].kind"),
    (("stems", 0, "equalizer", "bands"), {}, "$.stems[0].equalizer.bands"),
    (("stems", 0, "pan", "pan"), 1.01, "$.stems[0].pan"),
    (("stems", 0, "pan", "pan_law_db"), -5, "$.stems[0].pan: pan_law_db"),
    (
        ("stems", 0, "sends", 0, "to"),
        "hall",
        "stem 'lead vocal' sends to 'hall': the plan has the reverbs room",
    ),
    (("stems", 0, "sends", 0, "level_db"), 1e9, "$.stems[0].sends[0]"),
    (("stems", 0, "plugins", 0, "replaces"), "reverb", "$.stems[0].plugins[0].replaces"),
    (("stems", 0, "plugins", 0, "from_params"), {"a": "loudness"}, "$.stems[0].plugins[0]"),
    (("stems", 0, "plugins", 0, "parameters"), {"a": [1]}, "$.stems[0].plugins[0].parameters"),
    (("stems", 1, "name"), "lead vocal", "stems: the name 'lead vocal' stands twice"),
    (("stems",), {"name": "a"}, "$.stems"),
    (("reverbs", 0, "params", "t60_s"), -1, "$.reverbs[0].params: t60_s"),
    (("reverbs", 0, "params", "lines"), 5, "$.reverbs[0].params: lines"),
    (("reverbs", 0, "params", "pre_delay_ms"), -5, "$.reverbs[0].params: pre_delay_ms"),
    (("master", "limiter", "ceiling_dbtp"), 1, "$.master.limiter: ceiling_dbtp"),
    (("version",), 3, "version 3 is not known here, this release reads 1 and 2"),
    (("version",), 1.5, "$.version"),
    (("version",), True, "$.version"),
    (("sample_rate",), -5, "sample_rate must be 8000"),
    (("sample_rate",), 44100.5, "$.sample_rate"),
    (("notes",), "one", "$.notes"),
    (("decisions", 0, "rule"), "", "$.decisions[0]"),
    (("decisions", 0, "statements", 0, "kind"), "loudness", "$.decisions[0].statements[0].kind"),
    (("decisions", 0, "statements", 0, "stated"), None, "$.decisions[0].statements[0].stated"),
    (("decisions", 0, "statements", 0, "tolerance"), -1, "$.decisions[0].statements[0]: tolerance"),
]


@pytest.mark.parametrize(
    ("way", "value", "message"), BROKEN, ids=[f"{'.'.join(map(str, w))}={v!r}" for w, v, _ in BROKEN]
)
def test_a_wrong_value_is_named_with_its_path(way: tuple[str | int, ...], value: Any, message: str) -> None:
    edited = document()
    part: Any = edited
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    assert message in refused(edited)


def place(text: str, sign: str) -> str:
    """The line and column where a sign stands that occurs once."""
    assert text.count(sign) == 1
    before = text[: text.index(sign)]
    return f"line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}: "


LINES: list[tuple[str, str, str]] = [
    (
        '"input_gain_db": -1.5',
        '"input_gain_db": "loud"',
        '$.stems[0].input_gain_db: a number is needed, got "loud"',
    ),
    ('"ratio": 2.5', '"ratio": 0.5', "$.stems[0].compressor: ratio must be 1 to 1000, got 0.5"),
    ('"role": "vocal"', '"role": "singer"', "$.stems[0]: role of 'lead vocal': 'singer' is not a role"),
    ('"makeup_db"', '"make_up"', "$.stems[0].compressor.make_up: unknown field; did you mean makeup_db?"),
    ('"name": "bass"', '"name": "lead vocal"', "$: stems: the name 'lead vocal' stands twice"),
    ('"on": true', '"on": null', "$.stems[0].plugins[0].parameters.on: true or false or a number or a text"),
    (
        '"version": 2',
        '"version": null',
        "$.version: version null is not known here, this release reads 1 and 2",
    ),
    (
        '"kind": "high_pass"',
        '"kind": "notch"',
        '$.master.equalizer.bands[0].kind: "notch" is not accepted, one of these is: "peaking", "low_shelf"',
    ),
]


@pytest.mark.parametrize(("right", "wrong", "message"), LINES, ids=[wrong for _, wrong, _ in LINES])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_wrong_field_is_named_with_line_and_column(
    right: str, wrong: str, message: str, line_end: str
) -> None:
    text = FULL.to_json()
    at = place(text, right)
    with pytest.raises(PlanError) as caught:
        MixPlan.from_json(text.replace(right, wrong).replace("\n", line_end), source="p.json")
    assert str(caught.value).startswith(f"p.json: {at}{message}")


FAULTS: list[tuple[str | bytes, str]] = [
    ("", "it is empty"),
    (" \n ", "it is empty"),
    ('{"stems": [{"name": "a", "gain_db": 30,\n "gain_db": 0}]}', 'line 2, column 2: "gain_db" stands twice'),
    ('{"a": 1, "\\u0061": 2}', 'line 1, column 10: "a" stands twice'),
    (
        '{"stems": [\n{"name": "a"}',
        "line 2, column 14: the text ends here before [ of line 1, column 11 is closed",
    ),
    ('{"stems": [{"name": "a', "within quotes opened in line 1, column 21"),
    ('{"stems": [],}', "line 1, column 13: a comma before }: take it away"),
    ('{"stems": [] // none\n}', "line 1, column 14: JSON has no comments"),
    ("# a plan\n{}", "line 1, column 1: JSON has no comments"),
    ("{'stems': []}", "line 1, column 2: texts stand in double quotes, not in single ones"),
    ("{stems: []}", "line 1, column 2: a field's name in double quotes is needed, got stems"),
    ('{"mute": True}', "line 1, column 10: True is written true"),
    ('{"gain_db": 1,5}', "line 1, column 15: a number takes a point: 1.5, not 1,5"),
    ('{"gain_db": .5}', "line 1, column 13: .5 is not a number as JSON has them"),
    ('{"gain_db": 01}', "01 is not a number as JSON has them"),
    ('{"gain_db": NaN}', "NaN is not a number that is accepted"),
    ('{"gain_db": -Infinity}', "-Infinity is not a number that is accepted"),
    ('{"gain_db": 1e999}', "the number 1e999 is too large"),
    ('{"seed": ' + "9" * 5000 + "}", "(5000 characters) is too large"),
    ('{"title": "C:\\plans"}', "\\p is no escape; a backslash itself is written \\\\"),
    ('{"title": "a\nb"}', "line 1, column 13: a line ends within quotes"),
    ('{"title": "a\x07"}', "a control character (U+0007) stands within quotes"),
    ('{"title": "\\ud83d"}', "\\ud83d is half of a surrogate pair"),
    ('{"title": "b\udce4ss"}', "half of a surrogate pair (U+DCE4) stands within quotes"),
    ('{"stems": []} {}', "line 1, column 15: { follows the end of the document"),
    ('{"stems" []}', 'a colon after "stems" is needed, got ['),
    ('{"stems": [] "title": ""}', "line 1, column 14: a comma or } is needed"),
    ('{"a": ' + "[" * 5000 + "]" * 5000 + "}", "line 1, column 106: brackets are nested more than 100 deep"),
    ("[" * 200_000, "brackets are nested more than 100 deep"),
    ('{"stems": []}'.encode("utf-16"), "it is text in UTF-16, save it as UTF-8"),
    ('{"stems": []}'.encode("utf-32"), "it is text in UTF-32, save it as UTF-8"),
    (b'{\n"title": "B\xe4r"}', "line 2, column 12: the byte 0xe4 is not UTF-8"),
]


@pytest.mark.parametrize(("text", "message"), FAULTS, ids=[repr(text[:24]) for text, _ in FAULTS])
def test_a_fault_of_the_text_is_named_with_line_and_column(text: str | bytes, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        MixPlan.from_json(text, source="p.json")
    assert message in str(caught.value)
    assert str(caught.value).startswith("p.json")
    assert "\n" not in str(caught.value)


def test_what_is_odd_in_a_text_but_sound_is_read() -> None:
    plain = MixPlan(stems=(StemPlan(name="a", gain_db=1e-5),), title="\N{GRINNING FACE}")
    text = '{"title": "\\ud83d\\ude00", "stems": [{"gain_db": 1E-5, "name": "\\u0061"}]}'
    assert MixPlan.from_json(text) == plain
    assert MixPlan.from_json("\ufeff" + text) == plain
    assert MixPlan.from_json(text.encode("utf-8-sig")) == plain
    assert MixPlan.from_json(text.replace(" ", "\r\n\t")) == plain


@pytest.mark.parametrize("cut", range(0, 3000, 37))
def test_a_plan_that_is_cut_anywhere_is_refused_where_it_ends(cut: int) -> None:
    text = FULL.to_json()[:cut]
    with pytest.raises(PlanError, match=r"it is empty|the text ends here"):
        MixPlan.from_json(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_not_a_number_is_refused(number: str) -> None:
    with pytest.raises(PlanError, match="p is not JSON"):
        MixPlan.from_json('{"stems": [{"name": "a", "gain_db": %s}]}' % number, source="p")  # noqa: UP031


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "3",
        "{}",
        '{"stems"',
        b"\xff\xfe",
        b'{"stems": [{"name": "\xe9"}]}',
        "[" * 100_000,
        '{"stems": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"stems": [{"name": "a", "ro\\nle": 1}]}',
        "RIFF\x00\x00",
    ],
    ids=lambda text: repr(text[:20]),
)
def test_what_is_not_a_plan_is_one_line(text: str | bytes) -> None:
    with pytest.raises(PlanError) as caught:
        MixPlan.from_json(text, source="p.json")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("p.json")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["lead vocal"], "the plan has bass, which the stems lack"),
        (["lead vocal", "bass", "drums"], "the stems have drums, which the plan lacks"),
        ([], "the plan has bass, lead vocal, which the stems lack"),
    ],
)
def test_a_plan_for_other_stems_is_refused(names: list[str], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        FULL.require_fits(names)
    FULL.require_fits(["bass", "lead vocal"])


def test_a_plan_fits_names_however_their_accents_are_composed() -> None:
    composed, apart = "M\u00e4dchen", "Ma\u0308dchen"
    MixPlan(stems=(StemPlan(name=composed),)).require_fits([apart])
    MixPlan(stems=(StemPlan(name=apart),)).require_fits([composed])
    with pytest.raises(PlanError, match="the stems have Madchen"):
        MixPlan(stems=(StemPlan(name=composed),)).require_fits(["Madchen"])


def test_edits_make_new_plans_and_are_checked() -> None:
    louder = FULL.replace_stem("bass", gain_db=6.0, mute=False)
    assert louder.stem("bass").gain_db == 6.0
    assert FULL.stem("bass").gain_db == 0.0
    assert [s.name for s in louder.stems] == ["lead vocal", "bass"]
    assert louder.replace(title="x").title == "x"
    assert FULL.reverb("room").t60_s == 1.3
    with pytest.raises(PlanError, match="no stem 'drums': it has lead vocal, bass"):
        FULL.replace_stem("drums", gain_db=1.0)
    with pytest.raises(PlanError, match="no reverb 'hall'"):
        FULL.reverb("hall")
    with pytest.raises(ParameterError, match="gain_db"):
        FULL.replace_stem("bass", gain_db=float("nan"))
    with pytest.raises(ParameterError, match="sends to 'room'"):
        FULL.replace(reverbs=())
    with pytest.raises(ParameterError, match="stands twice"):
        FULL.replace_stem("bass", name="lead vocal")
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.title = "other"  # type: ignore[misc]


def test_two_inserts_cannot_replace_one_processor() -> None:
    insert = PluginInsert(path="a.vst3", replaces="equalizer")
    with pytest.raises(ParameterError, match="replace the same processor"):
        StemPlan(name="a", plugins=(insert, insert))
    with pytest.raises(ParameterError, match="two of them go to the same reverb"):
        StemPlan(name="a", sends=(Send(to="r", level_db=0.0), Send(to="r", level_db=1.0)))
    with pytest.raises(ParameterError, match="replaces = 'compressor'"):
        PluginInsert(path="a.vst3", from_params={"a": "ratio"})


decibels = st.floats(-60, 24, allow_nan=False)
bands = st.builds(
    EqBand,
    frequency_hz=st.floats(20, 20_000),
    gain_db=decibels,
    q=st.floats(0.1, 20),
    kind=st.just("peaking"),
)
strips = st.builds(
    StemPlan,
    name=st.text(min_size=1, max_size=12),
    role=st.sampled_from(["vocal", "bass", "unknown"]),
    gain_db=decibels,
    equalizer=st.builds(EqualizerParams, bands=st.lists(bands, max_size=3).map(tuple)),
    compressor=st.none()
    | st.builds(CompressorParams, threshold_db=st.floats(-60, 0), ratio=st.floats(1, 20), makeup_db=decibels),
    pan=st.builds(PanParams, pan=st.floats(-1, 1)),
    sends=st.sampled_from([(), (Send(to="r", level_db=-3.0),)]),
    mute=st.booleans(),
)
plans = st.builds(
    MixPlan,
    stems=st.lists(strips, max_size=4, unique_by=lambda s: s.name).map(tuple),
    reverbs=st.builds(
        ReverbBus, name=st.just("r"), params=st.builds(ReverbParams, t60_s=st.floats(0.1, 9))
    ).map(lambda bus: (bus,)),
    title=st.text(max_size=20),
    notes=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    seed=st.none() | st.integers(0, 2**31),
    decisions=st.lists(
        st.builds(
            Decision,
            rule=st.text(min_size=1, max_size=5),
            sentence=st.text(min_size=1, max_size=30),
            source=st.text(max_size=9),
            parameters=st.dictionaries(
                st.text(max_size=5), st.floats(allow_nan=False, allow_infinity=False) | bands | st.booleans()
            ),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(plans)
def test_any_plan_comes_back_as_it_was(plan: MixPlan) -> None:
    assert MixPlan.from_json(plan.to_json()) == plan
