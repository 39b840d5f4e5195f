"""`mixrules measure`: loudness, loudness range and peaks of audio files."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules._support.json_values import defined
from mixrules.cli.completions import channel_layouts
from mixrules.cli.failures import failure_of_file
from mixrules.cli.options import refuse_to_replace, require_one_layout
from mixrules.cli.output import layout_note, reading, say, say_row
from mixrules.cli.progress import progress_bar
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.metering.one_pass import Metered

KEYS = (
    "file",
    "sample_rate",
    "channels",
    "duration_s",
    "integrated_lufs",
    "loudness_range_lu",
    "momentary_max_lufs",
    "short_term_max_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "layout",
    "layout_from",
)


_EXAMPLES = """\b
Examples:
  mixrules measure *.wav
  mixrules measure podcast.wav --dual-mono --json
  mixrules measure film.mkv
  mixrules measure mix.wav reference.wav --plot loudness.svg
  ffmpeg -i film.mkv -f wav - | mixrules measure -
"""


@click.command("measure", epilog=_EXAMPLES)
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list; silence and what is not defined are null."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header; what is not defined is empty.")
@click.option(
    "--layout",
    metavar="NAME",
    shell_complete=channel_layouts,
    help="What the channels are, whatever the files say: mono, stereo, 2.1, 3.0, 3.1, 4.0, quad, 5.0, 5.1, 5.1.2, "
    '6.1, 7.0, 7.1, or the positions in order, e.g. "FL FC FR BL BR LFE" '
    "[default: what the file says, else the usual layout of so many channels].",
)
@click.option(
    "--dual-mono",
    is_flag=True,
    help="Count files of one channel twice: two loudspeakers will play it (+3 LU).",
)
@click.option(
    "--plot",
    "figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw the loudness of all files over time on one scale, by its name SVG, PDF or PNG.",
)
@click.option("--force", is_flag=True, help="Replace a figure that is there already.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.pass_context
def command(
    context: click.Context,
    files: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
    layout: str | None,
    dual_mono: bool,
    figure: Path | None,
    force: bool,
    quiet: bool,
) -> int:
    """Measure FILES after ITU-R BS.1770-5 and EBU R 128.

    WAV, FLAC, OGG, MP3 and AIFF are read, and with the extra mixrules[stems] m4a, the sound of films and what else libav
    decodes. A file may be a pipe; - is standard input. A file that cannot be read costs one line on standard error and
    exit status 2; the others are still measured.
    """
    from mixrules.files.tables.writing import csv_text
    from mixrules.metering.one_pass import metered

    if as_json and as_csv:
        raise click.UsageError("choose one of --json and --csv")
    require_one_layout(layout, dual_mono)
    if figure is not None:
        _require_figure(figure, files, force=force)
    debug = bool(context.parent and context.parent.params.get("debug"))
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    measured: list[tuple[Path, Metered]] = []
    failed: list[tuple[str, int]] = []
    with progress_bar(quiet=quiet or len(files) < 2) as progress:
        for number, path in enumerate(files):
            if progress:
                progress(f"measuring {path.name}", number, len(files))
            try:
                found = metered(path, channel_weights=layout, dual_mono=dual_mono)
            except Exception as error:  # whatever it is, the other files are measured
                if debug:
                    traceback.print_exception(error)
                failed.append(failure_of_file(path, error))
                continue
            note = layout_note(found.layout)
            rows.append(_row(path, found))
            notes += [f"{path}: {note}"] if note else []
            measured += [(path, found)] if figure is not None else []
    if as_json:
        click.echo(json.dumps(defined(rows), indent=2))
    elif as_csv:
        click.echo(csv_text(defined(rows), KEYS), nl=False)
    elif rows:
        _print_table(rows)
    if figure is not None and measured:
        _draw(figure, measured)
        say(f"wrote {figure}", err=True)
    for note in notes:
        say(f"note: {note}", err=True)
    for line, _ in failed:
        say(f"mixrules: {line}", err=True)
    return max((status for _, status in failed), default=0)


def _row(path: Path, found: Metered) -> dict[str, Any]:
    """Return a file's readings, by the keys of the output."""
    readings = {key: getattr(found.loudness, key) for key in KEYS[1:-2]}
    return {"file": str(path)} | readings | {"layout": found.layout.name, "layout_from": found.layout.source}


def _require_figure(path: Path, files: tuple[Path, ...], *, force: bool) -> None:
    """Refuse a figure that cannot be written, or that would replace what is there."""
    from mixrules.report.song.figures.saving import require_figure_path

    require_figure_path(path)
    if any(path.resolve() == each.resolve() for each in files):
        raise ParameterError(f"{path} is one of the files that are measured: name another with --plot")
    refuse_to_replace(path, force=force, option="--plot")


def _draw(path: Path, measured: list[tuple[Path, Metered]]) -> None:
    from mixrules.report.song.figures.saving import save_figure
    from mixrules.report.song.sound_files import labels_of, loudness_figure
    from mixrules.report.song.sound_meter import loudness_picture

    labels = labels_of([path for path, _ in measured])
    pictures = [loudness_picture(found.loudness, found.energies) for _, found in measured]
    save_figure(loudness_figure(dict(zip(labels, pictures, strict=True))), path)


def _print_table(rows: list[dict[str, Any]]) -> None:
    heads = ("I/LUFS", "LRA/LU", "max M", "max S", "dBTP", "dBFS", "s", "file")
    say_row(heads[:-1], heads[-1])
    order = (*KEYS[4:-2], "duration_s")
    for row in rows:
        shown = "" if row["layout"] in ("mono", "stereo") else f" ({row['layout']})"
        say_row([reading(row[key]) for key in order], f"{row['file']}{shown}")
