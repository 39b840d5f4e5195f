"""`mixrules measure`: loudness, loudness range and peaks of audio files."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from mixrules.cli.progress import progress_bar
from mixrules.errors import MixrulesError

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
)


@click.command("measure")
@click.argument("files", nargs=-1, required=True, type=click.Path(readable=False, path_type=Path))
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list; silence and what is not defined are null."
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a header; what is not defined is empty.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(files: tuple[Path, ...], as_json: bool, as_csv: bool, quiet: bool) -> int:
    """Measure FILES after ITU-R BS.1770-5 and EBU R 128.

    A file that cannot be read costs one line on standard error and exit status 2; the others are
    still measured.
    """
    from mixrules.files import read_audio
    from mixrules.files.table_writing import csv_text
    from mixrules.loudness import measure

    if as_json and as_csv:
        raise click.UsageError("choose one of --json and --csv")
    rows: list[dict[str, Any]] = []
    failed = []
    with progress_bar(quiet=quiet or len(files) < 2) as progress:
        for number, path in enumerate(files):
            if progress:
                progress(f"measuring {path.name}", number, len(files))
            try:
                data = read_audio(path)
                found = measure(data.audio, data.sample_rate)
            except MixrulesError as error:
                failed.append(f"{error}" if str(path) in str(error) else f"{path}: {error}")
                continue
            rows.append({"file": str(path)} | {key: getattr(found, key) for key in KEYS[1:]})
    if as_json:
        click.echo(json.dumps([{k: _defined(v) for k, v in row.items()} for row in rows], indent=2))
    elif as_csv:
        click.echo(csv_text([{k: _defined(v) for k, v in row.items()} for row in rows], KEYS), nl=False)
    elif rows:
        _print_table(rows)
    for message in failed:
        click.echo(f"mixrules: {' '.join(message.split())}", err=True)
    return 2 if failed else 0


def _defined(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print_table(rows: list[dict[str, Any]]) -> None:
    heads = ("I/LUFS", "LRA/LU", "max M", "max S", "dBTP", "dBFS", "s", "file")
    click.echo(" ".join(f"{head:>7}" for head in heads[:-1]) + "  " + heads[-1])
    order = (*KEYS[4:], "duration_s")
    for row in rows:
        values = " ".join(f"{_shown(row[key]):>7}" for key in order)
        click.echo(f"{values}  {row['file']}")


def _shown(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"
