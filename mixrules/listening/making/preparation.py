"""Everything that can be wrong with songs and conditions, found before anything is rendered or written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import ParameterError
from mixrules.listening.making.excerpt_choice import Excerpt, choose_excerpt, cut, require_sound
from mixrules.listening.making.request import StimuliRequest
from mixrules.stems import Progress
from mixrules.systems import Song, System, load_song, produce, require_ready


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSong:
    """A song that can be rendered in every condition.

    Attributes
    ----------
    folder : Path
        Its stems.
    name : str
        What it is called.
    excerpt : Excerpt
        Which seconds of it are heard.
    notes : tuple of str
        What was noticed while its stems were read.
    """

    folder: Path
    name: str
    excerpt: Excerpt
    notes: tuple[str, ...]


def prepare(
    folders: Iterable[Path], request: StimuliRequest, *, progress: Progress | None = None
) -> tuple[PreparedSong, ...]:
    """Check every song against every condition, and choose the excerpts.

    Parameters
    ----------
    folders : iterable of Path
        The songs' folders of stems.
    request : StimuliRequest
        What is to be made of them.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    tuple of PreparedSong
        In the order given.

    Raises
    ------
    MixrulesError
        At the first thing that would fail later: a song or a mix that is missing or cannot be read, a plan
        for other stems, a finished mix of another length, an excerpt that is too long or silent.
    """
    folders = list(folders)
    if not folders:
        raise ParameterError("no song is named: one folder of stems at least is needed")
    prepared: list[PreparedSong] = []
    for number, folder in enumerate(folders):
        if progress is not None:
            progress(f"checking {folder.name}", number, len(folders))
        song = load_song(folder, sample_rate=request.sample_rate)
        twin = next((p for p in prepared if p.name == song.name), None)
        if twin is not None:
            raise ParameterError(f"{twin.folder} and {folder} are both called {song.name}: rename one")
        excerpt = choose_excerpt(song.stems, seconds=request.seconds, at_s=request.start_of(song.name))
        for system in request.systems:
            _require_excerpt(system, song, excerpt)
        prepared.append(PreparedSong(folder=folder, name=song.name, excerpt=excerpt, notes=song.stems.notes))
    if request.training and request.training_song is not None:
        practice = request.training_song.resolve()
        if practice in [song.folder.resolve() for song in prepared]:
            raise ParameterError(f"{request.training_song} is rated too: train on another song")
    unknown = sorted(set(request.at_song_s) - {song.name for song in prepared})
    if unknown:
        raise ParameterError(
            f"an excerpt is set for {unknown[0]!r}: the songs are {', '.join(song.name for song in prepared)}"
        )
    if request.repeats > len(prepared):
        raise ParameterError(f"{request.repeats} pages cannot be repeated: there are {len(prepared)}")
    return tuple(prepared)


def _require_excerpt(system: System, song: Song, excerpt: Excerpt) -> None:
    require_ready(system, song)
    if system.kind in ("human", "audio"):
        made = produce(system, song, seed=0)
        what = f"the mix of {song.name} in condition {system.name}"
        require_sound(cut(made.audio, made.sample_rate, excerpt), made.sample_rate, what, excerpt)
