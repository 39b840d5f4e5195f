"""The time reference of a Broadcast Wave file: where in a session its first sample lies.

References
----------
.. [1] EBU Tech 3285, Specification of the Broadcast Wave Format, version 2, 2011: the ``bext`` chunk's TimeReference,
   samples since midnight.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from mixrules.files.audio.chunks import riff_chunks

_TIME_REFERENCE_AT = (
    338  # after Description, Originator, OriginatorReference, OriginationDate and OriginationTime
)


@dataclass(frozen=True, slots=True)
class TimeReference:
    """A file's place in time.

    Attributes
    ----------
    samples : int
        From midnight, or the session's zero, to the first sample.
    sample_rate : int
        Hz.
    length_s : float
        How long the file is by its header, in seconds.
    """

    samples: int
    sample_rate: int
    length_s: float


def time_reference(path: Path) -> TimeReference | None:
    """Return the time reference of a WAV, RF64 or BW64 file, None where it has none.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    samples = rate = None
    bytes_per_second = data_bytes = 0
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
            return None
        size = file.seek(0, 2)
        for chunk in riff_chunks(file, 0, size):
            if chunk.name == b"bext" and chunk.size >= _TIME_REFERENCE_AT + 8:
                file.seek(chunk.start + _TIME_REFERENCE_AT)
                field = file.read(8)
                samples = struct.unpack("<Q", field)[0] if len(field) == 8 else None
            elif chunk.name == b"fmt ":
                file.seek(chunk.start)
                field = file.read(12)
                if len(field) == 12:
                    rate, bytes_per_second = struct.unpack("<4xII", field)
            elif chunk.name == b"data":
                data_bytes = min(chunk.size, size - chunk.start)
    if samples is None or not rate or not bytes_per_second:
        return None
    return TimeReference(samples, rate, data_bytes / bytes_per_second)
