"""Comparisons side by side: on a cluster, within memory, one at a time in a folder."""

from __future__ import annotations

import importlib.util
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from synthetic import RATE, noise

from mixrules.cli.worker_options import WorkersChoice
from mixrules.corpus.work.dask_workers import DaskWorkers
from mixrules.corpus.work.local_pool import LocalPool
from mixrules.corpus.work.lock import only_run_in
from mixrules.corpus.work.run_ending import RunEndingError
from mixrules.corpus.work.workers import InThisProcess
from mixrules.errors import ParameterError
from mixrules.evaluation.compared_song import SongTask
from mixrules.evaluation.compared_together import InTheReport, needed_mib
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_results import Comparison
from mixrules.systems import parse_systems, song_sources

if TYPE_CHECKING:
    from cli_runner import Run


@pytest.fixture
def songs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two songs, named from the folder where they are: workers are somewhere else."""
    monkeypatch.chdir(tmp_path)
    for number in range(2):
        folder = Path("songs", str(number))
        folder.mkdir(parents=True)
        vocal, bass = (0.3 * noise(1.0, low, 10 * low, seed=number) for low in (300, 50))
        soundfile.write(folder / "vocals.wav", vocal, RATE)
        soundfile.write(folder / "bass.wav", bass, RATE)
        soundfile.write(folder / "mixture.wav", np.repeat((vocal + bass / 2)[:, None], 2, axis=1), RATE)
    return sorted(Path("songs").iterdir())


def compared(songs: list[Path], output: str, **options: Any) -> Comparison:
    systems = parse_systems("none,human")
    return compare(songs, systems, systems[1], output, groups=("balance",), excerpt_s=0.0, **options)


def task_of(folder: Path, output: Path) -> SongTask:
    (source,), systems = song_sources([folder]), parse_systems("none,human")
    return SongTask(
        source=source,
        output=output,
        systems=systems,
        reference=systems[1],
        seed=0,
        groups=("balance",),
        excerpt_s=0.0,
    )


@pytest.mark.skipif(
    not (importlib.util.find_spec("distributed") and hasattr(signal, "SIGKILL")), reason="needs distributed"
)
def test_a_cluster_finds_the_same(songs: list[Path]) -> None:
    alone = compared(songs, "alone")
    together = compared(songs, "together", workers=DaskWorkers(scheduler="local", memory_mib=4096.0))
    for one, other in zip(alone.results, together.results, strict=True):
        assert (one.song, one.system) == (other.song, other.system)
        assert other.values == pytest.approx(one.values, nan_ok=True)
    again = compared(songs, "together")
    assert again.cached == len(again.results) > 0


def test_one_comparison_at_a_time_has_a_folder(songs: list[Path]) -> None:
    Path("report").mkdir()
    with only_run_in(Path("report")), pytest.raises(ParameterError, match="in use by another run"):
        compared(songs, "report")
    assert not compared(songs, "report").left_out


def test_a_machine_that_does_not_share_the_folder_does_nothing(songs: list[Path], tmp_path: Path) -> None:
    done: list[SongTask] = []
    with only_run_in(tmp_path) as run:
        InTheReport(done.append, run)(task_of(songs[0], tmp_path))
        assert len(done) == 1
        with pytest.raises(RunEndingError, match=r"not held by this run.*do not share the folder"):
            InTheReport(done.append, "another")(task_of(songs[0], tmp_path))
    assert len(done) == 1


def test_memory_is_estimated_by_the_stems(songs: list[Path], tmp_path: Path) -> None:
    short = needed_mib(task_of(songs[0], tmp_path))
    soundfile.write(songs[0] / "bass.wav", np.zeros((RATE * 60, 2), np.float32), RATE)
    grown = needed_mib(task_of(songs[0], tmp_path)) - short
    of_stem = 60.0 * RATE * 2 * 4 / 2**20
    assert grown > 5.0 * of_stem  # itself, in the reference, in a mix
    (songs[0] / "bass.wav").write_bytes(b"RIFF")
    assert needed_mib(task_of(songs[0], tmp_path)) > 0.0


def test_who_does_it() -> None:
    assert isinstance(WorkersChoice(count=8).who(songs=1), InThisProcess)
    assert isinstance(WorkersChoice(count=1).who(songs=9), InThisProcess)
    pool = WorkersChoice(count=2, memory_mib=4096.0).who(songs=9)
    assert isinstance(pool, LocalPool)
    assert (pool.workers, pool.memory_mib) == (2, 4096.0)
    assert isinstance(WorkersChoice(scheduler="local").who(songs=9), DaskWorkers)


def test_workers_that_are_there_already_are_not_counted(songs: list[Path], run: Run) -> None:
    done = run("compare", "songs", "--workers", "2", "--scheduler", "tcp://10.0.0.5:8786")
    assert done.returncode == 2
    assert "those of tcp://10.0.0.5:8786 are there already" in done.stderr


def test_songs_whose_names_differ_in_case_alone_are_left_out(songs: list[Path], run: Run) -> None:
    """Their plans would overwrite each other on many disks."""
    shutil.copytree(songs[0], "songs/Song")
    try:
        Path("songs/song").mkdir()
    except FileExistsError:
        pytest.skip("this disk takes both names for one")
    shutil.copy(songs[0] / "bass.wav", "songs/song")
    done = run("compare", "songs", "--systems", "none,equal", "--reference", "equal", "--excerpt-s", "0")
    assert done.returncode == 2
    assert "song song left out: another song's name differs from its own in nothing but case" in done.stderr


def test_there_is_at_least_one_worker(songs: list[Path]) -> None:
    with pytest.raises(ParameterError, match="workers must be at least 1, got 0"):
        compared(songs, "report", workers=0)
