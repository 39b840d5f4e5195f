"""Files that were cut: refused in one line, and the same whether they are held or streamed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from audio_bytes import RATE, both_ways, encoded, sound

from mixrules.errors import AudioFileError
from mixrules.files import read_audio

# Libsndfile's formats without a length in their header: what is there is all that can be known.
_NO_LENGTH = ("IRCAM", "PAF", "PVF", "XI")
# RAW has no header, SD2 keeps it in a second file.
_FORMATS = [kind for kind in soundfile.available_formats() if kind not in ("RAW", "SD2")]


def _writable() -> list[tuple[str, str]]:
    """Return the formats and subtypes that libsndfile writes."""
    pairs = [(kind, subtype) for kind in _FORMATS for subtype in soundfile.available_subtypes(kind)]
    # Declared, but not there to be written (of DWVW_12, not to be read).
    lacking = {
        ("AIFF", "DWVW_12"),
        ("WAV", "MPEG_LAYER_III"),
        ("MP3", "MPEG_LAYER_I"),
        ("MP3", "MPEG_LAYER_II"),
    }
    return [pair for pair in pairs if pair not in lacking]


@pytest.mark.parametrize(("kind", "subtype"), _writable())
def test_a_cut_file_of_any_format_is_the_same_both_ways(tmp_path: Path, kind: str, subtype: str) -> None:
    rate = 48_000 if subtype == "OPUS" else RATE
    whole = tmp_path / "whole"
    soundfile.write(whole, sound(0.2)[:, 0], rate, format=kind, subtype=subtype)
    content = whole.read_bytes()
    complete = both_ways(whole)
    assert not isinstance(complete, str)
    assert complete[0] >= round(0.2 * RATE) - 1
    rng = np.random.default_rng(len(content))
    path = tmp_path / "cut"
    for size in (*rng.integers(1, len(content), 3), len(content) // 2, round(len(content) * 0.99)):
        path.write_bytes(content[:size])
        outcome = both_ways(path)
        if kind not in _NO_LENGTH:
            assert isinstance(outcome, str), (size, outcome)
            assert "cut" in outcome


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_U8"), ("WAV", "ULAW"), ("W64", "PCM_24"), ("AU", "PCM_16"), ("RF64", "ALAW")],
)
def test_the_line_tells_what_is_missing(tmp_path: Path, kind: str, subtype: str) -> None:
    content = encoded(sound(1.0, channels=2), kind, subtype)
    path = tmp_path / "a.wav"
    path.write_bytes(content[: len(content) * 3 // 4])
    with pytest.raises(
        AudioFileError, match=rf"a\.wav is cut short: it promises {RATE} samples and holds 3\d+, 0\.2"
    ):
        read_audio(path)


def test_of_a_codec_of_blocks_the_bytes_are_told(tmp_path: Path) -> None:
    content = encoded(sound(), "WAV", "MS_ADPCM")
    (tmp_path / "a.wav").write_bytes(content[:-100])
    with pytest.raises(AudioFileError, match=r"cut short: it promises \d+ bytes of samples and holds \d+"):
        read_audio(tmp_path / "a.wav")


def test_an_mp3_that_lacks_its_last_frames_is_cut(tmp_path: Path) -> None:
    """Between two frames nothing is missing but what the Xing frame promised."""
    from mixrules.files.audio.mp3_frames import _frame

    content = encoded(sound(1.0), "MP3")
    starts = [0]
    while (frame := _frame(content[starts[-1] : starts[-1] + 4])) is not None:
        starts.append(starts[-1] + frame.size)
    assert starts[-1] == len(content)
    for stop, cut in ((starts[-1], False), (starts[-2], True), (starts[-5], True)):
        (tmp_path / "a.mp3").write_bytes(content[:stop])
        assert ("promises" in str(both_ways(tmp_path / "a.mp3"))) == cut
