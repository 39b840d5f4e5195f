"""TensorFlow checkpoints, format 2, read with numpy alone: ``.index`` is a sorted table, ``.data`` plain arrays.

The table is LevelDB's (footer, index block, data blocks with shared key prefixes); its values are
`BundleEntryProto` messages of protocol buffers: type, shape, offset and size of each variable.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from mixrules.errors import AudioFileError

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_FLOAT = 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def read_checkpoint(index: bytes, data: bytes) -> dict[str, npt.NDArray[np.float32]]:
    """Return the float variables of a checkpoint of one shard.

    Parameters
    ----------
    index, data : bytes
        The contents of the two files.

    Returns
    -------
    dict of str to ndarray of float32
        By name.

    Raises
    ------
    AudioFileError
        If it is no checkpoint, or compressed.
    """
    try:
        if int.from_bytes(index[-8:], "little") != _MAGIC:
            raise AudioFileError("no TensorFlow checkpoint: the index lacks its magic number")
        position = len(index) - _FOOTER
        for _ in range(2):  # the handle of the meta-index, which is not needed
            _, position = _varint(index, position)
        variables: dict[str, npt.NDArray[np.float32]] = {}
        for _, handle in _block(index, *_handle(index, position)):
            for key, value in _block(index, *_handle(handle, 0)):
                if key:
                    entry = dict(_message(value))
                    if entry.get(1) == _FLOAT:
                        variables[key.decode()] = _array(entry, data)
    except (IndexError, ValueError, UnicodeDecodeError, TypeError) as error:
        raise AudioFileError(f"no TensorFlow checkpoint: {error}") from error
    return variables


def _array(entry: dict[int, int | bytes], data: bytes) -> npt.NDArray[np.float32]:
    shape_bytes, offset, size = entry.get(2, b""), entry.get(4, 0), entry.get(5, 0)
    if not isinstance(shape_bytes, bytes) or not isinstance(offset, int) or not isinstance(size, int):
        raise ValueError("an entry of the index has fields of other types")
    dims = [value for number, value in _message(shape_bytes) if number == 2 and isinstance(value, bytes)]
    shape = [int(size) for dim in dims for number, size in _message(dim) if number == 1]
    return np.frombuffer(data[offset : offset + size], "<f4").reshape(shape)


def _handle(buffer: bytes, position: int) -> tuple[int, int]:
    offset, position = _varint(buffer, position)
    return offset, _varint(buffer, position)[0]


def _block(buffer: bytes, offset: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and values of a block; every key is the prefix shared with the last one and its own rest."""
    if buffer[offset + size] != 0:
        raise AudioFileError("the checkpoint's index is compressed: an uncompressed one can be read")
    block = buffer[offset : offset + size]
    end = len(block) - 4 - 4 * int.from_bytes(block[-4:], "little")
    position, key = 0, b""
    while position < end:
        shared, position = _varint(block, position)
        own, position = _varint(block, position)
        length, position = _varint(block, position)
        key = key[:shared] + block[position : position + own]
        position += own
        yield key, block[position : position + length]
        position += length


def _message(buffer: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the numbers and values of a protocol-buffers message."""
    position = 0
    while position < len(buffer):
        tag, position = _varint(buffer, position)
        kind = tag & 7
        if kind == _VARINT:
            value, position = _varint(buffer, position)
            yield tag >> 3, value
            continue
        if kind == _BYTES:
            length, position = _varint(buffer, position)
        elif kind in (_FIXED_32, _FIXED_64):
            length = 4 if kind == _FIXED_32 else 8
        else:
            raise ValueError(f"a field of the unknown kind {kind}")
        yield tag >> 3, buffer[position : position + length]
        position += length


def _varint(buffer: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = buffer[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
