"""One gain for all songs of an album."""

from __future__ import annotations

import dataclasses
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from corpus.batch.songs import put
from naive_loudness import lufs, windows
from reference_meters import pyloudnorm_exact

from mixrules import MixPlan, RuleSet, presets
from mixrules.corpus.batch import Mixing, mix_songs
from mixrules.corpus.batch.album import album_of
from mixrules.corpus.batch.album_gains import SongsWithGains
from mixrules.corpus.batch.album_mixing import AlbumMixing
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.place import LocalPlace
from mixrules.corpus.work.run import RunSummary
from mixrules.corpus.work.workers import InThisProcess
from mixrules.errors import ParameterError
from mixrules.stems.song_description import SongDescription

_ALL = presets.load("default")
QUIET = _ALL.without(*(rule for rule in _ALL.rules if rule != "master"))
"""The master alone: the sums are those of the stems, as loud as they were written."""

LOUD, SOFT = "train/A - Loud", "train/A - Soft"
"""Two songs of one album; that of the test split is another's."""
OTHER = "test/B - Other"


@pytest.fixture
def songs(tmp_path: Path) -> Catalogue:
    put(tmp_path / "set", LOUD, gain=0.10, seconds=2.0, seed=1)
    put(tmp_path / "set", SOFT, gain=0.04, seconds=2.0, seed=2)
    put(tmp_path / "set", OTHER, gain=0.01, seconds=2.0, seed=3)
    return Catalogue(tmp_path / "set", "musdb18hq")


def mixed(songs: Catalogue, rules: RuleSet = QUIET, **options: Any) -> tuple[Path, RunSummary]:
    """Mix with one gain an album; the folder and how it went."""
    output = songs.root.parent / "mixes"
    return output, mix_songs(Mixing(rules=rules, subtype="FLOAT"), songs, output, album=True, **options)


def blocks(path: Path) -> list[float]:
    """The energies of the gating blocks of a file, filtered by pyloudnorm."""
    audio, rate = soundfile.read(path)
    for stage in pyloudnorm_exact(rate)._filters.values():
        audio = np.stack([stage.apply_filter(channel) for channel in audio.T], axis=1)
    return windows(audio, rate, 0.4, 0.1, [1.0, 1.0])


def together_lufs(*paths: Path) -> float:
    """Loudness of several files as of one programme, by the equations of BS.1770."""
    found = [energy for path in paths for energy in blocks(path) if lufs(energy) > -70.0]
    gate = lufs(float(np.mean(found))) - 10.0
    return lufs(float(np.mean([energy for energy in found if lufs(energy) > gate])))


def gain_db(output: Path, song: str) -> float:
    return MixPlan.load(output / f"{song}.plan.json").master.gain_db


def sentence(output: Path, song: str) -> str:
    plan = MixPlan.load(output / f"{song}.plan.json")
    return next(d.sentence for d in plan.decisions if d.rule == "master")


def test_an_album_reaches_the_target_with_one_gain(songs: Catalogue) -> None:
    rules = QUIET.with_values({"master.target_lufs": -30.0})  # so low that no limiter is needed
    output, summary = mixed(songs, rules)
    assert (summary.done, summary.failed) == (3, ())
    assert gain_db(output, LOUD) == gain_db(output, SOFT) != gain_db(output, OTHER)
    album = [output / f"{name}.wav" for name in (LOUD, SOFT)]
    assert together_lufs(*album) == pytest.approx(-30.0, abs=0.05)
    assert together_lufs(output / f"{OTHER}.wav") == pytest.approx(-30.0, abs=0.05)


def test_what_is_louder_before_stays_as_much_louder(songs: Catalogue) -> None:
    output, _ = mixed(songs, QUIET.with_values({"master.target_lufs": -30.0}))
    before = [together_lufs(songs.root / name / "mixture.wav") for name in (LOUD, SOFT)]
    after = [together_lufs(output / f"{name}.wav") for name in (LOUD, SOFT)]
    assert before[0] - before[1] > 6.0
    assert after[0] - after[1] == pytest.approx(before[0] - before[1], abs=0.01)


def test_the_plan_says_so_and_what_it_says_is_measured_again(songs: Catalogue) -> None:
    output, _ = mixed(songs, QUIET.with_values({"master.target_lufs": -30.0}))
    assert sentence(output, SOFT).startswith("The mix gets ")
    assert " dB, the gain of all 2 songs of the album train, and reaches " in sentence(output, SOFT)
    assert sentence(output, SOFT).endswith("; by that gain the album reaches -30.0 LUFS, as wanted.")
    assert "the only song of the album test" in sentence(output, OTHER)
    for song in (LOUD, SOFT, OTHER):
        plan = MixPlan.load(output / f"{song}.plan.json")
        statements = [s for d in plan.decisions for s in d.statements if s.kind.startswith("mix_")]
        assert {s.kind for s in statements} == {"mix_integrated_lufs", "mix_true_peak_dbtp"}
        assert all(statement.holds for statement in statements)
        assert plan.result is not None
        assert plan.result.integrated_lufs == pytest.approx(together_lufs(output / f"{song}.wav"), abs=0.05)


def test_the_limiter_holds_the_ceiling_of_the_loud_song_alone(songs: Catalogue) -> None:
    rules = QUIET.with_values({"master.target_lufs": -13.0, "master.max_limiting_db": 24.0})
    output, _ = mixed(songs, rules)
    loud, soft = (MixPlan.load(output / f"{song}.plan.json") for song in (LOUD, SOFT))
    assert loud.master.gain_db == soft.master.gain_db
    assert loud.master.limiter is not None
    assert soft.master.limiter is None
    assert loud.result is not None
    assert loud.result.true_peak_dbtp == pytest.approx(-1.0, abs=0.05)
    assert " dB of limiting, and reaches " in sentence(output, LOUD)


@pytest.mark.parametrize(
    ("preset", "why"),
    [
        ("default", "more would need over 3 dB of limiting in train/A - Loud."),
        ("survey-2022", "more gain would pass -1 dBTP in train/A - Loud."),
    ],
)
def test_the_loudest_peak_holds_back_the_album(songs: Catalogue, preset: str, why: str) -> None:
    rules = presets.load(preset)
    rules = rules.without(*(rule for rule in rules.rules if rule != "master"))
    rules = rules.with_values({"master.target_lufs": -3.0, "master.ceiling_dbtp": -1.0})
    output, _ = mixed(songs, rules)
    assert "under the target of -3" in sentence(output, SOFT)
    assert sentence(output, SOFT).endswith(why)
    assert gain_db(output, SOFT) == gain_db(output, LOUD)
    peak = MixPlan.load(output / f"{LOUD}.plan.json").result
    assert peak is not None
    assert peak.true_peak_dbtp is not None
    assert peak.true_peak_dbtp <= -1.0 + 0.05


def test_a_song_that_changes_moves_its_album_and_no_other(songs: Catalogue) -> None:
    output, _ = mixed(songs)
    before = gain_db(output, SOFT)
    assert mixed(songs)[1].done == 0
    shutil.rmtree(songs.root / LOUD)
    put(songs.root, LOUD, gain=0.05, seconds=2.0, seed=1)
    _, summary = mixed(songs)
    assert (summary.done, summary.kept) == (2, 1)
    assert gain_db(output, SOFT) == gain_db(output, LOUD) > before


def test_a_song_that_fails_is_told_once_and_the_album_does_without_it(songs: Catalogue) -> None:
    output, _ = mixed(songs)
    together = gain_db(output, SOFT)
    (songs.root / LOUD / "bass.wav").write_bytes(b"no audio")
    _, summary = mixed(songs)
    (failed,) = summary.failed
    assert failed.song == LOUD
    assert "bass.wav is not audio" in failed.reason
    assert gain_db(output, SOFT) > together
    assert "the only song of the album train" in sentence(output, SOFT)
    (again,) = mixed(songs, retry_failed=True)[1].failed
    assert again.reason == failed.reason


def test_a_song_alone_gets_the_gain_of_its_whole_album(songs: Catalogue) -> None:
    output, summary = mixed(dataclasses.replace(songs, only=("*Loud",)))
    assert (summary.done, summary.kept) == (1, 0)
    assert not (output / f"{SOFT}.wav").exists()
    assert "the gain of all 2 songs of the album train" in sentence(output, LOUD)
    _, summary = mixed(dataclasses.replace(songs, only=("*Soft",)))
    assert (summary.done, summary.kept) == (1, 1)
    gain = gain_db(output, SOFT)
    assert gain_db(output, LOUD) == gain
    assert mixed(songs)[1].done == 1  # the other album's
    assert gain_db(output, SOFT) == gain


def test_songs_that_were_not_asked_for_follow_the_gain_of_their_album(songs: Catalogue) -> None:
    output, _ = mixed(dataclasses.replace(songs, only=("*Loud",)))
    before = gain_db(output, LOUD)
    shutil.rmtree(songs.root / SOFT)
    put(songs.root, SOFT, gain=0.2, seconds=2.0, seed=2)
    _, summary = mixed(dataclasses.replace(songs, only=("*Soft",)))
    assert (summary.done, summary.kept) == (2, 0)
    assert gain_db(output, SOFT) == gain_db(output, LOUD) < before
    assert not (output / f"{OTHER}.wav").exists()


def test_a_song_that_the_gain_does_without_is_told_whatever_was_asked_for(songs: Catalogue) -> None:
    (songs.root / LOUD / "bass.wav").write_bytes(b"no audio")
    output, summary = mixed(dataclasses.replace(songs, only=("*Soft",)))
    assert summary.done == 1
    assert [record.song for record in summary.failed] == [LOUD]
    assert "the only song of the album train" in sentence(output, SOFT)


class ThenMore(InThisProcess):
    """Adds a song to the data set when the first of two steps is done."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def each(self, do: Any, tasks: Any) -> Any:
        yield from super().each(do, tasks)
        if not (self.root / "train/A - Late").exists():
            put(self.root, "train/A - Late", gain=0.2, seconds=2.0)


def test_a_song_that_comes_between_the_sums_and_the_mixes_waits_for_the_next_run(songs: Catalogue) -> None:
    output, summary = mixed(songs, workers=ThenMore(songs.root))
    assert (summary.done, summary.failed) == (3, ())
    assert mixed(songs)[1].done == 3
    assert len({gain_db(output, song) for song in (LOUD, SOFT, "train/A - Late")}) == 1


def test_a_song_without_a_sum_has_a_problem(songs: Catalogue, tmp_path: Path) -> None:
    chosen = SongsWithGains(songs=songs, names={SOFT}, gains={})
    (song,) = chosen
    assert "could not be found when the songs of its album were measured" in song.problem
    work = AlbumMixing(mixing=Mixing(rules=QUIET), sums=LocalPlace(tmp_path))
    with pytest.raises(ParameterError, match="does not say the gain"):
        work.do(song, LocalPlace(tmp_path))


class Weighing(InThisProcess):
    """Notes how large is what would go to another process."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def each(self, do: Any, tasks: Any) -> Any:
        for task, outcome in super().each(do, tasks):
            self.sizes.append(len(pickle.dumps((do, task))))
            yield task, outcome


def test_what_goes_to_a_worker_is_as_large_whatever_number_of_albums_there_are(tmp_path: Path) -> None:
    largest = []
    for albums in (1, 6):
        root = tmp_path / f"set{albums}"
        for number in range(albums):
            put(root, f"Album {number}/Song", seconds=0.5)
        workers = Weighing()
        mixing = Mixing(rules=QUIET, audio_format="")
        summary = mix_songs(mixing, Catalogue(root), tmp_path / f"out{albums}", album=True, workers=workers)
        assert summary.done == albums
        assert len(workers.sizes) == 2 * albums
        largest.append(max(workers.sizes))
    assert largest[1] == largest[0]


@pytest.mark.parametrize("album", [False, True])
def test_the_output_is_held_from_the_first_song_to_the_table(
    songs: Catalogue, album: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []
    held = LocalPlace.held

    def counted(place: LocalPlace) -> Any:
        times.append(place.folder.name)
        return held(place)

    monkeypatch.setattr(LocalPlace, "held", counted)
    mix_songs(Mixing(rules=QUIET, audio_format=""), songs, songs.root.parent / "mixes", album=album)
    assert times == (["mixes", ".sums"] if album else ["mixes"])


def test_progress_says_which_step_it_is(songs: Catalogue) -> None:
    told: list[str] = []
    mixed(songs, progress=lambda what, _done, _total: told.append(what))
    assert told[0].startswith("measuring the sums: ")
    assert told[-1].startswith("mixing: ")


def test_an_album_needs_a_master_of_ours_at_the_end(songs: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="ends with master:normalise or master:limit"):
        mixed(songs, QUIET.without("master"))
    assert not (tmp_path / "mixes").exists()


def test_mixes_of_one_gain_a_song_are_other_results(songs: Catalogue) -> None:
    output, _ = mixed(songs)
    with pytest.raises(ParameterError, match="album true, this run: false"):
        mix_songs(Mixing(rules=QUIET, subtype="FLOAT"), songs, output)


@pytest.mark.parametrize(
    ("song", "album", "expected"),
    [
        ("Song", "", ("", "")),
        ("Artist/Album/Song", "", ("Artist/Album", "")),
        ("test/Song", "Blue", ("test", "Blue")),
    ],
)
def test_songs_of_one_folder_and_title_are_an_album(song: str, album: str, expected: tuple[str, str]) -> None:
    assert album_of(SongDescription(song=song, album=album)) == expected
