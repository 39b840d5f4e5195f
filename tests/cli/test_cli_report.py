"""`--report` of `mix` and `render`: the page is written beside the mix, or nothing is begun."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from synthetic import RATE, band

from mixrules import MixPlan
from mixrules.files import write_audio

if TYPE_CHECKING:
    from cli_runner import Run


@pytest.fixture
def song(tmp_path: Path) -> Path:
    folder = tmp_path / "my song"
    folder.mkdir()
    for name, audio in band(2.0).items():
        write_audio(folder / f"{name}.wav", audio[:, None], RATE)
    return folder


def test_mix_writes_a_page_that_shows_its_command_and_its_files(run: Run, song: Path, tmp_path: Path) -> None:
    done = run("mix", song, "-o", "mix.wav", "--report", "pages/report.html", "--report-audio", "none")
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "pages/report.html").read_text("utf-8")
    assert "What each rule did" in html
    assert ">vocals.wav<" in html
    assert "<audio" not in html
    assert (tmp_path / "mix.wav").exists()
    assert MixPlan.load(tmp_path / "mix.plan.json").made_by in html


def test_render_writes_a_page_of_any_plan(run: Run, song: Path, tmp_path: Path) -> None:
    assert run("plan", song, "-o", "a.plan.json", "-q").returncode == 0
    done = run("render", song, "a.plan.json", "-o", "mix.wav", "--report", "r.html", "-q")
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "r.html").read_text("utf-8")
    assert "<audio" in html
    assert "What each rule did" not in html


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("report.pdf", "does not end in .html"),
        ("mix.html", ""),
        ("there.html", "exists already"),
        ("song.wav", "does not end in .html"),
    ],
)
def test_a_page_that_could_not_be_written_is_refused_before_anything_is_mixed(
    run: Run, song: Path, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "there.html").write_text("mine")
    (tmp_path / "mix.html").mkdir()
    done = run("mix", song, "-o", "mix.wav", "--report", name)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "mix.wav").exists()
    assert (tmp_path / "there.html").read_text() == "mine"


def test_without_the_libraries_one_line_says_what_brings_them(
    run: Run, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixrules.report.song.page.missing_for_pages", lambda: ["matplotlib", "jinja2"])
    done = run("mix", song, "-o", "mix.wav", "--report", "r.html")
    assert done.returncode == 2
    assert done.stderr == (
        "mixrules: a report page needs matplotlib and jinja2: pip install 'mixrules[report]' brings them\n"
    )
    assert not (tmp_path / "mix.wav").exists()


def test_a_page_that_fails_leaves_the_mix(
    run: Run, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mixrules.errors import AudioFileError

    def full(*_: Any) -> Callable[..., None]:
        raise AudioFileError("no space left on the disk")

    monkeypatch.setattr("mixrules.report.song.page.write_text_atomic", full)
    done = run("mix", song, "-o", "mix.wav", "--report", "r.html")
    assert done.returncode == 2
    assert done.stderr == "mixrules: no space left on the disk\n"
    assert (tmp_path / "mix.wav").exists()
    assert (tmp_path / "mix.plan.json").exists()
    assert not (tmp_path / "r.html").exists()
