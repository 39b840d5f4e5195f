"""The songs that benchmarks/deep_toys.py makes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from toy_songs import song, write_songs


def test_a_seed_makes_a_song_and_another_seed_another() -> None:
    one, again, other = (song(np.random.default_rng(seed), 2.0) for seed in ((1, 0), (1, 0), (1, 1)))
    assert set(one) == {"vocals", "bass", "drums", "other"}
    for name, audio in one.items():
        np.testing.assert_array_equal(audio, again[name])
        assert abs(np.corrcoef(audio, other[name])[0, 1]) < 0.5


def test_every_stem_has_a_level_of_its_own_and_does_not_clip() -> None:
    levels_db = []
    for number in range(10):
        for audio in song(np.random.default_rng((0, number)), 3.0).values():
            assert np.max(np.abs(audio)) < 1.0
            levels_db.append(10.0 * np.log10(np.mean(np.square(audio))))
    assert -32.0 <= min(levels_db) < max(levels_db) <= -22.0
    assert np.std(levels_db) > 2.0


def test_songs_that_are_there_stay(tmp_path: Path) -> None:
    write_songs(tmp_path, 2, 1.0, seed=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["song 000", "song 001"]
    kept = tmp_path / "song 001" / "bass.wav"
    kept.write_bytes(b"mine")
    (tmp_path / "song 000").rename(tmp_path / "elsewhere")
    write_songs(tmp_path, 2, 1.0, seed=3)
    assert kept.read_bytes() == b"mine"
    for path in (tmp_path / "elsewhere").iterdir():
        np.testing.assert_array_equal(
            soundfile.read(path)[0], soundfile.read(tmp_path / "song 000" / path.name)[0]
        )
