"""Files: audio read and written, text, and nothing ever half-written under the name it should have."""

from mixrules.files.atomic import atomic_path, cannot_read, check_writable, read_text, write_text_atomic
from mixrules.files.audiofile import (
    READABLE,
    AudioData,
    WriteReport,
    check_audio_path,
    read_audio,
    write_audio,
)

__all__ = [
    "READABLE",
    "AudioData",
    "WriteReport",
    "atomic_path",
    "cannot_read",
    "check_audio_path",
    "check_writable",
    "read_audio",
    "read_text",
    "write_audio",
    "write_text_atomic",
]
