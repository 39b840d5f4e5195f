"""Extensions of the files that may hold a song or a part of it, in lower case and with their dot."""

from __future__ import annotations


def _extensions(text: str) -> frozenset[str]:
    return frozenset(f".{name}" for name in text.split())


AUDIO_EXTENSIONS = _extensions("""
    wav wave bwf bwav rf64 bw64 w64 flac ogg oga opus mp3 mp2 mp1 aif aiff aifc caf au snd voc
""")
"""Audio that libsndfile reads."""

STEM_FILE_EXTENSIONS = (".stem.mp4", ".stem.m4a")
"""A song in one file, of Native Instruments' format."""

LIBAV_EXTENSIONS = _extensions("""
    m4a m4b aac wma ape wv alac mka ac3 eac3 amr 3ga dsf dff tta tak mpc dts thd shn ra
""")
"""Audio that only libav reads."""

FILM_EXTENSIONS = _extensions("mp4 m4v mov mkv webm avi wmv mpg mpeg ogv 3gp flv mts")
"""Films, some of which hold sound alone."""

ZIP_EXTENSIONS = (".zip",)
TAR_EXTENSIONS = (".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
"""Archives that are read."""

ARCHIVE_EXTENSIONS = (*ZIP_EXTENSIONS, *TAR_EXTENSIONS, ".rar", ".7z", ".gz", ".bz2", ".xz", ".zst")
"""Files packed together, read or not."""
