"""Mixing all songs of a data set: the mixes, with one gain a song or one an album, and the table of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from mixrules.corpus.batch.album import AlbumMixing, Summing, album_gains, master_settings
from mixrules.corpus.batch.mixing import Mixing
from mixrules.corpus.batch.table import write_table
from mixrules.corpus.catalogue import Catalogue
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.pace import Progress
from mixrules.corpus.work.place import open_place
from mixrules.corpus.work.run import RunSummary, claim_for, run_songs
from mixrules.corpus.work.song_work import Record, SongWork
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
        same album there, if any. All songs are measured first.
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
    work: SongWork = mixing
    if album:
        master_settings(mixing.rules)
        sums = f"{output}/{SUMS}" if isinstance(output, str) else output / SUMS
        claim_for(AlbumMixing(mixing=mixing, sums=open_place(sums)), songs, output)
        run_songs(
            Summing(mixing=mixing),
            songs,
            sums,
            workers=workers,
            retry_failed=retry_failed,
            progress=_step(progress, "measuring the sums"),
        )
        work = _with_gains(mixing, songs, sums)
        progress = _step(progress, "mixing")
    summary = run_songs(work, songs, output, workers=workers, retry_failed=retry_failed, progress=progress)
    place = open_place(output)
    with place.held(), closing(Ledger(place.ledger_lines())) as ledger:
        write_table(_known(songs, ledger), place)
    return summary


def _step(progress: Progress | None, name: str) -> Progress | None:
    """Return a function that tells of progress and says in which of two steps it is."""
    if progress is None:
        return None
    return lambda what, done, total: progress(f"{name}: {what}", done, total)


def _with_gains(mixing: Mixing, songs: Catalogue, sums: str | Path) -> AlbumMixing:
    """Return the work that is left once the sums are known; those of earlier runs belong to the albums too."""
    place = open_place(sums)
    with place.held(), closing(Ledger(place.ledger_lines())) as ledger:
        known = list(_known(songs, ledger))
    gains = album_gains(
        (song for song, record in known if not record.reason), place, master_settings(mixing.rules)
    )
    failed = {song.song: record.reason for song, record in known if record.reason}
    return AlbumMixing(mixing=mixing, sums=place, gains=gains, failed=failed)


def _known(songs: Catalogue, ledger: Ledger) -> Iterator[tuple[SongDescription, Record]]:
    """Yield every song of the data set of which it is known what came of it, in this run or an earlier one."""
    seen = set()
    for song in dataclasses.replace(songs, split="", only=()):
        number = ledger.number(song.song)
        if number is not None and ledger.is_recorded(number) and number not in seen:
            seen.add(number)
            yield song, ledger.record(number)
