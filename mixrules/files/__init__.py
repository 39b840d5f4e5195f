"""Files: reading and writing audio and text; a file under its final name is always complete."""

from mixrules.files.atomic import (
    atomic_path,
    cannot_read,
    cannot_write,
    check_writable,
    read_text,
    write_text_atomic,
    written_together,
)
from mixrules.files.audio.container_sizes import boxes
from mixrules.files.audio.decoding import READABLE, NoSamplesError
from mixrules.files.audio.flac_blocks import carried_blocks, replace_blocks
from mixrules.files.audio.header import AudioHeader
from mixrules.files.audio.layout_codes import FLAC_ORDER, VORBIS_ORDER, mask_of_positions
from mixrules.files.audio.libav import NEEDS_LIBAV, has_moving_pictures, libav_is_installed, sound_streams
from mixrules.files.audio.mp3_frames import frame_bytes
from mixrules.files.audio.reading import (
    AudioData,
    audio_blocks,
    audio_header,
    check_audio,
    open_audio,
    read_audio,
)
from mixrules.files.audio.scratch import FileAudio, Scratch, scratch_of
from mixrules.files.audio.speaker_positions import speaker_positions
from mixrules.files.audio.tags import read_tags
from mixrules.files.audio.time_reference import TimeReference, time_reference
from mixrules.files.audio.wave_chunks import (
    carried_chunks,
    insert_chunks,
    set_bext_loudness,
    set_channel_mask,
)
from mixrules.files.audio.writing import (
    WriteReport,
    check_audio_path,
    write_audio,
    write_blocks,
    written_format,
    written_rate,
)
from mixrules.files.folders import check_folder, make_folder, obstacle
from mixrules.files.own_documents import names_format
from mixrules.files.pipes import as_regular_file
from mixrules.files.temporary_files import private_folder, temporary_folder

__all__ = [
    "FLAC_ORDER",
    "NEEDS_LIBAV",
    "READABLE",
    "VORBIS_ORDER",
    "AudioData",
    "AudioHeader",
    "FileAudio",
    "NoSamplesError",
    "Scratch",
    "TimeReference",
    "WriteReport",
    "as_regular_file",
    "atomic_path",
    "audio_blocks",
    "audio_header",
    "boxes",
    "cannot_read",
    "cannot_write",
    "carried_blocks",
    "carried_chunks",
    "check_audio",
    "check_audio_path",
    "check_folder",
    "check_writable",
    "frame_bytes",
    "has_moving_pictures",
    "insert_chunks",
    "libav_is_installed",
    "make_folder",
    "mask_of_positions",
    "names_format",
    "obstacle",
    "open_audio",
    "private_folder",
    "read_audio",
    "read_tags",
    "read_text",
    "replace_blocks",
    "scratch_of",
    "set_bext_loudness",
    "set_channel_mask",
    "sound_streams",
    "speaker_positions",
    "temporary_folder",
    "time_reference",
    "write_audio",
    "write_blocks",
    "write_text_atomic",
    "written_format",
    "written_rate",
    "written_together",
]
