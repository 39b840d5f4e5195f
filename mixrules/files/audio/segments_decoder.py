"""Decoding the segments of a file one after another with libsndfile, each to its end, whatever its header says."""

from __future__ import annotations

import re
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules.errors import AudioFileError
from mixrules.files.audio.segments import Segment, SplicedFile, cut_short
from mixrules.files.audio.wide_containers import unpack

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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


class NoHeaderError(Exception):
    """libsndfile took any bytes for samples, because of the end of a file's name."""


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
        file = self._opened(segment)
        self._require_promised(segment, file)
        self._file = file
        self._read = 0
        frames = int(file.frames)
        kind = str(file.format)
        self._limit = frames if segment.limit is None else segment.limit
        self._expected = max(0, self._limit - segment.begins_at)
        if segment.most_samples is not None:
            if kind == "FLAC" and segment.most_samples < frames < _OPEN_LENGTH:
                raise cut_short(self._path, f"it promises {frames} samples, more than its size allows")
            self._expected = min(self._expected, segment.most_samples)
        if kind == "MP3":
            self._certain = segment.most_samples is not None  # its frames were counted
        else:
            guessed = str(file.subtype).startswith("MPEG") or frames >= _OPEN_LENGTH
            self._certain = kind in _CERTAIN and not guessed
        if self._next > 1:
            self._require_alike(file)

    def _opened(self, segment: Segment) -> Any:
        """Return a segment as libsndfile opens it, closed with this decoder."""
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
            raise NoHeaderError
        return file

    def _require_promised(self, segment: Segment, file: Any) -> None:
        """Raise `AudioFileError` if a segment's header promises more than it holds."""
        if segment.announced is not None and segment.held is not None:
            sample_bytes = _SAMPLE_BYTES.get(str(file.subtype))
            frame_bytes = sample_bytes and sample_bytes * int(file.channels)
            if segment.announced // (frame_bytes or 1) > segment.held // (frame_bytes or 1):
                raise self._cut(segment.announced, segment.held, frame_bytes, int(file.samplerate))
        elif str(file.format) not in _CERTAIN | {"OGG", "MP3"}:
            log = str(file.extra_info)
            frames = int(file.frames)
            promised = max((int(count) for count in _FRAMES.findall(log)), default=frames)
            short = frames > promised if str(file.format) == "SDS" else frames < promised
            if short or _CUT.search(log):
                raise cut_short(self._path, "its header promises more samples than it holds")

    def _require_alike(self, file: Any) -> None:
        """Raise `AudioFileError` unless a segment has the rate and the channels of the first."""
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
