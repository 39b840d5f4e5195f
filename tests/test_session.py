"""The session: decisions carried out and recorded, and measurements that follow the plan."""

from __future__ import annotations

import math

import numpy as np
import pytest
from synthetic import RATE, band, noise

from mixrules import Decision, Stems, integrated_loudness, mix, presets
from mixrules.errors import PlanError
from mixrules.loudness import integrated_from_energies
from mixrules.mixplan import MasterPlan, ReverbBus, starting_plan
from mixrules.processors import ReverbParams
from mixrules.session import Session


@pytest.fixture
def session() -> Session:
    return Session(Stems.from_arrays(band(2.0), RATE))


def decide(stem: str = "bass", rule: str = "mine", **parameters: object) -> Decision:
    return Decision(rule=rule, stem=stem, sentence="Because.", source="me", parameters=parameters)


def test_a_session_starts_with_a_plan_that_changes_nothing(session: Session) -> None:
    assert session.plan == starting_plan(session.stems)
    assert session.plan.sample_rate == RATE
    np.testing.assert_array_equal(session.audio("bass", through="equalizer"), session.stems["bass"].audio)
    assert session.vocals == ("vocals",)
    assert set(session.backing) == {"drums", "bass", "guitar"}


def test_decisions_are_carried_out_and_recorded(session: Session) -> None:
    session.apply([decide(gain_db=-6.0, pan={"pan": 0.5}), decide("", reverbs=[])])
    assert session.plan.stem("bass").gain_db == -6.0
    assert session.plan.stem("bass").pan.pan == 0.5
    assert len(session.plan.decisions) == 2


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (decide("tuba", gain_db=1.0), "no stem 'tuba'"),
        (
            decide(gian_db=1.0),
            "rule mine, bass: 'gian_db' cannot be set by a rule: known are instrument, invert_polarity",
        ),
        (decide(gain_db="loud"), "rule mine, bass: gain_db: "),
        (decide(compressor={"ratio": 0.1}), "rule mine, bass: compressor: ratio"),
        (decide(equalizer={"bands": [{"frequency_hz": -1}]}), "frequency_hz"),
        (decide("", bpm=120), "rule mine, mix: 'bpm' cannot be set by a rule: known are reverbs, master"),
        (decide(name="tuba"), "rule mine, bass: 'name' cannot be set by a rule"),
        (decide(role="vocal"), "rule mine, bass: 'role' cannot be set by a rule"),
        (decide("", stems=[]), "rule mine, mix: 'stems' cannot be set by a rule"),
        (decide("", decisions=[]), "rule mine, mix: 'decisions' cannot be set by a rule"),
        (decide(pan={"pan": 0.1, "pam": 0.5}), r"pan\.pam: unknown field; did you mean pan\?"),
        (decide(compressor={"ratio": 2.0, "treshold_db": -9.0}), r"compressor\.treshold_db: unknown field"),
        (
            decide(equalizer={"bands": [{"frequency_hz": 100.0}, {"frequency_hz": 1.0, "gain": 2.0}]}),
            r"equalizer\.bands\[1\]\.gain: unknown field; did you mean gain_db\?",
        ),
        (decide(sends=[{"to": "room", "level": -3.0}]), r"sends\[0\]\.level: unknown field"),
        (decide("", master={"gian_db": 1.0}), r"master\.gian_db: unknown field; did you mean gain_db\?"),
        (decide("", reverbs=[{"name": "r", "params": {"t60": 1.0}}]), r"reverbs\[0\]\.params\.t60: unknown"),
    ],
)
def test_an_impossible_decision_is_refused_in_one_line(
    decision: Decision, message: str, session: Session
) -> None:
    with pytest.raises(PlanError, match=message) as caught:
        session.apply([decision])
    assert "\n" not in str(caught.value)


def test_the_last_word_of_a_rule_holds(session: Session) -> None:
    session.apply([decide(gain_db=1.0), decide("drums", gain_db=1.0), decide(rule="other", mute=False)])
    session.apply([decide(gain_db=2.0)])
    held = [(d.rule, d.stem, d.superseded) for d in session.plan.decisions]
    assert held == [
        ("mine", "bass", True),
        ("mine", "drums", False),
        ("other", "bass", False),
        ("mine", "bass", False),
    ]


def test_two_words_of_one_step_both_hold(session: Session) -> None:
    session.apply([decide(gain_db=1.0), decide(mute=True)])
    assert not any(d.superseded for d in session.plan.decisions)


def test_measurements_follow_the_plan(session: Session) -> None:
    before = session.loudness("guitar")
    assert before == pytest.approx(integrated_loudness(session.audio("guitar"), RATE), abs=1e-3)
    session.apply([decide("guitar", gain_db=-6.0)])
    assert session.loudness("guitar") == pytest.approx(before - 6.0, abs=1e-3)
    assert session.loudness_at({"guitar": 3.0}) == pytest.approx(before + 3.0, abs=1e-3)
    both = session.loudness("guitar", "bass")
    assert both == pytest.approx(integrated_loudness(session.sum(["guitar", "bass"]), RATE), abs=1e-3)
    session.apply(
        [decide("guitar", equalizer={"bands": [{"frequency_hz": 1000, "gain_db": 12.0, "q": 0.5}]})]
    )
    assert session.loudness("guitar", "bass") > both + 1.0
    assert session.loudness("guitar", "bass") == pytest.approx(
        integrated_loudness(session.sum(["guitar", "bass"]), RATE), abs=1e-3
    )


def test_sends_of_several_stems_are_those_of_each(session: Session) -> None:
    room = ReverbBus(name="room", params=ReverbParams(t60_s=0.8))
    wanted = {"vocals": -14.0, "guitar": -16.0}
    levels = session.send_levels(wanted, room)
    assert list(levels) == list(wanted)
    for name, to_dry_lu in wanted.items():
        assert levels[name] == session.send_level(name, room, to_dry_lu)
        assert all(math.isfinite(value) for value in levels[name])


def test_the_mix_is_measured_before_and_after_the_master(session: Session) -> None:
    total = session.sum(session.stems.names)
    before = session.mix_loudness()
    assert before.integrated_lufs == pytest.approx(integrated_loudness(total, RATE), abs=1e-3)
    assert integrated_from_energies(session.mix_energies()) == pytest.approx(before.integrated_lufs)
    after = session.mastered_loudness(MasterPlan(gain_db=-6.0))
    assert after.integrated_lufs == pytest.approx(before.integrated_lufs - 6.0, abs=1e-3)
    session.apply([decide("guitar", gain_db=12.0)])
    assert session.mix_loudness().integrated_lufs > before.integrated_lufs + 1.0


def test_silent_stems_have_no_say() -> None:
    song = {"vocals": np.zeros(RATE, np.float32), "bass": noise(1.0, 40, 200)}
    session = Session(Stems.from_arrays(song, RATE))
    assert session.vocals == ()
    assert session.backing == ("bass",)


def test_a_role_that_nobody_named_is_heard(session: Session) -> None:
    session = Session(Stems.from_arrays({"zz": noise(2.0, 40, 120), "bass": noise(2.0, 400, 900)}, RATE))
    assert session.role("zz") == "bass"
    assert session.role_in_words("zz") == "bass, guessed from its sound"
    assert session.role_in_words("bass") == "bass"
    assert session.role("bass") == "bass"


def test_a_rule_of_your_own_takes_part() -> None:
    def bass_down(session: Session, settings: object) -> list[Decision]:
        level = session.plan.stem("bass").gain_db - 3.0
        return [decide(rule="bass_down", gain_db=level)]

    plain = mix(band(2.0), sample_rate=RATE)
    mine = mix(band(2.0), sample_rate=RATE, rules=presets.load().with_rule("bass_down", bass_down))
    moved = mine.plan.stem("bass").gain_db - plain.plan.stem("bass").gain_db
    assert moved == pytest.approx(-3.0)
    assert [d.rule for d in mine.plan.decisions].count("bass_down") == 1
    # What the level rule had promised does not hold any more, and the report says so.
    broken = [s for d in mine.plan.decisions for s in d.statements if s.holds is False]
    assert broken
    assert all(s.note for s in broken)
