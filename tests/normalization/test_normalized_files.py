"""What is written: formats, texts, Broadcast Wave chunks, channel masks; and what is never replaced."""

from __future__ import annotations

import os
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import layout_files as made
import numpy as np
import pytest
import soundfile

from mixrules import normalize
from mixrules.errors import AudioFileError, ParameterError
from mixrules.files import carried_blocks, speaker_positions, time_reference
from mixrules.files.audio.chunks import riff_chunks
from mixrules.files.audio.tags import TAGS, read_tags

RATE = 44_100
TONE = 0.05 * np.sin(2 * np.pi * 997 / RATE * np.arange(RATE // 2))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def stereo(audio: np.ndarray = TONE) -> np.ndarray:
    return np.stack([audio, 0.5 * audio], axis=1)


def chunks_of(path: str) -> dict[bytes, bytes]:
    with open(path, "rb") as file:
        content = file.read()
        return {
            chunk.name: content[chunk.start : chunk.start + chunk.size]
            for chunk in riff_chunks(file, 0, len(content))
        }


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WAVE" + b"".join(
        name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2) for name, content in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        *(("a.wav", subtype) for subtype in ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
        *(
            ("a.flac", "PCM_16"),
            ("a.FLAC", "PCM_24"),
            ("a.aiff", "PCM_16"),
            ("a.aif", "FLOAT"),
            ("a.ogg", "VORBIS"),
        ),
    ],
)
def test_format_subtype_rate_channels_and_texts_stay(name: str, subtype: str) -> None:
    kind = "AIFF" if name == "a.aif" else None
    with soundfile.SoundFile(name, "w", 22_050, 2, subtype, format=kind) as file:
        for tag in TAGS:
            setattr(file, tag, "2020" if tag == "date" else f"{tag} ü")
        file.write(stereo())
    (done,) = normalize(name)
    assert done.output == Path("normalized", name)
    before, after = soundfile.info(name), soundfile.info(done.output)
    for key in ("format", "subtype", "samplerate", "channels", "frames"):
        assert getattr(before, key) == getattr(after, key)
    assert read_tags(done.output) == read_tags(Path(name))
    assert read_tags(done.output)["title"] == "title ü"


@pytest.mark.parametrize(
    ("name", "format", "subtype", "written"),
    [
        ("a.mp3", "MP3", "MPEG_LAYER_III", ("a.flac", "FLAC", "PCM_24")),
        ("a.opus", "OGG", "OPUS", ("a.flac", "FLAC", "PCM_24")),
        ("a.caf", "CAF", "PCM_16", ("a.flac", "FLAC", "PCM_16")),
        ("a.dat", "WAV", "PCM_16", ("a.wav", "WAV", "PCM_16")),
        ("a.wav", "FLAC", "PCM_16", ("a.flac", "FLAC", "PCM_16")),
        ("a.wav", "WAV", "ULAW", ("a.wav", "WAV", "PCM_24")),
    ],
)
def test_what_cannot_be_written_as_it_is(
    name: str, format: str, subtype: str, written: tuple[str, str, str]
) -> None:
    soundfile.write(name, stereo(), 48_000, format=format, subtype=subtype)
    (done,) = normalize(name)
    info = soundfile.info(done.output)
    assert (done.output.name, info.format, info.subtype) == written
    assert bool(done.notes) == (subtype == "ULAW")


def test_a_format_and_a_subtype_can_be_named() -> None:
    soundfile.write("a.wav", stereo(), RATE, subtype="PCM_16")
    (flac,) = normalize("a.wav", "out", format="flac", subtype="PCM_24")
    (by_name,) = normalize("a.wav", "out/b.aiff")
    assert [soundfile.info(each.output).format for each in (flac, by_name)] == ["FLAC", "AIFF"]
    assert soundfile.info(flac.output).subtype == "PCM_24"
    assert soundfile.info(by_name.output).subtype == "PCM_16"
    (small,) = normalize("a.wav", "small.flac", format="flac", subtype="pcm_24")
    assert soundfile.info(small.output).subtype == "PCM_24"
    with pytest.raises(ParameterError, match=r"^a\.flac is .* FLAC, the format asked for is wav: choose one"):
        normalize("a.wav", "a.flac", format="wav")
    with pytest.raises(AudioFileError, match=r"d\.flac cannot be written as '', FLAC takes PCM_24, PCM_16"):
        normalize("a.wav", "d.flac", subtype="")
    with pytest.raises(AudioFileError, match="FLAC takes PCM_24, PCM_16"):
        normalize("a.wav", "out/c.flac", subtype="FLOAT")
    with pytest.raises(AudioFileError, match=r"c\.wma cannot be written as audio"):
        normalize("a.wav", "out/c.wma")
    with pytest.raises(ParameterError, match="there is no format 'wma'"):
        normalize("a.wav", "out", format="wma")


@pytest.mark.parametrize("output", ["-", Path("-"), "./-"])
def test_standard_output_is_for_the_command(output: str | Path) -> None:
    soundfile.write("a.wav", stereo(), RATE)
    with pytest.raises(ParameterError, match=r"^output '-' is standard output for the command alone: name a"):
        normalize(["a.wav"], output)
    assert os.listdir() == ["a.wav"]


@pytest.mark.parametrize("files", [["a.wav"], ["a.wav", "b.wav"]])
def test_a_folder_with_an_ending_must_be_there(files: list[str]) -> None:
    for name in files:
        soundfile.write(name, stereo(), RATE)
    for name in ("loud.txt", "Vol. 2", "out/a.wma"):
        with pytest.raises(AudioFileError, match=r"a folder of that name must be there already$"):
            normalize(files, name)
    assert sorted(os.listdir()) == files
    os.mkdir("Vol. 2")
    assert normalize(files, "Vol. 2")[0].output == Path("Vol. 2/a.wav")
    assert normalize(files, "new folder")[0].output == Path("new folder/a.wav")


def test_id3_of_an_aiff_is_lost_and_its_own_texts_stay() -> None:
    """`docs/normalize.md` says so."""
    with soundfile.SoundFile("a.aiff", "w", RATE, 1, "PCM_16") as file:
        file.title = "Own"
        file.write(TONE)
    frame = b"TPE1" + struct.pack(">IH", 5, 0) + b"\0Some"
    id3 = b"ID3\x03\0\0" + struct.pack(">I", len(frame)) + frame + b"\0"
    body = Path("a.aiff").read_bytes()[8:] + b"ID3 " + struct.pack(">I", len(id3)) + id3 + bytes(len(id3) % 2)
    Path("a.aiff").write_bytes(b"FORM" + struct.pack(">I", len(body)) + body)
    (done,) = normalize("a.aiff")
    assert read_tags(done.output) == {"title": "Own"}
    assert b"ID3 " not in done.output.read_bytes()


def bext(version: int) -> bytes:
    fixed = b"A scene".ljust(256, b"\0") + b"Engineer".ljust(32, b"\0") + bytes(32) + b"2024-01-0112:00:00"
    content = fixed + struct.pack("<QH", 123_456_789, version) + bytes(64)
    content += struct.pack("<5h", *range(5)) + bytes(180) + b"A=PCM,F=44100"
    return content


@pytest.mark.parametrize("version", [1, 2])
def test_broadcast_wave_chunks_are_carried_over(version: int) -> None:
    samples = np.round(np.tile(stereo(), (7, 1)) * 32767).astype("<i2").tobytes()
    header = struct.pack("<HHIIHH", 1, 2, RATE, 4 * RATE, 4, 16)
    others = [(b"iXML", b"<BWFXML/>"), (b"cue ", bytes(28)), (b"LIST", b"INFOINAM\x03\0\0\0ab\0\0")]
    Path("a.wav").write_bytes(
        riff(
            *((b"JUNK", bytes(50)), (b"bext", bext(version)), (b"fmt ", header)),
            *((b"MD5 ", bytes(16)), (b"data", samples), *others),
        )
    )
    (done,) = normalize("a.wav", "b.wav")
    written = chunks_of("b.wav")
    assert list(written) == [b"fmt ", b"bext", b"iXML", b"cue ", b"LIST", b"data"]
    assert [(name, written[name]) for name, _ in others] == others
    assert Path("b.wav").stat().st_size == struct.unpack("<I", Path("b.wav").read_bytes()[4:8])[0] + 8
    reference = time_reference(Path("b.wav"))
    assert reference is not None
    assert reference.samples == 123_456_789
    assert soundfile.info("b.wav").frames == soundfile.info("a.wav").frames
    assert done.after is not None
    loudness = struct.unpack_from("<5h", written[b"bext"], 412)
    if version == 1:
        assert written[b"bext"] == bext(1)
    else:
        assert written[b"bext"][:412] + written[b"bext"][422:] == bext(2)[:412] + bext(2)[422:]
        after = done.after
        expected = [after.integrated_lufs, after.loudness_range_lu, after.true_peak_dbtp]
        assert loudness[:3] == tuple(round(100 * value) for value in expected)


def test_beyond_4_gib_a_wav_becomes_rf64_with_its_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    header = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    samples = np.round(TONE * 32767).astype("<i2").tobytes()
    Path("a.wav").write_bytes(riff((b"bext", bext(2)), (b"fmt ", header), (b"data", samples)))
    monkeypatch.setattr("mixrules.files.audio.writing._MAX_CHUNKED_BYTES", 1000)
    (done,) = normalize("a.wav", "b.wav")
    content = Path("b.wav").read_bytes()
    assert content[:4] == b"RF64"
    assert struct.unpack_from("<Q", content, 20)[0] == len(content) - 8
    assert chunks_of("b.wav")[b"bext"][:256].rstrip(b"\0") == b"A scene"
    info = soundfile.info("b.wav")
    assert (info.format, info.frames) == ("RF64", len(TONE))
    assert done.after is not None
    assert done.after.integrated_lufs == pytest.approx(-14.0, abs=0.01)


def test_a_loudness_that_is_not_defined_is_unknown_in_bext() -> None:
    header = struct.pack("<HHIIHH", 1, 1, RATE, 2 * RATE, 2, 16)
    samples = np.round(TONE[:9000] * 32767).astype("<i2").tobytes()
    Path("a.wav").write_bytes(riff((b"bext", bext(2)), (b"fmt ", header), (b"data", samples)))
    normalize("a.wav", "b.wav")
    assert struct.unpack_from("<5h", chunks_of("b.wav")[b"bext"], 412)[1] == 0x7FFF


def flac_blocks(path: str) -> list[tuple[int, bytes]]:
    content = Path(path).read_bytes()
    assert content[:4] == b"fLaC"
    blocks, at, last = [], 4, False
    while not last:
        last = bool(content[at] & 0x80)
        size = int.from_bytes(content[at + 1 : at + 4], "big")
        blocks.append((content[at] & 0x7F, content[at + 4 : at + 4 + size]))
        at += 4 + size
    assert content[at : at + 2] in (b"\xff\xf8", b"\xff\xf9")  # the first frame
    return blocks


def comments(*texts: str) -> bytes:
    coded = [text.encode() for text in texts]
    listed = b"".join(struct.pack("<I", len(text)) + text for text in coded)
    return struct.pack("<I", 2) + b"me" + struct.pack("<I", len(coded)) + listed


COVER = struct.pack(">II9sI5I", 3, 9, b"image/png", 0, 1, 1, 24, 0, 150_000) + b"cover" * 30_000


def flac_with(name: str, *blocks: tuple[int, bytes], channels: int = 2) -> None:
    """Write noise with these metadata blocks behind the first."""
    soundfile.write("plain.flac", 0.1 * np.random.default_rng(0).standard_normal((RATE, channels)), RATE)
    own = flac_blocks("plain.flac")
    frames = Path("plain.flac").read_bytes()[4 + sum(4 + len(content) for _, content in own) :]
    listed = [own[0], *blocks]
    headers = [
        bytes((kind | (0x80 if number == len(listed) else 0),)) + len(content).to_bytes(3, "big") + content
        for number, (kind, content) in enumerate(listed, 1)
    ]
    Path(name).write_bytes(b"fLaC" + b"".join(headers) + frames)


@pytest.mark.parametrize("picture", [COVER, b""])
def test_comments_and_pictures_of_a_flac_are_carried_over(picture: bytes) -> None:
    texts = ("TITLE=A ü", "ALBUMARTIST=Somebody", "WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0xB")
    said = comments(*texts, "replaygain_track_gain=-6.0 dB", "R128_TRACK_GAIN=12")
    foreign = [(2, b"riffRIFF"), (2, b"aiffFORM"), (2, b"w64 riff")]
    pictures = [(6, picture)] if picture else []
    flac_with("a.flac", (4, said), (1, bytes(8192)), *pictures, *foreign, (2, b"test"), channels=3)
    (done,) = normalize("a.flac", "b.flac")
    written = flac_blocks("b.flac")
    assert [block for block in written if block[0] not in (0, 3)] == [
        *((4, comments(*texts)), *([(6, picture)] if picture else []), (2, b"test")),
    ]
    assert speaker_positions("b.flac") == ("FL", "FR", "LFE")
    before, after = soundfile.read("a.flac")[0], soundfile.read("b.flac")[0]
    np.testing.assert_allclose(after, before * 10 ** (done.gain_db / 20), rtol=0, atol=2.0**-15)
    file = soundfile.SoundFile("b.flac")
    file.seek(RATE // 2)
    np.testing.assert_array_equal(file.read(), after[RATE // 2 :])


@pytest.mark.parametrize(
    ("kind", "broken", "name"),
    [
        (4, comments("TITLE=A")[:-3], "comments"),
        (4, struct.pack("<I", 2000) + comments("TITLE=A")[4:], "comments"),
        (4, comments("TITLE=A").replace(b"me\1", b"me\2"), "comments"),
        (6, COVER[:-1], "a picture"),
        (6, struct.pack(">II", 3, 9000) + COVER[8:100], "a picture"),
    ],
)
def test_a_broken_block_of_a_flac_is_left_out(kind: int, broken: bytes, name: str) -> None:
    flac_with("a.flac", (2, b"test"), (kind, broken))
    (done,) = normalize("a.flac", "b.flac")
    assert done.notes == (f"left out, as they are broken: {name}",)
    assert flac_blocks("b.flac")[-1] == (2, b"test")
    assert soundfile.info("b.flac").frames == RATE


def test_what_a_flac_holds_is_not_all_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules.files.audio.flac_blocks._MOST_BYTES", 1000)
    flac_with("padded.flac", (1, bytes(5000)), (2, b"test"))
    blocks, _ = carried_blocks(Path("padded.flac"))
    assert blocks == [(2, b"test")]
    flac_with("full.flac", *[(2, b"test" + bytes(300))] * 4)
    with pytest.raises(AudioFileError, match=r"full\.flac holds more than 0 MiB beside its samples"):
        carried_blocks(Path("full.flac"))


@pytest.mark.parametrize(
    ("mask", "channels"), [(0x3F, 6), (0x60F, 6), (0xB, 3), (0x600, 2), (0x63F, 8), (0x4, 1), (0, 4)]
)
def test_the_channel_mask_stays(mask: int, channels: int) -> None:
    audio = 0.1 * np.random.default_rng(0).standard_normal((made.RATE, channels))
    Path("a.wav").write_bytes(made.wav(audio, mask))
    (done,) = normalize("a.wav", "b.wav")
    assert speaker_positions("b.wav") == speaker_positions("a.wav")
    assert struct.unpack_from("<I", chunks_of("b.wav")[b"fmt "], 20)[0] == mask
    assert done.after is not None
    assert done.after.integrated_lufs == pytest.approx(-14.0, abs=0.01)


def in_places(order: str) -> np.ndarray:
    """A tone in each channel, of a level that tells its place."""
    places = ["FL", "FR", "FC", "LFE", "BL", "BR"]
    levels = [0.5 ** (1 + places.index(name)) for name in order.split()]
    audio: np.ndarray = np.tile(TONE, 2)[:, np.newaxis] * np.array(levels)
    return audio


@pytest.mark.parametrize("target", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("source", ["wav", "flac", "ogg"])
def test_channels_are_where_the_format_puts_them(source: str, target: str) -> None:
    orders = {
        "wav": "FL FR FC LFE BL BR",
        "flac": "FL FR FC LFE BL BR",
        "ogg": "FL FC FR BL BR LFE",
    }
    audio = in_places(orders[source])
    if source == "wav":
        Path("a.wav").write_bytes(made.wav(audio, 0x3F))
    else:
        soundfile.write(f"a.{source}", audio, made.RATE)
    (done,) = normalize(f"a.{source}", "out", format=target)
    written, _ = soundfile.read(done.output)
    levels = np.sqrt(np.mean(written**2, axis=0))
    expected = np.sqrt(np.mean(in_places(orders[target]) ** 2, axis=0)) * 10 ** (done.gain_db / 20)
    if {source, target} == {"ogg"} or "ogg" in (source, target):
        lfe = orders[target].split().index("LFE")  # the codec takes from a low-frequency channel what is high
        levels[lfe] = expected[lfe]
    np.testing.assert_allclose(levels, expected, rtol=0.05)


def test_nothing_is_replaced_without_force() -> None:
    soundfile.write("a.wav", stereo(), RATE)
    os.symlink("a.wav", "link.wav")
    content = Path("a.wav").read_bytes()
    for name, output, message in [
        ("a.wav", "a.wav", "a.wav is the file itself: name another output, or force=True replaces it"),
        ("a.wav", ".", "a.wav is the file itself"),
        ("link.wav", "a.wav", "a.wav is the file itself"),
        ("a.wav", "link.wav", "link.wav is the file itself"),
    ]:
        with pytest.raises(ParameterError, match=message):
            normalize(name, output)
    assert Path("a.wav").read_bytes() == content
    normalize("a.wav")
    with pytest.raises(
        ParameterError, match="exists already: name another output, or force=True replaces it"
    ):
        normalize("a.wav")
    normalize("a.wav", force=True)
    assert Path("a.wav").read_bytes() == content
    (done,) = normalize("a.wav", "a.wav", force=True)
    assert Path("a.wav").read_bytes() == Path("normalized/a.wav").read_bytes()
    assert done.before.integrated_lufs < -20
    assert sorted(os.listdir()) == ["a.wav", "link.wav", "normalized"]


def test_no_file_of_the_run_is_replaced_by_another() -> None:
    os.mkdir("b")
    for name in ("a.wav", "b/a.wav", "a.flac"):
        soundfile.write(name, stereo(), RATE)
    clash = r"1 of 2 files .*: b/a\.wav has the same output as a\.wav, out/a\.wav: rename one of the two$"
    with pytest.raises(ParameterError, match=clash):
        normalize(["a.wav", "b/a.wav"], "out")
    assert os.listdir("out") == ["a.wav"]
    with pytest.raises(ParameterError, match=r"a\.wav is another one of the files"):
        normalize(["a.flac", "a.wav"], ".", format="wav", force=True)
    with pytest.raises(ParameterError, match=r"x\.wav is the name of one file, there are 2"):
        normalize(["a.flac", "a.wav"], "x.wav")


def test_each_file_that_is_not_done_is_named() -> None:
    for name in ("tag.flac", "tag.wav", "tag.aiff"):
        soundfile.write(name, stereo(), RATE)
    files = ["tag.flac", "tag.wav", "tag.aiff"]
    with pytest.raises(ParameterError) as caught:
        normalize(files, "out", format="flac")
    assert str(caught.value) == (
        "2 of 3 files are not normalised: "
        "tag.wav has the same output as tag.flac, out/tag.flac: rename one of the two; "
        "tag.aiff has the same output as tag.flac, out/tag.flac: rename one of the two"
    )
    with pytest.raises(ParameterError, match=r"1 of 2 files .*: tag\.wav is named twice$"):
        normalize(["tag.wav", "tag.wav"], "twice")
    with pytest.raises(ParameterError) as there:
        normalize(["tag.flac", "tag.wav"], "out", format="flac")
    for name in ("tag.flac", "tag.wav"):
        assert f"{name}: out/tag.flac exists already" in str(there.value)
    with pytest.raises(AudioFileError, match=r"; tag\.wav: tag\.aiff cannot be written as 'VORBIS'"):
        normalize(["tag.flac", "tag.wav"], "new", format="aiff", subtype="VORBIS")


def test_a_bad_file_costs_no_other_and_is_named_at_the_end() -> None:
    soundfile.write("good.wav", stereo(), RATE)
    soundfile.write("nan.wav", np.full(99, np.nan), RATE, subtype="FLOAT")
    soundfile.write("silent.wav", np.zeros(RATE), RATE)
    with pytest.raises(AudioFileError) as caught:
        normalize(["gone.wav", "nan.wav", "good.wav", "silent.wav"], "out")
    for part in (
        *(
            "3 of 4 files",
            "gone.wav does not exist",
            "nan.wav holds nan",
            "silent.wav has no loudness to go by",
        ),
    ):
        assert part in str(caught.value)
    assert os.listdir("out") == ["good.wav"]


def test_an_album_without_one_of_its_files_is_not_written() -> None:
    os.mkdir("b")
    for name in ("a.wav", "b/a.wav", "c.wav"):
        soundfile.write(name, stereo(), RATE)
    soundfile.write("nan.wav", np.full(99, np.nan), RATE, subtype="FLOAT")
    whole = "nothing is written: the gain of an album is one for all its files, "
    with pytest.raises(
        ParameterError, match=rf"^{whole}1 of 3 cannot be used: b/a\.wav has the same output as"
    ):
        normalize(["a.wav", "b/a.wav", "c.wav"], "out", album=True)
    with pytest.raises(AudioFileError) as caught:
        normalize(["gone.wav", "a.wav", "nan.wav"], "out", album=True)
    for part in (f"{whole}2 of 3 cannot", "gone.wav does not exist", "nan.wav holds nan"):
        assert part in str(caught.value)
    assert not os.path.exists("out")
    assert len(normalize(["a.wav", "c.wav"], "out", album=True)) == 2


def test_a_write_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write("a.wav", stereo(), RATE)

    def failing(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mixrules.normalization.written_file.metered", failing)
    with pytest.raises(AudioFileError, match=r"b\.wav cannot be written: the disk is full"):
        normalize("a.wav", "b.wav")
    assert os.listdir() == ["a.wav"]


def test_a_dry_run_writes_nothing() -> None:
    soundfile.write("a.wav", stereo(), RATE)
    (dry,) = normalize("a.wav", "out", dry_run=True)
    assert dry.after is None
    assert os.listdir() == ["a.wav"]
    (done,) = normalize("a.wav", "out")
    assert (dry.gain_db, dry.output) == (done.gain_db, done.output)


def test_what_is_to_be_said_of_a_file() -> None:
    rng = np.random.default_rng(0)
    soundfile.write("clipped.wav", np.clip(2 * rng.standard_normal(RATE), -1, 1), RATE, subtype="PCM_16")
    soundfile.write("short.wav", TONE[:4000], RATE)
    soundfile.write("six.wav", 0.1 * rng.standard_normal((RATE, 6)), RATE)
    soundfile.write("plain.wav", stereo(), RATE)
    done = normalize(["clipped.wav", "short.wav", "six.wav", "plain.wav"], "out")
    said = [" ".join(each.notes) for each in done]
    assert "it was clipped before, " in said[0]
    assert "shorter than 400 ms" in said[1]
    assert "does not say where its 6 channels belong" in said[2]
    assert said[3] == ""


@pytest.mark.parametrize("album", [False, True])
def test_what_coding_with_loss_does_to_loudness_is_said(album: bool) -> None:
    noise = 0.02 * np.random.default_rng(0).standard_normal((3 * RATE, 2))
    for name in ("a.wav", "b.wav"):
        soundfile.write(name, noise, RATE)
    done = normalize(["a.wav", "b.wav"], "ogg", format="ogg", target_lufs=-50, album=album)
    exact = normalize(["a.wav", "b.wav"], "wav", target_lufs=-50, album=album)
    for each in done:
        assert each.after is not None
        off_lu = each.after.integrated_lufs + 50.0
        assert abs(off_lu) > 0.1
        assert each.missed_lu == pytest.approx(-off_lu, abs=1e-9)
        side = "louder" if off_lu > 0 else "quieter"
        said = (
            f"the written file is {abs(off_lu):.2f} LU {side} than the gain makes it: VORBIS changes samples"
        )
        assert each.notes == (said,)
        if album:
            assert each.album is not None
            assert each.album.reached_lufs == pytest.approx(each.after.integrated_lufs, abs=1e-9)
    assert [each.notes for each in exact] == [(), ()]


def test_memory_does_not_grow_with_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mixrules.metering.signals.BLOCK_SAMPLES", 1 << 12)
    peaks = []
    for seconds in (1, 61):
        audio = 0.1 * np.sin(np.arange(seconds * 8_000) / 5.0)
        soundfile.write(f"{seconds}.wav", audio, 8_000)
        normalize(f"{seconds}.wav", "warm")
        tracemalloc.start()
        normalize(f"{seconds}.wav", "out")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (
        peaks[1] < peaks[0] + 60 * 8_000 * 2
    )  # a sample takes 4 bytes and more; energies of 10 ms some 100 each
