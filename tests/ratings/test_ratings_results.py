"""What is written: tables, JSON, figures, and a page that needs no network; and the command."""

from __future__ import annotations

import csv
import json
import re
import warnings
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cli_runner import Run, as_program

from mixrules.cli import main
from mixrules.ratings import RatingTable, Reading, RejectionRules, Row, Settings, analyse, read_ratings
from mixrules.report.ratings.figures import ratings_figures
from mixrules.report.ratings.folder import write_results
from ratings.panels import write_panel

PREFERENCES = {"<b>random</b>": 2.0, "default": 3.0, "human": 4.0}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a panel whose first condition has a name that is HTML."""
    folder = tmp_path_factory.mktemp("test")
    write_panel(folder, PREFERENCES, 12)
    (folder / "ratings" / "broken.json").write_text("{")
    done = as_program(
        folder, "ratings", "ratings", "-o", "results", "--group-by", "engineering_level", "--resamples", 200
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "left out: ratings/broken.json: is not JSON" in done.stderr
    assert "human was rated higher than default" in done.stdout
    return folder / "results"


def test_the_tables_say_the_same_as_the_json(results: Path) -> None:
    document = json.loads((results / "results.json").read_text())
    assert document["format"] == "mixrules-listening-results"
    assert set(document["made_with"]) == {"mixrules", "scipy", "numpy"}
    assert document["settings"]["seed"] == 0
    assert document["exclusions"][0]["name"] == "ratings/broken.json"
    for name in ("descriptions", "comparisons", "omnibus", "group_comparisons", "consistency", "songs"):
        with (results / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == len(document[name]) > 0
        for cells, given in zip(rows, document[name], strict=True):
            assert set(cells) == set(given)
            for key, value in given.items():
                if isinstance(value, float):
                    assert float(cells[key]) == pytest.approx(value, rel=1e-9)
    with (results / "ratings.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 12 * 3 * 3 * 2


def test_the_page_needs_no_network_and_shows_names_as_text(results: Path) -> None:
    page = (results / "index.html").read_text()
    assert not re.search(r"<(script|link|img|iframe)\b", page)
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "url(http" not in page
    assert "<b>random" not in page
    assert "&lt;b&gt;random&lt;/b&gt;" in page
    assert "12 listeners rated 3 conditions of 2 songs for 2 attributes on a 5-point scale" in page
    assert "ratings/broken.json" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<figure>") == 10


def test_every_figure_is_there_as_svg_and_png(results: Path) -> None:
    names = {p.stem for p in results.glob("*.svg")}
    groups = ("all", "amateur", "professional")
    # 12 listeners have a violin, the 6 of each group are dots.
    kinds = ("likert", "agreement")
    assert names == {f"{kind}_{group}" for kind in kinds for group in groups} | {
        "violin_all",
        "dots_amateur",
        "dots_professional",
        "groups",
    }
    for name in names:
        assert ElementTree.parse(results / f"{name}.svg").getroot().tag.endswith("svg")
        assert (results / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_figures_are_the_same_on_every_run(tmp_path: Path) -> None:
    write_panel(tmp_path, {"a": 30.0, "b": 60.0}, 5, kind="continuous", noise=10)
    analysis = analyse(read_ratings([tmp_path / "ratings"]), Settings(resamples=0))
    first, second = ratings_figures(analysis), ratings_figures(analysis)
    assert [(f.svg, f.png) for f in first] == [(f.svg, f.png) for f in second]


@pytest.mark.parametrize("listeners", [1, 2])
def test_few_listeners_and_one_condition_pass(tmp_path: Path, listeners: int) -> None:
    write_panel(tmp_path, {"a": 3.0}, listeners)
    (tmp_path / "out").mkdir()
    analysis = analyse(read_ratings([tmp_path / "ratings"]), Settings(resamples=100))
    written = write_results(analysis, tmp_path / "out")
    assert "index.html" in written
    assert "one condition only" in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name files or a folder of ratings"),
        (["nowhere"], "nowhere does not exist"),
        (
            ["--plan-n"],
            "planning is a command of its own: mixrules plan-listeners --conditions 5 --effect 0.5",
        ),
        (
            ["--plan-n", "--conditions", "3", "--effect", "1"],
            "mixrules plan-listeners --conditions 3 --effect 1",
        ),
        (["c.csv", "--margin", "2"], "margin must be 1e-06 to 1, got 2"),
        (["c.csv", "--reject", "deaf=1"], "--reject takes none or NAME=VALUE"),
        (["c.csv", "-o", "c.csv"], "c.csv cannot be made: c.csv is a file, not a folder"),
        (["bad.csv", "-o", "c.csv/a/b"], "c.csv/a/b cannot be made: c.csv is a file, not a folder"),
        (["bad.csv"], "no ratings that can be used: bad.csv"),
        (["bad.csv", "-o", "out"], "no ratings that can be used: bad.csv"),
    ],
)
def test_bad_input_is_one_line(tmp_path: Path, run: Run, arguments: list[str], message: str) -> None:
    (tmp_path / "c.csv").write_text("condition,attribute,bad,good\nx,eq,1,2\ny,eq,2,1\n")
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    done = run("ratings", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_without_the_libraries_for_figures_the_tables_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("c.csv").write_text("condition,attribute,bad,good\nx,eq,1,2\ny,eq,2,1\n")
    monkeypatch.setattr("mixrules.report.page_frame.missing_for_pages", lambda: ["matplotlib", "jinja2"])
    with pytest.raises(SystemExit) as ended:
        main(["ratings", "c.csv", "-o", "out", "-q"])
    assert not ended.value.code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "tables only, figures and page need matplotlib and jinja2: pip install 'mixrules[report]'" in err
    assert {path.name for path in Path("out").iterdir()} == {
        *("descriptions.csv", "omnibus.csv", "comparisons.csv", "results.json", "table.tex"),
        "methods.txt",
    }


def test_groups_of_any_name_have_figures_of_their_own(tmp_path: Path) -> None:
    names = ("a/b", "a b", "$x$ <i>", "专业")
    rows = [
        Row(f"{group}{n}", group, "song", condition, "overall", n % 3 + place, "page", 0)
        for group in names
        for n in range(3)
        for place, condition in enumerate(("bad", "good"), 1)
    ]
    reading = Reading(table=RatingTable.from_rows(rows), format="rows", sources=("rows",))
    analysis = analyse(reading, Settings(resamples=0, rejection=RejectionRules.none()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the font lacks some signs of the last name
        written = write_results(analysis, tmp_path)
    stems = [name.removesuffix(".svg") for name in written if name.startswith("likert") and ".svg" in name]
    assert stems == ["likert_all", "likert_a-b", "likert_a-b-2", "likert_x---i", "likert_group"]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 3 * 5 + 1
    assert "Within the group “$x$ &lt;i&gt;”" in page


def test_plan_listeners_prints_a_table(run: Run) -> None:
    options = ("--conditions", 3, "--effect", 1.5, "--sd", 0.7, "--simulations", 200)
    done = run("plan-listeners", *options)
    assert done.returncode == 0
    assert "signed-rank tests of 3 pairs with Holm at 0.05" in done.stdout
    assert re.search(r"^ +\d+ +\d\.\d{3} ±\d\.\d{3} .* <$", done.stdout, re.MULTILINE)
    assert "find a given difference with a power of 0.8 or more" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--conditions is missing: mixrules plan-listeners"),
        (["--conditions", "1", "--effect", "1"], "conditions must be 2 to 20, got 1"),
        (["--conditions", "3", "--effect", "9"], "effect must be 1e-06 to 4, got 9"),
    ],
)
def test_a_plan_that_cannot_be_is_one_line(run: Run, options: list[str], message: str) -> None:
    done = run("plan-listeners", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
