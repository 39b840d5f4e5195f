"""The page, figures and tables of a corpus: what is in them, one scale for all panels, odd names, odd corpora."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from truth_tables import write_truth

from mixrules.cli.describe import command
from mixrules.report import figure_style
from mixrules.report.corpus import plots
from mixrules.report.corpus.description import describe_corpora
from mixrules.report.corpus.folder import require_place, write_description
from mixrules.report.corpus.page import missing_lines, split_sentences
from mixrules.report.corpus.page_figures import page_figures
from mixrules.report.corpus.scales import shared_scale
from mixrules.report.corpus.statistics import Settings
from mixrules.report.corpus.value_counts import CountedValues, ExactValues
from mixrules.report.page_frame import readable

NAME = 'train/<b>Zoë</b> & "the others" $x$'
KEPT = ("files", "vocal_to_backing_lu", "to_mix_lu", "tempo_bpm")
SPECTRA = ("octave_db", "third_octave_to_backing_db")


def few(table: str, row: dict[str, Any], kept: tuple[str, ...] = (*KEPT, *SPECTRA)) -> None:
    """Leave few measures, so that few figures are drawn, of every kind one."""
    for name, value in row.items():
        if isinstance(value, float | list) and name not in kept:
            row[name] = None


def odd(table: str, row: dict[str, Any]) -> None:
    """Leave no spectra either; one song has an odd name and a broken level."""
    few(table, row, KEPT)
    if row["song"] == "train/Song 001":
        row["song"] = NAME
        row["vocal_to_backing_lu"] = -55.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two corpora side by side; the second has less of everything."""
    root = tmp_path_factory.mktemp("described")
    write_truth(root / "a", 9, snippets=4, splits=("train", "train", "test"), change=few)
    write_truth(root / "b", 6, snippets=4, splits=("train", "train", "test"), seed=2, change=odd)
    done = CliRunner().invoke(
        command,
        [str(root / "a"), str(root / "b"), "-o", str(root / "figures"), "--resamples", "0"],
        catch_exceptions=False,
    )
    assert done.exit_code == 0
    assert "a: 9 songs" in done.output
    return root / "figures"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith(("#", "data:")):
                self.outside.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def test_the_page_needs_no_other_file_and_shows_every_figure(folder: Path) -> None:
    page = _Links()
    text = (folder / "index.html").read_text(encoding="utf-8")
    page.feed(text)
    assert page.outside == []
    assert len(page.ids) == len(set(page.ids))
    figures = {path.stem for path in folder.glob("*.svg")}
    assert len(figures) == page.tags.count("figure") == page.tags.count("svg")
    assert {path.stem for path in folder.glob("*.png")} == figures
    assert figures == {
        *("vocal_to_backing", "role_levels", "octave_bands", "vocal_minus_backing", "tempo"),
        *("splits_1", "splits_2"),
    }
    assert "nan" not in re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL).lower()


def test_names_are_shown_as_they_are(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert "<b>Zoë" not in text
    assert "train/&lt;b&gt;Zoë&lt;/b&gt; &amp; &#34;the others&#34; $x$" in text
    with open(folder / "outliers.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (own,) = (r for r in rows if r["song"] == NAME and r["measure"] == "vocal_to_backing_lu")
    assert (own["value"], own["beyond_bounds"], own["unit"]) == ("-55", "True", "LU")


def test_tables_have_every_row_once_and_what_is_not_defined_is_empty(folder: Path) -> None:
    with open(folder / "statistics.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [tuple(row[k] for k in ("corpus", "measure", "of", "signal", "role", "split")) for row in rows]
    assert len(set(keys)) == len(keys)
    assert not [cell for row in rows for cell in row.values() if cell in ("nan", "inf", "-inf", "None")]
    missing = next(r for r in rows if (r["corpus"], r["measure"], r["split"]) == ("b", "true_peak_dbtp", ""))
    assert (missing["songs"], missing["missing"], missing["mean"]) == ("0", "6", "")
    with open(folder / "spectra.csv", encoding="utf-8", newline="") as file:
        bands = {row["measure"] for row in csv.DictReader(file) if row["corpus"] == "a"}
    assert {"octave_db 1000 Hz", "third_octave_to_backing_db 1000 Hz"} <= bands
    assert not [name for name in bands if name.startswith("third_octave_db")]
    assert json.loads((folder / "description.json").read_text(encoding="utf-8"))["settings"]["resamples"] == 0


def test_the_same_input_gives_the_same_files(tmp_path: Path) -> None:
    def sparse(table: str, row: dict[str, Any]) -> None:
        few(table, row, ("to_mix_lu", "tempo_bpm"))

    write_truth(tmp_path / "t", 3, snippets=1, splits=(), change=sparse)
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        settings = Settings(resamples=50)
        written = write_description(describe_corpora([tmp_path / "t"], settings), tmp_path / name, settings)
        assert sorted(written) == sorted(path.name for path in (tmp_path / name).iterdir())
        contents.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert contents[0] == contents[1]


def test_what_no_song_has_is_one_line_and_a_signal_is_named_where_there_are_several(tmp_path: Path) -> None:
    def without(table: str, row: dict[str, Any]) -> None:
        row["decay_s"] = row["spectral_flux"] = None
        if row["song"].endswith("Song 002"):
            row["vocal_to_backing_lu"] = None
            if row["signal"] == "vocal":
                row["crest_factor_db"] = None

    write_truth(tmp_path / "t", 12, snippets=4, shift_lu=30.0, change=without)
    settings = Settings(resamples=0)
    (corpus,) = describe_corpora([tmp_path / "t"], settings)
    lines = missing_lines(corpus, 1)
    assert [line for line in lines if "decay_s" in line or "flux" in line] == [
        "spectral_flux, decay_s: no song has any."
    ]
    assert "vocal_to_backing_lu: 1 of 12 songs." in lines
    assert "crest_factor_db of vocal: 1 of 12 songs." in lines
    assert missing_lines(corpus, 2)[0] == "t: spectral_flux, decay_s: no song has any."
    assert ", vocal to backing). That is not equality" in split_sentences(corpus, 1, settings)[0]
    assert corpus.shifts[0].sentence.startswith("vocal to backing: medians train ")
    assert any(shift.sentence.startswith("crest factor of the mix: ") for shift in corpus.shifts)


@pytest.mark.parametrize("songs", [0, 1])
def test_hardly_any_songs_have_a_page_all_the_same(tmp_path: Path, songs: int) -> None:
    write_truth(tmp_path / "t", songs, snippets=1, change=odd)
    done = CliRunner().invoke(
        command, [str(tmp_path / "t"), "-o", str(tmp_path / "f")], catch_exceptions=False
    )
    assert done.exit_code == 0
    page = (tmp_path / "f" / "index.html").read_text(encoding="utf-8")
    assert f"only {songs} song{'' if songs == 1 else 's'}" in page


def test_panels_have_the_same_bins_and_heights(rng: np.random.Generator) -> None:
    samples = [ExactValues(rng.normal(m, 2.0, 80)) for m in (-12.0, -3.0, 0.0)]
    scale = shared_scale(samples, 80)
    with figure_style.figure_style():
        figure = plots.histograms(
            [plots.Panel(title="x", values=v, songs=80) for v in samples], scale, "level (LU)"
        )
    assert len({axis.get_xlim() for axis in figure.axes}) == 1
    assert len({axis.get_ylim() for axis in figure.axes}) == 1
    edges = [axis.patches[0].get_data().edges.tolist() for axis in figure.axes]
    assert edges[0] == edges[1] == edges[2]
    shares = [axis.patches[0].get_data().values.sum() for axis in figure.axes]
    assert shares == pytest.approx([100.0] * 3)


def test_panels_hold_their_text_and_do_not_overlap(rng: np.random.Generator) -> None:
    samples = [ExactValues(rng.normal(12_500.0, 3000.0, 40)) for _ in range(5)]
    title = "a corpus with a rather long name: the backing"
    with figure_style.figure_style():
        figure = plots.histograms(
            [plots.Panel(title=title, values=v, songs=40) for v in samples],
            shared_scale(samples, 40),
            "variance of the spectral centroid (Hz²)",
        )
        boxes = [axis.get_tightbbox() for axis in figure.axes if axis.axison]
    width, height = figure.get_size_inches() * figure.dpi
    assert len(boxes) == 5
    for number, box in enumerate(boxes):
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0.0
        assert not any(box.overlaps(other) for other in boxes[:number])


def test_one_broken_song_does_not_set_the_scale_and_is_counted_at_the_edge(rng: np.random.Generator) -> None:
    values = ExactValues(np.append(rng.normal(-2.0, 1.0, 99), -400.0))
    scale = shared_scale([values], 100)
    assert scale.limits[0] > -20.0
    assert values.histogram(scale.edges)[1:] == (1, 0)
    counted = CountedValues()
    counted.add(values.values)
    assert shared_scale([counted], 100).limits[0] > -20.0


@pytest.mark.parametrize("values", [[3.0], [0.0, 0.0], [-1e-9, 1e-9], [1e7, 3e7]])
def test_a_scale_holds_what_it_is_made_of(values: list[float]) -> None:
    found = shared_scale([ExactValues(np.array(values))], 2)
    low, high = found.limits
    assert low <= min(values) <= max(values) <= high
    assert 2 <= found.edges.size <= 60
    assert (np.diff(found.edges) > 0).all()


def test_a_logarithmic_scale_leaves_zero_below_it() -> None:
    values = ExactValues(np.array([0.0, 10.0, 100.0, 1000.0, 10_000.0]))
    scale = shared_scale([values], 5, logarithmic=True)
    assert scale.limits[0] > 0.0
    assert values.histogram(scale.edges)[2] == 0
    assert shared_scale([], 0).limits == (0.0, 1.0)


def test_other_files_are_not_replaced(tmp_path: Path) -> None:
    write_truth(tmp_path / "t", 1, snippets=1, change=odd)
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "index.html").write_text("mine", "utf-8")
    run = [str(tmp_path / "t"), "-o", str(tmp_path / "f"), "-q"]
    refused = CliRunner().invoke(command, run)
    assert "is no description of ours" in str(refused.exception)
    assert (tmp_path / "f" / "index.html").read_text("utf-8") == "mine"
    require_place(tmp_path / "f", [tmp_path / "t"], force=True)
    inside = CliRunner().invoke(command, [str(tmp_path / "t"), "-o", str(tmp_path / "t" / "f")])
    assert "lies within the ground truth" in str(inside.exception)
    bounds = CliRunner().invoke(command, [str(tmp_path / "t"), "--level-bounds-lu", "6", "-10"])
    assert bounds.exit_code == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123, "0.012"),
        (-0.0001, "0.000"),
        (1.234, "1.23"),
        (-3.21, "−3.2"),
        (123.4, "123"),
        (2_345_678, "2,350,000"),
    ],
)
def test_numbers_are_as_long_as_their_size_needs(value: float, text: str) -> None:
    assert readable(value) == text
    assert readable(float("nan")) == "–"


def test_what_is_not_installed_is_named_with_the_extras(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("mixrules.report.corpus.folder.is_installed", lambda name: name != "jinja2")
    refused = CliRunner().invoke(command, [str(tmp_path)])
    assert str(refused.exception) == ("mixrules describe needs jinja2: pip install 'mixrules[report,corpus]'")


def test_panels_of_corpora_stand_below_each_other_where_one_has_less(tmp_path: Path) -> None:
    def instrumental(table: str, row: dict[str, Any]) -> None:
        few(table, row, ("integrated_lufs",))
        if row["signal"] == "vocal":
            row["integrated_lufs"] = None

    def sung(table: str, row: dict[str, Any]) -> None:
        few(table, row, ("integrated_lufs",))

    write_truth(tmp_path / "a", 3, snippets=1, change=instrumental)
    write_truth(tmp_path / "b", 3, snippets=1, change=sung)
    corpora = describe_corpora([tmp_path / "a", tmp_path / "b"], Settings(resamples=0))
    shown = next(f for f in page_figures(corpora) if f.name == "integrated_loudness")
    titles = re.findall(r"<!-- (\w: \w+) -->", shown.svg)
    assert titles == ["a: vocal", "a: backing", "a: mix", "b: vocal", "b: backing", "b: mix"]
    assert "a: vocal not defined; a: backing median" in shown.caption
