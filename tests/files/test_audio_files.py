"""Reading and writing audio files: exact values, complete files, one clear line for every error."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import textwrap
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules.errors import AudioError, AudioFileError
from mixrules.files import (
    atomic,
    atomic_path,
    check_audio_path,
    check_folder,
    check_writable,
    make_folder,
    read_audio,
    read_text,
    write_audio,
    write_text_atomic,
)
from mixrules.files.audio import writing as audio_writing

RATE = 44_100


def noise(seconds: float = 0.3, channels: int = 2, peak: float = 0.5) -> np.ndarray:
    rng = np.random.default_rng(7)
    return rng.uniform(-peak, peak, (round(seconds * RATE), channels)).astype(np.float32)


def one_line(error: pytest.ExceptionInfo[Exception], *parts: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    for part in parts:
        assert part in text, text


# --- what goes in comes out -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "subtype", "step"),
    [
        ("a.wav", None, 2.0**-23),
        ("a.wav", "PCM_16", 2.0**-15),
        ("a.wav", "PCM_32", 2.0**-24),
        ("a.wav", "FLOAT", 0.0),
        ("a.flac", None, 2.0**-23),
        ("a.flac", "PCM_16", 2.0**-15),
        ("a.aiff", None, 2.0**-23),
        ("a.aif", "FLOAT", 0.0),
    ],
)
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_round_trip(tmp_path: Path, name: str, subtype: str | None, step: float, channels: int) -> None:
    audio = noise(channels=channels)
    report = write_audio(tmp_path / name, audio, RATE, subtype=subtype)
    data = read_audio(report.path)
    assert data.audio.dtype == np.float32
    assert data.audio.shape == audio.shape
    assert data.sample_rate == RATE
    assert data.subtype == report.subtype == (subtype or "PCM_24")
    assert report.clipped_samples == 0
    # Rounded to the nearest step, not downwards: at most half a step off, and unbiased.
    assert np.max(np.abs(data.audio - audio)) <= step / 2
    assert abs(float(np.mean((data.audio - audio).astype(np.float64)))) <= step / 20


def test_24_bit_values_are_exact_both_ways(tmp_path: Path) -> None:
    """Checked with the standard library's reader, which shares no code with libsndfile."""
    rng = np.random.default_rng(3)
    steps = rng.integers(-(2**23), 2**23, 5000)
    steps[:4] = [-(2**23), 2**23 - 1, 0, 1]
    write_audio(tmp_path / "a.wav", (steps / 2.0**23).astype(np.float32), RATE)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getsampwidth(), file.getframerate(), file.getnchannels()) == (3, RATE, 1)
        raw = np.frombuffer(file.readframes(5000), np.uint8).reshape(-1, 3).astype(np.int64)
    values = raw[:, 0] | raw[:, 1] << 8 | raw[:, 2] << 16
    values = np.where(values >= 2**23, values - 2**24, values)
    np.testing.assert_array_equal(values, steps)
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav").audio[:, 0] * 2.0**23, steps)


def test_ogg_comes_back_close(tmp_path: Path) -> None:
    t = np.arange(RATE) / RATE
    audio = 0.5 * np.sin(2 * np.pi * 440 * t)
    report = write_audio(tmp_path / "a.ogg", audio, RATE)
    assert report.subtype == "VORBIS"
    back = read_audio(report.path).audio[:, 0]
    assert len(back) == len(audio)
    assert np.sqrt(np.mean((back - audio)[1000:-1000] ** 2)) < 0.01


def test_mp3_and_float64_wav_are_read(tmp_path: Path) -> None:
    audio = noise()
    soundfile.write(tmp_path / "a.mp3", audio, RATE)
    assert read_audio(tmp_path / "a.mp3").audio.shape[1] == 2
    soundfile.write(tmp_path / "b.wav", audio, RATE, subtype="DOUBLE")
    np.testing.assert_array_equal(read_audio(tmp_path / "b.wav").audio, audio)


def test_one_sample_and_one_dimension(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.wav", np.array([0.25]), RATE)
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav").audio, [[0.25]])


def test_input_is_left_alone(tmp_path: Path) -> None:
    audio = noise(peak=1.5)
    before = audio.copy()
    write_audio(tmp_path / "a.flac", audio, RATE)
    np.testing.assert_array_equal(audio, before)


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac"])
@pytest.mark.parametrize("subtype", [None, "FLOAT"])
def test_same_audio_same_bytes(
    tmp_path: Path, name: str, subtype: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if subtype and name.endswith("flac"):
        subtype = "PCM_16"
    first = write_audio(tmp_path / name, noise(), RATE, subtype=subtype).path.read_bytes()
    # libsndfile dates the PEAK chunk of float files in seconds: let the second write happen later.
    if subtype == "FLOAT":
        position = first.index(b"PEAK")
        assert first[position + 12 : position + 16] == bytes(4)
    assert write_audio(tmp_path / name, noise(), RATE, subtype=subtype).path.read_bytes() == first


# --- beyond full scale ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.wav", "a.aiff"])
def test_beyond_full_scale_becomes_float(tmp_path: Path, name: str) -> None:
    audio = noise(peak=1.5)
    report = write_audio(tmp_path / name, audio, RATE)
    assert (report.subtype, report.clipped_samples) == ("FLOAT", 0)
    np.testing.assert_array_equal(read_audio(report.path).audio, audio)


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", None), ("a.wav", "PCM_24"), ("a.wav", "PCM_16")])
def test_clipping_is_counted(tmp_path: Path, name: str, subtype: str | None) -> None:
    audio = noise(peak=1.5)
    report = write_audio(tmp_path / name, audio, RATE, subtype=subtype)
    assert report.clipped_samples == np.sum(np.abs(audio) > 1.0) > 0
    np.testing.assert_allclose(read_audio(report.path).audio, np.clip(audio, -1.0, 1.0), atol=2.0**-15)


def test_exactly_full_scale_does_not_clip(tmp_path: Path) -> None:
    report = write_audio(tmp_path / "a.wav", np.array([1.0, -1.0, 0.0]), RATE)
    assert (report.subtype, report.clipped_samples) == ("PCM_24", 0)
    np.testing.assert_array_equal(
        read_audio(report.path).audio[:, 0], np.array([1 - 2.0**-23, -1.0, 0.0], np.float32)
    )


def test_beyond_4_gib_a_wav_is_rf64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_writing, "_MAX_CHUNKED_BYTES", 1000)
    audio = noise()
    report = write_audio(tmp_path / "a.wav", audio, RATE)
    assert report.path.read_bytes()[:4] == b"RF64"
    assert len(read_audio(report.path).audio) == len(audio)
    with pytest.raises(AudioFileError) as error:
        write_audio(tmp_path / "a.aiff", audio, RATE)
    one_line(error, "a.aiff", ".wav or .flac")


# --- what cannot be written -----------------------------------------------------------------------


def test_unknown_extension_and_subtype(tmp_path: Path) -> None:
    for name in ("a.wma", "a.xyz", "a"):
        with pytest.raises(AudioFileError) as error:
            write_audio(tmp_path / name, noise(), RATE)
        one_line(error, name, ".wav", ".flac", ".aiff", ".ogg")
        with pytest.raises(AudioFileError):
            check_audio_path(tmp_path / name)
    with pytest.raises(AudioFileError) as error:
        write_audio(tmp_path / "a.flac", noise(), RATE, subtype="FLOAT")
    one_line(error, "'FLOAT'", "PCM_24")
    with pytest.raises(AudioFileError) as error:
        check_audio_path(tmp_path / "a.flac", subtype="FLOAT")
    one_line(error, "'FLOAT'", "PCM_24")
    check_audio_path(tmp_path / "a.wav", subtype="FLOAT")
    assert list(tmp_path.iterdir()) == []


def test_bad_arrays(tmp_path: Path) -> None:
    for bad in (np.array([1, 2]), np.array([np.nan]), np.zeros((0, 2))):
        with pytest.raises(AudioError, match=r"a\.wav"):
            write_audio(tmp_path / "a.wav", bad, RATE)
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "file" / "a.wav")
    for target, part in (
        (tmp_path / "no" / "a.wav", "does not exist"),
        (tmp_path / "file" / "a.wav", f"{tmp_path / 'file'} is a file, not a folder"),
        (tmp_path / "file" / "no" / "a.wav", f"{tmp_path / 'file'} is a file, not a folder"),
        (tmp_path / "link.wav", f"{tmp_path / 'file'} is a file, not a folder"),
        (tmp_path / "folder.wav", "is a directory"),
        (tmp_path / ("x" * 300 + ".wav"), "name too long"),
        (Path("/dev/null"), "not a regular file"),
    ):
        if target == Path("/dev/null") and not target.exists():
            continue
        with pytest.raises(AudioFileError) as error:
            check_writable(target)
        one_line(error, str(target), part)
    with pytest.raises(AudioFileError):
        write_audio(tmp_path / "no" / "a.wav", noise(), RATE)


def test_folders_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for folder, part in (
        (tmp_path / "file", "file is a file, not a folder"),
        (tmp_path / "file" / "a" / "b", "file is a file, not a folder"),
        (tmp_path / "link" / "a", "link is a link to nothing, not a folder"),
    ):
        for made in (check_folder, make_folder):
            with pytest.raises(AudioFileError) as error:
                made(folder)
            one_line(error, str(folder), part)
    with pytest.raises(AudioFileError) as error:
        make_folder(tmp_path / ("x" * 300))
    one_line(error, "name too long")
    check_folder(tmp_path / "a" / "b")
    assert not (tmp_path / "a").exists()
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("permissions do not bind this user (root)")
        with pytest.raises(AudioFileError) as error:
            check_writable(tmp_path / "a.wav")
        one_line(error, "permission denied")
        with pytest.raises(AudioFileError) as error:
            check_folder(tmp_path / "a" / "b")
        one_line(error, "permission denied")
    finally:
        tmp_path.chmod(0o755)


def test_a_folder_in_which_nothing_can_be_made_is_refused() -> None:
    where = Path("/proc")
    if not where.is_dir():
        pytest.skip("no file system here that takes no files of anybody's")
    with pytest.raises(AudioFileError) as error:
        check_folder(where / "a" / "b")
    one_line(error, "cannot be written to", "for /proc")


def test_check_writable_leaves_nothing_and_changes_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "new.wav")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "old.wav").write_bytes(b"old")
    check_writable(tmp_path / "old.wav")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("old.wav", b"old")]


# --- complete or absent ------------------------------------------------------------------------------


def test_atomic_path_is_beside_hidden_and_of_the_same_kind(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.flac") as first, atomic_path(tmp_path / "a.flac") as second:
        assert first != second
        assert first.parent == tmp_path
        assert first.name.startswith(".")
        assert first.suffix == ".flac"
        second.write_bytes(b"second")
        first.write_bytes(b"first")
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a.flac", b"first")]


@pytest.mark.parametrize("exception", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_an_exception_leaves_the_old_file(tmp_path: Path, exception: type[BaseException]) -> None:
    (tmp_path / "a.wav").write_bytes(b"old")

    def fail() -> None:
        with atomic_path(tmp_path / "a.wav") as temporary:
            temporary.write_bytes(b"half")
            raise exception

    with pytest.raises(exception):
        fail()
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [("a.wav", b"old")]


def test_an_interrupt_in_mid_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def interrupt(block: np.ndarray, subtype: str) -> np.ndarray:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt
        return block

    monkeypatch.setattr(audio_writing, "_quantise", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_audio(tmp_path / "a.wav", noise(6.0), RATE)
    assert calls == 3
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "sub" / "real.txt")
    write_text_atomic(tmp_path / "link.txt", "text")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "sub" / "real.txt").read_text() == "text"
    assert len(list((tmp_path / "sub").iterdir())) == 1


def test_errors_of_other_files_pass_as_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="elsewhere"), atomic_path(tmp_path / "a.wav"):
        open(tmp_path / "elsewhere")  # noqa: SIM115
    assert list(tmp_path.iterdir()) == []


def test_text(tmp_path: Path) -> None:
    write_text_atomic(tmp_path / "a.json", "säte\n")
    assert (tmp_path / "a.json").read_bytes() == "säte\n".encode()
    assert read_text(tmp_path / "a.json") == "säte\n"
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    for target, part in (
        (tmp_path / "b.json", "not text"),
        (tmp_path, "folder"),
        (tmp_path / "c", "not exist"),
    ):
        with pytest.raises(AudioFileError) as error:
            read_text(target)
        one_line(error, str(target), part)


FULL_DISK = """
    import resource, signal, sys
    import numpy as np
    from mixrules.files import write_audio, write_text_atomic
    from mixrules.errors import AudioFileError
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.dont_write_bytecode = True  # it would be cut short, and stay
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    audio = np.random.default_rng(1).uniform(-0.9, 0.9, (300_000, 2))
    try:
        if sys.argv[1].endswith(".txt"):
            write_text_atomic(sys.argv[1], "x" * 1_000_000)
        else:
            write_audio(sys.argv[1], audio, 44_100)
    except AudioFileError as error:
        print(error)
        sys.exit(2)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit for a file's size")
@pytest.mark.parametrize(
    ("name", "flags"),
    [
        *((name, ()) for name in ("a.wav", "a.flac", "a.aiff", "a.ogg", "a.mp3", "a.opus", "a.m4a", "a.txt")),
        *((name, ("-O",)) for name in ("a.wav", "a.flac")),  # soundfile leaves the check to an assert
    ],
)
def test_full_disk(tmp_path: Path, name: str, flags: tuple[str, ...]) -> None:
    """A limit for the size of files stands for the disk that fills up in mid-write."""
    (tmp_path / name).write_bytes(b"old")
    root = Path(__file__).resolve().parents[2]
    run = subprocess.run(
        [sys.executable, *flags, "-c", textwrap.dedent(FULL_DISK), str(tmp_path / name)],
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        check=False,
    )
    assert run.returncode == 2, run.stderr
    assert run.stdout.count("\n") == 1
    assert name in run.stdout
    assert "larger than allowed" in run.stdout
    assert "Exception ignored" not in run.stderr
    assert [(f.name, f.read_bytes()) for f in tmp_path.iterdir()] == [(name, b"old")]


def test_errors_of_the_disk_are_said_in_words(tmp_path: Path) -> None:
    import errno

    for code, words in ((errno.ENOSPC, "the disk is full"), (errno.EFBIG, "larger than allowed")):
        with pytest.raises(AudioFileError, match=words), atomic_path(tmp_path / "a.wav"):
            raise OSError(code, os.strerror(code))
    assert "disk" in atomic.why_short(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- what cannot be read --------------------------------------------------------------------------


def test_things_that_are_not_audio(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("these are not the samples you are looking for\n" * 100)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "short.wav").write_bytes(b"RIFF\x00")
    (tmp_path / "rf64.wav").write_bytes(b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0\0")
    (tmp_path / "text.mp3").write_text("no frames here\n" * 100)
    (tmp_path / "text.flac").write_text("fLaC, it says\n")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "file" / "a.wav")
    for name, part in (
        ("text.wav", "WAV, FLAC, OGG, MP3 or AIFF"),
        ("empty.wav", "0 bytes"),
        ("short.wav", "WAV, FLAC"),
        ("rf64.wav", "WAV, FLAC"),
        ("text.mp3", "WAV, FLAC"),
        ("text.flac", "WAV, FLAC"),
        ("folder.wav", "is a folder"),
        ("missing.wav", "does not exist"),
    ):
        with pytest.raises(AudioFileError) as error:
            read_audio(tmp_path / name)
        one_line(error, name, part)


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_truncated_file_is_an_error(tmp_path: Path, name: str, share: float) -> None:
    path = write_audio(tmp_path / name, noise(2.0), RATE).path
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(AudioFileError) as error:
        read_audio(path)
    one_line(error, name, "cut short")
    if name != "a.flac":
        missing_s = 2.0 * (1.0 - share)
        one_line(error, "cut short", f"{missing_s:.2g}")


def test_a_truncated_rf64_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio_writing, "_MAX_CHUNKED_BYTES", 1000)
    path = write_audio(tmp_path / "a.wav", noise(2.0), RATE).path
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(AudioFileError, match="cut short"):
        read_audio(path)


@pytest.mark.parametrize(("riff_size", "size"), [(8, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFFFFF, 0xFFFFFFFF)])
def test_a_streamed_wav_of_open_length_is_read(tmp_path: Path, riff_size: int, size: int) -> None:
    """As written to a pipe, or by a recorder that lost power: the header does not know the length."""
    path = write_audio(tmp_path / "a.wav", noise(0.5), RATE, subtype="PCM_16").path
    raw = bytearray(path.read_bytes())
    at = raw.index(b"data")
    raw[at + 4 : at + 8] = struct.pack("<I", size)
    raw[4:8] = struct.pack("<I", riff_size)
    path.write_bytes(raw)
    assert len(read_audio(path).audio) == round(0.5 * RATE)


def test_trailing_chunks_do_not_matter(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", noise(0.5), RATE).path
    with open(path, "ab") as file:
        file.write(b"LIST" + struct.pack("<I", 10) + b"0123456789")
    assert len(read_audio(path).audio) == round(0.5 * RATE)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_is_told_with_its_time(tmp_path: Path, bad: float) -> None:
    audio = noise(4.0)
    audio[100_000, 1] = bad
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    with pytest.raises(AudioFileError) as error:
        read_audio(tmp_path / "a.wav")
    one_line(error, "a.wav", str(bad), f"{100_000 / RATE:.3f} s", "channel 1")


def test_channels_and_rates_out_of_range(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "wide.wav", np.zeros((10, 60)), RATE)
    with pytest.raises(AudioFileError) as error:
        read_audio(tmp_path / "wide.wav", channels_max=2)
    one_line(error, "wide.wav has 60 channels", "1 or 2 are accepted")
    soundfile.write(tmp_path / "slow.wav", np.zeros(10), 4000)
    with pytest.raises(AudioFileError) as error:
        read_audio(tmp_path / "slow.wav")
    one_line(error, "slow.wav", "4000 Hz", "8000 to 384000")


def test_a_header_without_samples(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 1)), RATE)
    with pytest.raises(AudioFileError) as error:
        read_audio(tmp_path / "a.wav")
    one_line(error, "no samples")


def test_unreadable_permissions(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", noise(), RATE).path
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("permissions do not bind this user (root)")
    with pytest.raises(AudioFileError) as error:
        read_audio(path)
    one_line(error, "a.wav", "permission denied")


@pytest.mark.parametrize("seed", range(8))
def test_noise_by_the_name_of_audio_is_not_said_to_be_missing(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "guitar.wav"
    path.write_bytes(np.random.default_rng(seed).bytes(5000))
    with pytest.raises(AudioFileError, match=r"guitar\.wav is not audio that can be read") as caught:
        read_audio(path)
    assert "exist" not in str(caught.value)
