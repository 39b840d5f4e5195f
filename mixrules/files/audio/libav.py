"""Decoding with libav, by PyAV (the extra ``mixrules[stems]``): what libsndfile cannot open, and single streams.

This module and `libav_encoding` are those that import PyAV. Containers are opened by a list of formats: libav would
follow a playlist to other files and to the network.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files.atomic import require_unicode
from mixrules.files.audio.container_sizes import require_whole
from mixrules.files.audio.segments import cut_short, damaged

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

NEEDS_LIBAV = 'needs PyAV: pip install "mixrules[stems]"'

# Those that are known by their content; of others libav takes any bytes for sound if the name ends so.
_FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,ast,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,iff,latm,loas,matroska,mov,mp3,mpc,mpc8,"
    "mpeg,mpegts,oga,ogg,oma,opus,qcp,rm,shn,spdif,tak,tta,w64,wav,wsd,wv,xwma"
)
# How files begin that libsndfile does not know: (offset, bytes).
_BEGINNINGS = (
    *(
        (4, b"ftyp"),
        (4, b"moov"),
        (4, b"mdat"),
        (0, bytes.fromhex("1a45dfa3")),
        (0, bytes.fromhex("3026b2758e66cf11")),
    ),
    *(
        (0, b"MAC "),
        (0, b"wvpk"),
        (0, b"TTA1"),
        (0, b"tBaK"),
        (0, b"MPCK"),
        (0, b"MP+"),
        (0, b"DSD "),
        (0, b"FLV"),
    ),
    *((0, b"\x0b\x77"), (0, b"\xff\xf1"), (0, b"\xff\xf9"), (0, b"#!AMR"), (0, bytes.fromhex("7ffe8001"))),
)
# The duration of these is counted in samples, so that less is a file that was cut.
_COUNTED = ("mov", "wv", "tta", "ape", "tak", "mpc8", "dsf")
_STILL_PICTURES = ("mjpeg", "png", "bmp", "gif", "webp")
_SLACK_S = 0.2  # of the delay that an encoder adds and a container may or may not count


@dataclass(frozen=True, slots=True)
class SoundStream:
    """A stream of sound in a container: its title and how many channels it has."""

    title: str
    channels: int


def libav_is_installed() -> bool:
    """Return whether PyAV can be imported."""
    try:
        import av  # noqa: F401
    except ImportError:
        return False
    return True


def may_be_libavs(path: Path) -> bool:
    """Return whether the file begins as one of a format that libav knows and libsndfile does not."""
    with open(path, "rb") as file:
        head = file.read(16)
    return any(head[at:].startswith(beginning) for at, beginning in _BEGINNINGS)


def sound_streams(path: Path) -> tuple[SoundStream, ...]:
    """Return the streams of sound in a container.

    Raises
    ------
    AudioFileError
        If libav cannot read it.
    """
    with _opened(path) as container:
        return tuple(
            SoundStream(" ".join(_text(stream.metadata.get("title", "")).split()), _channels(stream))
            for stream in container.streams.audio
        )


def _text(title: str) -> str:
    """Return a title with what is no text in it replaced."""
    return title.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def libav_tags(path: Path) -> dict[str, str]:
    """Return the texts of a container, and of its first stream of sound, by libav's names.

    Raises
    ------
    AudioFileError
        If libav cannot read it.
    """
    with _opened(path) as container:
        of_stream = [stream.metadata for stream in container.streams.audio[:1]]
        return {
            str(key): str(value) for found in (*of_stream, container.metadata) for key, value in found.items()
        }


def has_moving_pictures(path: Path) -> bool:
    """Return whether a container holds a film; the picture of a cover is none.

    Raises
    ------
    AudioFileError
        If libav cannot read it.
    """
    with _opened(path) as container:
        codecs = [stream.codec_context for stream in container.streams.video]
        return any(codec is None or codec.name not in _STILL_PICTURES for codec in codecs)


class LibavDecoder:
    """Reads one stream of sound of a container to its end; to be closed.

    Parameters
    ----------
    path : Path
        The file.
    stream : int
        Which of its streams of sound.

    Attributes
    ----------
    channels, sample_rate, format, subtype
        Those of its first samples; the names of the container and the codec are libav's.
    samples : int
        The length as the container says, 0 where it does not.
    positions : tuple of str
        libav's names of the channels: the loudspeaker positions of WAV files, where it knows them.
    as_it_is : bool
        False: libsndfile does not read it.

    Raises
    ------
    AudioFileError
        If there is no such stream, or it cannot be decoded.
    """

    def __init__(self, path: Path, stream: int = 0) -> None:
        self._path = path
        self._stack = ExitStack()
        self._blocks: deque[npt.NDArray[np.float32]] = deque()
        self._decoded: Generator[npt.NDArray[np.float32], None, None] | None = None
        self._read = 0
        self.as_it_is = False
        self.channels = self.sample_rate = 0
        self.positions: tuple[str, ...] = ()
        try:
            container = _container(path, self._stack)
            streams = container.streams.audio
            if stream >= len(streams):
                raise AudioFileError(f"{path} holds no sound that can be read")
            source = streams[stream]
            if source.codec_context is None or not source.codec_context.name:
                raise AudioFileError(f"{path} holds sound in a coding that is not known")
            self.format, self.subtype = str(container.format.name), str(source.codec_context.name)
            self._decoded = self._frames(container, source)
            self._next_block()
            self.samples = self._announced(source)
        except BaseException as error:
            self.close()
            if isinstance(error, MixrulesError) or not isinstance(error, Exception):
                raise
            raise damaged(path, _reason(error)) from error

    def close(self) -> None:
        """Close the file, and end libav's threads: a process that is forked later would wait for them for ever."""
        if self._decoded is not None:
            self._decoded.close()
        self._stack.close()

    def read_into(self, out: npt.NDArray[np.float32]) -> int:
        """Fill `out` from its beginning; return how many samples there were, 0 at the end."""
        filled = 0
        while filled < len(out) and (self._blocks or self._next_block()):
            block = self._blocks.popleft()
            part = block[: len(out) - filled]
            out[filled : filled + len(part)] = part
            if len(part) < len(block):
                self._blocks.appendleft(block[len(part) :])
            filled += len(part)
        self._read += filled
        return filled

    def _next_block(self) -> bool:
        """Decode the next frame; return whether there was one."""
        try:
            for block in self._decoded or ():
                if len(block):
                    self._blocks.append(block)
                    return True
        except MixrulesError:
            raise
        except Exception as error:
            raise damaged(self._path, _reason(error)) from error
        return False

    def _frames(self, container: Any, source: Any) -> Generator[npt.NDArray[np.float32], None, None]:
        """Yield the decoded frames of a stream."""
        import av
        import numpy as np

        resampler: Any = None
        samples = 0
        for packet in container.demux(source):
            if packet.is_corrupt:
                raise cut_short(self._path, "a packet of its sound is not whole")
            for frame in packet.decode():
                channels, rate = len(frame.layout.channels), int(frame.sample_rate)
                if resampler is None:
                    self.channels, self.sample_rate = channels, rate
                    self.positions = tuple(str(channel.name) for channel in frame.layout.channels)
                    layout = {1: "mono", 2: "stereo"}.get(channels, frame.layout)
                    resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
                if (channels, rate) != (self.channels, self.sample_rate):
                    raise AudioFileError(
                        f"{self._path} changes from {self.channels} channels at {self.sample_rate} Hz to {channels} "
                        f"at {rate} Hz, one is needed throughout: make a file of each"
                    )
                for part in resampler.resample(frame):
                    block = part.to_ndarray().reshape(-1, channels)
                    samples += len(block)
                    yield np.ascontiguousarray(block, np.float32)
        announced = self._announced(source)
        if self.format.split(",")[0] in _COUNTED and samples < announced - _SLACK_S * self.sample_rate:
            missing_s = (announced - samples) / self.sample_rate
            raise cut_short(
                self._path,
                f"it promises {announced} samples and holds {samples}, {missing_s:.3g} s are missing",
            )

    def _announced(self, source: Any) -> int:
        """Return the number of samples by the container, 0 where it does not say."""
        if not source.duration or not source.time_base:
            return 0
        return max(0, int(source.duration * source.time_base * self.sample_rate))


def _container(path: Path, stack: ExitStack) -> Any:
    import av

    require_unicode(path)
    require_whole(path)
    # From version 19 on PyAV takes any bytes for text, and `_text` finds those that are none.
    texts: dict[str, Any] = (
        {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}
    )
    try:
        container = av.open(
            f"file:{path}",
            **texts,
            options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
        )
        stack.callback(container.close)
    except Exception as error:
        raise AudioFileError(f"{path} is not audio that can be read ({_reason(error)})") from error
    return container


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Yield an open container; what libav says of it meanwhile is damage."""
    with ExitStack() as stack:
        container = _container(path, stack)
        try:
            yield container
        except Exception as error:
            raise damaged(path, _reason(error)) from error


def _channels(stream: Any) -> int:
    return 0 if stream.codec_context is None else int(stream.codec_context.channels)


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error).lower().split()) or type(error).__name__
