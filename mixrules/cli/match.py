"""`mixrules match`: stems and a finished mix in, the plan that explains it out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mixrules.cli.options import (
    folder_argument,
    force_option,
    lies_within,
    quiet_option,
    read_stems,
    refuse_to_overwrite,
    refuse_to_replace,
    stems_options,
    threads_option,
)
from mixrules.cli.output import reading, say
from mixrules.cli.output_names import require_file_name
from mixrules.cli.progress import progress_bar

if TYPE_CHECKING:
    from mixrules.matching import Match
    from mixrules.stems import Stems

_COLUMNS = {
    "spectrum": "octave_spectrum_distance_db",
    "mel": "log_mel_distance_db",
    "width": "side_to_mid_error_db",
    "loudness": "short_term_distance_lu",
}
"""Columns of a ladder besides what is unexplained, and the measures in them."""

_EXAMPLES = """\b
Examples:
  mixrules match my_song/ --mix human.wav -o human.plan.json
  mixrules match my_song/ --mix human.wav --plot match.svg
  mixrules render my_song/ human.plan.json -o again.wav
"""


@click.command("match", epilog=_EXAMPLES)
@folder_argument
@click.option(
    "--mix",
    "mix",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The finished mix of these stems: WAV, FLAC, OGG, MP3 or AIFF, of any rate.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="matched.plan.json",
    show_default=True,
    help="Where the plan goes; a missing folder is made.",
)
@stems_options
@threads_option
@force_option
@click.option(
    "--distances",
    is_flag=True,
    help="Also say how far each step is from the mix in spectrum, width and loudness over time: what is heard where "
    "samples differ.",
)
@click.option(
    "--plot",
    "figure",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also draw what each process explains, what is left by frequency, and each stem's equaliser and gain over time: "
    "SVG, PDF or PNG.",
)
@click.option("--explain", is_flag=True, help="Print what was found of every stem in a sentence.")
@quiet_option
def command(
    folder: Path,
    mix: Path,
    output: Path,
    roles: tuple[str, ...],
    sample_rate: int | None,
    threads: int | None,
    force: bool,
    distances: bool,
    figure: Path | None,
    explain: bool,
    quiet: bool,
) -> None:
    """Find the plan that explains a finished mix of the stems in FOLDER, and say how much of it.

    Prints what each process explains: the power of what is left, against that of the mix, with all processes up to
    that one. A process that does not pay is left out. `render` and `mix --plan` make sound of the plan.
    """
    from mixrules.files import check_writable, make_folder, write_text_atomic
    from mixrules.matching import match

    _require_mix(mix)
    require_file_name(output, folder, ending=".plan.json")
    check_writable(output, makes_folder=True)
    if not lies_within(output, folder):
        refuse_to_replace(output, force=force)
    if figure is not None:
        _require_figure(figure, output, mix, force=force)
    with progress_bar(quiet=quiet) as progress:
        stems = read_stems(folder, roles, sample_rate, threads, progress)
        refuse_to_overwrite((output, *([figure] if figure else [])), folder, stems, force=force)
        found = match(stems, mix, threads=threads, progress=progress)
    make_folder(output.parent)
    write_text_atomic(output, found.plan.to_json())
    if figure is not None:
        from mixrules.report.song.figures.matched import match_figure
        from mixrules.report.song.figures.saving import save_figure

        save_figure(match_figure(stems, found), figure)
    if not quiet:
        for note in found.plan.notes:
            say(note)
        _print_ladder(found, stems if distances else None)
        _print_strips(found, explain=explain)
        say(f"wrote {output}")
        if figure is not None:
            say(f"wrote {figure}")


def _require_mix(path: Path) -> None:
    """Refuse, before the stems are read, a mix that is not there, is no audio, or is too short to tell anything."""
    from mixrules.errors import AudioError
    from mixrules.files import audio_header
    from mixrules.matching.finished_mix import LEAST_S

    header = audio_header(path)
    if 0 < header.samples < LEAST_S * header.sample_rate:
        count = "one sample" if header.samples == 1 else f"{header.samples} samples"
        raise AudioError(
            f"{path} holds {count}, {1000.0 * header.samples / header.sample_rate:.3g} ms: "
            f"a mix of at least {LEAST_S:g} s is needed"
        )


def _require_figure(path: Path, output: Path, mix: Path, *, force: bool) -> None:
    """Refuse a figure that cannot be written, or that would replace what is there."""
    from mixrules.errors import ParameterError
    from mixrules.report.song.figures.saving import require_figure_path

    require_figure_path(path)
    if path.resolve() in (mix.resolve(), output.resolve()):
        raise ParameterError(f"{path} is the mix or the plan: name another file with --plot")
    refuse_to_replace(path, force=force, option="--plot")


def _print_ladder(found: Match, stems: Stems | None) -> None:
    """Print what each process explains; with `stems` also how far it is from the mix by other measures."""
    columns: dict[str, list[str]] = {"unexplained": [f"{rung.residual_db:.1f} dB" for rung in found.rungs]}
    if stems is not None:
        from mixrules.evaluation import MEASURES
        from mixrules.evaluation.ladder import ladder_distances

        ladder = ladder_distances(stems, found)
        for head, measure in _COLUMNS.items():
            unit = MEASURES[measure].unit
            columns[head] = [f"{reading(values[measure])} {unit}" for values in ladder]
    say(f"{'with':12}" + "".join(f"{head:>13}" for head in columns))
    for number, rung in enumerate(found.rungs):
        plain = number == 0 or rung.used
        unused = "" if plain else "  nothing to undo" if rung.name == "alignment" else "  not used"
        say(f"{rung.name:12}" + "".join(f"{cells[number]:>13}" for cells in columns.values()) + unused)


def _print_strips(found: Match, *, explain: bool) -> None:
    from mixrules.report.song.summary import stem_rows

    if explain:
        for decision in found.plan.decisions:
            say(decision.sentence)
        return
    for row in stem_rows(found.plan):
        say(row)
    say(found.plan.decisions[-1].sentence)
