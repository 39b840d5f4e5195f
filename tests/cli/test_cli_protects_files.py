"""What is there already stays: stems, a left-out mixture, and no hour of rendering for a path that is taken."""

from __future__ import annotations

import json
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
    monkeypatch.setattr(mixrules.mixer, "_decide", rendered)


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
    refused(run, command, song, *plan_file, "-o", "out.wav", "--stems-out", way, message="one of the stems")
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
    for _ in range(2):
        done = run(command, song, *plan_file, "-o", song / "final.wav")
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
    ('{"stems": [], "version": 2, "automation": []}', "version 2 is not known here"),
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
