"""Numbers that are not there are said to be missing and why, in print, in sentences, on the page and in figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cli_runner import Run  # noqa: TC002

from mixrules.ratings import Analysis, RatingTable, Reading, RejectionRules, Row, Settings, analyse
from mixrules.ratings.sentences import verdict_sentences, verdicts
from mixrules.ratings.wording import p_text
from mixrules.report.ratings.axes import names_height, names_turned
from mixrules.report.ratings.distributions import FEWEST_FOR_VIOLIN
from mixrules.report.ratings.figures import ratings_figures
from mixrules.report.ratings.page import ratings_page
from ratings.panels import write_panel

NUMBER_WORDS = re.compile(r"\b(nan|inf)\b|– to –", re.IGNORECASE)


def analysis_of(
    values: dict[str, list[float]], *, attributes: tuple[str, ...] = ("overall",), **options: Any
) -> Analysis:
    """Return the analysis of one value a listener, condition and attribute."""
    rows = [
        Row(f"listener {n}", "", "song", condition, attribute, value, "page", 0)
        for condition, given in values.items()
        for n, value in enumerate(given)
        for attribute in attributes
    ]
    reading = Reading(table=RatingTable.from_rows(rows), format="rows", sources=("rows",))
    return analyse(reading, Settings(**{"resamples": 100} | options, rejection=RejectionRules.none()))


CASES = {
    "one listener": {"a": [3.0], "b": [4.0], "c": [5.0]},
    "two listeners": {"a": [3.0, 4.0], "b": [4.0, 4.0], "c": [1.0, 2.0]},
    "all alike": {"a": [3.0] * 8, "b": [3.0] * 8, "c": [3.0] * 8},
    "two conditions alike": {"a": [3.0, 4.0] * 6, "b": [3.0, 4.0] * 6, "c": [1.0, 2.0] * 6},
    "one condition": {"a": [3.0, 4.0, 5.0]},
}


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_no_page_shows_nan(values: dict[str, list[float]]) -> None:
    page = ratings_page(analysis_of(values), [])
    assert not NUMBER_WORDS.search(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    assert "not defined" not in page


@pytest.mark.parametrize(
    ("listeners", "options", "reason"),
    [(2, (), "needs 3 listeners"), (4, ("--resamples", "0"), "not asked for")],
)
def test_the_command_prints_no_nan(
    run: Run, tmp_path: Path, listeners: int, options: tuple[str, ...], reason: str
) -> None:
    write_panel(tmp_path, {"a": 2.0, "b": 3.0, "c": 4.0}, listeners)
    done = run("ratings", str(tmp_path / "ratings"), "--reject", "none", *options)
    assert done.returncode == 0, done.stderr
    assert reason in done.stdout
    assert not NUMBER_WORDS.search(done.stdout)


def test_what_is_alike_says_so() -> None:
    same = analysis_of(CASES["two conditions alike"])
    (sentence,) = (s for s in verdict_sentences(same.comparisons, same.settings) if s.startswith("a and b"))
    assert sentence.endswith("rated alike.")
    alone = ratings_page(analysis_of(CASES["one listener"]), [])
    assert "needs 3 listeners" in alone
    assert "needs 2 listeners" in alone


def test_a_verdict_that_all_pairs_share_is_told_once() -> None:
    few = analysis_of(CASES["two listeners"], attributes=("eq", "overall", "reverb"))
    common, own = verdicts(few, "all")
    (sentence,) = common
    assert sentence.startswith("All 3 pairs: 2 listeners are too few")
    assert own == {"eq": [], "overall": [], "reverb": []}
    assert ratings_page(few, []).count("too few for a difference") == 1


def test_verdicts_that_differ_are_told_each() -> None:
    clear = analysis_of({"a": [1.0] * 9, "b": [3.0] * 9, "c": [5.0] * 9}, attributes=("eq", "overall"))
    common, own = verdicts(clear, "all")
    assert len(common) == 3  # both attributes say the same of each pair
    said = verdict_sentences([c for c in clear.comparisons if c.attribute == "eq"], clear.settings)
    assert said == common
    assert own == {"eq": [], "overall": []}


def test_p_beside_the_level_shows_its_side() -> None:
    assert p_text(0.0498) == "p = 0.0498"
    assert p_text(0.0502) == "p = 0.0502"
    assert p_text(0.0421) == "p = 0.042"


@pytest.mark.parametrize(
    ("listeners", "kind"), [(FEWEST_FOR_VIOLIN - 1, "dots"), (FEWEST_FOR_VIOLIN, "violin")]
)
def test_few_listeners_are_dots(listeners: int, kind: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    values = {"a": [1.0 + n % 3 for n in range(listeners)], "b": [2.0 + n % 4 for n in range(listeners)]}
    bars, figure, agreement = ratings_figures(analysis_of(values))
    assert (bars.name, figure.name, agreement.name) == ("likert_all", f"{kind}_all", "agreement_all")
    assert ("each listener a dot," in figure.caption) == (kind == "dots")
    assert [label for label, _ in figure.panels] == ["Overall"]


def test_a_panel_of_a_page_has_letters_that_a_telephone_shows() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    for figure in ratings_figures(analysis_of(CASES["two listeners"], attributes=("eq", "overall"))):
        for _, svg in figure.panels:
            width_pt = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])  # type: ignore[index]
            sizes_px = [float(size) for size in re.findall(r"\bfont[^;\"]*?\b([\d.]+)px", svg)]
            assert sizes_px
            # 390 px, less the margins of the page and of a fold.
            assert min(sizes_px) * 326.0 / width_pt >= 9.0


@pytest.mark.parametrize(
    ("names", "degrees"),
    [
        (("a", "b", "c"), 0),
        (("a name of 24 letters here",) * 4, 25),
        (("a name of 24 letters here",) * 12, 90),
    ],
)
def test_names_below_a_panel_do_not_cover_each_other(names: tuple[str, ...], degrees: int) -> None:
    assert names_turned(names, 4.4) == degrees
    assert (names_height(names, 4.4) > 0.0) == (degrees > 0)
