"""What is there already stays: stems, a left-out mixture, and no hour of rendering for a path that is taken."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, Song

import mixrules.mixer
from mixrules import MixPlan


@pytest.fixture
def song(tmp_path: Path, make_band: Callable[[float], Song]) -> Path:
    place = tmp_path / "song"
    place.mkdir()
    for name, audio in make_band(1.0).items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="FLOAT")
    return place


@pytest.fixture
def nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    def rendered(*arguments: object, **more: object) -> None:
        pytest.fail("it rendered first and refused afterwards")

    monkeypatch.setattr(mixrules.mixer, "Measurements", rendered)
    monkeypatch.setattr(mixrules.mixer, "decide", rendered)


def contents(place: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def refused(run: Run, *arguments: object, message: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert message in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("way", ["song", "song/../song", "link"])
@pytest.mark.parametrize("command", ["mix", "render"])
def test_rendered_stems_never_replace_the_stems(
    command: str, way: str, song: Path, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert run("plan", song, "-o", "p.json").returncode == 0
    (tmp_path / "link").symlink_to(song)
    before = contents(tmp_path)
    request.getfixturevalue("nothing_is_rendered")
    plan_file = ["p.json"] if command == "render" else []
    refused(run, command, song, *plan_file, "-o", "out.wav", "--stems-out", way, message="holds the stems")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", ["mix", "render"])
def test_a_mixture_that_was_left_out_is_not_replaced(command: str, song: Path, run: Run) -> None:
    soundfile.write(song / "mixture.wav", soundfile.read(song / "bass.wav")[0], RATE)
    assert run("plan", song, "-o", "p.json").returncode == 0
    before = contents(song)
    plan_file = ["p.json"] if command == "render" else []
    refused(run, command, song, *plan_file, "-o", song / "mixture.wav", message="mixture.wav")
    assert contents(song) == before


@pytest.mark.usefixtures("nothing_is_rendered")
@pytest.mark.parametrize(
    ("command", "name"),
    [("mix", "take.wav"), ("render", "take.wav"), ("plan", "notes.txt"), ("plan", "p.json")],
)
def test_no_other_file_among_the_stems_is_replaced(command: str, name: str, song: Path, run: Run) -> None:
    """A file that the stems do not name, such as one that could not be read, is not ours to replace."""
    (song / name).write_text("{}")
    before = contents(song)
    plan_file = ["gone.json"] if command == "render" else []
    done = run(command, song, *plan_file, "-o", song / name)
    assert done.returncode == 2
    assert contents(song) == before


@pytest.mark.usefixtures("nothing_is_rendered")
@pytest.mark.parametrize("name", ["my.wav", "my.OGG", "my.mp3"])
def test_a_plan_never_takes_the_name_of_audio(name: str, song: Path, run: Run, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"a mix")
    before = contents(tmp_path)
    refused(run, "plan", song, "-o", name, message=f"{name} cannot hold a plan, its name ends like audio")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", ["mix", "render"])
def test_a_plan_that_cannot_be_written_is_refused_before_rendering(
    command: str, song: Path, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert run("plan", song, "-o", "p.json").returncode == 0
    (tmp_path / "out.plan.json").mkdir()
    request.getfixturevalue("nothing_is_rendered")
    plan_file = ["p.json"] if command == "render" else []
    refused(run, command, song, *plan_file, "-o", "out.wav", message="out.plan.json")
    assert not (tmp_path / "out.wav").exists()
    assert list((tmp_path / "out.plan.json").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "output"),
    [("mix", "s.wav"), ("mix", "link.wav"), ("mix", "song/../s.flac"), ("plan", "s.plan.json")],
)
def test_the_plan_to_start_from_is_never_replaced(
    command: str, output: str, song: Path, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    assert run("plan", song, "-o", "s.plan.json").returncode == 0
    (tmp_path / "link.plan.json").symlink_to("s.plan.json")
    before = contents(tmp_path)
    request.getfixturevalue("nothing_is_rendered")
    plan_file = "link.plan.json" if output.startswith("link") else "s.plan.json"
    refused(
        run,
        *(command, song, "--start", "s.plan.json", "-o", output, "--force"),
        message=f"{plan_file} is the plan that --start names, which is never replaced: name another with -o",
    )
    assert contents(tmp_path) == before


@pytest.mark.parametrize("name", ["plan.json", "mix.plan.json"])
def test_a_plan_among_the_stems_is_replaced_by_force(name: str, song: Path, run: Run) -> None:
    words = ("plan", song, "-o", song / name)
    assert run(*words).returncode == 0
    first = (song / name).read_bytes()
    refused(run, *words, message=f"{name} exists already: name another with -o, or --force replaces it")
    (song / name).write_bytes(first.replace(b'"gain_db"', b' "gain_db"', 1))
    done = run(*words, "--force")
    assert done.returncode == 0, done.stderr
    assert (song / name).read_bytes() == first


@pytest.mark.usefixtures("nothing_is_rendered")
@pytest.mark.parametrize(
    ("command", "name", "content"),
    [
        ("plan", "notes.json", '{"stems": "mine"}'),
        ("plan", "notes.json", "not JSON"),
        ("plan", "notes.txt", "{}"),
        ("mix", "take.wav", "not read"),
    ],
)
def test_what_is_no_plan_of_ours_is_not_replaced_by_force(
    command: str, name: str, content: str, song: Path, run: Run
) -> None:
    (song / name).write_text(content)
    before = contents(song)
    done = run(command, song, "-o", song / name, "--force")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert contents(song) == before


AGAIN = {
    "mix": (
        ("mix", "song", "-o", "a.wav"),
        "a.wav",
        "a.wav exists already: name another with -o, or --force",
    ),
    "its plan": (("mix", "song", "-o", "b.flac"), "b.plan.json", "b.plan.json exists already: name another"),
    "plan": (("plan", "song", "-o", "a.json"), "a.json", "a.json exists already: name another with -o"),
    "render": (("render", "song", "p.json", "-o", "r.wav"), "r.wav", "r.wav exists already: name another"),
    "rendered stems": (
        ("mix", "song", "-o", "c.wav", "--stems-out", "parts"),
        "parts/bass.wav",
        "parts/bass.wav exists already: name another with --stems-out, or --force replaces it",
    ),
    "among the stems": (
        ("mix", "song", "-o", "song/final.wav"),
        "song/final.plan.json",
        "final.plan.json exists already",
    ),
    "without a name": (("mix", "song"), "mix.wav", "mix.wav exists already: name another with -o"),
}


@pytest.mark.parametrize("case", AGAIN)
def test_a_file_that_is_there_is_replaced_only_by_force(
    case: str, song: Path, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    words, there, message = AGAIN[case]
    assert run("plan", song, "-o", "p.json").returncode == 0
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("the user's")
    before = contents(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixrules.mixer, "decide", lambda *_, **__: pytest.fail("it decided first"))
        refused(run, *words, message=message)
    assert contents(tmp_path) == before
    done = run(*words, "--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / there).read_bytes() != b"the user's"


@pytest.mark.parametrize("name", ["song/bass.wav", "song"])
def test_no_force_replaces_what_was_read(name: str, song: Path, run: Run, tmp_path: Path) -> None:
    before = contents(tmp_path)
    done = run("mix", song, "-o", name, "--force")
    assert done.returncode == 2
    done = run("mix", song, "-o", "out.wav", "--stems-out", "song", "--force")
    assert done.returncode == 2
    assert contents(tmp_path) == before


def test_a_second_mix_leaves_the_first(song: Path, run: Run, tmp_path: Path) -> None:
    assert run("mix", song).returncode == 0
    before = contents(tmp_path)
    refused(run, "mix", song, "--without", "eq", message="mix.wav exists already")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", ["mix", "plan"])
def test_missing_folders_are_made_for_every_output(
    command: str, song: Path, run: Run, tmp_path: Path
) -> None:
    if command == "plan":
        assert run("plan", song, "-o", "new/deep/a.json").returncode == 0
        assert (tmp_path / "new" / "deep" / "a.json").is_file()
        return
    done = run("mix", song, "-o", "new/deep/a.wav", "--stems-out", "other/parts")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "new" / "deep" / "a.plan.json").is_file()
    assert (tmp_path / "other" / "parts" / "bass.wav").is_file()


def test_a_refused_run_makes_no_folder(song: Path, run: Run, tmp_path: Path) -> None:
    refused(run, "mix", song, "-o", "new/a.wav", "--role", "tuba.wav=bass", message="tuba.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["song"]


def test_the_demo_replaces_no_stem_of_the_users(
    song: Path, run: Run, tmp_path: Path, demo_song: Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixrules.demo.render.demo_stems", lambda sample_rate: demo_song)
    before = contents(song)
    refused(run, "demo", "song", message="song/vocals.wav exists already and is not the demo's")
    assert contents(song) == before
    for _ in range(2):  # its own files are no one else's
        assert run("demo", "new").returncode == 0
    (tmp_path / "new" / "keys.wav").write_bytes(b"cut short")
    refused(run, "demo", "new", message="new/keys.wav exists already")
    assert run("demo", "new", "--force").returncode == 0
    assert run("demo", "song", "--force").returncode == 0
    assert contents(song)[song / "vocals.wav"] == contents(tmp_path / "new")[tmp_path / "new" / "vocals.wav"]


UNWRITABLE = {
    "a file for the stems": (("--stems-out", "taken"), "taken is a file, not a folder"),
    "a file above the stems": (("--stems-out", "taken/a/b"), "taken is a file, not a folder"),
    "a stem's place": (("--stems-out", "parts"), "parts/bass.wav is a directory"),
    "one place for both": (("--stems-out", "./out.wav"), "cannot be both the mix and the stems' folder"),
    "sample format": (("--subtype", "nosuch"), "out.wav cannot be written as 'nosuch', WAV takes PCM_24"),
    "another's sample format": (("-o", "out.flac", "--subtype", "FLOAT"), "FLAC takes PCM_24, PCM_16"),
}


@pytest.mark.parametrize("case", UNWRITABLE)
@pytest.mark.parametrize("command", ["mix", "render"])
def test_what_cannot_be_written_is_refused_before_rendering(
    command: str, case: str, song: Path, run: Run, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    options, message = UNWRITABLE[case]
    assert run("plan", song, "-o", "p.json").returncode == 0
    (tmp_path / "taken").write_text("x")
    (tmp_path / "parts" / "bass.wav").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    request.getfixturevalue("nothing_is_rendered")
    plan_file = ["p.json"] if command == "render" else []
    refused(run, command, song, *plan_file, "-o", "out.wav", *options, message=message)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("command", ["mix", "render"])
def test_a_mix_may_lie_among_its_stems_and_be_made_again(command: str, song: Path, run: Run) -> None:
    assert run("plan", song, "-o", "p.json").returncode == 0
    plan_file = ["p.json"] if command == "render" else []
    for force in ([], ["--force"]):
        done = run(command, song, *plan_file, "-o", song / "final.wav", *force)
        assert (done.returncode, done.stderr) == (0, "")
    assert (song / "final.plan.json").is_file()
    assert "final.wav left out: it is a mix of ours" in run("plan", song).stdout


MALFORMED = [
    ({"kind": "stem_loudness_range_lu", "stems": []}, "one stem"),
    ({"kind": "stem_loudness_range_lu", "stems": ["bass", "drums"]}, "one stem"),
    ({"kind": "stem_integrated_lufs", "stems": []}, "one stem"),
    ({"kind": "group_integrated_lufs", "stems": []}, "at least one stem"),
    ({"kind": "vocal_to_backing_lu", "stems": []}, "at least one stem"),
    ({"kind": "reverb_t60_s"}, "bus"),
    ({"kind": "reverb_to_dry_lu", "stems": ["bass"]}, "bus"),
    ({"kind": "reverb_to_dry_lu", "bus": "room"}, "one stem"),
    ({"kind": "mix_integrated_lufs", "stems": ["bass"]}, "no stem"),
    ({"kind": "mix_true_peak_dbtp", "bus": "room"}, "no bus"),
    ({"kind": "mix_loudness"}, "mix_loudness"),
]


@pytest.mark.parametrize(("statement", "message"), MALFORMED, ids=[str(s) for s, _ in MALFORMED])
def test_a_malformed_statement_is_refused_with_its_path(
    statement: dict[str, object], message: str, song: Path, run: Run, tmp_path: Path
) -> None:
    names = [path.stem for path in song.iterdir()]
    decision = {"rule": "r", "sentence": "s.", "source": "t"}
    sound = {"kind": "mix_integrated_lufs", "unit": "LUFS", "stated": -14.0}
    decisions = [decision, decision | {"statements": [sound, {"unit": "LU", "stated": 1.0} | statement]}]
    document = {"stems": [{"name": name} for name in names], "decisions": decisions}
    (tmp_path / "p.json").write_text(json.dumps(document))
    before = contents(tmp_path)
    refused(run, "render", song, "p.json", "-o", "out.wav", message="$.decisions[1].statements[1]")
    assert message in run("render", song, "p.json", "-o", "out.wav").stderr
    assert contents(tmp_path) == before


@pytest.mark.parametrize("bands", ["log-2", "log-40", "octave", "third_octave", "bark", "erb"])
def test_every_set_of_bands_can_be_chosen(bands: str, song: Path, run: Run, tmp_path: Path) -> None:
    done = run("mix", song, "-o", "out.wav", "--set", f"eq.bands={bands}")
    assert (done.returncode, done.stderr) == (0, "")
    made = MixPlan.load(tmp_path / "out.plan.json")
    assert any(d.rule == "eq" for d in made.decisions)


@pytest.mark.parametrize(
    "bands", ["log-500", "log-0", "log--4", "log-4.5", "log-", "log-N", "log", "Log-40", ""]
)
@pytest.mark.parametrize("preset", ["default", "survey-2022"])
def test_other_bands_are_refused_in_one_line(bands: str, preset: str, song: Path, run: Run) -> None:
    message = f"got {bands!r}" if bands else "--set takes NAME=VALUE"
    refused(run, "plan", song, "--preset", preset, "--set", f"eq.bands={bands}", message=message)


START = [
    (None, "start.json"),
    ("{", "start.json is not JSON"),
    (
        '{"stems": [{"name": "vocals"}]}',
        "start.json is for other stems: the stems have bass, drums, guitar, which the plan lacks",
    ),
    ('{"stems": [{"name": "vocals", "gain": 1}]}', "$.stems[0].gain"),
    ('{"stems": [], "version": 3, "automation": []}', "version 3 is not known here"),
]


@pytest.mark.parametrize("command", ["mix", "plan"])
@pytest.mark.parametrize(("text", "message"), START, ids=[message for _, message in START])
def test_a_start_that_cannot_be_used_is_one_line(
    text: str | None, message: str, command: str, song: Path, run: Run, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "start.json").write_text(text)
    before = contents(tmp_path)
    output = "out.json" if command == "plan" else "out.wav"
    refused(run, command, song, "--start", "start.json", "-o", output, message=message)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("command", ["mix", "plan"])
def test_the_rules_go_on_from_a_start(command: str, song: Path, run: Run, tmp_path: Path) -> None:
    assert run("plan", song, "-o", "start.json", "--without", "eq").returncode == 0
    start = MixPlan.load(tmp_path / "start.json").replace_stem("drums", mute=True, input_gain_db=-3.0)
    start.save(tmp_path / "start.json")
    output = "out.plan.json" if command == "plan" else "out.wav"
    done = run(command, song, "--start", "start.json", "-o", output)
    assert (done.returncode, done.stderr) == (0, "")
    made = MixPlan.load(tmp_path / "out.plan.json")
    assert made.stem("drums").mute
    assert made.stem("drums").input_gain_db == -3.0
    assert any(d.rule == "eq" for d in made.decisions)


@pytest.fixture
def ratings_folder(tmp_path: Path) -> Path:
    (tmp_path / "c.csv").write_text("condition,attribute,bad,good\nx,eq,1,2\ny,eq,2,1\n")
    return tmp_path


def test_results_of_ratings_refresh_results_and_replace_nothing_else(ratings_folder: Path, run: Run) -> None:
    words = ("ratings", "c.csv", "--no-figures", "-q", "-o", "out")
    for _ in range(2):
        assert run(*words).returncode == 0
    (ratings_folder / "out" / "results.json").write_text("{}")
    before = contents(ratings_folder)
    refused(run, *words, message="exists already and is no result of ours")
    assert contents(ratings_folder) == before
    assert run(*words, "--force").returncode == 0


@pytest.mark.parametrize("name", ["omnibus.csv", "index.html", "holiday.png"])
def test_results_of_ratings_spare_a_folder_of_the_users(name: str, ratings_folder: Path, run: Run) -> None:
    (ratings_folder / "mine").mkdir()
    (ratings_folder / "mine" / name).write_text("the user's")
    refused(run, "ratings", "c.csv", "-o", "mine", message=f"mine/{name} exists already")
    assert contents(ratings_folder / "mine") == {ratings_folder / "mine" / name: b"the user's"}


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_ratings_that_are_read_are_not_replaced(force: list[str], ratings_folder: Path, run: Run) -> None:
    (ratings_folder / "given").mkdir()
    (ratings_folder / "c.csv").rename(ratings_folder / "given" / "ratings.csv")
    before = contents(ratings_folder)
    words = ("ratings", "given/ratings.csv", "--no-figures", "-o", "given", *force)
    refused(run, *words, message="given/ratings.csv is read and would be replaced")
    refused(run, "ratings", "given", "-o", "given", *force, message="given is the folder of the ratings")
    assert contents(ratings_folder) == before


def test_the_names_of_results_are_those_that_are_written(ratings_folder: Path) -> None:
    from ratings.test_choices import table_of as choices_of

    from mixrules.ratings import Settings, analyse, analyse_choices, read_ratings
    from mixrules.report.ratings.choice_tables import choice_tables
    from mixrules.report.ratings.folder import results_json
    from mixrules.report.ratings.results_place import FORMAT, TABLES
    from mixrules.report.ratings.tables import tables

    analysis = analyse(read_ratings([ratings_folder / "c.csv"]), Settings(resamples=0))
    choices = analyse_choices(choices_of([("one", "a")]))
    assert set(tables(analysis)) | set(choice_tables(choices)) == set(TABLES)
    assert f'"format": "{FORMAT}"' in results_json(analysis)[:200]


FULL_DISK = """
    import contextlib, io, json, resource, sys
    from mixrules.cli import main
    sys.dont_write_bytecode = True  # it would be cut short, and stay
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
    done = {}
    for case, words in json.loads(sys.argv[1]).items():
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                main(words)
        except SystemExit as ended:
            done[case] = ended.code, said.getvalue()
    print(json.dumps(done))
"""
WRITERS = {
    "plan": (
        ("plan", "song", "-o", "new.json"),
        "new.json cannot be written: the file is larger than allowed",
    ),
    "mix": (("mix", "song", "-o", "new.wav", "--stems-out", "parts"), "bass.wav could not be written whole"),
    "render": (("render", "song", "p.json", "-o", "new.flac"), "cannot be written: the file is larger"),
    "demo": (("demo", "demo", "--sample-rate", "8000"), "demo/vocals.wav could not be written whole"),
    "ratings": (("ratings", "c.csv", "--no-figures", "-o", "out"), "comparisons.csv cannot be written"),
    "compare": (
        ("compare", "songs", "--systems", "none", "--reference", "equal", "-o", "out"),
        "nothing could be",
    ),
    "stimuli": (
        ("stimuli", "song", "--conditions", "none,equal", "-o", "test", "--seconds", "1", "--no-training"),
        "could not be written whole",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for a file's size")
def test_on_a_full_disk_every_writer_says_one_line_and_leaves_no_file(
    song: Path, run: Run, tmp_path: Path, ratings_folder: Path
) -> None:
    """A limit on file sizes stands for the disk that is full."""
    shutil.copytree(song, tmp_path / "songs" / "one")
    assert run("plan", song, "-o", "p.json").returncode == 0
    before = contents(tmp_path)
    commands = json.dumps({case: words for case, (words, _) in WRITERS.items()})
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK), commands],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    outcomes = json.loads(done.stdout.splitlines()[-1])
    for case, (_, message) in WRITERS.items():
        status, said = outcomes[case]
        assert (status, len(said.splitlines())) == (2, 1), (case, said)
        assert message in said
    left = {path: data for path, data in contents(tmp_path).items() if ".kept" not in path.parts}
    assert left == before


KILLED = """
    import os, signal, sys
    from mixrules.cli import main
    replace, steps = os.replace, []
    def replaced(*places):
        steps.append(places)
        if len(steps) > int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*places)
    os.replace = replaced
    main(sys.argv[2:])
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
@pytest.mark.parametrize("step", [1, 2])
def test_a_kill_leaves_no_mix_beside_another_ones_plan(
    step: int, song: Path, run: Run, tmp_path: Path
) -> None:
    assert run("mix", song, "-o", "out.wav", "--without", "eq").returncode == 0
    old = contents(tmp_path)
    words = ("mix", "song", "-o", "out.wav", "--force", "--without", "master")
    killed = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(step), *words], cwd=tmp_path, check=False
    )
    left = {path: data for path, data in contents(tmp_path).items() if not path.name.startswith(".")}
    plan, mix = tmp_path / "out.plan.json", tmp_path / "out.wav"
    if mix in left:
        assert (left[mix] == old[mix]) == (left[plan] == old[plan])
    else:
        assert killed.returncode == -signal.SIGKILL
        assert MixPlan.load(plan).stems
    assert run(*words).returncode == 0
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
