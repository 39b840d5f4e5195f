"""Decoding a file with libsndfile, segment by segment and to its end, whatever its header says.

What the bytes of a file are is looked at first, for libsndfile passes over much: a file that was cut, pages that
are damaged, the second of two files that were joined.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mixrules.errors import AudioFileError
from mixrules.files.atomic import require_unicode
from mixrules.files.audio.chunks import behind_id3
from mixrules.files.audio.declared_length import declared_segments
from mixrules.files.audio.flac_streams import flac_segments
from mixrules.files.audio.libav import NEEDS_LIBAV, LibavDecoder, libav_is_installed, may_be_libavs
from mixrules.files.audio.mp3_frames import first_frame, mp3_segments
from mixrules.files.audio.ogg_pages import ogg_segments
from mixrules.files.audio.segments import Segment, SplicedFile, cut_short
from mixrules.files.audio.wide_containers import unpack
from mixrules.files.pipes import require_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

READABLE = "WAV, FLAC, OGG, MP3 or AIFF"

# Of the subtypes that take as many bytes for every sample.
_SAMPLE_BYTES = {
    **dict.fromkeys(("PCM_S8", "PCM_U8", "ULAW", "ALAW"), 1),
    **{"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8},
}
# Formats whose number of samples follows from their bytes, or is in their header for certain.
_CERTAIN = frozenset(("WAV", "WAVEX", "RF64", "W64", "AIFF", "AU", "CAF", "FLAC"))
# What libsndfile's log says of the other formats where they are cut.
_CUT = re.compile(r"truncated|Data length \d+ should be|BODY : \d+ \(should be")
_WORDS_AT_ONCE = 1 << 16
# What libsndfile reports where a FLAC file leaves its length open.
_OPEN_LENGTH = 1 << 62
_FRAMES = re.compile(r"(?:^ *Frames *|Cols) *: *(\d+)", re.MULTILINE)


class NoSamplesError(AudioFileError):
    """A file is audio without samples."""


class _NoHeaderError(Exception):
    """libsndfile took any bytes for samples, because of the end of a file's name."""


class Decoder(Protocol):
    """What reads the samples of a file from its beginning; to be closed."""

    channels: int
    sample_rate: int
    format: str
    subtype: str
    samples: int
    as_it_is: bool

    def read_into(self, out: npt.NDArray[np.float32]) -> int:
        """Fill `out` from its beginning; return how many samples there were, 0 at the end."""

    def close(self) -> None:
        """Close the file."""


def open_decoder(path: Path, stream: int | None = None) -> Decoder:
    """Open an audio file, or one stream of sound in a container.

    Raises
    ------
    AudioFileError
        If it is empty, not audio, cut short or damaged.
    OSError
        If it cannot be read.
    """
    import soundfile

    require_unicode(path)
    require_file(path)
    if path.stat().st_size == 0:
        raise AudioFileError(f"{path} is empty (0 bytes), {READABLE} is accepted")
    if stream is not None:
        return LibavDecoder(path, stream)
    try:
        return SegmentsDecoder(path, file_segments(path))
    except (soundfile.LibsndfileError, _NoHeaderError) as error:
        why = " ".join(getattr(error, "error_string", "Format not recognised").split()).rstrip(".")
        # libsndfile reports this for files that it mistakes for MP3.
        reason = "" if "does not exist" in why else f" ({why})"
        not_audio = AudioFileError(f"{path} is not audio that can be read{reason}, {READABLE} is accepted")
        known = may_be_libavs(path)
        if not libav_is_installed():
            if known:
                raise AudioFileError(f"{path} {NEEDS_LIBAV}; without it {READABLE} is accepted") from error
            raise not_audio from error
        try:
            return LibavDecoder(path)
        except AudioFileError:
            if known:
                raise
            raise not_audio from error


def file_segments(path: Path) -> tuple[Segment, ...]:
    """Return the segments of a file, none where it has no samples or is of a format that is not known here.

    Raises
    ------
    AudioFileError
        If the file is cut short or damaged.
    OSError
        If it cannot be read.
    """
    with open(path, "rb", buffering=1 << 18) as file:
        start = behind_id3(file)
        file.seek(start)
        head = file.read(4)
        if head == b"OggS":
            return ogg_segments(path, file, start)
        if head == b"fLaC":
            return flac_segments(path, file, start)
        segments = declared_segments(file, start)
        if segments:
            return segments
        frames_at = first_frame(file, start)
        if frames_at is not None and head not in (b"RIFF", b"FORM"):
            return mp3_segments(path, file, frames_at, as_it_is=frames_at == start)
    return (Segment(),)


class SegmentsDecoder:
    """Reads the samples of a file, one segment after another; to be closed.

    Parameters
    ----------
    path : Path
        The file.
    segments : tuple of Segment
        Those of the file.

    Attributes
    ----------
    channels, sample_rate, format, subtype
        As libsndfile names them.
    samples : int
        The length by the header; no more than the file can hold.
    as_it_is : bool
        Whether libsndfile reads the same samples from the file alone.

    Raises
    ------
    AudioFileError
        If the file is cut short, or its segments differ in their rate or channels.
    soundfile.LibsndfileError
        If libsndfile cannot open it.
    """

    def __init__(self, path: Path, segments: tuple[Segment, ...]) -> None:
        self._path = path
        self._segments = segments
        self._next = 0
        self._stack = ExitStack()
        try:
            self._open_next()
            file = self._file
            self.channels, self.sample_rate = int(file.channels), int(file.samplerate)
            self.format, self.subtype = str(file.format), str(file.subtype)
            self.samples = self._expected
            for _ in segments[1:]:
                self._open_next()
                self.samples += self._expected
            if len(segments) > 1:
                self._next = 0
                self._open_next()
        except BaseException:
            self.close()
            raise
        self.as_it_is = len(segments) == 1 and not segments[0].parts

    def close(self) -> None:
        """Close the file."""
        self._stack.close()

    def read_into(self, out: npt.NDArray[np.float32]) -> int:
        """Fill `out` from its beginning; return how many samples there were, 0 at the end."""
        filled = 0
        while filled < len(out):
            # Behind the last sample there may be what is no audio.
            wanted = min(len(out) - filled, self._limit - self._read)
            count = self._read_some(out[filled : filled + wanted])
            self._read += count
            filled += count
            if not count:
                self._require_complete()
                if self._next == len(self._segments):
                    break
                self._open_next()
        return filled

    def _read_some(self, out: npt.NDArray[np.float32]) -> int:
        if not len(out):
            return 0
        bits = self._segments[self._next - 1].bits_of_32
        if not bits:
            return len(self._file.read(out=out))
        words = self._file.read(min(len(out), _WORDS_AT_ONCE), dtype="int32", always_2d=True)
        out[: len(words)] = unpack(words, bits)
        return len(words)

    def _open_next(self) -> None:
        """Open the next segment, and check that it fits those before."""
        segment = self._segments[self._next]
        self._next += 1
        self.close()
        try:
            source: Any = self._path
            if segment.parts:
                source = SplicedFile(self._path, segment.parts)
                self._stack.callback(source.close)
            file = self._stack.enter_context(_sequential()(source))
        except Exception:
            if segment.announced is not None and segment.announced > (segment.held or 0):
                raise self._cut(segment.announced, segment.held or 0, None) from None
            raise
        if str(file.format) == "RAW":
            raise _NoHeaderError
        self._file = file
        self._read = 0
        frames = int(file.frames)
        if segment.announced is not None and segment.held is not None:
            sample_bytes = _SAMPLE_BYTES.get(str(file.subtype))
            frame_bytes = sample_bytes and sample_bytes * int(file.channels)
            if segment.announced // (frame_bytes or 1) > segment.held // (frame_bytes or 1):
                raise self._cut(segment.announced, segment.held, frame_bytes, int(file.samplerate))
        elif str(file.format) not in _CERTAIN | {"OGG", "MP3"}:
            log = str(file.extra_info)
            promised = max((int(count) for count in _FRAMES.findall(log)), default=frames)
            short = frames > promised if str(file.format) == "SDS" else frames < promised
            if short or _CUT.search(log):
                raise cut_short(self._path, "its header promises more samples than it holds")
        self._limit = frames if segment.limit is None else segment.limit
        self._expected = max(0, self._limit - segment.begins_at)
        if segment.most_samples is not None:
            if str(file.format) == "FLAC" and segment.most_samples < frames < _OPEN_LENGTH:
                raise cut_short(self._path, f"it promises {frames} samples, more than its size allows")
            self._expected = min(self._expected, segment.most_samples)
        if str(file.format) == "MP3":
            self._certain = segment.most_samples is not None  # its frames were counted
        else:
            guessed = str(file.subtype).startswith("MPEG") or frames >= _OPEN_LENGTH
            self._certain = str(file.format) in _CERTAIN and not guessed
        if self._next > 1:
            for one, other, unit in (
                (self.sample_rate, int(file.samplerate), "Hz"),
                (self.channels, int(file.channels), "channels"),
            ):
                if one != other:
                    raise AudioFileError(
                        f"{self._path} joins audio of {one} and of {other} {unit}, one is needed throughout: "
                        "make a file of each"
                    )

    def _require_complete(self) -> None:
        if self._certain and self._read < self._expected:
            missing_s = (self._expected - self._read) / self.sample_rate
            raise cut_short(
                self._path,
                f"it promises {self._expected} samples and holds {self._read}, {missing_s:.3g} s are missing",
            )

    def _cut(
        self, announced: int, held: int, frame_bytes: int | None, sample_rate: int = 1
    ) -> AudioFileError:
        if frame_bytes is None:
            return cut_short(self._path, f"it promises {announced} bytes of samples and holds {held}")
        announced, held = announced // frame_bytes, held // frame_bytes
        missing_s = (announced - held) / sample_rate
        return cut_short(
            self._path, f"it promises {announced} samples and holds {held}, {missing_s:.3g} s are missing"
        )


@cache
def _sequential() -> Any:
    """Return soundfile's class without the seek after every read, which some formats answer with an error."""
    import soundfile

    class Sequential(soundfile.SoundFile):  # type: ignore[misc]
        def seekable(self) -> bool:
            return False

    return Sequential
