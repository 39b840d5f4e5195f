"""Is the report true, and does it notice when it is not?"""

from __future__ import annotations

import dataclasses

import pytest
import real_songs
from statement_checks import assert_true
from synthetic import RATE, Song, band, terraces

from mixrules import MixPlan, Statement, Stems, mix, plan, presets
from mixrules.demo import demo_stems
from mixrules.engine import Renderer, load_engine
from mixrules.measurements import Measurements
from mixrules.plan_edits import edits
from mixrules.statement_kinds import KINDS
from mixrules.verification import verify


def statements(made: MixPlan) -> list[Statement]:
    return [s for d in made.decisions for s in d.statements]


def checked(stems: Stems, made: MixPlan) -> MixPlan:
    return verify(made, Measurements(Renderer(stems, load_engine("native"))))


@pytest.fixture(scope="module")
def song() -> Song:
    return band(12.0) | {"vocals": terraces(12.0, (0.0, -15.0), each_s=3.0)}


@pytest.fixture(scope="module")
def stems(song: Song) -> Stems:
    return Stems.from_arrays(song, RATE)


@pytest.fixture(scope="module")
def decided(stems: Stems) -> MixPlan:
    return plan(stems, rules=presets.load().with_values({"compression.vocal_target_lu": 8.0}))


@pytest.mark.parametrize("preset", presets.names())
def test_every_statement_about_the_demo_holds_or_says_why(preset: str) -> None:
    song = demo_stems(22_050)
    made = mix(song, sample_rate=22_050, rules=preset).plan
    assert len(statements(made)) > 3
    assert_true(made)
    assert edits(made) == []


def test_before_rendering_nothing_is_claimed_to_be_measured(decided: MixPlan) -> None:
    assert all(s.measured is None and s.holds is None and not s.note for s in statements(decided))


def test_an_honest_plan_is_found_honest(stems: Stems, decided: MixPlan) -> None:
    kinds = {s.kind for s in statements(decided)}
    assert {"stem_integrated_lufs", "vocal_to_backing_lu", "stem_loudness_range_lu", "reverb_t60_s"} <= kinds
    assert_true(checked(stems, decided))


def test_a_statement_about_what_is_gone_is_dropped(stems: Stems, decided: MixPlan) -> None:
    bare = decided.replace(stems=tuple(type(s)(name=s.name, role=s.role) for s in decided.stems), reverbs=())
    kinds = {s.kind for s in statements(checked(stems, bare))}
    assert not kinds & {"reverb_t60_s", "reverb_to_dry_lu"}


def test_a_false_statement_is_caught(stems: Stems, decided: MixPlan) -> None:
    """The numbers come from the audio, not from the plan."""

    def lie(statement: Statement) -> Statement:
        by = -100.0 if KINDS[statement.kind].at_most else 3.0
        return dataclasses.replace(statement, stated=statement.stated + by)

    lies = tuple(
        dataclasses.replace(d, statements=tuple(lie(s) for s in d.statements)) for d in decided.decisions
    )
    assert not any(s.holds for s in statements(checked(stems, decided.replace(decisions=lies))))


def test_a_note_of_an_earlier_rendering_does_not_stay(stems: Stems, decided: MixPlan) -> None:
    def noted(statement: Statement) -> Statement:
        return dataclasses.replace(statement, measured=0.0, note="of an earlier rendering")

    decisions = tuple(
        dataclasses.replace(d, statements=tuple(noted(s) for s in d.statements)) for d in decided.decisions
    )
    assert checked(stems, decided.replace(decisions=decisions)) == checked(stems, decided)


def test_superseded_decisions_claim_nothing(stems: Stems, decided: MixPlan) -> None:
    old = [d for d in checked(stems, decided).decisions if d.superseded]
    assert old
    assert all(d.statements == () for d in old)


@pytest.mark.parametrize("preset", presets.names())
def test_a_real_song_holds_its_word(preset: str) -> None:
    folder = real_songs.require("sek_hydrogen")
    made = mix(folder, sample_rate=22_050, rules=preset).plan
    assert len(statements(made)) >= 4
    assert_true(made)
