"""`mixrules stimuli` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Run  # noqa: TC002
from listening.song_folders import make
from synthetic import RATE

from mixrules.files import write_audio


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    make(tmp_path, seconds=4.0)
    return tmp_path


def test_a_test_is_made_and_told(run: Run, songs: Path) -> None:
    done = run(
        *("stimuli", "songs/one", "songs/two", "--conditions", "none,human=human,model=model", "-o", "test"),
        *("--seed", 3, "--seconds", 2, "--no-training", "--at", "one=1.5"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "one: It starts at 1.5 s, as was asked for."
    assert lines[-2].startswith("6 stimuli, largest spread within a song 0.000 LU")
    assert lines[-2].endswith("seed 3")
    assert lines[-1] == "wrote test (test.toml says what it asks); next: mixrules listen test"
    assert json.loads((songs / "test" / "report.json").read_text())["seed"] == 3
    again = run("stimuli", "songs/one", "--conditions", "none,equal", "-o", "test", "--no-training")
    assert again.returncode == 2
    assert "test is not empty" in again.stderr


@pytest.mark.parametrize("at", [(), ("--at", "1")])
def test_a_silent_vocal_is_told(at: tuple[str, ...], run: Run, songs: Path) -> None:
    write_audio(songs / "songs" / "one" / "vocals.wav", np.zeros(4 * RATE), RATE)
    done = run(
        *("stimuli", "songs/one", "--conditions", "none,equal", "-o", "test", "--seconds", 2),
        *("--no-training", *at),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "  vocals.wav: silent, left alone" in done.stdout.splitlines()


def test_a_seed_is_drawn_and_recorded_and_quiet_is_quiet(run: Run, songs: Path) -> None:
    words = ("stimuli", "songs/one", "--conditions", "none,equal", "--seconds", 2, "--no-training", "-q")
    assert run(*words, "-o", "a").stdout == ""
    run(*words, "-o", "b")
    seeds = [json.loads((songs / name / "report.json").read_text())["seed"] for name in "ab"]
    assert seeds[0] != seeds[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--conditions", "none"), "a comparison needs 2 conditions or more, got 1"),
        (("--conditions", "none,deep"), "--conditions: there is no system 'deep': there are none, equal"),
        (("--conditions", "none,model=nowhere"), "nowhere does not exist"),
        (("--conditions", "none,human"), "no human mix beside its stems"),
        (("--conditions", "none,equal", "--at", "soon"), "--at takes SECONDS or SONG=SECONDS, got 'soon'"),
        (("--conditions", "none,equal", "--at", "nan"), "--at takes SECONDS or SONG=SECONDS, got 'nan'"),
        (("--conditions", "none,equal", "--at", "songs=inf"), "got 'songs=inf'"),
        (("--conditions", "none,equal", "--seconds", "nan"), "'nan' is not a finite number"),
        (("--conditions", "none,equal", "--target", "inf"), "'inf' is not a finite number"),
        (("--conditions", "none,equal", "--at", "x=1"), "an excerpt is set for 'x'"),
        (("--conditions", "none,equal", "--seconds", "9"), "one lasts 4.00 s, an excerpt of 9 s is longer"),
        (("--conditions", "none,,equal"), "--conditions: an item of 'none,,equal' is empty"),
        (("--conditions", "none,equal", "--attributes", ","), "no attribute is named"),
        (("--conditions", "none,equal", "--attributes", "eq, ,reverb"), "an item of 'eq, ,reverb' is empty"),
        (("--conditions", "none,equal", "--training-song", "no"), "no does not exist"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    words: tuple[str, ...], says: str, run: Run, songs: Path
) -> None:
    before = sorted(p.name for p in songs.iterdir())
    done = run("stimuli", "songs/one", "-o", "test", "--seconds", "2", *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert sorted(p.name for p in songs.iterdir()) == before


def test_a_definition_of_ones_own_is_begun_with_and_options_go_before_it(run: Run, songs: Path) -> None:
    (songs / "mine.toml").write_text(
        'title = "Mine"\nlanguage = "de"\n[scale]\nkind = "ab"\n[pages]\nrepeats = 1\n[training]\nshow = false\n'
    )
    words = ("stimuli", "songs/one", "songs/two", "--conditions", "none,human=human", "--seconds", 2)
    done = run(*words, "--definition", "mine.toml", "--title", "Other", "--reference", "human", "-o", "test")
    assert done.returncode == 0, done.stderr
    test = json.loads((songs / "test" / "site" / "test.json").read_text())
    assert (test["title"], test["language"], test["scale"]["kind"]) == ("Other", "de", "ab")
    assert [page["repeat_of"] for page in test["pages"]].count(None) == 2
    assert len(test["pages"]) == 3
    assert all(page["reference"] for page in test["pages"])
    written = (songs / "test" / "test.toml").read_text()
    assert 'title = "Other"' in written
    assert 'condition = "human"' in written

    (songs / "test" / "test.toml").write_text(written.replace("Other", "Newer"))
    done = run("stimuli", "--apply", "test")
    assert (done.returncode, done.stderr) == (0, "")
    revision = json.loads((songs / "test" / "site" / "test.json").read_text())["revision"]
    assert done.stdout.strip() == f"test/test.toml is on the page now, as revision {revision}"
    assert json.loads((songs / "test" / "site" / "test.json").read_text())["title"] == "Newer"

    (songs / "test" / "test.toml").write_text('titel = "x"\n[scale]\nkind = "mushra"\n')
    for command in (("stimuli", "--apply", "test"), ("listen", "test", "--port", "0")):
        done = run(*command)
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            "mixrules: test.toml: scale.kind: one of likert, continuous, ab, abx is accepted, got 'mushra'",
            "mixrules: test.toml: titel: unknown key; did you mean title?",
        ]
    assert json.loads((songs / "test" / "site" / "test.json").read_text())["title"] == "Newer"


def test_options_fill_the_definition(run: Run, songs: Path) -> None:
    done = run(
        *("stimuli", "songs/one", "songs/two", "--conditions", "none,equal", "--seconds", 2, "-o", "test"),
        *("--no-training", "--language", "de", "--contact", "me@example.org", "--songs-per-listener", 1),
        *(
            "--headphone-check",
            "record",
            "--completion-code",
            "C1",
            "--return-address",
            "https://example.org/{code}",
        ),
        *("--listener-parameter", "PID", "--attributes", "vocal_level,eq"),
    )
    assert done.returncode == 0, done.stderr
    test = json.loads((songs / "test" / "site" / "test.json").read_text())
    assert (test["contact"], test["listener_parameter"]) == ("me@example.org", "PID")
    assert (test["songs_per_listener"], test["headphone_check"]) == (1, "record")
    assert test["completion"] == {"text": "", "code": "C1", "url": "https://example.org/{code}"}
    assert [a["label"] for a in test["attributes"]] == ["Vocal level", "Klangfarbe (EQ)"]
    assert test["scale"]["labels"][0] == "Sehr schlecht"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--conditions is needed, or --apply FOLDER"),
        (("--apply", "test"), "--apply stands alone"),
        (
            ("--conditions", "none,equal", "-o", "t", "--anchors", "3500"),
            "no reference is named: --reference",
        ),
        (("--conditions", "none,equal", "-o", "t", "--anchors", "low"), "--anchors takes frequencies in Hz"),
        (
            ("--conditions", "none,equal", "-o", "t", "--reference", "human"),
            "'human' is none of the conditions",
        ),
        (("--conditions", "none,equal", "-o", "t", "--songs-per-listener", "2"), "2 songs cannot be given"),
        (("--conditions", "none,equal", "-o", "t", "--definition", "no.toml"), "no.toml does not exist"),
        (("--conditions", "none,equal", "-o", "t", "--return-address", "x"), "url must be an address"),
        (("--conditions", "none,equal", "-o", "t", "--language", "d e"), "language must be"),
    ],
)
def test_options_that_do_not_fit_are_one_line(
    words: tuple[str, ...], says: str, run: Run, songs: Path
) -> None:
    done = run("stimuli", "songs/one", "--seconds", 2, "--no-training", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (songs / "t").exists()


def test_apply_needs_a_definition(run: Run, songs: Path) -> None:
    done = run("stimuli", "--apply", "nowhere")
    assert done.returncode == 2
    assert done.stderr == "mixrules: nowhere/test.toml does not exist: stimuli writes it with the test\n"
