"""`compare` and `stimuli` with ``--layout``: the songs of a data set."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from cli_runner import Run  # noqa: TC002
from corpus.trees import build

COMPARE = (
    "compare",
    "set",
    "--systems",
    "none,human",
    "--groups",
    "width",
    "--excerpt-s",
    "0",
    "-o",
    "report",
)
STIMULI = ("stimuli", "set", "--conditions", "none,human", "--seconds", "1", "--no-training", "-o", "test")
LAYOUT = ("--layout", "musdb18hq")


@pytest.fixture
def data_set(tmp_path: Path) -> Path:
    return build("musdb18hq", tmp_path / "set")


@pytest.mark.usefixtures("data_set")
def test_songs_of_a_split_and_of_a_name_are_compared(run: Run, tmp_path: Path) -> None:
    done = run(*COMPARE, *LAYOUT, "--split", "test", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    rows = list(csv.DictReader((tmp_path / "report" / "values.csv").read_text().splitlines()))
    assert {row["song"] for row in rows} == {"AM Contra - Heart Peripheral", "Punkdisco - Oral Hygiene"}
    assert {row["split"] for row in rows} == {"test"}
    done = run(*COMPARE, *LAYOUT, "--only", "AM Contra*", "--only", "train/Music*")
    assert "mean over 2 songs" in done.stdout
    _, _, vetoes = done.stdout.partition("vetoes: songs whose mix an engineer would send back\n")
    counts = list(csv.DictReader((tmp_path / "report" / "veto_counts.csv").read_text().splitlines()))
    fired = {row["veto"]: int(row["fires"]) for row in counts if row["system"] == "none"}
    assert set(fired.values()) == {0}
    assert vetoes.startswith(f"  none of {len(fired) - 1} reasons holds of any mix\n")  # beside "any"


def test_a_name_with_brackets_is_no_pattern(run: Run, data_set: Path, tmp_path: Path) -> None:
    (data_set / "test" / "Punkdisco - Oral Hygiene").rename(data_set / "test" / "Punkdisco - Live [2]")
    done = run(*COMPARE, *LAYOUT, "--only", "Punkdisco - Live [2]", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    values = (tmp_path / "report" / "values.csv").read_text()
    assert {row["song"] for row in csv.DictReader(values.splitlines())} == {"Punkdisco - Live [2]"}


@pytest.mark.usefixtures("data_set")
def test_a_listening_test_of_a_data_set(run: Run, tmp_path: Path) -> None:
    done = run(
        *STIMULI, *LAYOUT, "--split", "test", "--only", "AM Contra*", "--at", "AM Contra - Heart Peripheral=0"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("AM Contra - Heart Peripheral: It starts at 0 s, as was asked for.\n")
    key = json.loads((tmp_path / "test" / "key.json").read_text())
    assert [page["song"] for page in key["pages"]] == ["AM Contra - Heart Peripheral"]
    again = run(
        *STIMULI[:-1], "other", *LAYOUT, "--only", "AM*", "--at", "test/AM Contra - Heart Peripheral=0"
    )
    assert again.returncode == 0


def test_a_song_that_cannot_be_used_is_left_out(run: Run, data_set: Path, tmp_path: Path) -> None:
    (data_set / "test" / "Punkdisco - Oral Hygiene" / "drums.wav").write_bytes(b"")
    done = run(*STIMULI, *LAYOUT, "--split", "test", "-q")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("mixrules: song Punkdisco - Oral Hygiene left out: ")
    assert "drums.wav" in line
    key = json.loads((tmp_path / "test" / "key.json").read_text())
    assert [page["song"] for page in key["pages"]] == ["AM Contra - Heart Peripheral"]
    alone = run(*STIMULI[:-1], "other", *LAYOUT, "--only", "Punk*")
    assert alone.returncode == 2
    assert len(alone.stderr.splitlines()) == 1
    assert not (tmp_path / "other").exists()


def test_songs_of_albums_may_have_one_name(run: Run, data_set: Path, tmp_path: Path) -> None:
    songs = sorted((data_set / "test").iterdir())
    for album, song in zip(("first", "second"), songs, strict=True):
        (tmp_path / "albums" / album).mkdir(parents=True)
        song.rename(tmp_path / "albums" / album / "Title")
    words = ("compare", "albums", *COMPARE[2:-1])
    done = run(*words, "report", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = (tmp_path / "report" / "values.csv").read_text().splitlines()
    assert header == "song,system,measure,value,unit"
    assert {row.split(",")[0] for row in rows} == {"first/Title", "second/Title"}
    again = run(*words, "again", "--systems", "mine=report/plans/none", "-q")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.usefixtures("data_set")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*COMPARE, "--layout", "musdb"), "there is no layout 'musdb'"),
        ((*STIMULI, "--layout", "musdb"), "there is no layout 'musdb'"),
        ((*COMPARE, *LAYOUT, "--split", "dev"), "holds no song of the split dev"),
        ((*STIMULI, *LAYOUT, "--only", "nobody*"), "holds no song of the name nobody*"),
        ((*COMPARE, "--split", "test"), "--split chooses among the songs of a data set"),
        ((*STIMULI, "--only", "A*"), "--only chooses among the songs of a data set"),
        ((*STIMULI, *LAYOUT, "set"), "one data set is needed with --layout, got 2"),
        ((*COMPARE[:-1], "set", *LAYOUT), "set is the data set's folder"),
        ((*COMPARE[:-1], "set/test", *LAYOUT), "set/test is the folder of the songs"),
    ],
)
def test_what_is_not_in_the_data_set_is_one_line(
    words: tuple[str, ...], says: str, run: Run, tmp_path: Path
) -> None:
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_the_layout_of_the_page_has_an_option_of_its_own(run: Run, data_set: Path, tmp_path: Path) -> None:
    words = ("stimuli", data_set / "test" / "AM Contra - Heart Peripheral", *STIMULI[2:-1])
    shown = run(*words, "new", "--page-layout", "all", "--seed", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    old = run(*words, "old", "--layout", "all", "--seed", "1")
    assert old.returncode == 0
    assert old.stderr == (
        "mixrules: --layout all is deprecated since mixrules 0.3 and will be removed in 0.5: use --page-layout all\n"
    )
    tests = [(tmp_path / name / "site" / "test.json").read_text() for name in ("old", "new")]
    assert tests[0] == tests[1]
    assert json.loads(tests[0])["layout"] == "all"
