"""`mixrules impulse-response`: extract one from dry and wet recordings, measure it, fit our reverb to it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules._support.json_values import defined
from mixrules.cli.options import FiniteFloat, force_option, refuse_to_replace
from mixrules.cli.output import say
from mixrules.errors import AudioError, ParameterError

if TYPE_CHECKING:
    from mixrules._support.validation import Audio
    from mixrules.matching import ExtractedResponse, ReverbFit

_LENGTH_S = (0.01, 60.0)
_SEARCHES = ("direct", "differential-evolution", "cma-es", "genetic", "hill-climbing")

_EXAMPLES = """\b
Examples:
  mixrules impulse-response --dry dry.wav --wet wet.wav -o ir.wav
  mixrules impulse-response --dry take1.wav --wet hall1.wav --dry take2.wav --wet hall2.wav -o ir.wav
  mixrules impulse-response --response ir.wav
  mixrules impulse-response --response ir.wav --fit room.json
  mixrules impulse-response --response ir.wav --search hill-climbing --evaluations 400
"""


@click.command("impulse-response", epilog=_EXAMPLES)
@click.option(
    "--dry",
    "dry_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A recording without reverb; several, each with its --wet, are averaged.",
)
@click.option(
    "--wet",
    "wet_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The same sound with reverb, or the reverb alone.",
)
@click.option(
    "--response",
    "response_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An impulse response that is there already, in place of --dry and --wet.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the extracted response: a WAV of 32-bit floats by default.",
)
@click.option(
    "--length",
    "length_s",
    type=FiniteFloat(*_LENGTH_S),
    metavar="S",
    help="Length of the extracted response in seconds [default: found out].",
)
@click.option(
    "--fit",
    "fit_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the settings of the fitted room as JSON.",
)
@click.option(
    "--search",
    type=click.Choice(_SEARCHES),
    default="direct",
    show_default=True,
    help="How the room is found; all but direct begin at its room.",
)
@click.option(
    "--evaluations", type=int, default=400, show_default=True, help="Responses that a search may make."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search's chance.")
@click.option(
    "--bands",
    type=click.Choice(("bark", "mel")),
    default="bark",
    show_default=True,
    help="Bands of the fit's cost.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; what is not defined is null.")
@force_option
def command(
    dry_paths: tuple[Path, ...],
    wet_paths: tuple[Path, ...],
    response_path: Path | None,
    output: Path | None,
    length_s: float | None,
    fit_path: Path | None,
    search: str,
    evaluations: int,
    seed: int,
    bands: str,
    as_json: bool,
    force: bool,
) -> None:
    """Extract the impulse response between a dry and a wet recording, measure it, and fit our reverb to it.

    Printed are reverberation time (T30, or T20 where noise hides the rest) and early decay time of each octave, the
    fitted room's beside them, and how much of the wet recording the response explains. Files of other rates are
    resampled to that of the first wet one; a stereo dry recording is averaged, as our reverb does.
    """
    from mixrules.files import check_audio_path
    from mixrules.matching import fit_reverb, measure_response
    from mixrules.report.response_rows import extraction_rows, response_rows, room_rows

    _require_sources(dry_paths, wet_paths, response_path, output)
    if response_path is not None and length_s is not None:
        raise click.UsageError("--length is that of a response extracted from --dry and --wet: leave it out")
    sources = [*dry_paths, *wet_paths, *([response_path] if response_path else [])]
    for option, path in (("-o", output), ("--fit", fit_path)):
        if path is not None:
            if any(path.resolve() == each.resolve() for each in sources):
                raise ParameterError(f"{path} is one of the recordings: name another with {option}")
            refuse_to_replace(path, force=force, option=option)
    if output is not None:
        check_audio_path(output, makes_folder=True)
    found: ExtractedResponse | None = None
    if response_path is not None:
        response, sample_rate = _read(response_path)
    else:
        found = _extracted(dry_paths, wet_paths, length_s, quiet=as_json)
        response, sample_rate = found.response, found.sample_rate
    measured = measure_response(
        response, sample_rate, name=str(response_path) if response_path else "the extracted response"
    )
    if output is not None:
        _write(output, response, sample_rate)
    try:
        fit: ReverbFit | None = fit_reverb(
            response,
            sample_rate,
            search=search,
            evaluations=evaluations,
            seed=seed,
            bands=bands,  # type: ignore[arg-type]
        )
    except AudioError as error:
        # The response is there and measured, whatever the room.
        if fit_path is not None:
            raise
        fit, no_fit = None, str(error)
    if fit_path is not None and fit is not None:
        _write_fit(fit_path, fit)
    if as_json:
        click.echo(json.dumps(defined(_document(found, measured, fit)), indent=2))
        return
    for row in extraction_rows(found) if found else []:
        say(row)
    if fit is None:
        say(f"no room fitted: {no_fit}")
    else:
        for row in (*response_rows(measured, fit), *room_rows(fit)):
            say(row)
    for path in (output, fit_path):
        if path is not None:
            say(f"wrote {path}")


def _require_sources(
    dry: tuple[Path, ...], wet: tuple[Path, ...], response: Path | None, output: Path | None
) -> None:
    if response is not None and (dry or wet):
        raise click.UsageError("name either --response, or --dry and --wet")
    if response is None and not (dry and wet):
        raise click.UsageError("name --dry and --wet, or --response")
    if len(dry) != len(wet):
        raise click.UsageError(f"{len(dry)} --dry and {len(wet)} --wet: each dry recording needs its wet one")
    if response is not None and output is not None:
        raise click.UsageError("-o writes a response that is extracted from --dry and --wet")


def _read(path: Path) -> tuple[Audio, int]:
    from mixrules.files import read_audio

    data = read_audio(path)
    return data.audio, data.sample_rate


def _extracted(
    dry_paths: tuple[Path, ...], wet_paths: tuple[Path, ...], length_s: float | None, *, quiet: bool
) -> ExtractedResponse:
    import soxr

    from mixrules.matching import extract_response

    read = {path: _read(path) for path in (*dry_paths, *wet_paths)}
    sample_rate = read[wet_paths[0]][1]
    for path, (audio, rate) in read.items():
        if rate != sample_rate:
            if not quiet:
                say(f"note: {path} is resampled from {rate} to {sample_rate} Hz, the rate of {wet_paths[0]}")
            read[path] = (soxr.resample(audio, rate, sample_rate), sample_rate)
    dry, wet = ([read[path][0] for path in paths] for paths in (dry_paths, wet_paths))
    names = [(str(each), str(of)) for each, of in zip(dry_paths, wet_paths, strict=True)]
    return extract_response(dry, wet, sample_rate, length_s=length_s, names=names)


def _write(path: Path, response: Any, sample_rate: int) -> None:
    import numpy as np

    from mixrules.files import make_folder, write_audio, written_format

    make_folder(path.parent)
    subtype = "FLOAT" if "FLOAT" in written_format(path)[1] else None  # a response may pass full scale
    write_audio(path, response.astype(np.float32), sample_rate, subtype=subtype)


def _write_fit(path: Path, fit: ReverbFit) -> None:
    from mixrules.files import make_folder, write_text_atomic

    make_folder(path.parent)
    document = {"params": dataclasses.asdict(fit.params), "level_db": fit.level_db}
    write_text_atomic(path, json.dumps(document, indent=2) + "\n")


def _document(found: ExtractedResponse | None, measured: Any, fit: ReverbFit | None) -> dict[str, Any]:
    extracted = None
    if found is not None:
        extracted = dataclasses.asdict(found) | {
            "explained_share": found.explained_share,
            "known": found.known,
        }
        del extracted["response"]
    return {
        "extracted": extracted,
        "measured": dataclasses.asdict(measured),
        "fit": None if fit is None else dataclasses.asdict(fit),
    }
