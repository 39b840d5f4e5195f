"""What source separators write for a song: either every part of it, or one part and everything but that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from mixrules.corpus.layouts.layout import problem_of
from mixrules.corpus.layouts.listing import Listing, folders_of_songs
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

ROLES = {
    "vocals": "vocal",
    "drums": "drums",
    "bass": "bass",
    "guitar": "guitar",
    "piano": "piano",
    "other": "other",
}
DEEPEST = 6
PARTS = ("vocals", "drums", "bass", "other")


def separated_songs(
    root: Path, complements: Sequence[tuple[str, str]], *, widest: int | None = None
) -> Iterator[SongDescription]:
    """Yield the songs below a folder, ``SONG`` or ``ARTIST/ALBUM/SONG``.

    Parameters
    ----------
    root : Path
        The folder.
    complements : sequence of pairs of str
        A part, and what the file is called that holds everything else.
    widest : int, optional
        How many folders in each are looked at; all by default.
    """

    def is_song(found: Listing) -> bool:
        return any(found.audio(name) for name in (*ROLES, *(rest for _, rest in complements)))

    for found in folders_of_songs(root, is_song, deepest=DEEPEST, widest=widest):
        path = PurePosixPath(found.path.relative_to(root).as_posix())
        parts = [name for name in ROLES if found.audio(name)]
        pair = next(
            ((part, rest) for part, rest in complements if found.audio(part) and found.audio(rest)),
            None,
        )
        missing: list[str] = []
        if pair is not None and not set(PARTS) <= set(parts):
            roles = {
                pair[0]: ROLES[pair[0]],
                pair[1]: "accompaniment" if pair[0] == "vocals" else "other",
            }
        else:
            roles = {name: ROLES[name] for name in parts}
            missing = [f"{name}.wav" for name in PARTS if name not in parts]
        stems = tuple(
            StemDescription(name=name, role=role, parts=(AudioPart(path=audio),))
            for name, role in roles.items()
            if (audio := found.audio(name)) is not None
        )
        yield SongDescription(
            song=str(path),
            title=path.name,
            album=path.parent.name,
            artist=path.parent.parent.name,
            stems=stems,
            mixture=tuple(part for stem in stems for part in stem.parts),
            problem=problem_of(found, missing),
        )
