"""What a mix is admitted by bounds what it takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from corpus.batch.songs import RATE, put

from mixrules import presets
from mixrules.corpus.batch import Mixing
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

needed_mib = Mixing(rules=presets.load("default")).needed_mib

# A process inherits the peak of the one that starts it, so a small one does.
_LAUNCHER = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_it_bounds_the_peak_of_a_process(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="only POSIX says what a process took")
    folder = put(tmp_path, "song", seconds=4.0)
    words = ["-m", "mixrules", "mix", str(folder), "-o", str(tmp_path / "mix.wav"), "--threads", "1", "-q"]
    launcher = [sys.executable, "-S", "-c", _LAUNCHER, sys.executable, *words]
    taken = float(subprocess.run(launcher, capture_output=True, text=True, check=True).stdout)
    needed = needed_mib(SongDescription(song="song", folder=folder))
    assert 0.25 * needed < taken < needed


def test_a_song_needs_less_than_a_gibibyte_however_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(tmp_path, "song")
    song = SongDescription(song="song", folder=folder)
    assert needed_mib(song) < 420.0
    monkeypatch.setattr("mixrules.corpus.batch.mixing.held_mib", lambda *_, **__: HOLD_MIB)
    assert needed_mib(song) < 1024.0


def test_the_most_is_assumed_where_a_header_cannot_be_read(tmp_path: Path) -> None:
    part = AudioPart(path=tmp_path / "gone.wav")
    song = SongDescription(song="song", stems=(StemDescription(name="vocals", parts=(part,)),))
    assert 1000.0 < needed_mib(song) < 1024.0


def test_an_engine_that_works_on_whole_stems_takes_more_the_longer_a_song_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pedalboard")
    song = SongDescription(song="song", folder=put(tmp_path, "song", seconds=4.0))
    monkeypatch.setattr("mixrules.corpus.batch.mixing.HOLD_MIB", 0.01)
    whole_stems = Mixing(rules=presets.load("default"), engine="pedalboard")
    blocks, whole = needed_mib(song), whole_stems.needed_mib(song)
    stems_mib = 4 * 2 * 4.0 * RATE * 4 / 2**20
    assert whole - blocks == pytest.approx(2.0 * stems_mib)
