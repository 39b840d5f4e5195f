"""Whether a file's first bytes are those of audio, whatever its name says.

Signatures after the formats' own specifications, and for MPEG audio two frame headers in a row after ISO/IEC
11172-3, 2.4.2.3, since one alone is found in many files by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mixrules.files import frame_bytes

HEAD_BYTES = 8192
"""How much of a file is looked at: room for an MPEG frame and the one after it."""

_W64 = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"
_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"
_PLAIN = (  # first bytes, format, whether libsndfile reads it
    (b"RF64", "RF64", True),
    (b"BW64", "BW64", True),
    (b"fLaC", "FLAC", True),
    (b"OggS", "OGG", True),
    (b"caff", "CAF", True),
    (b".snd", "AU", True),
    (b"Creative Voice File\x1a", "VOC", True),
    (b"ID3", "MP3", True),
    (_W64, "W64", True),
    (b"wvpk", "WavPack", False),
    (b"MAC ", "Monkey's Audio", False),
    (b"#!AMR", "AMR", False),
    (b"DSD ", "DSD", False),
    (b"FRM8", "DSD", False),
    (b"MPCK", "Musepack", False),
    (b"MP+", "Musepack", False),
    (b"TTA1", "TTA", False),
    (b"tBaK", "TAK", False),
    (_ASF, "WMA", False),
    (b"\x0b\x77", "AC-3", False),
    (b"\x1a\x45\xdf\xa3", "Matroska", False),
)
_PICTURES = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds by its first bytes.

    Attributes
    ----------
    format : str
        The format's name.
    libsndfile : bool
        Whether libsndfile reads it; else it takes libav.
    """

    format: str
    libsndfile: bool


def audio_content(path: Path) -> Content | None:
    """Return what audio the file's first bytes promise, None if none; `OSError` if it cannot be read."""
    with open(path, "rb") as file:
        return content_of(file.read(HEAD_BYTES))


def content_of(head: bytes) -> Content | None:
    """Return what audio a file's first `HEAD_BYTES` promise, None if none."""
    kind = head[8:12]
    if head[:4] in (b"RIFF", b"RIFX", b"FORM"):
        # Films, pictures and sound fonts are RIFF or IFF files too.
        names = {b"WAVE": "WAV", b"AIFF": "AIFF", b"AIFC": "AIFF", b"8SVX": "SVX"}
        return Content(names[kind], True) if kind in names else None
    if head[:4] == b"OggS" and head[28:35] == b"\x80theora":
        return None
    if head[4:8] == b"ftyp":
        return None if kind in _PICTURES else Content("MP4", False)
    for start, name, libsndfile in _PLAIN:
        if head.startswith(start):
            return Content(name, libsndfile)
    if head[:2] in (b"\xff\xf1", b"\xff\xf9"):
        return Content("AAC", False) if _adts_follows(head) else None
    length = frame_bytes(head)
    return Content("MP3", True) if length and frame_bytes(head[length:]) else None


def _adts_follows(head: bytes) -> bool:
    """Return whether a second frame of AAC follows the first."""
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5 if len(head) > 5 else 0
    return length > 7 and head[length : length + 2] == head[:2]
