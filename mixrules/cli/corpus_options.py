"""Options of the commands that work on many songs, and what they mean: which songs, who does the work, how it went."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mixrules.cli.completions import data_set_layouts
from mixrules.cli.options import quiet_option
from mixrules.cli.output import say
from mixrules.cli.progress import progress_bar
from mixrules.cli.worker_options import WorkersChoice, workers_options
from mixrules.corpus.layouts import AUTO, NAMES

if TYPE_CHECKING:
    from mixrules.corpus.catalogue import Catalogue
    from mixrules.corpus.work.pace import Progress
    from mixrules.corpus.work.run import RunSummary
    from mixrules.corpus.work.song_work import Record, SongWork
    from mixrules.corpus.work.workers import Workers

_F = TypeVar("_F", bound=Callable[..., Any])

_REASONS_SHOWN = 10
_SONGS_SHOWN = 3


def _results(_context: click.Context, _parameter: click.Parameter, value: str) -> str | Path:
    """Return a path, or the text of an address as fsspec reads it (``s3://bucket/folder``)."""
    return value if "://" in value else Path(value)


layout_option = click.option(
    "--layout",
    default="folders",
    show_default=True,
    metavar="NAME",
    shell_complete=data_set_layouts,
    help=f"The data set's layout: {', '.join(NAMES)}, mirdata:DATASET, or {AUTO}, where the folder tells.",
)
split_option = click.option("--split", default="", metavar="NAME", help="Only songs of this official split.")
only_option = click.option(
    "--only",
    multiple=True,
    metavar="PATTERN",
    help='Only songs of this name, * and ? stand for anything, e.g. --only "test/*". Repeatable.',
)


def catalogue_options(command: _F) -> _F:
    """Give a command the argument SONGS and options on which of them: it gets a `Catalogue` named ``catalogue``."""

    @functools.wraps(command)
    def with_catalogue(
        *args: Any, songs: Path, layout: str, split: str, only: tuple[str, ...], **options: Any
    ) -> Any:
        return command(*args, catalogue=chosen_songs(songs, layout, split, only), **options)

    wrapped: Any = with_catalogue
    for option in (
        only_option,
        split_option,
        layout_option,
        click.argument("songs", type=click.Path(path_type=Path)),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def chosen_songs(
    songs: Path, layout: str = "folders", split: str = "", only: tuple[str, ...] = ()
) -> Catalogue:
    """Return the songs that the options mean; errors as of `open_catalogue`."""
    from mixrules.corpus.catalogue import open_catalogue

    return dataclasses.replace(open_catalogue(songs, layout), split=split, only=only)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusRun:
    """How a command runs over songs, as its options say.

    Attributes
    ----------
    output : Path or str
        The folder of the results, or its address.
    workers : WorkersChoice
        Who does the work.
    retry_failed : bool
        Do songs again that failed in an earlier run.
    quiet : bool
        Print nothing but errors.
    """

    output: Path | str
    workers: WorkersChoice = field(default_factory=WorkersChoice)
    retry_failed: bool = False
    quiet: bool = False

    def who(self) -> Workers:
        """Return who does the work."""
        return self.workers.who(quiet=self.quiet)

    def over(self, work: SongWork, catalogue: Catalogue, *, listed_in: str) -> int:
        """Do a work on all songs, say how it went, and return the exit status.

        Parameters
        ----------
        work : SongWork
            What is done.
        catalogue : Catalogue
            The songs.
        listed_in : str
            The file of the results that lists every song that failed.

        Returns
        -------
        int
            0 where all songs succeeded, 2 where one failed.
        """
        from mixrules.corpus.work.run import run_songs

        return self.through(
            lambda workers, progress: run_songs(
                work,
                catalogue,
                self.output,
                workers=workers,
                retry_failed=self.retry_failed,
                progress=progress,
            ),
            listed_in=listed_in,
        )

    def through(self, run: Callable[[Workers, Progress | None], RunSummary], *, listed_in: str) -> int:
        """Let a function run over songs, say how it went, and return the exit status; see `over`.

        Parameters
        ----------
        run : callable
            Gets who does the work and who is told of progress.
        listed_in : str
            The file of the results that lists every song that failed.
        """
        with progress_bar(quiet=self.quiet) as progress:
            summary = run(self.who(), progress)
        for line in failure_lines(summary.failed, f"{self.output}/{listed_in}"):
            say(f"mixrules: {line}", err=True)
        if not self.quiet:
            say(summary_line(summary))
        return 2 if summary.failed else 0


def run_options(output: str, results: str) -> Callable[[_F], _F]:
    """Give a command the options on who does the work and where it goes: it gets a `CorpusRun` named ``run``.

    Parameters
    ----------
    output : str
        The default of ``-o``.
    results : str
        What goes there, for the help.

    Returns
    -------
    callable
        A decorator.
    """

    def decorate(command: _F) -> _F:
        @functools.wraps(command)
        def with_run(
            *args: Any,
            output: Path | str,
            workers: WorkersChoice,
            retry_failed: bool,
            quiet: bool,
            **options: Any,
        ) -> Any:
            run = CorpusRun(output=output, workers=workers, retry_failed=retry_failed, quiet=quiet)
            return command(*args, run=run, **options)

        wrapped: Any = with_run
        for option in (
            quiet_option,
            click.option(
                "--retry-failed", is_flag=True, help="Do songs again that failed in an earlier run."
            ),
            workers_options,
            click.option(
                "-o",
                "--output",
                callback=_results,
                default=output,
                show_default=True,
                metavar="FOLDER",
                help=f"Where {results} go; what is finished there is kept. A URL as fsspec reads it, too.",
            ),
        ):
            wrapped = option(wrapped)
        return wrapped  # type: ignore[no-any-return]

    return decorate


def failure_lines(failed: tuple[Record, ...], listed_in: str) -> list[str]:
    """Return what is said of songs that failed: a line a reason, the first ten."""
    songs: dict[str, list[str]] = {}
    for record in failed:
        songs.setdefault(record.reason, []).append(record.song)
    lines = []
    for reason, names in list(songs.items())[:_REASONS_SHOWN]:
        more = f" and {len(names) - _SONGS_SHOWN} more" if len(names) > _SONGS_SHOWN else ""
        lines.append(f"{', '.join(names[:_SONGS_SHOWN])}{more}: {reason}")
    rest = sum(len(names) for names in list(songs.values())[_REASONS_SHOWN:])
    if rest:
        lines.append(f"and {rest} more, in {listed_in}")
    return lines


def summary_line(summary: RunSummary) -> str:
    """Return how a run went: counts, songs a minute where it did any, and what to do about those that failed."""
    parts = [f"{summary.done} done, {summary.kept} kept, {len(summary.failed)} failed"]
    if summary.done:
        parts.append(f"{summary.songs_per_minute:.1f} songs a minute")
    if summary.failed:
        parts.append("--retry-failed retries them even if their files are unchanged")
    return "; ".join(parts)
