"""What libav decodes: containers that libsndfile does not know, to their end or refused in one line."""

from __future__ import annotations

import builtins
import gc
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audio_bytes import both_ways, encoded, sound

from mixrules.errors import AudioFileError
from mixrules.files import audio_header, check_audio, read_audio, sound_streams

av = pytest.importorskip("av", reason="PyAV is not installed")
RATE = 48_000
_SAMPLE_FORMATS = {"alac": "s16p", "wavpack": "s16p", "tta": "s16", "pcm_s16le": "s16", "libopus": "flt"}


def contained(path: Path, container: str, codec: str, audio: np.ndarray, rate: int = RATE) -> Path:
    """Write a container with one stream of sound."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[audio.shape[1]]
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.layout = layout
        stream.format = _SAMPLE_FORMATS.get(codec, "fltp")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(audio.reshape(1, -1), np.float32), format="flt", layout=layout
        )
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=1024)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


LOSSLESS = [
    ("a.m4a", "mp4", "alac"),
    ("a.mka", "matroska", "pcm_s16le"),
    ("a.wv", "wv", "wavpack"),
    ("a.tta", "tta", "tta"),
]
LOSSY = [
    ("a.m4a", "mp4", "aac"),
    ("a.aac", "adts", "aac"),
    ("a.webm", "webm", "libopus"),
    ("a.wma", "asf", "wmav2"),
    ("a.mp4", "mov", "aac"),
    ("a.mka", "matroska", "aac"),
]


@pytest.mark.parametrize(("name", "container", "codec"), LOSSLESS + LOSSY)
def test_other_containers_are_read_to_their_end(
    tmp_path: Path, name: str, container: str, codec: str
) -> None:
    audio = sound(1.0, channels=2)
    path = contained(tmp_path / name, container, codec, audio)
    outcome = both_ways(path)
    assert not isinstance(outcome, str), outcome
    data = read_audio(path)
    assert (data.sample_rate, data.audio.shape[1]) == (RATE, 2)
    if (name, container, codec) in LOSSLESS:
        np.testing.assert_allclose(data.audio, audio, atol=2.0**-15)
    else:
        assert abs(len(data.audio) - len(audio)) < 5000
    assert not audio_header(path).seekable
    content = path.read_bytes()
    for size in (len(content) * 2 // 3, len(content) - 7):
        path.write_bytes(content[:size])
        cut = both_ways(path)
        if isinstance(cut, str):
            assert "cut short" in cut or "damaged" in cut
        else:  # AAC without a container has no length; TTA ends with text
            assert codec == "aac" or cut == outcome


BEHIND = {
    "ID3v1": b"TAG" + b"A title".ljust(125, b"\0"),
    "APE": b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8),
    "text": b"Bounced by the engineer.\n",
    "zeros": bytes(100),
    "a few bytes": b"\0\0\0",
}


@pytest.mark.parametrize("tag", BEHIND)
def test_a_tag_behind_an_mp4_is_no_box_of_it(tmp_path: Path, tag: str) -> None:
    path = contained(tmp_path / "a.m4a", "mp4", "alac", sound(0.2))
    outcome = both_ways(path)
    whole = path.read_bytes()
    path.write_bytes(whole + BEHIND[tag])
    assert both_ways(path) == outcome
    path.write_bytes(whole[:-200])
    assert "cut short" in str(both_ways(path))


def test_the_sound_of_a_film_is_read(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film.mkv"), "w") as out:
        picture = out.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        stream = out.add_stream("pcm_s16le", rate=RATE)
        stream.layout = "mono"
        out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        frame = av.AudioFrame.from_ndarray(np.full((1, 4800), 8192, np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
        for track in (picture, stream):
            out.mux(track.encode(None))
    np.testing.assert_array_equal(read_audio(tmp_path / "film.mkv").audio, np.full((4800, 1), 0.25))


def test_a_container_without_sound_is_one_line(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "film.mkv"), "w") as out:
        picture = out.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        out.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        out.mux(picture.encode(None))
    assert "holds no sound" in str(both_ways(tmp_path / "film.mkv"))


def test_a_stream_whose_codec_is_not_known_is_one_line(tmp_path: Path) -> None:
    content = contained(tmp_path / "a.mka", "matroska", "pcm_s16le", sound(channels=2)).read_bytes()
    (tmp_path / "a.mka").write_bytes(content.replace(b"A_PCM/INT/LIT", b"A_ZZZ/INT/LIT"))
    assert "a.mka" in str(both_ways(tmp_path / "a.mka"))
    content = contained(tmp_path / "b.m4a", "mp4", "alac", sound(channels=2)).read_bytes()
    (tmp_path / "b.m4a").write_bytes(content.replace(b"alac", b"zzzz"))
    assert "b.m4a" in str(both_ways(tmp_path / "b.m4a"))


def test_a_rate_that_is_none_is_one_line(tmp_path: Path) -> None:
    content = contained(tmp_path / "a.wv", "wv", "wavpack", sound(channels=2), 4000).read_bytes()
    (tmp_path / "a.wv").write_bytes(content)
    with pytest.raises(AudioFileError, match="4000 Hz"):
        read_audio(tmp_path / "a.wv")


def test_text_in_a_container_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.mka"
    with av.open(str(path), "w", format="matroska") as out:
        out.metadata["title"] = "Aeae song"
        stream = out.add_stream("pcm_s16le", rate=RATE)
        stream.layout = "mono"
        stream.metadata["title"] = "Aeae song"
        frame = av.AudioFrame.from_ndarray(np.ones((1, 480), np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        out.mux(stream.encode(frame))
    path.write_bytes(path.read_bytes().replace(b"Aeae song", b"A\xff\xfee song"))
    assert check_audio(path).header.samples == 480
    assert [stream.title for stream in sound_streams(path)] == ["A\ufffd\ufffde song"]


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real.wav").write_bytes(encoded(sound(), "WAV"))
    for text in (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{tmp_path}/real.wav\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile real.wav\n",
    ):
        (tmp_path / "a.wav").write_text(text)
        assert "not audio that can be read" in str(both_ways(tmp_path / "a.wav"))


@pytest.mark.parametrize(
    "suffix", ["au", "snd", "vox", "gsm", "g722", "mlp", "thd", "aac", "ac3", "mp3", "m4a", "ts"]
)
def test_bytes_are_no_sound_by_the_end_of_their_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    for content in (b"hello there, no sound\n" * 500, np.random.default_rng(3).bytes(20_000), bytes(5000)):
        path.write_bytes(content)
        assert "is not audio that can be read" in str(both_ways(path))


def test_without_pyav_one_line_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = contained(tmp_path / "a.m4a", "mp4", "aac", sound())
    original = builtins.__import__

    def without_av(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "av":
            raise ImportError("no av")
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_av)
    with pytest.raises(AudioFileError, match=r'a\.m4a needs PyAV: pip install "mixrules\[stems\]"'):
        read_audio(path)
    (tmp_path / "text.m4a").write_text("no sound\n" * 100)
    with pytest.raises(AudioFileError, match="is not audio that can be read"):
        read_audio(tmp_path / "text.m4a")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_no_thread_of_libav_outlives_a_reader(tmp_path: Path) -> None:
    """A process that is forked afterwards would wait for them for ever, once it collects what is left of the reader."""
    path = contained(tmp_path / "a.m4a", "mp4", "aac", sound())
    before = len(list(Path("/proc/self/task").iterdir()))
    gc.disable()
    try:
        audio_header(path)
        read_audio(path)
        after = len(list(Path("/proc/self/task").iterdir()))
    finally:
        gc.enable()
    assert after <= before
