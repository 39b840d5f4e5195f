"""Every example runs, on the first part of the demo song, in a folder of its own; those of the gallery draw."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from synthetic import Song  # noqa: TC002

from mixrules.corpus.catalogue import Catalogue

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("[!_]*.py"))
GALLERY = [path for path in EXAMPLES if path.name.startswith("plot_")]
SCRIPTS = [path for path in EXAMPLES if path not in GALLERY]
RATE = 44_100
START_S = 18
"""Seconds of the song: enough for what the examples of the gallery play. Building the site runs those on all of it."""
WHOLE_SONG = ("small_musdb18hq", "undo_levels")
"""Examples that take excerpts from everywhere in the song."""


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def start(demo_song: Song) -> Song:
    return {name: audio[: START_S * RATE] for name, audio in demo_song.items()}


def run(path: Path, song: Song, folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """In this process, where the demo song has been synthesised and a warning is an error."""

    def synthesised(sample_rate: int = RATE) -> Song:
        assert sample_rate == RATE
        return {name: audio.copy() for name, audio in song.items()}

    monkeypatch.setattr("mixrules.demo.demo_stems", synthesised)
    monkeypatch.setattr("mixrules.demo.render.demo_stems", synthesised)
    monkeypatch.setattr("sys.argv", [str(path), *arguments])
    monkeypatch.chdir(folder)
    runpy.run_path(str(path), run_name="__main__")


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_an_example_runs(
    path: Path,
    tmp_path: Path,
    demo_song: Song,
    start: Song,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run(path, demo_song if path.stem in WHOLE_SONG else start, tmp_path, monkeypatch)
    out, err = capfd.readouterr()
    assert err == ""
    assert out


@pytest.mark.parametrize("path", GALLERY, ids=name_of)
def test_an_example_of_the_gallery_draws(
    path: Path,
    tmp_path: Path,
    start: Song,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    plt.switch_backend("agg")
    monkeypatch.setattr(plt, "show", lambda: None)
    with plt.rc_context():
        run(path, start, tmp_path, monkeypatch)
        figures = [plt.figure(number) for number in plt.get_fignums()]
        for figure in figures:
            figure.canvas.draw()
        axes = [axis for figure in figures for axis in figure.axes]
        plt.close("all")
    assert axes
    for axis in axes:
        assert axis.get_xlabel() or axis.get_ylabel(), "an axis says what it shows"
        assert axis.has_data()
    assert capfd.readouterr().err == ""
    assert not list(tmp_path.iterdir()), "pages of the gallery leave no files"


def test_examples_say_what_they_do() -> None:
    for path in EXAMPLES:
        assert path.read_text(encoding="utf-8").lstrip().startswith('"""'), path


def test_the_gallery_has_an_order() -> None:
    order = runpy.run_path(str(ROOT / "docs" / "gallery_order.py"))
    assert sorted(order["ORDER"]) == [path.stem for path in GALLERY]
    key = order["GalleryOrder"]("examples")
    in_order = sorted((path.name for path in GALLERY), key=key)
    assert in_order == [f"{name}.py" for name in order["ORDER"]]
    assert max(["plot_aaa.py", *in_order], key=key) == "plot_aaa.py"


def test_a_small_data_set_has_songs_to_train_on(
    tmp_path: Path, demo_song: Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(ROOT / "examples" / "small_musdb18hq.py", demo_song, tmp_path, monkeypatch, "--train", "musdb18hq")
    songs = Catalogue(tmp_path / "musdb18hq", "musdb18hq")
    assert Counter(song.split for song in songs) == {"train": 4, "validation": 2, "test": 3}
    assert all(song.mixture and not song.problem for song in songs)
