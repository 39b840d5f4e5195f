"""The mixed-effects model beside the tests, the rules of BS.1534, and the table for a paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixrules.ratings import RatingTable, Reading, RejectionRules, Row, Settings, analyse, read_ratings
from mixrules.ratings.mixed import components_of
from mixrules.ratings.model_sentences import model_sentences
from mixrules.ratings.sentences import methods
from mixrules.ratings.table import CONTINUOUS, LIKERT
from mixrules.report.ratings.latex import escaped, ratings_latex
from mixrules.report.ratings.tables import outliers
from ratings.panels import write_panel

KEEP_ALL = RejectionRules.none()


def reading(values: dict[tuple[str, str, str], float], **more: Any) -> Reading:
    """Ratings by (listener, song, condition)."""
    rows = [
        Row(who, "all", song, name, "overall", value, song, 0) for (who, song, name), value in values.items()
    ]
    scale = more.pop("scale", CONTINUOUS)
    return Reading(table=RatingTable.from_rows(rows, scale=scale), format="rows", sources=("rows",), **more)


@pytest.mark.parametrize("kind", ["likert", "continuous"])
def test_the_model_finds_what_was_planted(tmp_path: Path, kind: str) -> None:
    preferences = {"random": 2.0, "default": 3.0, "human": 3.0}
    if kind == "continuous":
        preferences = {name: 25 * (value - 1) for name, value in preferences.items()}
    write_panel(tmp_path, preferences, 24, kind=kind, noise=0.7 if kind == "likert" else 15)
    analysis = analyse(read_ratings([tmp_path / "ratings"]), Settings(resamples=0, rejection=KEEP_ALL))
    for model in analysis.models:
        assert model.kind == ("ordinal" if kind == "likert" else "linear")
        found = {(c.first, c.second): c for c in model.contrasts}
        assert found["random", "default"].p_holm < 0.001
        assert found["random", "default"].estimate < 0
        assert found["default", "human"].p_holm > 0.001
        if kind == "continuous":
            assert found["random", "human"].ci_low < -25 < found["random", "human"].ci_high
        pairs = [c for c in analysis.comparisons if c.attribute == model.attribute]
        assert "mixed-effects model agrees" in model_sentences(model, pairs, analysis.settings)[0]
    assert "crossed random effects of listener, " in methods(analysis)
    assert not analyse(read_ratings([tmp_path / "ratings"]), Settings(resamples=0, mixed_model=False)).models


def test_a_model_that_cannot_be_says_why() -> None:
    few = {(f"l{i}", "s", c): 10.0 * i + 5 * j for i in range(4) for j, c in enumerate("ab")}
    (model,) = analyse(reading(few), Settings(resamples=0, rejection=KEEP_ALL)).models
    assert model_sentences(model, [], Settings()) == [
        "No mixed-effects model: it needs 5 listeners, there are 4."
    ]
    best = {
        (f"l{i}", f"s{k}", c): 5.0 if c == "b" else 1.0 + (i + k) % 3
        for i in range(8)
        for k in range(2)
        for c in "ab"
    }
    (model,) = analyse(reading(best, scale=LIKERT), Settings(resamples=0, rejection=KEEP_ALL)).models
    assert "no bound" in model.why_not


def test_assumptions_that_do_not_hold_are_told() -> None:
    rng = np.random.default_rng(3)

    def given(level: float) -> float:
        return float(np.clip(level + 4 * rng.standard_normal() + 80 * (rng.random() < 0.04), 0, 100))

    skewed = {
        (f"l{i}", f"s{k}", c): given(60.0 if c == "b" else 10.0)
        for i in range(20)
        for k in range(3)
        for c in "ab"
    }
    analysis = analyse(reading(skewed), Settings(resamples=0, rejection=KEEP_ALL))
    failed = [check.assumption for check in analysis.models[0].checks if not check.holds]
    assert "residuals are normal" in failed
    said = model_sentences(analysis.models[0], analysis.comparisons, analysis.settings)
    assert any("so rely on the tests: residuals are normal (skewness" in sentence for sentence in said)


def test_components_are_those_that_the_ratings_can_tell_of() -> None:
    assert components_of(np.zeros((5, 1, 3, 1))) == ("listener",)
    assert components_of(np.zeros((5, 1, 3, 2))) == ("listener", "listener:condition")
    assert "song:condition" not in components_of(np.zeros((5, 4, 3, 1)))
    assert len(components_of(np.zeros((5, 5, 3, 1)))) == 5


def mushra(listeners: int = 12, songs: int = 10) -> dict[tuple[str, str, str], float]:
    return {
        (f"l{i}", f"s{k}", name): value + (i + 3 * k) % 5
        for i in range(listeners)
        for k in range(songs)
        for name, value in (("reference", 95.0), ("ours", 60.0), ("anchor", 20.0))
    }


def test_who_misses_the_hidden_reference_is_left_out_as_bs1534_says() -> None:
    values = mushra()
    for k in range(2):  # 2 of 10 items are more than 15 %
        values["l0", f"s{k}", "reference"] = 89.0
    values["l1", "s0", "reference"] = 50.0  # 1 of 10 is not
    values["l2", "s0", "anchor"] = values["l2", "s1", "anchor"] = 91.0
    settings = Settings(resamples=0, mixed_model=False)
    analysis = analyse(reading(values, reference="reference", anchors=("anchor",)), settings)
    assert [(r.listener, r.rule) for r in analysis.rejected] == [("l0", "reference"), ("l2", "anchor")]
    assert analysis.rejected[0].found == "rated the hidden reference under 90 in 2 of 10 items"
    assert "BS.1534-3, 4.1.2" in methods(analysis)


def test_an_anchor_that_is_good_in_a_song_leaves_nobody_out() -> None:
    values = mushra()
    for i in range(4):  # more than a quarter of 12
        for k in range(2):
            values[f"l{i}", f"s{k}", "anchor"] = 92.0
    settings = Settings(resamples=0, mixed_model=False)
    assert not analyse(reading(values, reference="reference", anchors=("anchor",)), settings).rejected


def test_without_an_open_reference_the_rules_of_bs1534_are_not_applied() -> None:
    values = {key: value - 30.0 if key[2] == "reference" else value for key, value in mushra().items()}
    settings = Settings(resamples=0, mixed_model=False)
    analysis = analyse(reading(values, anchors=("anchor",)), settings)
    assert not analysis.rejected
    assert "BS.1534" not in methods(analysis)


def test_ratings_that_lie_apart_are_listed_and_used() -> None:
    values = mushra(songs=1)
    values["l3", "s0", "ours"] = 5.0
    analysis = analyse(reading(values), Settings(resamples=0, mixed_model=False, rejection=KEEP_ALL))
    (found,) = outliers(analysis)
    assert (found["listener"], found["condition"], found["value"]) == ("l3", "ours", 5.0)
    assert len(analysis.table) == len(values)


def test_the_table_for_a_paper_shows_by_letters_what_differs(tmp_path: Path) -> None:
    write_panel(
        tmp_path, {"bad_100%": 20.0, "fine": 60.0, "good & loud": 61.0}, 20, kind="continuous", noise=8
    )
    analysis = analyse(read_ratings([tmp_path / "ratings"]), Settings(resamples=200, mixed_model=False))
    table = ratings_latex(analysis)
    assert "bad\\_100\\% &" in table
    assert "good \\& loud &" in table
    letters = re.findall(r"textsuperscript\{(\w+)\}", table)
    assert letters == ["b", "b", "a", "a", "a", "a"]
    assert table.count("&") - table.count("\\&") == 2 * 4
    assert escaped("a\\b^~<{}>") == (
        r"a\textbackslash{}b\textasciicircum{}\textasciitilde{}\textless{}\{\}\textgreater{}"
    )
