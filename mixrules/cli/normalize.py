"""`mixrules normalize`: audio files brought to a loudness by a gain, under a true-peak ceiling."""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules._support.json_values import defined
from mixrules.cli.completions import channel_layouts
from mixrules.cli.failures import failure_of_file
from mixrules.cli.options import FiniteFloat, force_option, require_one_layout
from mixrules.cli.output import layout_note, reading, say, say_row
from mixrules.cli.progress import progress_bar
from mixrules.errors import AudioFileError, ParameterError

if TYPE_CHECKING:
    from mixrules.loudness import Loudness
    from mixrules.normalization import FailedFile, NormalizedFile

_STANDARD_STREAM = Path("-")
_READINGS = ("integrated_lufs", "loudness_range_lu", "true_peak_dbtp", "sample_peak_dbfs")


_EXAMPLES = """\b
Examples:
  mixrules normalize *.wav -o louder/
  mixrules normalize album/*.flac --album -o louder/
  mixrules normalize show.wav --target-lufs -23 -o show_r128.wav
  mixrules normalize song.wav --limit-db 3 --dry-run
  ffmpeg -i film.mkv -f wav - | mixrules normalize - -o - > film.wav
"""


@click.command("normalize", epilog=_EXAMPLES)
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="normalized",
    show_default=True,
    metavar="OUT",
    help="A folder, made if it is missing and its name has no ending; for one file also a name that ends in .wav, "
    ".flac, .aiff, .ogg, .mp3, .opus or .m4a, or - for standard output.",
)
@click.option(
    "--target-lufs",
    type=FiniteFloat(-60, 0),
    default=-14.0,
    show_default=True,
    metavar="LUFS",
    help="Loudness to reach: -14 for streaming, -23 for broadcasting (EBU R 128).",
)
@click.option(
    "--ceiling-dbtp",
    type=FiniteFloat(-60, 0),
    default=-1.0,
    show_default=True,
    metavar="DBTP",
    help="Highest true peak; where the target would exceed it, the gain is less.",
)
@click.option(
    "--limit-db",
    type=FiniteFloat(0, 24),
    default=0.0,
    show_default=True,
    metavar="DB",
    help="How far a limiter may reduce peaks to come nearer to the target; 0 is a gain and nothing else.",
)
@click.option("--album", is_flag=True, help="One gain for all FILES, so that their differences stay.")
@click.option(
    "--format",
    type=click.Choice(["wav", "flac", "aiff", "ogg", "mp3", "opus", "m4a"]),
    help="Format of what is written into a folder [default: the file's own; flac where that cannot be written].",
)
@click.option(
    "--subtype", metavar="NAME", help="Sample format, e.g. PCM_16, PCM_24, FLOAT [default: the file's own]."
)
@click.option(
    "--layout",
    shell_complete=channel_layouts,
    metavar="NAME",
    help="What the channels are, as for measure [default: what the file says].",
)
@click.option("--dual-mono", is_flag=True, help="Count files of one channel twice, as for measure.")
@force_option
@click.option("-n", "--dry-run", is_flag=True, help="Print the gains; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list; what is not defined is null.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    output: Path,
    target_lufs: float,
    ceiling_dbtp: float,
    limit_db: float,
    album: bool,
    format: str | None,
    subtype: str | None,
    layout: str | None,
    dual_mono: bool,
    force: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Bring FILES to a loudness by a gain, and measure what was written.

    The gain is lowered where a true peak would exceed the ceiling; the column "missed" says how far below the target
    (LU) the file stays, with a minus how far above it coding with loss (ogg, mp3) made it. What is written keeps format,
    sample format, rate, channels and texts; what is lossy but no Ogg Vorbis (mp3, m4a), and films, become FLAC unless
    another format is asked for. A file that is
    there already is replaced only with --force. A file that cannot be normalised costs one line on standard error and
    exit status 2; the others are still done, but with --album nothing is written.
    """
    from mixrules.normalization import (
        ChannelOptions,
        LoudnessTarget,
        OutputPlaces,
        album_refusal,
        normalize_each,
    )

    require_one_layout(layout, dual_mono)
    to_stream = output == _STANDARD_STREAM
    if to_stream and as_json:
        raise click.UsageError("choose one of -o - and --json: both take standard output")
    if to_stream and len(files) > 1:
        raise click.UsageError(
            f"standard output takes one file, there are {len(files)}: name a folder with -o"
        )
    target = LoudnessTarget(target_lufs=target_lufs, ceiling_dbtp=ceiling_dbtp, limit_db=limit_db)
    with _written_to(output, format or "wav", dry_run=dry_run) as written_to:
        places = OutputPlaces(
            list(files),
            written_to,
            format=format,
            subtype=subtype,
            force=force or dry_run,
            force_name="--force",
        )
        with progress_bar(quiet=quiet) as progress:
            outcomes = normalize_each(
                files,
                places,
                target,
                ChannelOptions(channel_weights=layout, dual_mono=dual_mono),
                album=album,
                dry_run=dry_run,
                progress=progress,
            )
    if to_stream:
        outcomes = [_streamed(outcome) for outcome in outcomes]
    debug = bool(context.parent and context.parent.params.get("debug"))
    status = _report(outcomes, as_json=as_json, quiet=quiet, err=to_stream, debug=debug)
    if len(outcomes) < len(files):
        say(f"mixrules: {album_refusal(len(outcomes), len(files))}", err=True)
    return status


@contextmanager
def _written_to(output: Path, suffix: str, *, dry_run: bool) -> Iterator[Path]:
    """Yield where to write: the output itself, or a temporary file that goes to standard output afterwards."""
    from mixrules.files import private_folder

    if output != _STANDARD_STREAM:
        yield output
        return
    if os.isatty(1) and not dry_run:
        raise ParameterError(
            "standard output is a terminal: pipe it into a program or a file, or name a file with -o"
        )
    try:
        folder = private_folder("normalized")
    except OSError as error:
        raise AudioFileError("there is no folder for what goes to standard output") from error
    try:
        path = folder.path / f"standard output.{suffix}"
        yield path
        if path.exists():
            with path.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
    finally:
        folder.remove()


def _streamed(outcome: NormalizedFile | FailedFile) -> NormalizedFile | FailedFile:
    from mixrules.normalization import NormalizedFile

    return replace(outcome, output=_STANDARD_STREAM) if isinstance(outcome, NormalizedFile) else outcome


def _report(
    outcomes: Sequence[NormalizedFile | FailedFile], *, as_json: bool, quiet: bool, err: bool, debug: bool
) -> int:
    """Print what became of each file; return the exit status."""
    from mixrules.normalization import NormalizedFile

    done = [outcome for outcome in outcomes if isinstance(outcome, NormalizedFile)]
    if as_json:
        click.echo(json.dumps([_row(each) for each in done], indent=2))
    elif done and not quiet:
        failed = [outcome.file for outcome in outcomes if not isinstance(outcome, NormalizedFile)]
        _print_table(done, failed, err=err)
    if not quiet:
        for each in done:
            for note in each.notes:
                said = layout_note(each.layout) if note == each.layout.note else note
                say(f"note: {each.file}: {said}", err=True)
    status = 0
    for outcome in outcomes:
        if isinstance(outcome, NormalizedFile):
            continue
        if debug:
            traceback.print_exception(outcome.error)
        line, this_status = failure_of_file(outcome.file, outcome.error)
        say(f"mixrules: {line}", err=True)
        status = max(status, this_status)
    return status


def _print_table(done: Sequence[NormalizedFile], failed: Sequence[Path], *, err: bool) -> None:
    heads = ("I/LUFS", "gain/dB", "after", "dBTP", "missed", "file")
    say_row(heads[:-1], heads[-1], err=err)
    for each in done:
        after = each.after
        cells = (
            reading(each.before.integrated_lufs),
            f"{each.gain_db:+.2f}",
            reading(after.integrated_lufs) if after else "-",
            reading(after.true_peak_dbtp) if after else "-",
            reading(each.missed_lu) if abs(each.missed_lu) >= 0.005 else "-",
        )
        limited = ", limited" if each.limited else ""
        say_row(cells, f"{each.file} -> {each.output}{limited}", err=err)
    album = done[0].album
    if album is not None:
        side = "above" if album.missed_lu <= -0.005 else "below"
        reached = f"{album.reached_lufs:.2f} LUFS, {abs(album.missed_lu):.2f} LU {side} the target"
        if failed:
            reached += f"; written without {', '.join(map(str, failed))}"
        say(f"all together: {album.loudness_lufs:.2f} LUFS, {album.gain_db:+.2f} dB, {reached}", err=err)


def _row(each: NormalizedFile) -> dict[str, Any]:
    return {
        "file": str(each.file),
        "output": str(each.output),
        "gain_db": each.gain_db,
        "limited": each.limited,
        "missed_lu": defined(each.missed_lu),
        "album": None
        if each.album is None
        else {
            "loudness_lufs": each.album.loudness_lufs,
            "reached_lufs": defined(each.album.reached_lufs),
        },
        "before": _readings(each.before),
        "after": None if each.after is None else _readings(each.after),
    }


def _readings(loudness: Loudness) -> dict[str, float | None]:
    return {key: defined(getattr(loudness, key)) for key in _READINGS}
