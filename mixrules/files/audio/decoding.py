"""Opening a file to be decoded: by libsndfile, segment by segment, or by libav.

What the bytes of a file are is looked at first, for libsndfile passes over much: a file that was cut, pages that
are damaged, the second of two files that were joined.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mixrules.errors import AudioFileError
from mixrules.files.atomic import require_unicode
from mixrules.files.audio.chunks import behind_id3
from mixrules.files.audio.declared_length import declared_segments
from mixrules.files.audio.flac_streams import flac_segments
from mixrules.files.audio.libav import NEEDS_LIBAV, LibavDecoder, libav_is_installed, may_be_libavs
from mixrules.files.audio.mp3_frames import first_frame, mp3_segments
from mixrules.files.audio.ogg_pages import ogg_segments
from mixrules.files.audio.segments import Segment
from mixrules.files.audio.segments_decoder import NoHeaderError, SegmentsDecoder
from mixrules.files.pipes import require_file

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

READABLE = "WAV, FLAC, OGG, MP3 or AIFF"


class NoSamplesError(AudioFileError):
    """A file is audio without samples."""


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
    except (soundfile.LibsndfileError, NoHeaderError) as error:
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
