"""The system `matched`: the plan that explains the human mix, as the ceiling of a comparison and no competitor."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from mixed_songs import GAINS_DB, write_songs

import mixrules.matching
from mixrules import MixPlan
from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.errors import MixrulesError, ParameterError
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_cautions import cautions
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.comparison_tables import write_tables
from mixrules.evaluation.summary import best_means, summarise
from mixrules.evaluation.undone import Undo
from mixrules.report.comparison.page import write_comparison_page
from mixrules.systems import load_song, make_plan, parse_systems, require_ready

BALANCE = "stem_balance_error_lu"


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songs(tmp_path_factory.mktemp("songs"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("report")


def compared(
    songs: Path,
    output: Path,
    *,
    systems: str = "none,matched",
    reference: str = "human",
    undo: Undo | None = None,
) -> Comparison:
    return compare(
        find_songs(songs).folders,
        parse_systems(systems),
        parse_systems(reference)[0],
        output,
        groups=("balance",),
        excerpt_s=0.0,
        undo=undo,
    )


@pytest.fixture(scope="module")
def found(songs: Path, report: Path) -> Comparison:
    return compared(songs, report)


def test_its_plan_has_the_faders_of_the_mix_beside_the_stems(found: Comparison, report: Path) -> None:
    for song, gains_db in GAINS_DB.items():
        plan = MixPlan.load(report / "plans" / "matched" / f"{song}.plan.json")
        faders_db = {strip.name: strip.gain_db for strip in plan.stems}
        for stem, gain_db in gains_db.items():  # the whole mix is 0.3 times their sum, both sides alike
            against_bass = faders_db[stem] - faders_db["bass"]
            assert against_bass == pytest.approx(gain_db - gains_db["bass"], abs=0.1)
    assert max(found.values("matched", BALANCE)) < 0.1


def test_it_has_heard_the_answer_and_does_not_compete(found: Comparison, report: Path) -> None:
    assert found.matched == ("matched",)
    assert not found.competes("matched")
    assert found.competes("none")
    summary = summarise(found)
    assert summary.row("matched", BALANCE).nearest == 0
    assert "matched" not in best_means(found, summary, BALANCE)[0]
    said = cautions(found, parse_systems("none,matched"))
    assert any("matched has heard a person's mix" in line for line in said)
    write_tables(found, summary, report, cautions=said)
    assert json.loads((report / "comparison.json").read_text())["have_heard_an_answer"] == ["matched"]
    page = write_comparison_page(found, summary, report, audio="link", cautions=said).read_text()
    assert "has heard a person&#39;s mix" in page or "has heard a person's mix" in page


def test_a_song_is_matched_once_whatever_is_measured(
    found: Comparison, songs: Path, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise AssertionError("matched again")

    monkeypatch.setattr(mixrules.matching, "match", fails)
    again = compare(
        find_songs(songs).folders,
        parse_systems("matched"),
        parse_systems("human")[0],
        report,
        groups=("balance", "width"),
        excerpt_s=0.0,
    )
    assert not again.left_out
    assert again.cached == 0
    assert again.values("matched", BALANCE) == pytest.approx(found.values("matched", BALANCE))


def test_as_the_reference_it_is_matched_once_and_said_to_be_no_person(
    songs: Path, report: Path, found: Comparison
) -> None:
    against = compared(songs, report, systems="none", reference="matched")
    assert against.matched == ("matched",)
    assert not found.left_out
    assert any("it is no person's mix" in line for line in cautions(against, parse_systems("none")))


def test_the_mixes_of_a_folder_are_explained_where_they_are_the_reference(
    songs: Path, tmp_path: Path
) -> None:
    bare, mixes = tmp_path / "bare", tmp_path / "mixes"
    shutil.copytree(songs / "one", bare / "one")
    mixes.mkdir()
    (bare / "one" / "mixture.wav").rename(mixes / "one.wav")
    beside = compared(bare, tmp_path / "report", systems="matched", reference=f"human={mixes}")
    assert not beside.left_out
    assert beside.values("matched", BALANCE)[0] < 0.1
    named = parse_systems(f"matched,human={mixes}")
    assert named[0].folder == mixes
    assert parse_systems(f"matched={mixes}")[0].kind == "matched"


def test_faders_that_were_undone_are_found_again(songs: Path, tmp_path: Path) -> None:
    undone = compared(songs, tmp_path, undo=Undo(seed=1, within_db=8.0))
    assert max(undone.values("matched", BALANCE)) < 0.1
    assert min(undone.values("none", BALANCE)) > 1.0


def test_without_a_mix_it_costs_its_own_and_plans_are_no_mixes(
    songs: Path, tmp_path: Path, found: Comparison
) -> None:
    shutil.copytree(songs / "one", tmp_path / "one")
    (tmp_path / "one" / "mixture.wav").unlink()
    song = load_song(tmp_path / "one")
    (matched,) = parse_systems("matched")
    for act in (lambda: require_ready(matched, song), lambda: make_plan(matched, song, seed=0)):
        with pytest.raises(MixrulesError, match="has no human mix"):
            act()
    plans = tmp_path / "plans"
    plans.mkdir()
    make_plan(parse_systems("none")[0], song, seed=0).save(plans / "one.plan.json")
    with pytest.raises(ParameterError, match="give plans that are there another name"):
        parse_systems(f"matched={plans}")
