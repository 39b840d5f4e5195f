"""The screen of a mix: rows made of a plan's parameters, whatever the names, the width and the number of stems."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Sequence

import pytest

from mixrules.decision import Decision, Quantity, Statement, plain
from mixrules.loudness import Loudness
from mixrules.mixplan import Footer, MasterPlan, MixPlan, PluginInsert, ReverbBus, Send, StemPlan
from mixrules.plan_edits import _STRIP
from mixrules.presets import load
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
)
from mixrules.report.song.louder import cost_row, more_limiting, stopped_row
from mixrules.report.song.strip_words import place_in_words, treatments
from mixrules.report.song.summary import (
    check_rows,
    has_vocal,
    loudness_row,
    mix_rows,
    notices,
    stem_rows,
)

ROOM = ReverbBus(name="room", params=ReverbParams(t60_s=1.5))
ODD = (
    "<script>alert(1)</script>",
    "two\nlines\tand \x1b[31mred",
    "専門家のギター",
    "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}",
    "x" * 300,
    "\N{GRINNING FACE} smile",
    " ",
    "a 'b' \"c\" $d",
)


def columns(text: str) -> int:
    """Count the columns that a text takes in a terminal, after Unicode's own tables."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    marks = sum(unicodedata.combining(sign) != 0 for sign in text)
    return len(text) + wide - marks


def busy(name: str, gain_db: float = 3.0) -> StemPlan:
    """A strip in which everything is used."""
    return StemPlan(
        name=name,
        role="guitar",
        gain_db=gain_db,
        invert_polarity=True,
        input_gain_db=2.0,
        equalizer=EqualizerParams(
            bands=(
                EqBand(kind="high_pass", frequency_hz=80.0),
                EqBand(frequency_hz=250.0, gain_db=-3.0),
                EqBand(frequency_hz=2500.0, gain_db=-2.2),
            )
        ),
        dynamic_equalizer=(DynamicEqBand(frequency_hz=6500.0),),
        compressor=CompressorParams(ratio=3.0),
        limiter=LimiterParams(ceiling_dbtp=-9.0),
        automation=(GainPoint(time_s=0.0, gain_db=-1.0), GainPoint(time_s=9.0, gain_db=2.5)),
        pan=PanParams(pan=-0.5),
        width=WidthParams(spread=0.2),
        sends=(Send(to="room", level_db=-30.0),),
    )


def words(strip: StemPlan, decisions: Sequence[Decision] = ()) -> list[str]:
    return [each.forms[0] for each in treatments(strip, decisions)]


def settings(owner: StemPlan | MixPlan) -> dict[str, object]:
    """Return what a decision would have set, for all of it to be as decided."""
    names = ("reverbs", "master") if isinstance(owner, MixPlan) else _STRIP
    return {name: plain({name: getattr(owner, name)})[name] for name in names}


def decision(rule: str, stem: str = "", **fields: object) -> Decision:
    return Decision(rule=rule, stem=stem, sentence="Said.", source="ours", **fields)  # type: ignore[arg-type]


def test_everything_that_a_strip_does_is_said() -> None:
    assert words(busy("one")) == [
        "polarity reversed",
        "input gain +2.0 dB",
        "EQ -3.0 dB at 250 Hz, -2.2 dB at 2.5 kHz, high-pass 80 Hz",
        "de-essed at 6.5 kHz",
        "compressed 3:1",
        "peaks limited",
        "level moves by -1.0 to +2.5 dB",
        "spread a little",
        "reverb",
    ]
    assert words(StemPlan(name="one", gain_db=3.0, pan=PanParams(pan=0.3))) == []
    idle = StemPlan(
        name="one",
        compressor=CompressorParams(ratio=1.0),
        width=WidthParams(),
        equalizer=EqualizerParams(bands=(EqBand(frequency_hz=99.0),)),
    )
    assert words(idle) == []


@pytest.mark.parametrize(
    ("strip", "said"),
    [
        ({"width": WidthParams(side_gain_db=-4.0)}, "narrower by 4.0 dB"),
        ({"width": WidthParams(side_gain_db=-144.0)}, "made mono"),
        ({"plugins": (PluginInsert(path="/x/Warm.vst3"),)}, "plug-in Warm"),
        (
            {"dynamic_equalizer": (DynamicEqBand(frequency_hz=300.0),)},
            "turned down at 300 Hz while loud there",
        ),
        (
            {"equalizer": EqualizerParams(bands=(EqBand(kind="high_pass", frequency_hz=18.0),))},
            "high-pass 18 Hz",
        ),
        (
            {
                "equalizer": EqualizerParams(
                    bands=tuple(EqBand(frequency_hz=f, gain_db=f / 100) for f in (100, 200, 400))
                )
            },
            "EQ +4.0 dB at 400 Hz, +2.0 dB at 200 Hz, 1 more",
        ),
        ({"automation": (GainPoint(time_s=0.0, gain_db=0.0),)}, "level moves"),
    ],
)
def test_one_thing_alone_is_said(strip: dict[str, object], said: str) -> None:
    assert words(StemPlan(name="one", **strip)) == [said]  # type: ignore[arg-type]


def test_what_a_parameter_does_not_tell_comes_from_what_was_measured() -> None:
    decisions = [
        decision(
            "peaks", "one", measured=(Quantity(name="limiting of the highest peak", value=4.46, unit="dB"),)
        ),
        decision("ride", "one", parameters={"automation": []}),
        decision(
            "reverb",
            "one",
            statements=(
                Statement(kind="reverb_to_dry_lu", stems=("one",), bus="room", unit="LU", stated=-14.2),
            ),
        ),
        decision(
            "peaks", "two", measured=(Quantity(name="limiting of the highest peak", value=9.0, unit="dB"),)
        ),
    ]
    said = words(busy("one"), decisions)
    assert {"peaks -4.5 dB", "reverb -14 LU", "level ridden by -1.0 to +2.5 dB"} < set(said)
    faded = [decision("fades", "one", parameters={"automation": []})]
    assert "short fades" in words(busy("one"), faded)
    dipped = [decision("duck", "one", parameters={"automation": []}, superseded=True)]
    assert "level moves by -1.0 to +2.5 dB" in words(busy("one"), dipped)


@pytest.mark.parametrize(
    ("pan", "said"),
    [(0.0, "centre"), (0.004, "centre"), (-1.0, "hard left"), (1.0, "hard right"), (0.39, "39 % right")],
)
def test_a_place_in_words(pan: float, said: str) -> None:
    assert place_in_words(StemPlan(name="one", pan=PanParams(pan=pan))) == said


@pytest.mark.parametrize("width", [20, 60, 80, 132, 400])
@pytest.mark.parametrize("stems", [1, 4, 6, 16, 20, 21, 22, 60])
def test_a_screen_is_as_wide_as_the_terminal_and_never_long(stems: int, width: int) -> None:
    plan = MixPlan(stems=tuple(busy(f"guitar {n:02}", n) for n in range(stems)), reverbs=(ROOM,))
    rows = stem_rows(plan, width=width)
    assert all(columns(row) <= max(width, 60) for row in rows)
    named = [row for row in rows if row.startswith("guitar")]
    assert len(named) == (stems if stems <= 21 else 20)
    assert len(rows) <= 1 + (max(2 * min(stems, 4), 9) if stems <= 6 else min(stems, 21))
    if stems > 21:
        assert rows[-1] == f"and {stems - 20} more, which changed less"
        # By the fader, since all else is alike: the last twenty, and in their order.
        assert [row[:9] for row in named] == [f"guitar {n:02}" for n in range(stems - 20, stems)]


def test_names_of_any_kind_take_one_line_and_align() -> None:
    plan = MixPlan(stems=tuple(StemPlan(name=name, role="vocal") for name in ODD))
    head, *rows = stem_rows(plan, width=80)
    assert len(rows) == len(ODD)
    assert all(row.isprintable() for row in rows)
    at = head.index("role")
    for row in rows:
        before = row[: row.index("vocal  ")]
        assert columns(before) == at, row
    assert "<script>alert(1)</script>"[:10] in rows[0]
    assert "…" in rows[4]


def test_long_words_are_shortened_before_a_row_is_cut() -> None:
    one = dataclasses.replace(
        busy("one"), invert_polarity=False, input_gain_db=0.0, dynamic_equalizer=(), automation=(), width=None
    )
    many = MixPlan(stems=tuple(dataclasses.replace(one, name=f"stem {n}") for n in range(8)), reverbs=(ROOM,))
    (short,) = {row.rpartition("left  ")[2] for row in stem_rows(many, width=75)[1:]}
    (full,) = {row.rpartition("left  ")[2] for row in stem_rows(many, width=140)[1:]}
    assert short == "EQ, compressed, peaks limited, reverb"
    assert full == ", ".join(words(one))


@pytest.mark.parametrize("width", range(60, 130))
def test_no_phrase_is_broken_between_two_rows(width: int) -> None:
    plan = MixPlan(stems=(busy("one"), busy("two")), reverbs=(ROOM,))
    _, *rows = stem_rows(plan, width=width)
    at = rows[0].index("50 % left") + len("50 % left  ")
    assert len(rows) == 4
    known = {form for each in treatments(busy("one"), ()) for form in each.forms}
    for row in rows:
        assert row[at] != " "
        text = row[at:].removesuffix(",")
        assert "…" in text or all(f"{part}" in " ".join(known) for part in text.split(", "))
        assert row[:at].strip() or row[at - 1] == " "


@pytest.mark.parametrize("width", [60, 66, 80])
@pytest.mark.parametrize("role", ["accompaniment", "backing_vocal"])
def test_a_long_name_leaves_room_for_what_was_done(role: str, width: int) -> None:
    long = dataclasses.replace(
        busy("a guitar of a very long name", -13.2), role=role, pan=PanParams(pan=-1.0)
    )
    plan = MixPlan(stems=(long, StemPlan(name="one", role=role, gain_db=2.0)), reverbs=(ROOM,))
    head, *rows = stem_rows(plan, width=width)
    at = head.index("what was done")
    assert width - at >= 20
    assert all(columns(row) <= width for row in rows)
    assert all(len(row[at:]) > 5 for row in rows[:-1])
    assert rows[-1].endswith("nothing else")
    assert rows[0].startswith("a ")


@pytest.mark.parametrize("width", range(60, 100, 5))
def test_wide_characters_take_two_columns_in_what_was_done_too(width: int) -> None:
    inserts = tuple(PluginInsert(path=f"/x/{name}.vst3") for name in ("温かい音", "鼓", "専門家の残響器"))
    plan = MixPlan(stems=tuple(StemPlan(name=f"{n}", plugins=inserts) for n in range(2)))
    rows = stem_rows(plan, width=width)
    assert all(columns(row) <= width for row in rows)
    assert "…" not in "".join(rows)


def test_what_is_left_as_it_is_or_silent_is_said_in_few_words() -> None:
    plan = MixPlan(
        stems=(
            StemPlan(name="kept"),
            StemPlan(name="louder", gain_db=2.0),
            StemPlan(name="off", mute=True),
            StemPlan(name="quiet"),
            StemPlan(name="offset", gain_db=1.0),
        ),
        decisions=(decision("stems", "quiet"), decision("stems", "offset"), decision("level", "offset")),
    )
    rows = {row.split()[0]: row for row in stem_rows(plan)}
    assert rows["kept"].endswith("left as it is")
    assert rows["louder"].endswith("nothing else")
    assert " muted " in rows["off"]
    assert rows["quiet"].endswith("silent or muted, left alone")
    assert rows["offset"].endswith("nothing else")


def test_the_whole_takes_a_line_each() -> None:
    assert mix_rows(MixPlan(stems=(StemPlan(name="one"),))) == []
    limiting = Quantity(name="limiting", value=2.64, unit="dB")
    plan = MixPlan(
        stems=(busy("one"), busy("two")),
        reverbs=(ROOM,),
        master=MasterPlan(
            equalizer=EqualizerParams(bands=(EqBand(kind="low_shelf", frequency_hz=250.0, gain_db=1.5),)),
            gain_db=5.3,
            limiter=LimiterParams(ceiling_dbtp=-1.0),
        ),
    )
    plan = plan.replace(
        decisions=(
            *(decision("all", strip.name, parameters=settings(strip)) for strip in plan.stems),
            decision("master", measured=(limiting,), parameters=settings(plan)),
        )
    )
    assert mix_rows(plan) == [
        "room: decays in 1.5 s, for 2 stems",
        "tone: +1.5 dB below 250 Hz",
        "master: +5.3 dB, peaks limited 2.6 dB, to -1.0 dBTP",
    ]
    # What the limiter took off is not so any more, once anything before it is another.
    louder = plan.replace_stem("one", gain_db=9.0)
    assert mix_rows(louder)[-1] == "master: +5.3 dB, peaks limited, to -1.0 dBTP"


def test_of_an_edited_stem_nothing_is_said_that_was_measured_before_it() -> None:
    limited = StemPlan(name="one", limiter=LimiterParams(ceiling_dbtp=-9.0))
    peaks = Quantity(name="limiting of the highest peak", value=4.75, unit="dB")
    plan = MixPlan(
        stems=(limited,),
        decisions=(decision("peaks", "one", measured=(peaks,), parameters=settings(limited)),),
    )
    assert "peaks -4.8 dB" in stem_rows(plan)[1]
    edited = plan.replace_stem("one", limiter=LimiterParams(ceiling_dbtp=-19.0))
    assert "peaks limited" in stem_rows(edited)[1]


def test_notes_once_and_what_is_wrong_with_a_stem() -> None:
    plan = MixPlan(
        stems=(StemPlan(name="one"),),
        notes=("a note", "a note"),
        decisions=(decision("stems", "one"), decision("level", "one")),
    )
    assert notices(plan) == [
        "a note",
        "Said.",
        "no stem is known as the lead vocal; if one is, --role FILE=vocal says so",
    ]
    sung = dataclasses.replace(plan, stems=(StemPlan(name="one", role="vocal"),))
    assert has_vocal(sung)
    assert notices(sung) == ["a note", "Said."]
    assert not has_vocal(dataclasses.replace(sung, decisions=(decision("stems", "one"),)))


def test_the_verdict_of_the_checks() -> None:
    def stated(measured: float | None, note: str = "") -> Statement:
        return Statement(kind="mix_true_peak_dbtp", unit="dBTP", stated=-1.0, measured=measured, note=note)

    plan = MixPlan(stems=(StemPlan(name="one"),), decisions=(decision("master", statements=(stated(-1.0),)),))
    assert check_rows(plan) == []
    rendered = dataclasses.replace(plan, result=Footer())
    assert check_rows(rendered) == ["checks: 1 of 1 checks on the rendered audio hold"]
    missed = decision("master", statements=(stated(-1.0), stated(-0.5, "it was edited")))
    verdict, why = check_rows(dataclasses.replace(rendered, decisions=(missed,)))
    assert verdict == "checks: 1 of 2 checks on the rendered audio hold, these do not:"
    assert "-1.00 ≠ -0.50 dBTP: it was edited" in why


def test_loudness_in_one_line() -> None:
    nan = float("nan")
    measured = Loudness(
        integrated_lufs=-13.96,
        loudness_range_lu=nan,
        momentary_max_lufs=nan,
        short_term_max_lufs=nan,
        true_peak_dbtp=-1.0,
        sample_peak_dbfs=-1.1,
        duration_s=0.26,
        sample_rate=48_000,
        channels=2,
    )
    assert loudness_row(measured) == "mix: -14.0 LUFS, loudness range not defined, true peak -1.0 dBTP, 0.3 s"


def test_what_stops_a_mix_from_being_louder_and_how_to_lift_it() -> None:
    rules = load("default").with_louder(4.0)
    assert stopped_row(rules, -10.05) == ""
    assert more_limiting(rules, -10.05) == ""
    assert stopped_row(rules, -12.8) == (
        "short of -10 LUFS by 2.8 LU: limiting ends at 3 dB (master.max_limiting_db)"
    )
    assert more_limiting(rules, -12.8) == "master.max_limiting_db=6"
    assert more_limiting(rules, -20.0) == "master.max_limiting_db=13"
    most = rules.with_values({"master.max_limiting_db": 24})
    assert more_limiting(most, -20.0) == ""
    none = rules.with_values({"master.max_limiting_db": 0})
    assert "peaks reach -1 dBTP (master.ceiling_dbtp)" in stopped_row(none, -12.0)
    assert more_limiting(none, -12.0) == "master.max_limiting_db=3"
    survey = load("survey-2022")
    assert "peaks reach -1 dBTP (master.ceiling_dbtp)" in stopped_row(survey, -29.0)
    assert more_limiting(survey, -29.0) == ""
    assert stopped_row(rules.without("master"), -30.0) == ""


def test_what_louder_costs() -> None:
    def limited(by_db: float, ceiling_dbtp: float | None, reached_lufs: float) -> MixPlan:
        limiter = None if ceiling_dbtp is None else LimiterParams(ceiling_dbtp=ceiling_dbtp)
        measured = (Quantity(name="limiting", value=by_db, unit="dB"),)
        stated = (Statement(kind="mix_integrated_lufs", unit="LUFS", stated=reached_lufs),)
        return MixPlan(
            stems=(StemPlan(name="one", limiter=limiter),),
            decisions=(decision("master", measured=measured, statements=stated),),
        )

    assert cost_row(limited(1.9, -6.0, -14.0), limited(3.0, -6.0, -12.0), 2.0) == (
        "louder by 2 LU, for 1.1 dB more limiting (3.0, not 1.9)"
    )
    assert cost_row(limited(1.9, -6.0, -14.0), limited(3.0, -6.0, -13.3), 2.0) == (
        "louder by 0.7 of 2 LU, for 1.1 dB more limiting (3.0, not 1.9)"
    )
    for before in (None, -4.0):
        said = cost_row(limited(1.9, before, -14.0), limited(3.0, -6.0, -12.0), 2.0)
        assert said.endswith("(3.0, not 1.9), also on 1 stem")
    assert cost_row(limited(0.0, None, -28.0), limited(0.0, None, -26.5), 1.5) == (
        "louder by 1.5 LU, for no more limiting (0.0 dB)"
    )
