"""Everything that can be wrong with songs and conditions, found before anything is rendered or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mixrules.corpus.work.outcomes import reason_of
from mixrules.errors import ParameterError, StemsError
from mixrules.listening.making.excerpt_choice import Excerpt, choose_excerpt, cut, require_sound
from mixrules.listening.making.request import StimuliRequest
from mixrules.stems import Progress
from mixrules.stems.stem_names import first_names
from mixrules.systems import Song, SongSource, System, produce, require_ready

_MOST_REASONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSong:
    """A song that can be rendered in every condition.

    Attributes
    ----------
    source : SongSource
        Its name and its stems.
    excerpt : Excerpt
        Which seconds of it are heard.
    notes : tuple of str
        What was noticed while its stems were read.
    """

    source: SongSource
    excerpt: Excerpt
    notes: tuple[str, ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return self.source.name


@dataclass(frozen=True, slots=True, kw_only=True)
class SongLeftOut:
    """A song that cannot be used.

    Attributes
    ----------
    song : str
        What it is called.
    error : Exception
        Why.
    """

    song: str
    error: Exception

    @property
    def reason(self) -> str:
        """Why, in one line."""
        return reason_of(self.error)

    def __str__(self) -> str:
        return f"song {self.song} left out: {self.reason}"


def prepare(
    sources: Sequence[SongSource], request: StimuliRequest, *, progress: Progress | None = None
) -> tuple[list[PreparedSong], list[SongLeftOut]]:
    """Check every song against every condition, and choose the excerpts.

    Parameters
    ----------
    sources : sequence of SongSource
        The songs.
    request : StimuliRequest
        What is to be made of them.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    prepared : list of PreparedSong
        In the order given.
    left_out : list of SongLeftOut
        Songs that would fail later: files or a mix that are missing or cannot be read, a plan for other stems, a
        finished mix of another length, an excerpt that is too long or silent.

    Raises
    ------
    MixrulesError
        If no song can be used, two have one name, or the request does not fit the songs.
    """
    _require_fits(sources, request)
    prepared: list[PreparedSong] = []
    left_out: list[SongLeftOut] = []
    for number, source in enumerate(sources):
        if progress is not None:
            progress(f"checking {source.name}", number, len(sources))
        try:
            prepared.append(_prepared(source, request))
        except Exception as error:  # of any library: it costs this song
            left_out.append(SongLeftOut(song=source.name, error=error))
    require_left(prepared, left_out, request)
    return prepared, left_out


def require_left(songs: Sequence[object], left_out: Sequence[SongLeftOut], request: StimuliRequest) -> None:
    """Raise the error of a test of which too few songs are left."""
    if not songs and len(left_out) == 1:
        raise left_out[0].error
    reasons = "; ".join(map(str, left_out[:_MOST_REASONS]))
    if not songs:
        raise StemsError(f"no song can be used: {reasons}")
    asks = request.asks()
    there = f" ({reasons})" if left_out else ""
    if asks.repeats > len(songs):
        raise ParameterError(f"{asks.repeats} pages cannot be repeated: there are {len(songs)}{there}")
    if asks.songs_per_listener is not None and asks.songs_per_listener > len(songs):
        raise ParameterError(
            f"{asks.songs_per_listener} songs cannot be given to each listener: there are {len(songs)}{there}"
        )


def _require_fits(sources: Sequence[SongSource], request: StimuliRequest) -> None:
    """Raise the error of a request that does not fit the songs, whatever is in them."""
    mistakes = request.asks().require_conditions(request.conditions(), len(sources))
    named = [mistake for mistake in mistakes if not mistake.startswith("pages.")]
    if named:
        raise ParameterError("; ".join(named))
    if not sources:
        raise ParameterError("no song is named: one folder of stems at least is needed")
    by_name: dict[str, SongSource] = {}
    for source in sources:
        twin = by_name.setdefault(source.name, source)
        if twin is not source:
            both = f"{twin.folders[0]} and {source.folders[0]}"
            raise ParameterError(f"{both} are both called {source.name}: rename one")
    if request.asks().training and request.training_song is not None:
        practice = request.training_song.resolve()
        folders = [source.description.folder for source in sources]
        if practice in [folder.resolve() for folder in folders if folder is not None]:
            raise ParameterError(f"{request.training_song} is rated too: train on another song")
    known = {name for source in sources for name in (source.name, source.description.song)}
    unknown = sorted(set(request.at_song_s) - known)
    if unknown:
        raise ParameterError(
            f"an excerpt is set for {unknown[0]!r}: the songs are {first_names(list(by_name))}"
        )
    require_left(sources, (), request)


def _prepared(source: SongSource, request: StimuliRequest) -> PreparedSong:
    if source.description.problem:
        raise StemsError(source.description.problem)
    song = source.load(sample_rate=request.sample_rate)
    at_s = request.start_of(source.name, source.description.song)
    excerpt = choose_excerpt(song.stems, seconds=request.seconds, at_s=at_s)
    for system in request.systems:
        _require_excerpt(system, song, excerpt)
    return PreparedSong(source=source, excerpt=excerpt, notes=song.stems.notes)


def _require_excerpt(system: System, song: Song, excerpt: Excerpt) -> None:
    require_ready(system, song)
    if system.kind in ("human", "audio"):
        made = produce(system, song, seed=0)
        what = f"the mix of {song.name} in condition {system.name}"
        require_sound(cut(made.audio, made.sample_rate, excerpt), made.sample_rate, what, excerpt)
