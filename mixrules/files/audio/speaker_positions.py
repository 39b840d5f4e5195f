"""The loudspeaker positions of a file's channels, where the file says them, in the order in which they are read.

libsndfile hands the channels over in the file's own order and keeps the positions to itself, so they are read from
the header here: `dwChannelMask` of WAV, RF64 and W64 [1]_; the layout of CAF and AIFF-C [2]_; FLAC's orders and its mask
in a comment [3]_; the orders of Vorbis [4]_ and Opus [5]_. What libsndfile cannot open libav decodes, and names.

References
----------
.. [1] Microsoft, WAVEFORMATEXTENSIBLE, `dwChannelMask`.
.. [2] Apple, Core Audio Format Specification, channel layout chunk; CoreAudioBaseTypes.h, layout tags and labels.
.. [3] RFC 9639, sections 9.1.3 (channels) and 8.6.2 (WAVEFORMATEXTENSIBLE_CHANNEL_MASK).
.. [4] Xiph.Org, Vorbis I specification, section 4.3.9.
.. [5] RFC 7845, section 5.1.1; RFC 8486 for Ambisonics.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from mixrules.errors import AudioFileError
from mixrules.files.atomic import cannot_read, require_unicode
from mixrules.files.audio.chunks import Chunk, behind_id3, caf_chunks, chunks, riff_chunks, w64_chunks
from mixrules.files.audio.layout_codes import (
    FLAC_ORDER,
    LIBAV_NAMES,
    VORBIS_ORDER,
    Positions,
    ambisonics,
    positions_of_core_audio,
    positions_of_mask,
    positions_of_order,
)
from mixrules.files.audio.libav import LibavDecoder, libav_is_installed

_AMBISONIC_SUBFORMAT = bytes.fromhex("2107d3118644c8c1ca000000")
_LONGEST_HEADER = 1 << 20
_MOST_BLOCKS = 1000  # looked through for the one with the layout


def speaker_positions(path: str | os.PathLike[str]) -> Positions | None:
    """Return the loudspeaker positions of a file's channels, in the order in which they are read.

    Parameters
    ----------
    path : path-like
        An audio file, known by its content.

    Returns
    -------
    tuple of str or None
        "FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR" and so on, one a channel; "ACN0" and so on for Ambisonics. None
        where the file does not say, as a WAV without a mask, an MP3, or a mask for another number of channels.

    Raises
    ------
    AudioFileError
        If the file cannot be opened.
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            in_header = positions_in_header(file)
    except OSError as error:
        raise cannot_read(path, error) from error
    if _libsndfile_opens(path) or not libav_is_installed():
        return in_header
    with suppress(AudioFileError):
        return _by_libav(path)
    return None


def _libsndfile_opens(path: Path) -> bool:
    import soundfile

    require_unicode(path)
    try:
        soundfile.SoundFile(path).close()
    except soundfile.LibsndfileError:
        return False
    return True


def _by_libav(path: Path) -> Positions | None:
    """Return the positions of what libav decodes, which it hands over in an order of its own."""
    decoder = LibavDecoder(path)
    decoder.close()
    if all(name.startswith("AMBI") for name in decoder.positions):
        return ambisonics(decoder.channels)
    return decoder.positions if LIBAV_NAMES.issuperset(decoder.positions) else None


def positions_in_header(file: IO[bytes]) -> Positions | None:
    """Return the positions by an open file's header; what is broken says nothing, and is for the reader to name."""
    with suppress(struct.error, IndexError, ValueError, OverflowError, OSError):
        return _positions(file)
    return None


def _positions(file: IO[bytes]) -> Positions | None:
    start = behind_id3(file)
    file.seek(start)
    magic = file.read(12)
    file.seek(start)
    for signs, reader in _READERS.items():
        if magic.startswith(signs):
            return reader(file)
    return None


def _riff(file: IO[bytes]) -> Positions | None:
    start, size = _extent(file)
    order = ">" if file.read(4) == b"RIFX" else "<"
    return _wave_format(_content(file, riff_chunks(file, start, size), b"fmt "), order)


def _w64(file: IO[bytes]) -> Positions | None:
    start, size = _extent(file)
    return _wave_format(_content(file, w64_chunks(file, start + 40, size), b"fmt "), "<")


def _wave_format(content: bytes | None, order: str) -> Positions | None:
    if content is None or len(content) < 40:
        return None
    tag, channels = struct.unpack_from(f"{order}HH", content)
    if tag != 0xFFFE:
        return None
    if content[28:40] == _AMBISONIC_SUBFORMAT:
        return ambisonics(channels)
    return positions_of_mask(struct.unpack_from(f"{order}I", content, 20)[0], channels)


def _aiff(file: IO[bytes]) -> Positions | None:
    start, size = _extent(file)
    return positions_of_core_audio(_content(file, chunks(file, start + 12, size, ">"), b"CHAN"))


def _caf(file: IO[bytes]) -> Positions | None:
    start, size = _extent(file)
    return positions_of_core_audio(_content(file, caf_chunks(file, start + 8, size), b"chan"))


def _flac(file: IO[bytes]) -> Positions | None:
    file.read(4)
    blocks = []
    for _ in range(_MOST_BLOCKS):
        head = file.read(4)
        kind, size = head[0] & 0x7F, int.from_bytes(head[1:], "big")
        if kind in (0, 4):
            blocks.append((kind, file.read(size)))
        else:
            file.seek(size, os.SEEK_CUR)
        if head[0] & 0x80:  # the last one
            break
    return _flac_blocks(blocks)


def _flac_blocks(blocks: list[tuple[int, bytes]]) -> Positions | None:
    """Return the positions from the content of STREAMINFO (kind 0) and of the comments (kind 4)."""
    (stream_info,) = (content for kind, content in blocks if kind == 0)
    channels = (stream_info[12] >> 1 & 7) + 1
    for text in (text for kind, content in blocks if kind == 4 for text in _comments(content)):
        name, _, value = text.partition("=")
        if name.upper() == "WAVEFORMATEXTENSIBLE_CHANNEL_MASK":
            return positions_of_mask(int(value, 0), channels)
    return positions_of_order(FLAC_ORDER, channels)


def _comments(content: bytes) -> Iterator[str]:
    (vendor,) = struct.unpack_from("<I", content)
    at = 8 + vendor
    for _ in range(struct.unpack_from("<I", content, 4 + vendor)[0]):
        (size,) = struct.unpack_from("<I", content, at)
        yield content[at + 4 : at + 4 + size].decode("utf-8", "replace")
        at += 4 + size


def _ogg(file: IO[bytes]) -> Positions | None:
    for packet in _first_packets(file):
        if packet.startswith(b"\x01vorbis"):
            return positions_of_order(VORBIS_ORDER, packet[11])
        if packet.startswith(b"OpusHead"):
            return _opus(channels=packet[9], family=packet[18])
        if packet.startswith(b"\x7fFLAC"):
            return _ogg_flac(file, packet)
    return None


def _opus(channels: int, family: int) -> Positions | None:
    if family in (0, 1):
        return positions_of_order(VORBIS_ORDER, channels)
    return ambisonics(channels) if family in (2, 3) else None


def _ogg_flac(file: IO[bytes], first: bytes) -> Positions | None:
    blocks = [(0, first[17:])]
    for packet in _first_packets(file):
        if packet[:1] and packet[0] & 0x7F == 4:
            blocks.append((4, packet[4:]))
            break
    return _flac_blocks(blocks)


def _first_packets(file: IO[bytes]) -> Iterator[bytes]:
    """Yield the packet that each of the next pages begins with, without what runs on into a further page."""
    for _ in range(16):
        head = file.read(27)
        if head[:4] != b"OggS":
            return
        lacing = file.read(head[26])
        content = file.read(sum(lacing))
        size = 0
        for segment in lacing:
            size += segment
            if segment < 255:
                break
        yield content[:size]


def _extent(file: IO[bytes]) -> tuple[int, int]:
    """Return where an open file stands and where it ends."""
    start = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(start)
    return start, size


def _content(file: IO[bytes], found: Iterable[Chunk], name: bytes) -> bytes | None:
    """Return the content of the first chunk whose name begins so."""
    for chunk in found:
        if chunk.name.startswith(name):
            file.seek(chunk.start)
            return file.read(min(max(chunk.size, 0), _LONGEST_HEADER))
    return None


_READERS = {
    **dict.fromkeys((b"RIFF", b"RIFX", b"RF64", b"BW64"), _riff),
    b"riff\x2e\x91\xcf\x11": _w64,
    b"FORM": _aiff,
    b"caff": _caf,
    b"fLaC": _flac,
    b"OggS": _ogg,
}
