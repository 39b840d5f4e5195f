"""Audio that a data set describes as parts of files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from synthetic import RATE, noise

from mixrules.errors import AudioFileError
from mixrules.files import write_audio
from mixrules.stems.described_song import read_parts
from mixrules.stems.song_description import AudioPart


@pytest.fixture
def files(tmp_path: Path) -> dict[str, np.ndarray]:
    """Three files of other lengths and widths."""
    audio = {
        "mono": noise(1.0, 100, 3000)[:, None],
        "stereo": np.stack([noise(0.5, 100, 3000, seed=seed) for seed in (1, 2)], axis=1),
        "longer": noise(1.5, 100, 3000, seed=3)[:, None],
    }
    for name, samples in audio.items():
        write_audio(tmp_path / f"{name}.wav", samples, RATE, subtype="FLOAT")
    return audio


@pytest.mark.parametrize(
    "names",
    [("mono",), ("mono", "stereo"), ("stereo", "mono"), ("longer", "stereo", "mono"), ("mono", "mono")],
)
def test_parts_are_summed(names: tuple[str, ...], files: dict[str, np.ndarray], tmp_path: Path) -> None:
    found = read_parts(tuple(AudioPart(path=tmp_path / f"{name}.wav") for name in names))
    expected = np.zeros(
        (max(len(files[name]) for name in names), max(files[name].shape[1] for name in names))
    )
    for name in names:
        expected[: len(files[name])] += files[name]
    assert found.audio.shape == expected.shape
    assert found.audio.dtype == np.float32
    assert np.max(np.abs(found.audio - expected)) < 1e-6


@pytest.mark.usefixtures("files")
def test_parts_that_do_not_fit_are_one_line(tmp_path: Path) -> None:
    write_audio(tmp_path / "other.wav", np.zeros(100), 2 * RATE)
    mono, other = (AudioPart(path=tmp_path / f"{name}.wav") for name in ("mono", "other"))
    with pytest.raises(AudioFileError, match=r"other\.wav has 44100 Hz, the part it is added to 22050 Hz"):
        read_parts((mono, other))
    with pytest.raises(AudioFileError, match=r"mono\.wav has 1 channel, channel 2 is needed"):
        read_parts((AudioPart(path=mono.path, channel=1),))
