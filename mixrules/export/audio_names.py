"""File names for stems: what every file system takes, no two alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_LONGEST_BYTES = 120
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def file_names(names: Sequence[str], ending: str) -> list[str]:
    """Return a file name for each of some names, with an ending; letters of any script stay.

    Parameters
    ----------
    names : sequence of str
        Of stems or reverbs.
    ending : str
        With its dot.

    Examples
    --------
    >>> file_names(["Gesang/Chor", "gesang_chor", "ベース"], ".wav")
    ['Gesang_Chor.wav', 'gesang_chor 2.wav', 'ベース.wav']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        base = _plain(name)
        free, number = base, 2
        while free.casefold() in taken:
            free, number = f"{base} {number}", number + 1
        taken.add(free.casefold())
        found.append(free + ending)
    return found


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFC", name).encode(errors="replace").decode()
    text = _NOT_IN_NAMES.sub("_", text).strip(" .") or "stem"
    text = f"_{text}" if _RESERVED.fullmatch(text) else text
    return text.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip(" .")
