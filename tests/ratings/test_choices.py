"""A/B and ABX tests: what was planted is found, who is left out, what is said, and what is written."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mixrules.errors import ListeningTestError, ParameterError
from mixrules.ratings import (
    Choice,
    ChoiceAnalysis,
    ChoiceTable,
    RatingTable,
    Reading,
    RejectionRules,
    Settings,
    analyse,
    analyse_choices,
    read_ratings,
)
from mixrules.ratings.choice_plan import PlannedChoices, plan_choices
from mixrules.ratings.choices.sentences import (
    choice_cautions,
    choice_methods,
    choice_verdicts,
    position_sentence,
)
from mixrules.report.ratings.folder import write_results
from ratings.choice_panels import write_choices
from ratings.panels import write_panel

if TYPE_CHECKING:
    from cli_runner import Run

FAST = Settings(resamples=200, rejection=RejectionRules.none())
STRENGTHS = {"random": -1.2, "default": 0.0, "human": 1.2}


def table_of(rows: list[tuple[str, str]], *, kind: str = "ab") -> Reading:
    """Choices between a and b by (listener, chosen), each in a song of its own; in ABX b is X."""
    choices = tuple(
        Choice(
            *(who, "all", f"song {n}", "a", "b", "" if kind == "abx" else "overall", chosen),
            *("b" if kind == "abx" else "", "a" if n % 2 else "b", f"page {n}", 0, 1, 9.0),
        )
        for n, (who, chosen) in enumerate(rows)
    )
    table = ChoiceTable(rows=choices, kind=kind, conditions=("a", "b"))  # type: ignore[arg-type]
    return Reading(table=RatingTable.from_rows([]), format="rows", sources=("rows",), choices=table)


@pytest.fixture(scope="module")
def ab(tmp_path_factory: pytest.TempPathFactory) -> ChoiceAnalysis:
    folder = tmp_path_factory.mktemp("ab")
    write_choices(folder, "ab", STRENGTHS, 40)
    return analyse_choices(read_ratings([folder / "ratings"]), FAST)


@pytest.fixture(scope="module")
def abx(tmp_path_factory: pytest.TempPathFactory) -> ChoiceAnalysis:
    folder = tmp_path_factory.mktemp("abx")
    write_choices(folder, "abx", {"a": 0.0, "same": 0.0, "far": 3.0}, 40, between=0.0)
    return analyse_choices(read_ratings([folder / "ratings"]), FAST)


def test_planted_preferences_are_found(ab: ChoiceAnalysis) -> None:
    assert len(ab.table) == 40 * 3 * 3 * 2
    assert {c.verdict for c in ab.preferences} == {"different"}
    for c in ab.preferences:
        assert c.for_first + c.even + c.for_second == c.listeners == 40
        assert c.chose_first + c.chose_none + c.chose_second == c.choices == 120
        assert c.for_second > c.for_first
        assert c.ci_low < c.share < c.ci_high < 0.5
    for s in ab.strengths:
        assert s.log_strength == pytest.approx(STRENGTHS[s.condition], abs=0.4)
        assert s.tie == pytest.approx(0.25, abs=0.1)
    assert ab.position.p > 0.01
    assert {a.pairs for a in ab.agreement} == {6}


def test_planted_differences_are_heard_and_equal_ones_not_shown(abx: ChoiceAnalysis) -> None:
    verdicts = {(d.first, d.second): d.verdict for d in abx.discriminations}
    assert verdicts == {("a", "same"): "not shown", ("a", "far"): "told apart", ("same", "far"): "told apart"}
    far = next(d for d in abx.discriminations if d.second == "far")
    # The panel recognises X in 0.5 + 0.5 tanh(3 / 2) of the trials.
    assert far.share == pytest.approx(0.953, abs=0.03)
    assert far.d_prime_low < far.d_prime < far.d_prime_high
    assert len(abx.listeners) == 120
    assert sum(one.heard for one in abx.listeners if one.second == "far") > 30  # all of 12 right: one in two
    assert sum(one.heard for one in abx.listeners if one.second == "same") <= 2


def test_one_choice_a_listener_is_the_sign_test() -> None:
    rows = [(f"l{n}", "b" if n < 12 else "a") for n in range(15)] + [("l15", "")]
    (c,) = analyse_choices(table_of(rows), FAST).preferences
    assert (c.for_first, c.for_second, c.even) == (3, 12, 1)
    assert c.p == pytest.approx(0.03515625)  # 2 (1 + 15 + 105 + 455) / 2^15
    assert c.share == pytest.approx(3.5 / 16)


def test_many_choices_of_one_listener_are_one_vote() -> None:
    rows = [("loud", "a")] * 50 + [(f"l{n}", "b") for n in range(5)]
    (c,) = analyse_choices(table_of(rows), FAST).preferences
    assert (c.for_first, c.for_second, c.verdict) == (1, 5, "open")


def test_one_trial_each_has_an_exact_interval_and_p() -> None:
    rows = [(f"l{n}", "b" if n < 12 else "a") for n in range(16)]
    (d,) = analyse_choices(table_of(rows, kind="abx"), FAST).discriminations
    assert d.p == pytest.approx(0.0384063720703125)
    assert (d.ci_low, d.ci_high) == pytest.approx((0.476, 0.927), abs=1e-3)
    assert d.interval_over == "trials"


@pytest.mark.parametrize(
    ("kind", "listeners", "words"),
    [("ab", 4, "4 listeners are too few to show a preference"), ("abx", 3, "3 answers are too few")],
)
def test_too_few_are_told(kind: str, listeners: int, words: str) -> None:
    analysis = analyse_choices(table_of([(f"l{n}", "b") for n in range(listeners)], kind=kind), FAST)
    said = [sentence for of in choice_verdicts(analysis, "all").values() for sentence in of]
    assert words in said[0]
    assert kind == "abx" or "needs 6" in choice_cautions(analysis)[0]


def test_equal_preference_is_only_said_after_a_test() -> None:
    few = analyse_choices(table_of([(f"l{n}", "ab"[n % 2]) for n in range(12)]), FAST)
    assert few.preferences[0].verdict == "open"
    many = [(f"l{n}", ("a", "b", "")[(n + k) % 3]) for n in range(60) for k in range(9)]
    assert analyse_choices(table_of(many), FAST).preferences[0].verdict == "equivalent"


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([("hasty", "a", 1.0)] * 4, "fast"),
        ([("one button", "shown", 9.0)] * 8, "same"),
        ([("gone", "a", 9.0)], "incomplete"),
    ],
)
def test_listeners_are_left_out_by_how_they_answered(rows: list[tuple[str, str, float]], rule: str) -> None:
    whole = table_of([(f"l{n}", "a") for n in range(6) for _ in range(8)]).choices
    assert whole is not None
    odd = [
        row._replace(listener=who, seconds=seconds, chosen=row.shown_first if chosen == "shown" else chosen)
        for row, (who, chosen, seconds) in zip(whole.rows, rows, strict=False)
    ]
    reading = table_of([])
    rest = [row._replace(chosen="ab"[n % 2]) for n, row in enumerate(whole.rows)]
    rest = [row._replace(shown_first="ab"[n % 3 == 0]) for n, row in enumerate(rest)]
    assert reading.choices is not None
    table = reading.choices.with_rows([*rest, *odd])
    analysis = analyse_choices(Reading(table=reading.table, format="rows", sources=(), choices=table))
    assert rule in {gone.rule for gone in analysis.rejected}
    assert {gone.listener for gone in analysis.rejected} == {rows[0][0]}


def test_a_button_that_is_favoured_is_told() -> None:
    reading = table_of([(f"l{n}", "") for n in range(20)])
    assert reading.choices is not None
    table = reading.choices.with_rows(row._replace(chosen=row.shown_first) for row in reading.choices.rows)
    analysis = analyse_choices(Reading(table=reading.table, format="rows", sources=(), choices=table), FAST)
    assert position_sentence(analysis).endswith("one button was favoured.")
    assert "was not shown" not in position_sentence(analysis)


def test_what_is_written_has_no_nan_and_needs_no_network(
    ab: ChoiceAnalysis, abx: ChoiceAnalysis, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    small = analyse_choices(table_of([("one", "a")]), FAST)
    nothing = analyse_choices(table_of([("one", "")]), FAST)
    for number, analysis in enumerate((ab, abx, small, nothing)):
        folder = tmp_path / str(number)
        folder.mkdir()
        written = write_results(analysis, folder)
        assert {"index.html", "table.tex", "methods.txt", "results.json", "choices.csv"} <= set(written)
        page = (folder / "index.html").read_text()
        visible = re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.DOTALL)
        assert not re.search(r"\b(nan|inf)\b", visible, re.IGNORECASE)
        assert not re.search(r"""(src|href)=["'](?!#)""", page)
        assert json.loads((folder / "results.json").read_text())["asked"] == analysis.table.kind
        table = (folder / "table.tex").read_text()
        assert table.count("\\begin") == table.count("\\end") == 2
        assert not re.search(r"(?<!\\)%(?! \\usepackage)", table)
        assert choice_methods(analysis) in (folder / "methods.txt").read_text()
    with (tmp_path / "0" / "preferences.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 6


def test_ratings_and_choices_are_not_mixed(tmp_path: Path) -> None:
    write_choices(tmp_path / "ab", "ab", STRENGTHS, 1)
    write_choices(tmp_path / "abx", "abx", STRENGTHS, 1)
    (other,) = (tmp_path / "abx" / "ratings").iterdir()
    other.rename(tmp_path / "ab" / "ratings" / "z.json")
    reading = read_ratings([tmp_path / "ab" / "ratings"])
    assert "on a abx scale" in reading.left_out[0].reason or "ABX" in reading.left_out[0].reason
    with pytest.raises(ListeningTestError, match="analyse_choices takes them"):
        analyse(reading)
    write_panel(tmp_path / "likert", {"a": 3.0, "b": 4.0}, 2)
    with pytest.raises(ListeningTestError, match="analyse takes them"):
        analyse_choices(read_ratings([tmp_path / "likert" / "ratings"]))


def test_the_command_reads_both(tmp_path: Path, run: Run) -> None:
    write_choices(tmp_path, "ab", STRENGTHS, 12)
    done = run("ratings", tmp_path / "ratings", "--resamples", 100, "-o", tmp_path / "out", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "(mixrules, A/B): 12 listeners" in done.stdout
    assert "strengths (Bradley-Terry, 0 is the mean): human +" in done.stdout
    assert (tmp_path / "out" / "preferences.csv").is_file()


def test_the_folder_of_a_test_and_an_earlier_definition_are_read(tmp_path: Path) -> None:
    test = write_choices(tmp_path, "ab", STRENGTHS, 3)
    present, earlier = test.with_revision(), dataclasses.replace(test, title="As it was").with_revision()
    (tmp_path / "site" / "test.json").write_text(present.to_json())
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / f"{earlier.revision}.json").write_text(earlier.to_json())
    revisions = (present.revision, earlier.revision, "0123456789abcdef")
    for path, revision in zip(sorted((tmp_path / "ratings").iterdir()), revisions, strict=True):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"definition": revision}))
    reading = read_ratings([tmp_path])
    assert reading.choices is not None
    assert len(reading.choices.names("listener")) == 3
    (note,) = reading.notes
    assert note.startswith("2 of 3 sessions rated another definition")
    assert "; 1 of them one that is not kept" in note


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--scale", "abx", "--share", 0.75), "from 28 listeners on the power is 0.8 or more"),
        (("--scale", "ab", "--share", 0.8, "--trials", 4, "--between", 0.1), "sign test over listeners"),
        (("--scale", "abx", "--share", 0.51), "is not reached with up to 300 listeners"),
    ],
)
def test_planning_is_exact(run: Run, options: tuple[object, ...], words: str) -> None:
    done = run("plan-listeners", *options)
    assert done.returncode == 0, done.stderr
    assert words in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--scale", "ab"), "--scale ab needs --share"),
        (("--scale", "ab", "--share", 0.4), "share must be 0.5001 to 1, got 0.4"),
        (("--scale", "abx", "--share", 0.7, "--no-preference", 0.1), "in ABX every answer is one of two"),
        (
            ("--scale", "ab", "--share", 0.9, "--between", 0.4),
            "between must be under 0.3 with a share of 0.9",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(run: Run, options: tuple[object, ...], message: str) -> None:
    done = run("plan-listeners", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_number_of_listeners_is_the_first_from_which_the_power_is_kept() -> None:
    result = plan_choices(PlannedChoices(kind="ab", share=0.75))
    assert result.needed is not None
    assert all(row.power >= 0.8 for row in result.rows if row.listeners >= result.needed)
    assert next(row for row in result.rows if row.listeners == result.needed - 1).power < 0.8
    with pytest.raises(ParameterError, match="kind must be ab or abx"):
        PlannedChoices(kind="mushra", share=0.7)  # type: ignore[arg-type]
