"""A whole set of stimuli: what is written, what it measures, and that nothing is half-written."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm
import pytest
from synthetic import RATE, noise

from listening.song_folders import Folders, make
from mixrules import MixPlan, load_stems, measure, starting_plan
from mixrules.errors import AudioFileError, MixrulesError, ParameterError, StemsError
from mixrules.files import check_writable, read_audio, write_audio
from mixrules.listening import Key, ListeningTest
from mixrules.listening.making import stimuli as module
from mixrules.listening.making.output_folder import restore_older
from mixrules.listening.making.request import StimuliRequest, parse_attributes
from mixrules.listening.making.stimuli import Stimuli, make_stimuli
from mixrules.systems import Produced, Song, System, parse_systems, produce

CONDITIONS = "random,survey-2022,none,human={human},model={model}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    return make(tmp_path_factory.mktemp("songs"))


def request_of(folders: Folders, **changes: Any) -> StimuliRequest:
    conditions = CONDITIONS.format(human=folders.human, model=folders.model)
    settings = {"seed": 11, "seconds": 3.0, "training": False} | changes
    return StimuliRequest(systems=parse_systems(conditions), **settings)


@pytest.fixture(scope="module")
def made(folders: Folders, tmp_path_factory: pytest.TempPathFactory) -> Stimuli:
    output = tmp_path_factory.mktemp("out") / "test"
    return make_stimuli(folders.songs, output, request_of(folders, repeats=1))


def test_the_written_files_are_equally_loud_and_alike(made: Stimuli) -> None:
    """Read with a meter that is not ours."""
    for page in made.test.pages:
        files = [read_audio(made.folder / "site" / s.file) for s in page.stimuli]
        assert len({(f.audio.shape, f.sample_rate, f.subtype) for f in files}) == 1
        assert files[0].audio.shape == (3 * RATE, 2)
        assert files[0].subtype == "PCM_24"
        meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
        lufs = [meter.integrated_loudness(f.audio.astype(np.float64)) for f in files]
        assert max(lufs) - min(lufs) <= 0.05
        assert lufs == pytest.approx([-28.0] * len(lufs), abs=0.05)
        assert all(measure(f.audio, RATE).true_peak_dbtp <= -1.0 for f in files)


def test_the_documents_are_read_back_and_fit(made: Stimuli) -> None:
    test = ListeningTest.load(made.folder / "site" / "test.json")
    key = Key.load(made.folder / "key.json")
    key.require_fits(test)
    assert (test, key) == (made.test, made.key)
    assert len(test.pages) == 3
    assert test.pages[2].repeat_of in {"page-01", "page-02"}
    assert set(key.conditions()) == {"random", "survey-2022", "none", "human", "model"}
    assert not any((made.folder / "ratings").iterdir())


def test_what_is_served_names_no_condition_and_no_song(made: Stimuli) -> None:
    site = made.folder / "site"
    written = {*(p.name for p in (site / "audio").iterdir()), (site / "test.json").read_text()}
    exports = [
        p for p in (made.folder / "export").rglob("*") if p.suffix in (".yaml", ".xml", ".txt", ".csv")
    ]
    written |= {p.read_text() for p in exports if p.name != "README.txt"}
    assert len(exports) == 6
    for name in ("survey-2022", "model", '"random"}', "human", "songs/"):
        assert not [text for text in written if name in text], name
    assert str(made.report.seed) not in json.loads((site / "test.json").read_text()).values()
    assert json.loads((site / "test.json").read_text())["seed"] != made.report.seed


def test_the_audio_is_that_of_the_condition(made: Stimuli, folders: Folders) -> None:
    for song in made.report.songs:
        human = next(s for s in song.stimuli if s.condition == "human")
        source = read_audio(folders.human / f"{song.song}.flac").audio[::2, 0]
        start = round(song.start_s * RATE)
        written = read_audio(made.folder / human.file).audio[:, 0]
        middle = slice(RATE, 2 * RATE)
        ours, theirs = written[middle], source[start : start + 3 * RATE][middle]
        assert (
            np.corrcoef(ours, theirs)[0, 1] > 0.98
        )  # what was repeated to double the rate has lost its highs
        assert human.notes


def test_plans_and_table_tell_what_was_done(made: Stimuli) -> None:
    with (made.folder / "stimuli.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15
    assert Counter(row["condition"] for row in rows) == dict.fromkeys(made.key.conditions(), 3)
    for row in rows:
        assert (made.folder / row["file"]).is_file()
        assert float(row["integrated_lufs"]) == pytest.approx(-28.0, abs=0.01)
        written = read_audio(made.folder / row["file"])
        meter = pyloudnorm.Meter(written.sample_rate, filter_class="DeMan")
        theirs = meter.integrated_loudness(written.audio.astype(np.float64))
        assert float(row["pyloudnorm_lufs"]) == pytest.approx(theirs, abs=1e-4)
        if row["condition"] != "human":
            assert MixPlan.load(made.folder / row["plan"]).stems
    report = json.loads((made.folder / "report.json").read_text())
    assert report["seed"] == 11
    assert report["songs"][0]["why"].startswith("From ")
    assert {row["pyloudnorm_lufs"] for row in rows} == {
        f"{stimulus['pyloudnorm_lufs']:.4f}" for song in report["songs"] for stimulus in song["stimuli"]
    }
    edited = MixPlan.load(made.folder / "plans" / "one" / "model.plan.json")
    assert edited.stem("bass").gain_db == -3.0


def test_the_same_request_gives_the_same_files(made: Stimuli, folders: Folders, tmp_path: Path) -> None:
    again = make_stimuli(folders.songs, tmp_path / "again", request_of(folders, repeats=1))
    assert again.key == made.key
    assert again.test == made.test
    for file in made.test.files():
        assert (again.folder / "site" / file).read_bytes() == (made.folder / "site" / file).read_bytes()


def test_another_seed_or_another_test_gets_other_ids(made: Stimuli, folders: Folders, tmp_path: Path) -> None:
    known = {s.id for page in made.test.pages for s in page.stimuli}
    for name, changes in (("seed", {"seed": 12}), ("length", {"seconds": 2.0})):
        other = make_stimuli(folders.songs[:1], tmp_path / name, request_of(folders, **changes))
        assert other.test.test_id != made.test.test_id
        assert not known & {s.id for page in other.test.pages for s in page.stimuli}


def test_orders_are_drawn(folders: Folders, tmp_path: Path) -> None:
    orders = set()
    for seed in range(4):
        other = make_stimuli(
            folders.songs[:1], tmp_path / str(seed), request_of(folders, seed=seed, seconds=1.0)
        )
        orders.add(tuple(s.condition for s in other.key.pages[0].stimuli))
    assert len(orders) > 1


def test_flac_training_and_other_attributes(folders: Folders, tmp_path: Path) -> None:
    request = request_of(
        folders,
        audio_format="flac",
        training=True,
        training_song=folders.songs[1],
        attributes=parse_attributes("overall, Punch & warmth"),
        scale="continuous",
        layout="all",
        at_s=1.5,
        sample_rate=44_100,
    )
    made = make_stimuli(folders.songs[:1], tmp_path / "test", request)
    assert made.test.training is not None
    assert [s.label for s in made.test.training.stimuli] == ["A good mix", "A bad mix"]
    assert [line.attribute for line in made.test.training.lines] == ["overall", "punch_warmth"]
    assert made.report.songs[0].start_s == 1.5
    found = [read_audio(made.folder / "site" / file) for file in made.test.files()]
    assert len(found) == 7
    assert {f.sample_rate for f in found} == {44_100}
    assert all(file.endswith(".flac") for file in made.test.files())
    bad = MixPlan.load(made.folder / "plans" / "training" / "bad.plan.json")
    assert bad.master.compressor is not None
    assert all(strip.sends for strip in bad.stems)


def test_a_target_that_would_clip_falls_for_all(folders: Folders, tmp_path: Path) -> None:
    made = make_stimuli(folders.songs[:1], tmp_path / "test", request_of(folders, target_lufs=-6.0))
    (song,) = made.report.songs
    assert song.lowered_db > 0
    assert song.spread_lu <= 0.05
    assert made.report.highest_dbtp <= -1.0
    assert max(s.true_peak_dbtp for s in song.stimuli) == pytest.approx(-1.0, abs=0.05)
    assert next(s.condition for s in song.stimuli if s.true_peak_dbtp > -1.05) == song.highest_peaks


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"seconds": 7.0}, "one lasts 6.00 s, an excerpt of 7 s is longer"),
        ({"at_s": 5.0}, "may start at 0 to 3.00 s, not at 5 s"),
        ({"at_song_s": {"three": 1.0}}, "an excerpt is set for 'three': the songs are one, two"),
        ({"repeats": 3}, "3 pages cannot be repeated: there are 2"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_written(
    changes: dict[str, Any], says: str, folders: Folders, tmp_path: Path
) -> None:
    with pytest.raises(MixrulesError, match=says):
        make_stimuli(folders.songs, tmp_path / "test", request_of(folders, **changes))
    assert not list(tmp_path.iterdir())


def test_no_song_is_both_rated_and_trained_on(folders: Folders, tmp_path: Path) -> None:
    request = request_of(folders, training=True, training_song=folders.songs[1])
    with pytest.raises(ParameterError, match="is rated too: train on another song"):
        make_stimuli(folders.songs, tmp_path / "test", request)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"systems": ()}, "2 conditions or more"),
        ({"seed": -1}, "seed must be 0 to 2147483647, got -1"),
        ({"seconds": 0.1}, "seconds must be 1 to 600"),
        ({"target_lufs": 3.0}, "target_lufs must be -60 to -5"),
        ({"repeats": -1}, "repeats must be 0"),
        ({"audio_format": "mp3"}, "audio_format must be wav or flac"),
        ({"scale": "stars"}, "scale must be likert or continuous"),
        ({"layout": "two"}, "layout must be one or all"),
        ({"title": " "}, "title is empty"),
        ({"sample_rate": 100}, "sample_rate must be 8000"),
        ({"audio_url": "a b"}, "audio_url must be"),
        ({"audio_url": "x'><script>"}, "audio_url must be"),
    ],
)
def test_requests_that_cannot_be(changes: dict[str, Any], says: str, folders: Folders) -> None:
    request = request_of(folders)
    with pytest.raises(ParameterError, match=says):
        replace(request, **changes)


@pytest.mark.parametrize("text", ["", " , ", "!!!", "eq,EQ"])
def test_attributes_that_cannot_be(text: str) -> None:
    with pytest.raises(ParameterError, match="attribute"):
        parse_attributes(text)


class TestSongsAndConditionsThatDoNotFit:
    """Each is one line and costs its song; where no other is left, nothing is written."""

    @pytest.fixture
    def own(self, tmp_path: Path) -> Folders:
        (tmp_path / "in").mkdir()
        return make(tmp_path / "in")

    def refused(self, own: Folders, tmp_path: Path, says: str, **changes: Any) -> None:
        with pytest.raises(MixrulesError, match=says):
            make_stimuli(own.songs[1:], tmp_path / "test", request_of(own, **changes))
        assert [p.name for p in tmp_path.iterdir()] == ["in"]
        made = make_stimuli(own.songs, tmp_path / "test", request_of(own, **changes))
        assert {page.song for page in made.key.pages} == {"one"}
        (gone,) = made.left_out
        assert gone.song == "two"
        assert re.search(says, gone.reason)

    def test_a_missing_plan(self, own: Folders, tmp_path: Path) -> None:
        (own.model / "two.json").unlink()
        self.refused(
            own, tmp_path, r"system 'model' lacks song two: .* holds no two\.plan\.json or two\.json"
        )

    def test_a_missing_mix(self, own: Folders, tmp_path: Path) -> None:
        (own.human / "two.flac").unlink()
        self.refused(own, tmp_path, "system 'human' lacks song two")

    def test_a_plan_for_other_stems(self, own: Folders, tmp_path: Path) -> None:
        plan = starting_plan(load_stems(own.songs[1]))
        replace(plan, stems=plan.stems[1:]).save(own.model / "two.json")
        self.refused(own, tmp_path, r"two\.json is for other stems")

    def test_a_plan_that_is_none(self, own: Folders, tmp_path: Path) -> None:
        (own.model / "two.json").write_text("{")
        self.refused(own, tmp_path, r"two\.json is not JSON")

    def test_a_mix_of_another_length(self, own: Folders, tmp_path: Path) -> None:
        write_audio(own.human / "two.flac", noise(3.0, 100, 1000), RATE)
        self.refused(own, tmp_path, r"two\.flac lasts 3\.00 s, the stems of two 6\.00 s")

    def test_a_mix_that_is_silent_in_the_excerpt(self, own: Folders, tmp_path: Path) -> None:
        audio = noise(6.0, 100, 1000)
        audio[2 * RATE :] = 0
        write_audio(own.human / "two.flac", audio, RATE)
        self.refused(own, tmp_path, "the mix of two in condition human is silent from 2.50 s", at_s=2.5)

    def test_a_damaged_stem(self, own: Folders, tmp_path: Path) -> None:
        (own.songs[1] / "bass.wav").write_bytes(b"RIFF")
        self.refused(own, tmp_path, r"bass\.wav")

    def test_all_songs(self, own: Folders, tmp_path: Path) -> None:
        for name in ("one", "two"):
            (own.model / f"{name}.json").unlink()
        starting_plan(load_stems(own.songs[0])).save(own.model / "other.json")
        says = "no song can be used: song one left out: system 'model' lacks song one: .*; song two left out:"
        with pytest.raises(StemsError, match=says):
            make_stimuli(own.songs, tmp_path / "test", request_of(own))

    def test_the_test_is_that_of_the_other_songs(self, own: Folders, tmp_path: Path) -> None:
        (own.songs[1] / "bass.wav").unlink()
        systems = parse_systems(f"none,model={own.model}")
        request = replace(request_of(own, seconds=1.0), systems=systems)
        made = make_stimuli(own.songs, tmp_path / "test", request)
        report = json.loads((made.folder / "report.json").read_text())
        assert report["left_out"] == {gone.song: gone.reason for gone in made.left_out}
        assert list(report["left_out"]) == ["two"]
        alone = make_stimuli(own.songs[:1], tmp_path / "alone", request)
        assert alone.key == made.key
        with pytest.raises(
            ParameterError, match=r"2 pages cannot be repeated: there are 1 \(song two left out"
        ):
            make_stimuli(own.songs, tmp_path / "repeated", replace(request, repeats=2))

    def test_a_song_that_fails_while_it_is_rendered(
        self, own: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def failing(system: System, song: Song, *, seed: int) -> Produced:
            if song.name == "two":
                raise MemoryError
            return produce(system, song, seed=seed)

        monkeypatch.setattr(module, "produce", failing)
        request = replace(request_of(own, seconds=1.0), systems=parse_systems("none,equal"))
        made = make_stimuli(own.songs, tmp_path / "test", request)
        assert [str(gone) for gone in made.left_out] == ["song two left out: not enough memory"]
        assert [song.song for song in made.report.songs] == ["one"]
        written = {
            path.relative_to(made.folder / "site").as_posix() for path in made.folder.glob("site/audio/*")
        }
        assert written == set(made.test.files())

    def test_two_songs_of_one_name(self, own: Folders, tmp_path: Path) -> None:
        with pytest.raises(ParameterError, match="are both called one: rename one"):
            make_stimuli([own.songs[0], own.songs[0]], tmp_path / "test", request_of(own))

    def test_no_song(self, own: Folders, tmp_path: Path) -> None:
        with pytest.raises(ParameterError, match="no song is named"):
            make_stimuli([], tmp_path / "test", request_of(own))


class TestTheFolder:
    """Whole or absent; never over something else; never over ratings."""

    def make(self, folders: Folders, output: Path, *, force: bool = False) -> Stimuli:
        request = replace(request_of(folders, seconds=1.0), systems=parse_systems("none,equal"))
        return make_stimuli(folders.songs[:1], output, request, force=force)

    def test_a_test_is_replaced_only_when_told(self, folders: Folders, tmp_path: Path) -> None:
        output = tmp_path / "test"
        output.mkdir()
        self.make(folders, output)
        before = (output / "key.json").read_bytes()
        with pytest.raises(MixrulesError, match="is not empty: name another folder, or --force"):
            self.make(folders, output)
        (output / "report.json").unlink()
        self.make(folders, output, force=True)
        assert (output / "report.json").is_file()
        assert (output / "key.json").read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["test"]

    def test_ratings_are_never_deleted(self, folders: Folders, tmp_path: Path) -> None:
        output = tmp_path / "test"
        self.make(folders, output)
        (output / "ratings" / "a.json").write_text("{}")
        with pytest.raises(MixrulesError, match="holds 1 files of ratings, which are never deleted"):
            self.make(folders, output, force=True)
        assert (output / "ratings" / "a.json").read_text() == "{}"

    @pytest.mark.parametrize("name", ["photo.jpg", "key.json"])
    def test_what_is_not_ours_is_never_replaced(self, name: str, folders: Folders, tmp_path: Path) -> None:
        output = tmp_path / "home"
        output.mkdir()
        (output / name).write_text("mine")
        with pytest.raises(MixrulesError, match="is no test of ours"):
            self.make(folders, output, force=True)
        assert (output / name).read_text() == "mine"

    def test_places_that_cannot_be(self, folders: Folders, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(AudioFileError, match="is a file, the name of a folder is needed"):
            self.make(folders, tmp_path / "file")
        with pytest.raises(AudioFileError, match="does not exist"):
            self.make(folders, tmp_path / "no" / "test")

    @pytest.mark.parametrize(
        ("full", "says"),
        [
            (
                "mixrules.files.audio.writing._encode",
                r"^test/site/audio/\w+\.wav cannot be written: the disk is full$",
            ),
            ("mixrules.files.atomic.os.fsync", r"^test/\S+ cannot be written: the disk is full$"),
            (
                "mixrules.listening.making.output_folder.os.rename",
                "^test cannot be written: no space left on device$",
            ),
        ],
    )
    def test_a_full_disk_is_told_of_the_place_that_was_named(
        self, full: str, says: str, folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def write(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(full, write)
        with pytest.raises(AudioFileError, match=says):
            self.make(folders, Path("test"))
        assert not list(tmp_path.iterdir())

    @pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
    @pytest.mark.parametrize("step", range(3))
    def test_a_kill_while_a_test_is_replaced_loses_neither(self, step: int, tmp_path: Path) -> None:
        output = tmp_path / "test"
        (output / "site").mkdir(parents=True)
        (output / "key.json").write_text("old")
        code = f"""
            import os, signal, sys
            from pathlib import Path
            from mixrules.listening.making.output_folder import new_folder
            rename, steps = os.rename, []
            def renamed(*places):
                steps.append(places)
                if len(steps) > {step}:
                    os.kill(os.getpid(), signal.SIGKILL)
                rename(*places)
            os.rename = renamed
            with new_folder(Path("test"), force=True) as building:
                (building / "site").mkdir()
                (building / "key.json").write_text("new")
        """
        root = Path(__file__).resolve().parents[2]
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(root)},
            check=False,
        )
        restore_older(output)
        check_writable(tmp_path / "a")
        assert [path.name for path in tmp_path.iterdir()] == ["test"]
        assert (output / "key.json").read_text() == ("new" if step == 2 else "old")

    @pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
    def test_a_crash_leaves_nothing(
        self, error: Any, folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output = tmp_path / "test"
        self.make(folders, output)
        before = {p: p.read_bytes() for p in output.rglob("*") if p.is_file()}

        def crash(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(module, "write_exports", crash)
        with pytest.raises((KeyboardInterrupt, AudioFileError)):
            self.make(folders, output, force=True)
        with pytest.raises((KeyboardInterrupt, AudioFileError)):
            self.make(folders, tmp_path / "new")
        assert [p.name for p in tmp_path.iterdir()] == ["test"]
        assert {p: p.read_bytes() for p in output.rglob("*") if p.is_file()} == before
