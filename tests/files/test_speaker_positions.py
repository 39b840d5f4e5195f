"""Positions of channels, from the headers of every format that says them; libsndfile keeps the file's order."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import layout_files as made
import numpy as np
import pytest
import soundfile

from mixrules.errors import AudioFileError
from mixrules.files import read_audio, speaker_positions
from mixrules.files.audio.speaker_positions import positions_in_header
from mixrules.loudness import layout_name, weights_of_positions

VORBIS = {
    1: "FC",
    2: "FL FR",
    3: "FL FC FR",
    4: "FL FR BL BR",
    5: "FL FC FR BL BR",
    6: "FL FC FR BL BR LFE",
    7: "FL FC FR SL SR BC LFE",
    8: "FL FC FR SL SR BL BR LFE",
}
FLAC = {
    **{1: "FC", 2: "FL FR", 3: "FL FR FC", 4: "FL FR BL BR", 5: "FL FR FC BL BR", 6: "FL FR FC LFE BL BR"},
    **{7: "FL FR FC LFE BC SL SR", 8: "FL FR FC LFE BL BR SL SR"},
}


def steps(channels: int, samples: int = 480) -> np.ndarray:
    """Audio whose channels hold 0.1, 0.2 and so on."""
    return np.tile(np.arange(1, channels + 1) / 10, (samples, 1))


def positions(path: Path, content: bytes) -> str | None:
    """Write a file, check that the reader hands its channels over in the file's order, return their positions."""
    path.write_bytes(content)
    audio = read_audio(path).audio
    np.testing.assert_allclose(audio[9], np.arange(1, audio.shape[1] + 1) / 10, atol=1e-3)
    found = speaker_positions(path)
    return None if found is None else " ".join(found)


MASKS: dict[str, tuple[int, int, str | None]] = {
    "5.1 with a back pair": (6, 0x3F, "FL FR FC LFE BL BR"),
    "5.1 with a side pair": (6, 0x60F, "FL FR FC LFE SL SR"),
    "7.1": (8, 0x63F, "FL FR FC LFE BL BR SL SR"),
    "7.1 with two pairs in front": (8, 0xFF, "FL FR FC LFE BL BR FLC FRC"),
    "6.1": (7, 0x70F, "FL FR FC LFE BC SL SR"),
    "5.1.2": (8, 0x560F, "FL FR FC LFE SL SR TFL TFR"),
    "LFE in third place": (3, 0xB, "FL FR LFE"),
    "two of a surround": (2, 0x600, "SL SR"),
    "an LFE alone": (1, 0x8, "LFE"),
    "not said": (6, 0, None),
    "too few": (6, 0x3, None),
    "too many": (4, 0x60F, None),
    "any": (2, 0x80000000, None),
    "reserved": (3, 0x40003, None),
}


@pytest.mark.parametrize("case", MASKS)
@pytest.mark.parametrize("kind", [made.wav, made.rf64, made.w64], ids=["wav", "rf64", "w64"])
def test_masks(case: str, kind: Callable[[np.ndarray, int], bytes], tmp_path: Path) -> None:
    channels, mask, expected = MASKS[case]
    assert positions(tmp_path / "a.wav", kind(steps(channels), mask)) == expected


def test_a_mask_behind_other_chunks(tmp_path: Path) -> None:
    before = b"JUNK\x05\0\0\0hello\0" + b"bext\x02\0\0\0ab"
    assert positions(tmp_path / "a.wav", made.wav(steps(3), 0xB, before=before)) == "FL FR LFE"


def test_a_tag_before_the_file(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", steps(6), made.RATE)
    tagged = made.with_id3((tmp_path / "a.flac").read_bytes())
    assert positions(tmp_path / "b.flac", tagged) == FLAC[6]


CORE_AUDIO = {
    "5.1 in Vorbis' order": (6, made.core_audio_layout(123 << 16 | 6), "FL FC FR SL SR LFE"),
    "5.1, the centre first": (6, made.core_audio_layout(124 << 16 | 6), "FC FL FR SL SR LFE"),
    "7.1 with a rear pair": (8, made.core_audio_layout(128 << 16 | 8), "FL FR FC LFE SL SR BL BR"),
    "by mask": (6, made.core_audio_layout(1 << 16, 0x60F), "FL FR FC LFE SL SR"),
    "by descriptions": (4, made.core_audio_layout(0, 0, (1, 2, 4, 9)), "FL FR LFE BC"),
    "an unknown label": (2, made.core_audio_layout(0, 0, (1, 0xFFFFFFFF)), None),
    "an unknown tag": (2, made.core_audio_layout(999 << 16 | 2), None),
    "a tag for another number": (2, made.core_audio_layout(121 << 16 | 2), None),
    "more descriptions than there are": (2, made.core_audio_layout(0, 0, (1, 2))[:-20], None),
    "Ambisonics": (4, made.core_audio_layout(107 << 16 | 4), "ACN0 ACN1 ACN2 ACN3"),
}


@pytest.mark.parametrize("case", CORE_AUDIO)
@pytest.mark.parametrize("kind", [made.caf, made.aifc], ids=["caf", "aifc"])
def test_core_audio(case: str, kind: Callable[[np.ndarray, bytes], bytes], tmp_path: Path) -> None:
    channels, layout, expected = CORE_AUDIO[case]
    assert positions(tmp_path / "a", kind(steps(channels), layout)) == expected


@pytest.mark.parametrize("channels", range(1, 9))
def test_flac_has_one_order_for_each_number(channels: int, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", steps(channels), made.RATE)
    assert positions(tmp_path / "a.flac", (tmp_path / "a.flac").read_bytes()) == FLAC[channels]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x000B", "FL FR LFE"),
        ("waveformatextensible_channel_mask=11", "FL FR LFE"),
        ("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x3", None),
        ("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=nonsense", None),
        ("TITLE=song", "FL FR FC"),
    ],
)
def test_a_mask_among_flacs_comments(comment: str, expected: str | None, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", steps(3), made.RATE)
    content = made.with_flac_comment((tmp_path / "a.flac").read_bytes(), comment)
    assert positions(tmp_path / "b.flac", content) == expected


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_vorbis_order_is_kept_by_libsndfile(subtype: str, channels: int, tmp_path: Path) -> None:
    """One tone in each channel, the number of its position as frequency: they come back in the file's order."""
    time = np.arange(made.RATE // 2) / made.RATE
    hz = 60 + 20 * np.arange(channels)  # low enough for any of the channels to be the LFE
    soundfile.write(
        tmp_path / "a.ogg",
        0.2 * np.sin(2 * np.pi * hz * time[:, None]),
        made.RATE,
        format="OGG",
        subtype=subtype,
    )
    audio = read_audio(tmp_path / "a.ogg").audio[4800:24_000]
    strongest = np.abs(np.fft.rfft(audio * np.hanning(len(audio))[:, None], 4 * len(audio), axis=0)).argmax(
        axis=0
    )
    np.testing.assert_allclose(strongest * made.RATE / (4 * len(audio)), hz, atol=3)
    assert speaker_positions(tmp_path / "a.ogg") == tuple(VORBIS[channels].split())


@pytest.mark.parametrize(
    ("family", "expected"), [(1, "FL FR BL BR"), (2, "ACN0 ACN1 ACN2 ACN3"), (255, None), (7, None)]
)
def test_families_of_opus(family: int, expected: str | None, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.opus", steps(4, 4800), made.RATE, format="OGG", subtype="OPUS")
    content = bytearray((tmp_path / "a.opus").read_bytes())
    content[content.index(b"OpusHead") + 18] = family
    found = positions_in_header(io.BytesIO(content))
    assert (None if found is None else " ".join(found)) == expected


def test_ambisonics_in_a_wav(tmp_path: Path) -> None:
    assert positions(tmp_path / "a.wav", made.wav(steps(4), 0, ambisonic=True)) == "ACN0 ACN1 ACN2 ACN3"


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.caf", "a.au", "a.mp3", "a.w64"])
def test_files_that_do_not_say(name: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / name, steps(2, 4800), made.RATE)
    assert speaker_positions(tmp_path / name) is None


def test_every_position_has_a_weight_and_every_cut_file_an_answer(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", steps(8), made.RATE)
    soundfile.write(tmp_path / "a.ogg", steps(8, 4800), made.RATE, format="OGG", subtype="VORBIS")
    whole = [
        *(made.wav(steps(8), 0x63F), made.rf64(steps(8), 0x63F), made.w64(steps(8), 0x63F)),
        made.caf(steps(8), made.core_audio_layout(128 << 16 | 8)),
        made.aifc(steps(4), made.core_audio_layout(0, 0, (1, 2, 4, 9))),
        made.with_flac_comment((tmp_path / "a.flac").read_bytes(), "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x63F"),
        (tmp_path / "a.ogg").read_bytes(),
    ]
    rng = np.random.default_rng(5)
    for content in whole:
        for end in range(240):
            found = positions_in_header(io.BytesIO(content[:end]))
            assert found is None or layout_name(found)
        for _ in range(300):
            mutant = bytearray(content[:600])
            for at in rng.integers(0, min(300, len(mutant)), 3):
                mutant[at] = rng.integers(256)
            found = positions_in_header(io.BytesIO(mutant))
            if found is not None and not found[0].startswith("ACN"):
                assert len(weights_of_positions(found)) == len(found)


@pytest.mark.parametrize("layout", ["mono", "stereo", "3.0", "5.0", "5.1"])
def test_what_libav_decodes(layout: str, tmp_path: Path) -> None:
    """AAC, which begins with the centre: one tone in each channel comes back in the order that is said."""
    av = pytest.importorskip("av")
    names = [channel.name for channel in av.AudioLayout(layout).channels]
    hz = 60 + 20 * np.arange(len(names))
    with av.open(str(tmp_path / "a.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=made.RATE, layout=layout)
        stream.codec_context.open()
        time = np.arange(made.RATE // 2) / made.RATE
        audio = (0.2 * np.sin(2 * np.pi * hz[:, None] * time)).astype(np.float32)
        step = stream.codec_context.frame_size
        for start in range(0, audio.shape[1] - step, step):
            part = np.ascontiguousarray(audio[:, start : start + step])
            frame = av.AudioFrame.from_ndarray(part, format=stream.codec_context.format.name, layout=layout)
            frame.sample_rate, frame.pts = made.RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = speaker_positions(tmp_path / "a.m4a")
    assert found is not None
    got = read_audio(tmp_path / "a.m4a").audio[4800:19_200]
    strongest = np.abs(np.fft.rfft(got * np.hanning(len(got))[:, None], 4 * len(got), axis=0)).argmax(axis=0)
    by_name = dict(zip(names, hz, strict=True))
    assert [by_name[name] for name in found] == pytest.approx(strongest * made.RATE / (4 * len(got)), abs=3)
    assert found == tuple(names)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioFileError, match=r"gone\.wav does not exist"):
        speaker_positions(tmp_path / "gone.wav")
    with pytest.raises(AudioFileError, match="is a folder"):
        speaker_positions(tmp_path)
