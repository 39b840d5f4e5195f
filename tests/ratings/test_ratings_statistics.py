"""Panels with known preferences are recovered; intervals cover; few listeners are told to be too few."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from mixrules.errors import ListeningTestError, ParameterError
from mixrules.ratings import (
    RatingTable,
    Reading,
    RejectionRules,
    Row,
    Settings,
    analyse,
    read_ratings,
)
from mixrules.ratings.pairing import cube_of
from mixrules.ratings.sentences import cautions, methods, verdict_sentence
from mixrules.ratings.table import CONTINUOUS
from ratings.panels import write_panel

SURVEY = Path(
    os.environ.get("MIXRULES_SURVEY") or Path(__file__).resolve().parents[3] / "shared" / "survey"
).joinpath("ratings_counts.csv")
FAST = Settings(resamples=200)


def reading(rows: list[Row], **more: object) -> Reading:
    return Reading(table=RatingTable.from_rows(rows, **more), format="rows", sources=("rows",))  # type: ignore[arg-type]


def row(listener: str, condition: str, value: float, song: str = "s", repeat: int = 0, **more: object) -> Row:
    return Row(listener, "all", song, condition, "overall", value, f"{song}{repeat}", repeat)._replace(**more)  # type: ignore[arg-type]


@pytest.mark.skipif(not SURVEY.is_file(), reason=f"no survey at {SURVEY}: set MIXRULES_SURVEY to its folder")
def test_the_surveys_means_and_p_values() -> None:
    analysis = analyse(read_ratings([SURVEY]), Settings(resamples=0))
    means = {d.condition: round(d.mean_normalised, 3) for d in analysis.of("all", "overall")}
    assert means == {"random": 0.284, "baseline": 0.397, "cnn": 0.374, "human": 0.546}
    expanded = {}
    with SURVEY.open(newline="") as file:
        for cells in csv.DictReader(file):
            counts = [int(cells[w]) for w in ("very_poor", "poor", "fair", "good", "very_good")]
            expanded[cells["group"], cells["attribute"], cells["condition"]] = np.repeat(
                np.arange(1, 6), counts
            )
    assert len(analysis.comparisons) == 4 * 5 * 6
    for c in analysis.comparisons:
        first, second = (expanded[c.group, c.attribute, name] for name in (c.first, c.second))
        assert c.p == stats.mannwhitneyu(first, second, alternative="two-sided").pvalue
    overall = {
        (c.first, c.second): c.verdict
        for c in analysis.comparisons
        if (c.group, c.attribute) == ("all", "overall")
    }
    assert overall["baseline", "cnn"] == "equivalent"
    assert all(v == "different" for pair, v in overall.items() if pair != ("baseline", "cnn"))
    assert "does not say who gave" in cautions(analysis)[0]


@pytest.mark.parametrize("kind", ["likert", "continuous"])
def test_the_preferences_of_a_panel_are_recovered(tmp_path: Path, kind: str) -> None:
    preferences = {"random": 2.0, "default": 3.0, "human": 4.0}
    if kind == "continuous":
        preferences = {name: 25 * (value - 1) for name, value in preferences.items()}
    write_panel(tmp_path, preferences, 20, kind=kind, noise=0.5 if kind == "likert" else 12)
    analysis = analyse(read_ratings([tmp_path / "ratings"]), FAST)
    assert analysis.table.design == "within"
    for described in analysis.of("all", "overall"):
        assert described.listeners == 20
        assert described.ratings == 60
        assert described.mean_normalised == pytest.approx(
            (preferences[described.condition] - analysis.table.scale.low) / analysis.table.scale.span,
            abs=0.08,
        )
    assert {c.verdict for c in analysis.comparisons} == {"different"}
    assert all(c.effect < -0.9 for c in analysis.comparisons)
    sentence = verdict_sentence(analysis.comparisons[0], analysis.settings)
    assert sentence.startswith("default was rated higher than random by 0.")


def test_conditions_that_are_the_same_are_never_called_equal_without_a_test(tmp_path: Path) -> None:
    write_panel(tmp_path, {"a": 3.0, "b": 3.0, "c": 3.0}, 8, noise=1.0)
    table = read_ratings([tmp_path / "ratings"])
    strict = analyse(table, Settings(resamples=0, margin=0.02, rejection=RejectionRules.none()))
    assert {c.verdict for c in strict.comparisons} == {"open"}
    assert "the question stays open" in verdict_sentence(strict.comparisons[0], strict.settings)
    generous = analyse(table, Settings(resamples=0, margin=0.4, rejection=RejectionRules.none()))
    assert {c.verdict for c in generous.comparisons} == {"equivalent"}


@pytest.mark.parametrize(("listeners", "enough"), [(6, False), (7, True)])
def test_too_few_listeners_are_told(listeners: int, enough: bool) -> None:
    rows = [row(f"l{i}", c, v) for i in range(listeners) for c, v in (("a", 1), ("b", 3), ("c", 5))]
    rows = [r._replace(value=r.value + i * 0.1) for i, r in enumerate(rows)]
    analysis = analyse(reading(rows, scale=CONTINUOUS), Settings(resamples=0, margin=0.001))
    verdicts = {c.verdict for c in analysis.comparisons}
    assert verdicts == ({"different"} if enough else {"too few"})
    assert ("too few" in cautions(analysis)[0]) is not enough


def test_songs_and_repeats_are_averaged_before_a_test_sees_a_listener() -> None:
    rows = [row("l", "a", 1), row("l", "a", 3, repeat=1), row("l", "a", 5, song="t"), row("l", "b", 2)]
    cube = cube_of(RatingTable.from_rows(rows), "overall", ("a", "b"))
    # Song s: (1 + 3) / 2 = 2, song t: 5, so (0.25 + 1) / 2; the difference is of song s only.
    assert cube.means()[0] == pytest.approx([0.625, 0.25])
    assert cube.differences(0, 1) == pytest.approx([0.0])
    assert cube.complete() == pytest.approx(np.array([[0.25, 0.25]]))


def test_more_songs_do_not_make_more_listeners(tmp_path: Path) -> None:
    few = [row(f"l{i}", c, v, song) for i in range(5) for c, v in (("a", 1), ("b", 5)) for song in "st"]
    many = [row(f"l{i}", c, v, f"s{n}") for i in range(5) for c, v in (("a", 1), ("b", 5)) for n in range(40)]
    p = [analyse(reading(rows), Settings(resamples=0)).comparisons[0].p for rows in (few, many)]
    assert p[0] == p[1] == pytest.approx(2 / 2**5)


def test_groups_are_compared_as_independent(tmp_path: Path) -> None:
    write_panel(tmp_path, {"a": 2.0, "b": 4.0}, 12)
    analysis = analyse(read_ratings([tmp_path / "ratings"], group_by="engineering_level"), FAST)
    assert analysis.table.groups() == ("all", "amateur", "professional")
    assert {c.test for c in analysis.group_comparisons} == {"Mann-Whitney U"}
    assert {c.n_first for c in analysis.group_comparisons} == {6}
    assert {c.family for c in analysis.group_comparisons} == {2}


@pytest.mark.parametrize(
    ("rule", "bad"),
    [
        ("same", [row("bad", c, 3, s) for c in "abc" for s in "st"]),
        ("fast", [row("bad", c, v, s, page_s=1.0) for c, v in (("a", 1), ("b", 3), ("c", 4)) for s in "st"]),
        (
            "inconsistent",
            [
                row("bad", c, v if r else 6 - v, "s", r)
                for c, v in (("a", 1), ("b", 5), ("c", 1))
                for r in (0, 1)
            ],
        ),
        ("incomplete", [row("bad", "a", 1), row("bad", "b", 2)]),
    ],
)
def test_each_rule_rejects_what_it_is_for(rule: str, bad: list[Row]) -> None:
    good = [
        row(f"good{i}", c, v, s, page_s=30.0)
        for i in range(4)
        for c, v in (("a", 1), ("b", 3), ("c", 4))
        for s in "st"
    ]
    analysis = analyse(reading(good + bad), Settings(resamples=0))
    assert {(r.listener, r.rule) for r in analysis.rejected} == {("bad", rule)}
    assert "bad" not in analysis.table.listener
    kept = analyse(
        reading(good + bad), Settings(resamples=0, rejection=RejectionRules().with_text(f"{rule}=off"))
    )
    assert "bad" in kept.table.listener
    assert "1 listener was left out" in methods(analysis)


def test_rules_that_leave_nobody_say_so() -> None:
    rows = [row("one", c, 3) for c in "abc"]
    with pytest.raises(ListeningTestError, match=r"leave none of 1 listeners .*--reject none"):
        analyse(reading(rows), FAST)


@pytest.mark.parametrize("text", ["same", "sane=1", "fast=quick", "same=2", "fast=nan"])
def test_a_rule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="reject"):
        RejectionRules().with_text(text)


@pytest.mark.parametrize(
    "settings", [{"alpha": 0.9}, {"margin": 0}, {"resamples": 7}, {"confidence": 1.0}, {"seed": -1}]
)
def test_settings_out_of_range_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(settings))):
        Settings(**settings)  # type: ignore[arg-type]
