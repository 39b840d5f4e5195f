"""Files: reading and writing audio and text; a file under its final name is always complete."""

from mixrules.files.atomic import (
    atomic_path,
    cannot_read,
    check_writable,
    read_text,
    write_text_atomic,
    written_together,
)
from mixrules.files.audio_reading import (
    READABLE,
    AudioData,
    AudioHeader,
    audio_blocks,
    audio_header,
    check_audio,
    read_audio,
)
from mixrules.files.audio_writing import WriteReport, check_audio_path, write_audio
from mixrules.files.folders import check_folder, make_folder, obstacle
from mixrules.files.scratch import FileAudio, Scratch, scratch_of
from mixrules.files.temporary_files import temporary_folder

__all__ = [
    "READABLE",
    "AudioData",
    "AudioHeader",
    "FileAudio",
    "Scratch",
    "WriteReport",
    "atomic_path",
    "audio_blocks",
    "audio_header",
    "cannot_read",
    "check_audio",
    "check_audio_path",
    "check_folder",
    "check_writable",
    "make_folder",
    "obstacle",
    "read_audio",
    "read_text",
    "scratch_of",
    "temporary_folder",
    "write_audio",
    "write_text_atomic",
    "written_together",
]
