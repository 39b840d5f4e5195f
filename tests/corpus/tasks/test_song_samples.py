from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from naive_mel import torchaudio_mel
from task_signals import noise_song, samples_of, signals_of

from mixrules._support.validation import SlicedAudio
from mixrules.corpus.tasks.settings import DatasetSettings, make_task
from mixrules.corpus.tasks.song_samples import write_samples
from mixrules.corpus.tasks.song_signals import SongSignals
from mixrules.loudness import integrated_loudness, loudness_range
from mixrules.stems.stem import Stem

SNIPPET = 65_536


@pytest.mark.parametrize("hop", [64, 32])
def test_blocks_are_those_of_torchaudio_across_segments(rng: np.random.Generator, hop: int) -> None:
    # Segments are 8 snippets long: the ninth and tenth are in the second.
    signals = noise_song(rng, 10.4, channels=2)
    mels, _, found = samples_of(signals, task="level", block_hop=hop)
    assert mels.shape == ((10 if hop == 64 else 19), 2, 128, 64)
    vocal, backing = signals.read(0, signals.samples)
    for channel, audio in enumerate((backing, vocal)):
        expected = torchaudio_mel(audio.mean(axis=1, dtype=np.float64)).T
        for row, mel in zip(found.rows, mels, strict=True):
            first = row["block"] * hop
            assert row["start_sample"] == first * 1024
            np.testing.assert_allclose(mel[channel], expected[:, first : first + 64], rtol=1e-4)


def test_the_level_is_that_of_each_snippet_alone_or_of_the_song(rng: np.random.Generator) -> None:
    import pyloudnorm

    signals = noise_song(rng, 4)
    vocal, backing = signals.read(0, signals.samples)
    vocal = (vocal * np.repeat([1.0, 0.5, 0.1, 2.0], SNIPPET)[:, np.newaxis]).astype(np.float32)
    moved = signals_of(vocal, backing)
    _, targets, _ = samples_of(moved, task="level")
    meter = pyloudnorm.Meter(44_100)
    parts = [slice(i * SNIPPET, (i + 1) * SNIPPET) for i in range(4)]
    expected = [meter.integrated_loudness(vocal[p]) - meter.integrated_loudness(backing[p]) for p in parts]
    np.testing.assert_allclose(targets[:, 0], expected, atol=0.1)
    _, of_song, _ = samples_of(moved, task="level", target="song")
    whole = integrated_loudness(vocal, 44_100) - integrated_loudness(backing, 44_100)
    np.testing.assert_allclose(of_song[:, 0], whole, atol=0.01)


def test_snippets_without_a_vocal_and_levels_beyond_the_limits_are_left_out(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 4, vocal_db=0.0)
    vocal, backing = signals.read(0, signals.samples)
    gains = np.repeat([1.0, 0.0, 0.01, 0.5], SNIPPET)[:, np.newaxis]
    quiet = signals_of(vocal * gains, backing)
    _, targets, found = samples_of(quiet, task="level", limits_lu=(-10.0, 10.0))
    assert [row["block"] for row in found.rows] == [0, 3]
    assert dict(found.left_out) == {"vocal silent": 1, "outside the limits": 1}
    assert np.all(np.abs(targets) < 10.0)


def test_the_loudness_range_is_that_of_the_vocal(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 8)
    vocal, backing = signals.read(0, signals.samples)
    vocal = vocal * np.repeat(np.array([1.0, 0.1], np.float32), 4 * SNIPPET)[:, np.newaxis]
    _, targets, _ = samples_of(signals_of(vocal, backing), task="compression")
    assert set(targets[:, 0]) == {loudness_range(vocal, 44_100, hop_s=0.1)}
    assert targets[0, 0] > 15.0
    _, none, found = samples_of(noise_song(rng, 2), task="compression")
    assert len(none) == 0
    assert dict(found.left_out) == {"target not defined": 2}


def test_the_same_seed_gives_the_same_samples_and_another_seed_others(rng: np.random.Generator) -> None:
    signals = noise_song(rng, 2)
    first, again, other, song = (
        samples_of(signals, song=name, task="eq", seed=seed)
        for name, seed in (("a", 1), ("a", 1), ("a", 2), ("b", 1))
    )
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])
    assert not np.array_equal(first[1], song[1])


class Repeated(SlicedAudio):
    """Noise over and over, however long."""

    def __init__(self, period: npt.NDArray[np.float32], times: int) -> None:
        super().__init__(len(period) * times, 1)
        self.peak = 1.0
        self._period = period

    def __getitem__(self, index: slice) -> npt.NDArray[np.float32]:
        start, stop, _ = index.indices(len(self))
        return self._period[np.arange(start, stop) % len(self._period)]


def test_memory_does_not_grow_with_the_length(rng: np.random.Generator, tmp_path: Path) -> None:
    period = (0.1 * rng.standard_normal((SNIPPET, 1))).astype(np.float32)
    settings = DatasetSettings(task="level")

    def peak(snippets: int) -> int:
        stems = [Stem(name, Repeated(period, snippets)) for name in ("vocals", "bass")]  # type: ignore[arg-type]
        signals = SongSignals((stems[0],), (stems[1],), stems[0].samples, 1)
        with open(tmp_path / "blocks", "wb") as file:
            tracemalloc.start()
            found = write_samples("song", signals, make_task(settings), settings, 0, file)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert len(found.rows) == snippets
        return peak

    peak(1)  # tables and imports
    short, long = peak(16), peak(40)
    assert long < short + (1 << 20)
