"""Copies of a file beside it, as file managers and browsers make them: ``bass (1).wav``, ``bass - Copy.wav``."""

from __future__ import annotations

import filecmp
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from mixrules._support.text_encoding import composed, shown
from mixrules.stems.song_files.file_kinds import bare_name

_COPY_WORDS = r"(copy|kopie|copie|copia|cópia|kopia|kopi|копия|副本|コピー|복사본)"
_COPY_NAMES = (
    re.compile(rf"^(?P<name>.+?)[ _-]*[-_ (]{_COPY_WORDS}[ _]*(\(?\d+\)?)?\)?$", re.IGNORECASE),
    re.compile(rf"^{_COPY_WORDS}( (of|von|de|di|av|af))? (?P<name>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<name>.+?) ?\(\d+\)$"),
)


def copies(paths: Mapping[str, Path]) -> dict[str, str]:
    """Return the files that are called as copies of another and have the same bytes, and why they are left out.

    Parameters
    ----------
    paths : mapping of str to Path
        From the names within the song's folder to the files.
    """
    by_name = {_key(name): name for name in paths}
    found = {}
    for name, path in paths.items():
        for pattern in _COPY_NAMES:
            copied = pattern.match(composed(bare_name(PurePosixPath(name).name)))
            original = by_name.get((_key(name)[0], copied["name"].casefold())) if copied else None
            if original and original != name and original not in found and _same_bytes(path, paths[original]):
                found[name] = f"it is a copy of {shown(original)}"
                break
    return found


def _key(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    return str(path.parent), composed(bare_name(path.name)).casefold()


def _same_bytes(path: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(path, other, shallow=False)
    except OSError:  # told where the stem is read
        return False
