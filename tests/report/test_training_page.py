"""The page of a training: self-contained, the verdict first, what a reader must know, every setting and switch."""

from __future__ import annotations

import dataclasses
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from training_examples import SNIPPETS, eq_outputs, history_of, results_of

from mixrules.errors import MissingPackageError
from mixrules.learning.network.switches import NAMES
from mixrules.learning.training.settings import settings_for
from mixrules.report.drawn_figure import DrawnFigure
from mixrules.report.training.figures import Training, training_figures
from mixrules.report.training.folder import draw_training, require_libraries
from mixrules.report.training.page import cautions, setting_rows, training_page


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.outside: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and not (value or "").startswith(("#", "data:")):
                self.outside.append(value or "")
            if name == "id":
                self.ids.append(value or "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training, drawn."""
    history = history_of(5)
    results, answers, truth = results_of(history)
    folder = tmp_path_factory.mktemp("drawn")
    for table, values in (("test_answers", answers), ("test_truth", truth)):
        rows = [f"song {n // SNIPPETS},{n % SNIPPETS},{value:.9g}" for n, value in enumerate(values[:, 0])]
        header = f"song,snippet,{history.outputs[0]}"
        (folder / f"{table}.csv").write_text("\n".join([header, *rows]) + "\n", "utf-8")
    written = draw_training(history, results, folder)
    assert {path.name for path in folder.iterdir()} == {"test_answers.csv", "test_truth.csv", *written}
    return folder


def _undrawn(trainings: list[Training], monkeypatch: pytest.MonkeyPatch) -> list[DrawnFigure]:
    """Return the figures of trainings without drawing them, which takes long."""
    monkeypatch.setattr(
        "mixrules.report.training.figures.finished",
        lambda _figure, part, name, heading, caption: DrawnFigure(
            part, name, heading, caption, "<svg ></svg>", b""
        ),
    )
    return list(training_figures(trainings))


def _words(text: str) -> str:
    """Return what a page says, without figures and tags."""
    text = re.sub(r"<(svg|style).*?</\1>", "", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_a_page_and_its_pictures_are_written(folder: Path) -> None:
    pictures = {f"{name}.{kind}" for name in ("curves", "answers", "test_songs") for kind in ("svg", "png")}
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(found) == {"report.html", "test_answers.csv", "test_truth.csv", *pictures}
    assert all(found[name].startswith(b"\x89PNG") for name in pictures if name.endswith("png"))


def test_the_same_training_gives_the_same_bytes(folder: Path) -> None:
    history = history_of(5)
    again = next(training_figures([(history, results_of(history)[0])]))  # one is enough, drawing takes long
    assert again.svg == (folder / f"{again.name}.svg").read_text("utf-8")
    assert again.png == (folder / f"{again.name}.png").read_bytes()


def test_a_page_needs_no_other_file_and_says_all_that_a_result_depends_on(folder: Path) -> None:
    results = results_of(history_of(5))[0]
    text = (folder / "report.html").read_text("utf-8")
    page, words = _Page(text), _words(text)
    assert page.outside == []
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("figure") == page.tags.count("svg") == 3
    assert f"Verdict. {results.verdict()}." in words.replace(" .", ".")
    assert results.data_hash in words
    for name in (
        *NAMES,
        "torch 2.13.0",
        "learning rate 0.001",
        "seed 0",
        "25,465 parameters",
        "12 training blocks",
    ):
        assert name in words
    test = results.of("test", "song", "network").mae
    assert f"{test.mean:.3f} {test.low:.3f} to {test.high:.3f}" in words
    assert "nan" not in words.lower()


def test_a_page_of_a_sweep_compares_all_and_describes_the_one_with_the_most_songs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    histories = [history_of(4 + n, training_songs=10 << n, title=f"part {n}") for n in range(2)]
    trainings: list[Training] = [(h, results_of(h)[0]) for h in histories]
    figures = _undrawn(trainings, monkeypatch)
    assert [figure.name for figure in figures] == ["curves", "answers", "sweep_curves", "sweep_errors"]
    assert "95 % intervals" in figures[-1].caption
    validation = _undrawn([(history, None) for history in histories], monkeypatch)[-1]
    assert "validation songs, after the best epoch" in validation.caption
    text = training_page(trainings, figures)
    words = _words(text)
    assert _Page(text).tags.count("figure") == 4
    assert "Part 1 , 25,465 parameters" in words.replace("Part 1,", "Part 1 ,")
    assert all(f"part {n} {10 << n} {4 + n}" in words for n in range(2))


def test_what_a_training_is_judged_by_comes_first() -> None:
    for task, first, second in (("level", "song", "snippet"), ("toy-level", "snippet", "song")):
        history = history_of(2, task=task, judged_by=first)
        words = _words(training_page([(history, results_of(history)[0])], []))
        assert words.index(f"test {first} network") < words.index(f"test {second} network")
        assert ("says little" in words) == (first == "snippet")


def test_several_outputs_have_a_row_each_in_their_own_unit() -> None:
    history = history_of(3, outputs=eq_outputs(9), task="eq")
    words = _words(training_page([(history, results_of(history)[0])], []))
    assert "Each output by test song" in words
    assert all(f"{output} dB" in words for output in history.outputs)


def test_a_training_that_has_not_ended_and_one_song_have_a_page() -> None:
    history = history_of(1, songs=1)
    assert "has not ended" in _words(training_page([(history, None)], []))
    words = _words(training_page([(history, results_of(history, songs=1)[0])], []))
    assert "only one test song" in words
    assert "nan" not in words.lower()


def test_cautions_say_what_is_wrong_with_a_training_and_nothing_of_one_that_is_well() -> None:
    history = history_of(20, songs=20)
    assert cautions(history, results_of(history, songs=20)[0]) == []
    flat = history_of(5, songs=20, learnt=0.05, noise=0.01)
    (collapsed,) = cautions(flat, results_of(flat, songs=20)[0])
    percent = 100.0 * flat.epochs[-1].answers[0].std / flat.truth[0].std
    assert collapsed.startswith(f"The answers have collapsed: their standard deviation is {percent:.0f} % of")
    (few,) = cautions(history, results_of(history, songs=4)[0])
    assert "only 4 test songs" in few
    (overfit,) = cautions(history, results_of(history, songs=20, train_times=5.0)[0])
    assert "5.0 times as large on test songs" in overfit
    stopped = dataclasses.replace(results_of(history, songs=20)[0], stopped="the loss is nan in batch 3")
    assert cautions(history, stopped) == ["The training ended early: the loss is nan in batch 3."]
    old = dataclasses.replace(results_of(history, songs=20)[0], settings=settings_for("level", "faithful"))
    assert ["same" in line or "norm over time" in line for line in cautions(history, old)] == [True, True]


def test_settings_are_shown_as_they_are() -> None:
    history = history_of(2)
    results = dataclasses.replace(
        results_of(history)[0],
        settings=settings_for("level", "faithful", off=["unshuffled"], weight_decay=1e-6),
    )
    rows = dict(setting_rows(results))
    assert rows["weight decay"] == "1e-06"
    assert "unshuffled" in rows["switches off"]
    assert "time_normalization" in rows["switches on"]
    assert not math.isnan(float(rows["dropout"]))


def test_what_is_not_installed_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules.report.training.folder.missing_for_pages", lambda: ["matplotlib"])
    with pytest.raises(MissingPackageError, match=r"need matplotlib: pip install 'mixrules\[report\]'"):
        require_libraries()
