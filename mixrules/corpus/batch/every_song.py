"""Mixing all songs of a data set: the mixes, with one gain a song or one an album, and the table of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mixrules.corpus.batch.album import SongsOfAlbums, album_of
from mixrules.corpus.batch.album_gains import SongsWithGains, album_gains
from mixrules.corpus.batch.album_mixing import AlbumMixing, master_settings
from mixrules.corpus.batch.album_sums import Summing
from mixrules.corpus.batch.mixing import Mixing
from mixrules.corpus.batch.table import write_table
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.pace import Progress
from mixrules.corpus.work.place import Place, open_place
from mixrules.corpus.work.run import RunSummary, claim_for, run_in
from mixrules.corpus.work.song_work import DataSet, Record
from mixrules.corpus.work.workers import Workers
from mixrules.stems.song_description import SongDescription

SUMS = ".sums"
"""Where in the results lies what the songs of albums measure before the master; no song's name begins so."""


def mix_songs(
    mixing: Mixing,
    songs: Catalogue,
    output: str | Path,
    *,
    album: bool = False,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Mix all songs of a data set, and write the table of the mixes.

    Parameters
    ----------
    mixing : Mixing
        By which rules, and how the mixes are written.
    songs : Catalogue
        The songs.
    output : str or Path
        Where the mixes go.
    album : bool
        Give the songs of an album one gain at the master: those that lie in one folder of the data set and have the
        same album there, if any. All songs of the albums are measured first, those that are not among `songs` too,
        and mixes of these that are in the output already follow where the gain is another one.
    workers, retry_failed, progress
        As for `run_songs`.

    Returns
    -------
    RunSummary
        Of the mixes.

    Raises
    ------
    ParameterError
        If the output holds something else, another run has it, or an album is wanted of rules that do not end with a
        master of ours.
    AudioFileError
        If the songs cannot be listed, or the results not be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> import numpy as np, soundfile
    >>> from mixrules import presets
    >>> from mixrules.corpus.catalogue import Catalogue
    >>> Path("songs/One").mkdir(parents=True)
    >>> for name in ("vocals", "piano"):
    ...     soundfile.write(f"songs/One/{name}.wav", np.full(4800, 0.1), 48_000)
    >>> summary = mix_songs(Mixing(rules=presets.load("default")), Catalogue(Path("songs")), "mixes")
    >>> summary.done, summary.failed
    (1, ())
    >>> sorted(path.name for path in Path("mixes").glob("One.*"))
    ['One.plan.json', 'One.wav']
    """
    if album:
        master_settings(mixing.rules)
    next(iter(songs), None)  # where there is none it fails before anything is made
    with open_place(output).held() as place:
        if album:
            summary = _mix_albums(mixing, songs, output, place, workers, retry_failed, progress)
        else:
            summary = run_in(
                place, mixing, songs, workers=workers, retry_failed=retry_failed, progress=progress
            )
        with closing(Ledger(place.ledger_lines())) as ledger:
            write_table(_known(_all_of(songs), ledger), place)
    return summary


def _mix_albums(
    mixing: Mixing,
    songs: Catalogue,
    output: str | Path,
    place: Place,
    workers: Workers | None,
    retry_failed: bool,
    progress: Progress | None,
) -> RunSummary:
    """Measure all songs of the albums that songs are on, and mix these and what is there of the albums already."""
    names, albums = set(), set()
    for song in songs:
        names.add(song.song)
        albums.add(album_of(song))
    of_albums = SongsOfAlbums(_all_of(songs), frozenset(albums))
    sums = open_place(f"{output}/{SUMS}" if isinstance(output, str) else output / SUMS)
    work = AlbumMixing(mixing=mixing, sums=sums)
    claim_for(work, songs, place)
    with sums.held() as held_sums:
        run_in(
            held_sums,
            Summing(mixing=mixing),
            of_albums,
            workers=workers,
            retry_failed=retry_failed,
            progress=_step(progress, "measuring the sums"),
        )
        with closing(Ledger(sums.ledger_lines())) as ledger:
            measured = list(_known(of_albums, ledger))
        with closing(Ledger(place.ledger_lines())) as ledger:
            mixed = [song.song for song, record in _known(of_albums, ledger) if not record.reason]
        gains = album_gains(measured, sums, master_settings(mixing.rules))
        # The gain does without a song that cannot be measured: whichever songs were asked for, that is told.
        failed = (name for name, gain in gains.items() if isinstance(gain, str))
        return run_in(
            place,
            work,
            SongsWithGains(songs=of_albums, names=names.union(mixed, failed), gains=gains),
            workers=workers,
            retry_failed=retry_failed,
            progress=_step(progress, "mixing"),
        )


def _step(progress: Progress | None, name: str) -> Progress | None:
    """Return a function that tells of progress and says in which of two steps it is."""
    if progress is None:
        return None
    return lambda what, done, total: progress(f"{name}: {what}", done, total)


def _all_of(songs: Catalogue) -> Catalogue:
    """Return all songs of the data set of which some were chosen."""
    return dataclasses.replace(songs, split="", only=())


def _known(songs: DataSet, ledger: Ledger) -> Iterator[tuple[SongDescription, Record]]:
    """Yield every song of which it is known what came of it, in this run or an earlier one."""
    seen = set()
    for song in songs:
        number = ledger.number(song.song)
        if number is not None and ledger.is_recorded(number) and number not in seen:
            seen.add(number)
            yield song, ledger.record(number)
