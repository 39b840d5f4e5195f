"""Samples of WAV files that take more bits than they have: 24 in a container of 32, on either side of it.

libsndfile reads such samples as packed, which is noise, or takes the bits beside them for a part of them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from mixrules.files.audio.chunks import Chunk

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_PCM, _EXTENSIBLE = 1, 0xFFFE
_TRIED_BYTES = 1 << 16


def bits_of_32(file: IO[bytes], fmt: Chunk, data: Chunk, order: str) -> int:
    """Return how many of 32 bits the samples of a WAV file have.

    Returns
    -------
    int
        0 where they have all, or take another number of bits; negative where they are the lower ones, as
        ALSA's recorder writes them, otherwise the upper ones [1]_.

    References
    ----------
    .. [1] Microsoft, WAVEFORMATEXTENSIBLE: wValidBitsPerSample; "the valid bits are left-aligned".
    """
    file.seek(fmt.start)
    content = file.read(min(fmt.size, 40)).ljust(40, b"\0")
    tag, channels, _, _, align, bits = struct.unpack(order + "HHIIHH", content[:16])
    valid, _, subformat = struct.unpack(order + "HIH", content[18:26])
    if align != 4 * channels or (subformat if tag == _EXTENSIBLE else tag) != _PCM:
        return 0
    if bits == 32:
        return int(valid) if tag == _EXTENSIBLE and 16 < valid < 32 else 0
    if bits != 24:
        return 0
    file.seek(data.start)
    words = file.read(min(data.size, _TRIED_BYTES) // 4 * 4)
    lowest = words[0::4] if order == "<" else words[3::4]
    return -24 if any(lowest) else 24


def as_32_bits(file: IO[bytes], fmt: Chunk, order: str) -> bytes:
    """Return the ``fmt`` chunk that announces samples of 32 bits."""
    file.seek(fmt.header)
    chunk = bytearray(file.read(fmt.stop - fmt.header))
    struct.pack_into(order + "H", chunk, 8 + 14, 32)
    return bytes(chunk)


def unpack(words: npt.NDArray[np.int32], bits: int) -> npt.NDArray[np.float32]:
    """Return samples as floats; `bits` is from `bits_of_32`."""
    import numpy as np

    aligned = words << (32 + bits) if bits < 0 else words & np.int32(-(1 << (32 - bits)))
    return aligned.astype(np.float32) * np.float32(2.0**-31)


def parts_before(
    file: IO[bytes], others: Sequence[Chunk], bits: int, order: str
) -> list[bytes | tuple[int, int]]:
    """Return the chunks before the samples, with a ``fmt`` chunk of 32 bits where `bits` is not 0."""
    return [
        as_32_bits(file, chunk, order) if bits and chunk.name == b"fmt " else (chunk.header, chunk.stop)
        for chunk in others
    ]
