"""What a file says of itself in words: title, artist and the like, by soundfile's names."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files.audio.libav import libav_is_installed, libav_tags

TAGS = ("title", "artist", "album", "date", "tracknumber", "genre", "comment", "copyright", "license")
"""soundfile's names but for the program that wrote the file, which is another one afterwards."""

_LIBAV_NAMES = {"track": "tracknumber", "year": "date"}


def read_tags(path: Path) -> dict[str, str]:
    """Return the tags of an audio file, those alone that are there; none where nothing reads them."""
    import soundfile

    with suppress(soundfile.SoundFileError, OSError), soundfile.SoundFile(path) as file:
        texts = {name: str(getattr(file, name)) for name in TAGS}
        return {name: text for name, text in texts.items() if text}
    if not libav_is_installed():
        return {}
    with suppress(AudioFileError):
        named = {
            _LIBAV_NAMES.get(name.lower(), name.lower()): text for name, text in libav_tags(path).items()
        }
        return {name: named[name] for name in TAGS if named.get(name)}
    return {}
