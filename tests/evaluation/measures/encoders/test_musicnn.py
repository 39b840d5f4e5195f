"""The published encoder: its checkpoint read, its input as librosa makes it, its tags plausible."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import real_songs
from synthetic import RATE, noise

from mixrules.errors import AudioFileError, MissingPackageError
from mixrules.evaluation import Rendition, evaluate
from mixrules.evaluation.measures.encoders.musicnn import FRAMES, MELS, Musicnn, _installed, _weights, patches
from mixrules.evaluation.measures.encoders.tf_checkpoint import read_checkpoint
from mixrules.files import read_audio


def weights() -> dict[str, np.ndarray]:
    try:
        return _weights(str(_installed()))
    except MissingPackageError as absent:
        pytest.skip(str(absent))


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in entries)
    return body + bytes(4) + (1).to_bytes(4, "little")


def checkpoint(name: str, values: np.ndarray) -> tuple[bytes, bytes]:
    """Write a checkpoint of one variable, after the description of the format."""
    dims = b"".join(b"\x12" + varint(len(d)) + d for d in (b"\x08" + varint(n) for n in values.shape))
    entry = b"\x08\x01\x12" + varint(len(dims)) + dims + b"\x28" + varint(values.nbytes) + b"\x35abcd"
    table = block([(b"", b"\x08\x01"), (name.encode(), entry)])
    handles = block([(b"z", varint(0) + varint(len(table)))])
    index = table + bytes(5) + handles + bytes(5)
    footer = varint(0) + varint(0) + varint(len(table) + 5) + varint(len(handles))
    return index + footer.ljust(40, b"\0") + 0xDB4775248B80FB57.to_bytes(8, "little"), values.tobytes()


def test_a_checkpoint_that_was_written_is_read_again() -> None:
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    found = read_checkpoint(*checkpoint("dense/kernel", values))
    assert list(found) == ["dense/kernel"]
    np.testing.assert_array_equal(found["dense/kernel"], values)


@pytest.mark.parametrize("index", [b"", b"short", bytes(100)])
def test_what_is_no_checkpoint_is_one_line(index: bytes) -> None:
    with pytest.raises(AudioFileError, match="no TensorFlow checkpoint"):
        read_checkpoint(index, b"")


def test_a_folder_without_weights_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match="holds no checkpoint of musicnn"):
        Musicnn(tmp_path)(np.zeros((RATE, 2), np.float32), RATE)


def test_the_spectrum_is_librosas() -> None:
    audio = noise(7.0, 50, 7000, rate=16_000)
    mel = librosa.feature.melspectrogram(y=audio, sr=16_000, hop_length=256, n_fft=512, n_mels=MELS).T
    theirs = np.log10(10_000 * mel.astype(np.float16).astype(np.float32) + 1)
    ours = patches(audio[:, None], 16_000)
    assert [patch.shape for patch in ours] == [(FRAMES, MELS)] * 2
    np.testing.assert_allclose(np.concatenate(ours), theirs[: 2 * FRAMES], atol=2e-3)


def test_the_variables_of_the_published_checkpoint() -> None:
    found = weights()
    assert found["conv2d_1/kernel"].shape == (7, 67, 1, 204)
    assert found["dense_1/kernel"].shape == (200, 50)
    assert all(np.isfinite(values).all() for values in found.values())


def test_electronic_songs_are_tagged_electronic() -> None:
    weights()
    for name in ("sek_hydrogen", "sek_rubidium"):
        data = read_audio(real_songs.require("_references", f"{name}.flac"))
        tags = Musicnn().tags(data.audio[: 10 * data.sample_rate], data.sample_rate)
        assert max(tags, key=lambda tag: tags[tag]) == "electronic"


def test_a_mix_is_at_no_distance_from_itself() -> None:
    weights()
    mix = Rendition(noise(7.0, 50, 7000, rate=RATE), RATE)
    other = Rendition(noise(7.0, 50, 500, rate=RATE), RATE)
    same, far = (evaluate(candidate, mix, groups=["musicnn"]) for candidate in (mix, other))
    assert same["musicnn_cosine_distance"] == pytest.approx(0.0, abs=1e-6)
    assert same["musicnn_frechet_distance"] == pytest.approx(0.0, abs=1e-6)
    assert far["musicnn_cosine_distance"] > 0.05
