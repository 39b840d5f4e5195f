from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from naive_mel import torchaudio_mel
from task_signals import samples_of
from task_songs import RATE, SNIPPET, MadeSong, write_songs

from mixrules.corpus.catalogue import open_catalogue
from mixrules.corpus.tasks import DatasetSettings, make_dataset, read_dataset
from mixrules.corpus.tasks.song_signals import open_signals
from mixrules.errors import AudioFileError, ParameterError, StemsError
from mixrules.learning.prediction.song_blocks import MelBatch, mel_blocks_of
from mixrules.stems import Stem, Stems, load_stems
from mixrules.stems.song_description import SongDescription


def joined(batches: list[MelBatch]) -> MelBatch:
    return MelBatch(
        *(np.concatenate([getattr(batch, name) for batch in batches]) for name in MelBatch.__slots__)
    )


def stems_of(vocal: npt.ArrayLike, backing: npt.ArrayLike, rate: int = RATE) -> Stems:
    arrays = {"vocals": np.asarray(vocal, np.float32), "bass": np.asarray(backing, np.float32)}
    return Stems.from_arrays(arrays, rate)


def song_with_pauses(folder: Path) -> SongDescription:
    """Write 10.5 snippets, in stereo: of the first 4 the second has no vocal, the third no backing."""
    chance = np.random.default_rng(3)
    stems = 0.1 * chance.standard_normal((2, round(10.5 * SNIPPET), 2))
    stems[0, SNIPPET : 2 * SNIPPET] = 0.0
    stems[1, 2 * SNIPPET : 3 * SNIPPET] = 0.0
    for name, audio in zip(("vocals", "bass"), stems, strict=True):
        (folder / "pauses").mkdir(parents=True, exist_ok=True)
        soundfile.write(folder / "pauses" / f"{name}.wav", audio, RATE, subtype="FLOAT")
    (song,) = open_catalogue(folder)
    return song


def test_the_blocks_are_those_of_task_data_of_the_same_song(tmp_path: Path) -> None:
    song = song_with_pauses(tmp_path)
    blocks = joined(list(mel_blocks_of(song)))
    signals = open_signals(song, needs_vocal=True)
    level, _, found = samples_of(signals, task="level")
    assert [row["block"] for row in found.rows] == [0, 3, 4, 5, 6, 7, 8, 9]
    np.testing.assert_array_equal(blocks.of_task("level").mel, level)
    np.testing.assert_array_equal(blocks.of_task("level").starts_s, [row["start_s"] for row in found.rows])
    others, _, found = samples_of(signals, task="compression")
    assert [row["block"] for row in found.rows] == [0, 2, 3, 4, 5, 6, 7, 8, 9]
    np.testing.assert_array_equal(blocks.of_task("compression").mel, others)
    np.testing.assert_array_equal(blocks.of_task("eq").starts_s, [row["start_s"] for row in found.rows])
    assert list(blocks.starts_s[blocks.backing_silent]) == [2 * SNIPPET / RATE]


def test_the_blocks_are_those_that_a_training_reads_from_the_shards(tmp_path: Path) -> None:
    made = [
        MadeSong(f"song {i}", f"artist {i}", snippets=3.2, rate=rate)
        for i, rate in enumerate((RATE, 48_000, 32_000))
    ]
    truth = write_songs(tmp_path, made)
    make_dataset(truth, tmp_path / "level", DatasetSettings(task="level", shares=(0.4, 0.3, 0.3)))
    data = read_dataset(tmp_path / "level")
    samples = [sample for split in ("train", "validation", "test") for sample in data.samples(split)]
    for song in open_catalogue(tmp_path / "songs"):
        own = [sample.mel for sample in samples if sample.song == song.song]
        assert len(own) == 3
        np.testing.assert_array_equal(joined(list(mel_blocks_of(song))).mel, own)


def test_stems_in_memory_give_the_same_blocks_as_their_files(tmp_path: Path) -> None:
    song = song_with_pauses(tmp_path)
    of_files = joined(list(mel_blocks_of(song)))
    of_stems = joined(list(mel_blocks_of(load_stems(tmp_path / "pauses"))))
    for name in MelBatch.__slots__:
        np.testing.assert_array_equal(getattr(of_files, name), getattr(of_stems, name))


def test_stems_of_another_rate_are_resampled_in_memory_and_on_the_disk(tmp_path: Path) -> None:
    home = tmp_path / "songs" / "one"
    write_songs(tmp_path, [MadeSong("one", snippets=2.3, rate=48_000)])
    expected = load_stems(home, sample_rate=RATE)
    vocal = np.asarray(expected["vocals"].audio)[:, 0].astype(np.float64)
    mel = torchaudio_mel(vocal).T[:, :64]
    for hold_mib in (448.0, 0.0):
        stems = load_stems(home, hold_mib=hold_mib)
        assert stems.in_memory == (hold_mib > 0.0)
        blocks = joined(list(mel_blocks_of(stems)))
        assert blocks.mel.shape == (2, 2, 128, 64)
        np.testing.assert_allclose(blocks.mel[0, 1], mel, rtol=1e-3)


def test_blocks_come_in_batches_of_bounded_size(rng: np.random.Generator) -> None:
    noise = 0.1 * rng.standard_normal((2, 70 * SNIPPET)).astype(np.float32)
    batches = list(mel_blocks_of(stems_of(*noise)))
    assert [len(batch.mel) for batch in batches] == [32, 32, 6]
    np.testing.assert_allclose(joined(batches).starts_s, np.arange(70) * SNIPPET / RATE)


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    def peak(snippets: int) -> int:
        period = 0.1 * np.random.default_rng(1).standard_normal((SNIPPET, 2)).astype(np.float32)
        home = tmp_path / str(snippets)
        home.mkdir()
        for name, column in (("vocals", 0), ("bass", 1)):
            with soundfile.SoundFile(home / f"{name}.wav", "w", RATE, 1, "FLOAT") as file:
                for _ in range(snippets):
                    file.write(period[:, column])
        stems = load_stems(home, hold_mib=0.0)
        tracemalloc.start()
        count = sum(len(batch.mel) for batch in mel_blocks_of(stems))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert count == snippets
        return peak

    peak(1)  # tables and imports
    short, long = peak(66), peak(100)
    assert long < short + (1 << 20)


def test_a_vocal_that_is_nowhere_loud_enough_gives_no_blocks(rng: np.random.Generator) -> None:
    noise = rng.standard_normal(2 * SNIPPET)
    assert list(mel_blocks_of(stems_of(1e-6 * noise, 0.1 * noise))) == []


@pytest.mark.parametrize(
    ("stems", "message"),
    [
        (stems_of(np.full(100, 0.1), np.full(100, 0.1)), r"the song is 0\.00 s long, a snippet 1\.49 s"),
        (stems_of(np.zeros(SNIPPET), np.full(SNIPPET, 0.1)), "no vocal among its stems, or it is silent"),
        (stems_of(np.full(SNIPPET, 0.1), np.zeros(SNIPPET)), "nothing but a vocal among its stems"),
    ],
)
def test_a_song_without_a_vocal_or_a_backing_or_a_whole_block_is_refused(stems: Stems, message: str) -> None:
    with pytest.raises(StemsError, match=message):
        mel_blocks_of(stems)


def test_what_is_no_song_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="song must be SongDescription or Stems, got 'songs'"):
        mel_blocks_of("songs")  # type: ignore[arg-type]
    with pytest.raises(AudioFileError, match="does not exist"):
        mel_blocks_of(SongDescription(song="gone", folder=tmp_path / "gone"))
    (batch,) = mel_blocks_of(
        Stems(
            (
                Stem("a", np.full((SNIPPET, 1), 0.1, np.float32), "vocal"),
                Stem("b", np.full((SNIPPET, 1), 0.1, np.float32), "bass"),
            ),
            RATE,
        )
    )
    with pytest.raises(ParameterError, match="there is no task 'loudness'"):
        batch.of_task("loudness")
