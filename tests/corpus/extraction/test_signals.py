"""The signals of a song: sums, mixtures, files; from memory and from the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules.corpus.extraction import Extraction, signals
from mixrules.corpus.extraction.signals import SourceSum, song_signals
from mixrules.corpus.work.place import LocalPlace
from mixrules.errors import StemsError
from mixrules.stems import described_song, loading
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

RATE = 8000


def part(path: Path, audio: np.ndarray, rate: int = RATE) -> tuple[AudioPart, ...]:
    soundfile.write(path, audio, rate, subtype="FLOAT")
    return (AudioPart(path=path),)


@pytest.fixture
def song(tmp_path: Path, rng: np.random.Generator) -> SongDescription:
    """A mono vocal, a stereo guitar, a left and a right file of one kit, all of other lengths."""
    shapes = {"vox": (20_000, 1), "guitar": (24_000, 2), "OH L": (16_000, 1), "OH R": (15_000, 1)}
    stems = tuple(
        StemDescription(
            name=name,
            role=role,
            parts=part(tmp_path / f"{name}.wav", 0.1 * rng.standard_normal(shapes[name])),
        )
        for name, role in (("vox", "vocal"), ("guitar", "guitar"), ("OH L", "drums"), ("OH R", "drums"))
    )
    return SongDescription(song="song", stems=stems)


def test_sums_are_those_of_stems_at_one_length(song: SongDescription) -> None:
    loaded = song_signals(song)
    by_name = {(signal.kind, signal.stem): signal for signal in loaded.signals}
    assert list(by_name)[-3:] == [("vocal", ""), ("backing", ""), ("mix", "")]
    assert {signal.audio.shape[0] for signal in loaded.signals} == {24_000}
    vox, guitar, kit = (by_name["stem", name].audio for name in ("vox", "guitar", "OH"))
    assert by_name["backing", ""].audio == pytest.approx(guitar + kit)
    assert by_name["mix", ""].audio == pytest.approx(vox + guitar + kit)
    assert by_name["vocal", ""].members == by_name["stem", "vox"].members
    assert [path.name for path in by_name["stem", "OH"].paths] == ["OH L.wav", "OH R.wav"]
    assert [path.name for path in by_name["backing", ""].paths] == ["guitar.wav", "OH L.wav", "OH R.wav"]
    assert loaded.mix_source == "sum"


@pytest.mark.parametrize(("rate", "samples"), [(RATE, 30_000), (RATE, 5000), (2 * RATE, 40_000)])
@pytest.mark.parametrize("hold_mib", [448.0, 0.0])
def test_a_mixture_is_brought_to_rate_and_length_of_the_stems(
    song: SongDescription,
    tmp_path: Path,
    rate: int,
    samples: int,
    hold_mib: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hold(monkeypatch, hold_mib)
    time = np.arange(samples) / rate
    mixture = part(tmp_path / "mixture.wav", 0.3 * np.sin(2 * np.pi * 200 * time)[:, None], rate)
    with_mixture = SongDescription(song="song", stems=song.stems, mixture=mixture)
    loaded = song_signals(with_mixture)
    mix = loaded.signals[-1]
    assert (loaded.mix_source, mix.kind, mix.audio.shape) == ("file", "mix", (24_000, 1))
    seconds = min(3.0, samples / rate)
    expected = 0.3 * np.sin(2 * np.pi * 200 * np.arange(24_000) / RATE) * (np.arange(24_000) < seconds * RATE)
    assert mix.audio[:24_000][1000:-1000, 0] == pytest.approx(expected[1000:-1000], abs=0.01)


def test_a_silent_mixture_is_refused(song: SongDescription, tmp_path: Path) -> None:
    mixture = part(tmp_path / "mixture.wav", np.zeros((100, 2)))
    with pytest.raises(StemsError, match="the mixture of song cannot be used"):
        song_signals(SongDescription(song="song", stems=song.stems, mixture=mixture))


def hold(monkeypatch: pytest.MonkeyPatch, mib: float) -> None:
    """Let no more be held in memory."""
    monkeypatch.setattr(signals, "HOLD_MIB", mib)
    held = described_song.load_described

    def limited(song: SongDescription, **options: object) -> object:
        return held(song, **{"hold_mib": mib, **options})  # type: ignore[arg-type]

    monkeypatch.setattr(signals, "load_described", limited)


def test_a_song_on_the_disk_gives_the_same_tables(
    song: SongDescription, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = Extraction(root=tmp_path, snippet_samples=8192, snippet_hop=4096)
    tables = []
    for mib in (loading.HOLD_MIB, 0.0):
        hold(monkeypatch, mib)
        assert song_signals(song).signals[1].audio.__class__.__name__ == ("ndarray" if mib else "FileAudio")
        work.do(song, LocalPlace(tmp_path / str(mib)))
        tables.append([path.read_bytes() for path in sorted((tmp_path / str(mib)).rglob("*.parquet"))])
    assert len(tables[0]) == 2
    assert tables[0] == tables[1]


def test_a_sum_is_read_in_slices(rng: np.random.Generator) -> None:
    stereo, mono = rng.standard_normal((100, 2)), rng.standard_normal((100, 1))
    total = SourceSum([stereo.astype(np.float32), mono.astype(np.float32)], 90)
    assert total.shape == (90, 2)
    assert total[10:30] == pytest.approx((stereo + mono)[10:30], abs=1e-6)
    assert total[80:200].shape == (10, 2)
