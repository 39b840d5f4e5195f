"""Which songs a model has seen in its training, as short hashes: names of songs are nobody else's business."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

_HASH_BYTES = 4
_MOST = 10_000  # of them 90 kB; a song is taken for one of these by chance once in 400,000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSongs:
    """The songs that a model has learnt from, and those that chose its epoch.

    Attributes
    ----------
    count : int
        How many songs.
    hashes : tuple of str
        Eight hexadecimal digits of the BLAKE2b hash of each name, sorted; none where there are more than 10,000 songs.
    """

    count: int
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, names: Iterable[str]) -> TrainingSongs:
        """Return what is kept of the names of songs."""
        songs = set(names)
        return cls(
            count=len(songs),
            hashes=() if len(songs) > _MOST else tuple(sorted({_hash(name) for name in songs})),
        )

    def holds(self, name: str) -> bool | None:
        """Return whether a song is one of them; None where there were too many to keep."""
        return _hash(name) in self.hashes if self.hashes or not self.count else None


def _hash(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).hexdigest()
