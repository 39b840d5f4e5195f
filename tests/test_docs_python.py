"""The Python of the documentation runs: examples in docstrings, and blocks of README.md, CONTRIBUTING.md and docs/.

Each module's docstrings, and each page, run in a folder of their own. The blocks of a page (``python`` and ``pycon``)
run one after the other in one namespace, as a reader would type them; the folder holds a song of some seconds under
every name by which the pages call one. What else a page takes for granted is made by its entry in `GIVEN`.
"""

from __future__ import annotations

import doctest
import re
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from corpus.trees import build
from onnx_files import write_onnx
from package_modules import modules
from stem_files import stem_mp4
from synthetic import RATE, band
from task_songs import many, write_songs

import mixrules

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```(python|pycon)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SONGS = ("demo/stems", "my_song", "SONG")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    for name, audio in band(6.0).items():
        soundfile.write(folder / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return folder


@pytest.fixture
def folder(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which Python runs, with the song in it."""
    for name in SONGS:
        shutil.copytree(song, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_plan() -> mixrules.MixPlan:
    return mixrules.starting_plan(mixrules.load_stems("SONG"))


def given_engines() -> dict[str, Any]:
    pytest.importorskip("pedalboard")
    for name in ("start.json", "theirs.plan.json"):
        a_plan().save(name)
    return {}


def given_two_mixes() -> dict[str, Any]:
    audio = mixrules.render("SONG", a_plan(), sample_rate=44_100)
    return {"mix": audio, "human": 0.5 * audio}


def given_two_mixes_and_a_data_set() -> dict[str, Any]:
    build("musdb18hq", Path("musdb18hq"))
    return given_two_mixes()


def given_mixture() -> dict[str, Any]:
    """Put an engineer's mix beside the stems of "my_song", and make a folder of songs."""
    stems = mixrules.load_stems("my_song")
    soundfile.write("my_song/mixture.wav", mixrules.render(stems, a_plan()), stems.sample_rate)
    for name in ("One", "Two"):
        shutil.copytree("my_song", Path("songs", name))
    return {}


def given_musdb18hq() -> dict[str, Any]:
    stems = mixrules.load_stems("my_song")
    song = Path("musdb18hq", "test", "Somebody - Something")
    song.mkdir(parents=True)
    mixture = mixrules.render(stems, a_plan())
    for name in ("vocals", "drums", "bass", "other", "mixture"):
        soundfile.write(song / f"{name}.wav", mixture, stems.sample_rate)
    return {}


def given_truth() -> dict[str, Any]:
    """Extract the ground truth of a song."""
    for package in ("duckdb", "pyarrow"):
        pytest.importorskip(package)
    from mixrules.corpus.catalogue import Catalogue
    from mixrules.corpus.extraction.extracting import Extraction
    from mixrules.corpus.work.run import run_songs

    shutil.copytree("my_song", Path("songs", "One"))
    run_songs(Extraction(root=Path("songs")), Catalogue(Path("songs")), Path("truth"))
    return {}


def given_stems() -> dict[str, Any]:
    stem_mp4(Path("song.stem.mp4"))
    shutil.make_archive("my_song", "zip", "my_song")
    return {"a": np.full((4410, 2), 0.1), "b": np.full(4410, 0.1)}


def given_a_network() -> dict[str, Any]:
    """Write an ONNX file that answers the mean power of a block."""
    for package in ("onnx", "onnxruntime"):
        pytest.importorskip(
            package, reason=f"{package} is not installed: `make test-deep` has it, and runs this page"
        )
    write_onnx(Path("mine.onnx"))
    return {}


def given_task_data() -> dict[str, Any]:
    from mixrules.corpus.tasks import DatasetSettings, make_dataset

    make_dataset(write_songs(Path.cwd(), many(3)), "train", DatasetSettings(task="level"))
    return {}


GIVEN: dict[str, Callable[[], dict[str, Any]]] = {
    "docs/batch.md": given_musdb18hq,
    "docs/deep-model.md": given_a_network,
    "docs/engines.md": given_engines,
    "docs/evaluation.md": given_two_mixes_and_a_data_set,
    "docs/ground-truth.md": given_truth,
    "docs/guides/musdb18hq.md": given_musdb18hq,
    "docs/guides/plan-from-a-model.md": given_mixture,
    "docs/stems.md": given_stems,
    "docs/task-data.md": given_task_data,
    "docs/tutorials/researcher.md": given_mixture,
    "docs/write-your-own-rule.md": lambda: runpy.run_path(str(ROOT / "examples" / "write_your_own_rule.py")),
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks_of(page: Path) -> list[tuple[str, str, int]]:
    """Return the language, the source and the first line's number (from 0) of every block of Python of a page."""
    text = page.read_text(encoding="utf-8")
    return [(found[1], found[2], text.count("\n", 0, found.start(2))) for found in FENCED.finditer(text)]


def run_example(example: doctest.DocTest) -> None:
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    runner.run(example, out=report.append, clear_globs=False)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_of(page)], ids=name_of)
def test_the_python_of_a_page_runs(page: Path, folder: Path) -> None:
    run_page(page)


def run_page(page: Path) -> None:
    """Run the Python of a page in the present folder, where there is a song."""
    name = name_of(page)
    namespace = GIVEN[name]() if name in GIVEN else {}
    namespace["__name__"] = "page"
    for language, source, line in blocks_of(page):
        if language == "pycon":
            example = doctest.DocTestParser().get_doctest(source, {}, name, name, line)
            example.globs = namespace  # not a copy, which it would take: the next block goes on from here
            run_example(example)
        else:
            exec(compile("\n" * line + source, page, "exec"), namespace)


def examples() -> dict[str, doctest.DocTest]:
    """Return the docstrings of the package that hold examples, by the names of their modules and functions."""
    found = modules(lambda name: not name.endswith("__main__"))
    documented = [each for module in (mixrules, *found) for each in doctest.DocTestFinder().find(module)]
    return {each.name: each for each in documented if each.examples}


@pytest.mark.parametrize("name", EXAMPLES := examples())
def test_an_example_of_a_docstring_runs(name: str, folder: Path) -> None:
    shutil.rmtree("my_song")  # examples make their own
    run_example(EXAMPLES[name])
