"""The page of a mix, as `mix` and `render` offer it: its options, and when it can be written."""

from __future__ import annotations

import functools
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.options import refuse_to_replace
from mixrules.cli.progress import progress_bar
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.mix_result import MixResult
    from mixrules.mixplan import MixPlan
    from mixrules.report.song.sounds import ReportAudio
    from mixrules.ruleset import RuleSet
    from mixrules.stems import Stems

_PAGE_SUFFIXES = (".html", ".htm")


@dataclass(frozen=True, slots=True)
class ReportChoice:
    """Which page is asked for: its file, if any, and what it plays."""

    path: Path | None
    audio: ReportAudio

    def require_possible(self, output: Path) -> None:
        """Refuse before anything is mixed what could not be written after it."""
        if self.path is None:
            return
        from mixrules.files import check_writable
        from mixrules.report.song.page import require_page_libraries

        if self.path.suffix.lower() not in _PAGE_SUFFIXES:
            raise ParameterError(f"--report writes a page, {self.path} does not end in .html: name it so")
        if self.path.resolve() == output.resolve():
            raise ParameterError(f"{self.path} cannot be both the mix and its page: name another")
        require_page_libraries()
        check_writable(self.path, makes_folder=True)

    def require_free(self, *, force: bool) -> None:
        """Refuse to replace a page that is there, unless files may be replaced."""
        if self.path is not None:
            refuse_to_replace(self.path, force=force, option="--report")

    def write(
        self,
        folder: Path,
        stems: Stems,
        result: MixResult,
        *,
        rules: RuleSet | None = None,
        start: MixPlan | None = None,
        engine: str,
        threads: int | None,
        quiet: bool,
    ) -> None:
        """Write the page, if one was asked for, and say so; parameters as for `write_song_page`."""
        if self.path is None:
            return
        from mixrules.cli.output import say
        from mixrules.files import make_folder
        from mixrules.report.song.page import write_song_page

        make_folder(self.path.parent)
        with progress_bar(quiet=quiet) as progress:
            write_song_page(
                self.path,
                stems,
                result,
                rules=rules,
                start=start,
                engine=engine,
                threads=threads,
                audio=self.audio,
                command=f"mixrules {shlex.join(sys.argv[1:])}",
                sources=_read_files(folder, stems),
                progress=progress,
            )
        if not quiet:
            say(f"wrote {self.path}")


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the page of a mix, as one argument `report`."""

    @functools.wraps(command)
    def with_choice(*, report: Path | None, report_audio: ReportAudio, **values: Any) -> Any:
        return command(report=ReportChoice(report, report_audio), **values)

    wrapped: Callable[..., Any] = with_choice
    for option in (
        click.option(
            "--report-audio",
            type=click.Choice(["none", "excerpts", "full"]),
            default="excerpts",
            show_default=True,
            help="What the page plays: nothing, the loudest 15 s of the song and 6 s of each stem, or all of it, "
            "which makes a large file.",
        ),
        click.option(
            "--report",
            type=click.Path(path_type=Path),
            metavar="FILE.html",
            help="Write a page to look at and listen to: before and after, what was done to each stem and why.",
        ),
    ):
        wrapped = option(wrapped)
    return wrapped


def _read_files(folder: Path, stems: Stems) -> list[Path]:
    """Return the files that a song was read from."""
    if not folder.is_dir():
        return [folder]
    return [folder / name for stem in stems for name in stem.file_names]
