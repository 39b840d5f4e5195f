"""`mixrules stimuli`: make a listening test."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mixrules._support.written_values import decimal_point
from mixrules.cli.completions import system_lists
from mixrules.cli.data_set_options import data_set_options, data_set_songs, require_layout
from mixrules.cli.options import FiniteFloat, quiet_option, systems_of
from mixrules.cli.output import say
from mixrules.cli.progress import progress_bar
from mixrules.errors import ParameterError

if TYPE_CHECKING:
    from mixrules.listening.making.stimuli import Stimuli
    from mixrules.systems import SongSource

PAGE_LAYOUTS = ("one", "all")
KINDS = ("likert", "continuous", "ab", "abx")


_EXAMPLES = """\b
Examples:
  mixrules stimuli songs/one songs/two --conditions none,default,survey-2022 -o test/
  mixrules stimuli MUSDB18-HQ/ --layout musdb18hq --only "test/*" --conditions equal,default -o test/
  mixrules stimuli songs/one --conditions none,default,human --scale ab --repeat 1 -o test/
  mixrules stimuli songs/one --conditions none,default --definition my_test.toml -o test/
  mixrules stimuli --apply test/                   # after test/test.toml was changed
"""


@click.command("stimuli", epilog=_EXAMPLES)
@click.argument("songs", nargs=-1, type=click.Path(path_type=Path))
@data_set_options
@click.option(
    "--conditions",
    metavar="LIST",
    shell_complete=system_lists,
    help="Separated by commas: none, equal, random, a preset's name, human, human=FOLDER, matched (the plan "
    "that explains the human mix), or NAME=FOLDER of plans (SONG.json) or finished mixes (SONG.wav).",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The test's folder.")
@click.option(
    "--apply",
    "applied",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Bring a changed FOLDER/test.toml to the page of that test; nothing is rendered.",
)
@click.option(
    "--definition",
    "definition_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A test.toml of yours to begin with: all that it says is asked so, unless an option says otherwise.",
)
@click.option(
    "--seed",
    type=int,
    help="What random mixes, names and orders are drawn from [default: drawn, and recorded].",
)
@click.option("--seconds", type=FiniteFloat(), default=10.0, show_default=True, help="Length of an excerpt.")
@click.option(
    "--at",
    "starts",
    multiple=True,
    metavar="SECONDS",
    help="Where excerpts start, for all songs or as SONG=SECONDS [default: chosen by rule]. Repeatable.",
)
@click.option(
    "--target",
    type=FiniteFloat(),
    default=-28.0,
    show_default=True,
    metavar="LUFS",
    help="Loudness of every stimulus.",
)
@click.option(
    "--sample-rate", type=int, metavar="HZ", help="Rate of every stimulus [default: each song's own]."
)
@click.option(
    "--format", "audio_format", type=click.Choice(["wav", "flac"]), default="wav", show_default=True
)
@click.option("--title", default="Listening test", show_default=True, help="What listeners read first.")
@click.option(
    "--language",
    default="en",
    show_default=True,
    metavar="CODE",
    help="Of the page: en, de, or another one, whose words you give in test.toml.",
)
@click.option("--contact", default="", help="Whom listeners may ask, e.g. an address.")
@click.option(
    "--scale",
    type=click.Choice(KINDS),
    default="likert",
    show_default=True,
    help="Five labelled steps; 0 to 100; which of two is better; which of two is X.",
)
@click.option(
    "--reference",
    metavar="CONDITION",
    help="A condition that listeners may hear as the reference; it is rated too, hidden among the others.",
)
@click.option(
    "--anchors",
    default="",
    metavar="HZ,HZ",
    help="The reference low-passed, each a condition more: 3500,7000 are those of BS.1534.",
)
@click.option(
    "--songs-per-listener",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="So many songs for each listener, shared out evenly [default: all].",
)
@click.option(
    "--headphone-check",
    type=click.Choice(["off", "record", "required"]),
    default="off",
    show_default=True,
    help="Let listeners show that they wear headphones; required: only who does goes on.",
)
@click.option("--completion-code", default="", metavar="CODE", help="What listeners are given at the end.")
@click.option(
    "--return-address",
    default="",
    metavar="URL",
    help="Where listeners return to at the end, with {listener}, {session} and {code} replaced.",
)
@click.option(
    "--listener-parameter",
    default="listener",
    show_default=True,
    metavar="NAME",
    help="The parameter of the page's address that holds the listener's id.",
)
@click.option(
    "--attributes",
    default="level_balance,eq,compression,reverb,overall",
    show_default=True,
    metavar="LIST",
    help="What is rated; any words. By default overall alone for ab, and nothing for abx.",
)
@click.option(
    "--page-layout",
    type=click.Choice(PAGE_LAYOUTS),
    default="one",
    show_default=True,
    help="One attribute at a time, or all together.",
)
@click.option(
    "--repeat",
    "repeats",
    type=int,
    default=0,
    show_default=True,
    metavar="N",
    help="So many pages come twice, to measure consistency.",
)
@click.option(
    "--training/--no-training", default=True, show_default=True, help="A page with a good and a bad mix."
)
@click.option(
    "--training-song",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Stems of the training's song, none that is rated [default: the demo song].",
)
@click.option(
    "--audio-url", default="", metavar="URL", help="Where the exports for other tools find the audio files."
)
@click.option("--force", is_flag=True, help="Replace a test in the folder; never one that has ratings.")
@quiet_option
def command(
    songs: tuple[Path, ...],
    layout: str | None,
    split: str,
    only: tuple[str, ...],
    page_layout: str,
    conditions: str | None,
    output: Path | None,
    applied: Path | None,
    seed: int | None,
    starts: tuple[str, ...],
    target: float,
    force: bool,
    quiet: bool,
    **choices: Any,
) -> int:
    """Make a listening test of SONGS (folders of stems, or a data set), each in several conditions.

    Renders every condition, cuts the same excerpt, matches loudness, anonymises, and writes the test page, the
    key, and configurations for webMUSHRA, the Web Audio Evaluation Tool and Qualtrics. What the test says and asks
    stands in test.toml, which can be changed afterwards. A song that cannot be used costs one line on standard error
    and exit status 2; the test is made of the others.
    """
    import secrets

    from mixrules._support.validation import split_items
    from mixrules.cli.definition_options import definition_of_options, say_mistakes
    from mixrules.listening.format.definition import DefinitionError
    from mixrules.listening.making.request import MAX_SEED, StimuliRequest
    from mixrules.listening.making.stimuli import make_stimuli
    from mixrules.systems import song_sources

    if applied is not None:
        return _apply(applied, quiet=quiet, other=bool(songs or conditions or output))
    if not songs or conditions is None or output is None:
        lacks = "SONGS" if not songs else "--conditions" if conditions is None else "--output"
        raise click.UsageError(f"{lacks} is needed, or --apply FOLDER for a test that is there")
    if layout in PAGE_LAYOUTS:
        page_layout = layout
        layout = None
        if not quiet:
            _say_page_layout(page_layout)
    require_layout(layout, split, only)
    at_s, at_song_s = _starts(starts)
    reference, anchors_hz = choices["reference"], _frequencies(choices.pop("anchors"))
    try:
        definition = definition_of_options(choices, page_layout=page_layout)
    except DefinitionError as error:
        return say_mistakes(error)
    del choices["reference"]
    request = StimuliRequest(
        systems=tuple(systems_of(split_items(conditions, name="--conditions"), option="--conditions")),
        seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
        at_s=at_s,
        at_song_s=at_song_s,
        target_lufs=target,
        reference=reference or definition.reference,
        anchors_hz=anchors_hz,
        definition=definition,
        **choices,
    )
    sources = song_sources(songs) if layout is None else _of_data_set(songs, layout, split, only)
    with progress_bar(quiet=quiet) as progress:
        made = make_stimuli(sources, output, request, force=force, progress=progress)
    if not quiet:
        _print(made)
    for gone in made.left_out:
        say(f"mixrules: {gone}", err=True)
    return 2 if made.left_out else 0


def _apply(folder: Path, *, quiet: bool, other: bool) -> int:
    from mixrules.cli.definition_options import say_mistakes
    from mixrules.errors import ListeningTestError
    from mixrules.listening.format.definition import DEFINITION_FILE, DefinitionError
    from mixrules.listening.making.applying import apply_definition

    if other:
        raise click.UsageError(
            "--apply stands alone: songs, conditions and the output folder are those of the test"
        )
    if not (folder / DEFINITION_FILE).is_file():
        raise ListeningTestError(
            f"{folder / DEFINITION_FILE} does not exist: stimuli writes it with the test"
        )
    try:
        test = apply_definition(folder)
    except DefinitionError as error:
        return say_mistakes(error)
    if not quiet:
        say(f"{folder / DEFINITION_FILE} is on the page now, as revision {test.revision}")
    return 0


def _frequencies(text: str) -> tuple[float, ...]:
    """Return the frequencies of a list."""
    found = []
    for item in text.split(",") if text else ():
        try:
            found.append(float(item))
        except ValueError:
            raise ParameterError(f"--anchors takes frequencies in Hz, e.g. 3500,7000, got {text!r}") from None
    return tuple(found)


def _of_data_set(roots: tuple[Path, ...], layout: str, split: str, only: tuple[str, ...]) -> list[SongSource]:
    if len(roots) > 1:
        raise click.UsageError(f"one data set is needed with --layout, got {len(roots)} arguments")
    return data_set_songs(roots[0], layout, split, only)


def _say_page_layout(layout: str) -> None:
    """Say what the option is called that was --layout until it named a data set's layout."""
    from mixrules._support.deprecation import deprecation_message

    message = deprecation_message(
        f"--layout {layout}", instead=f"--page-layout {layout}", since="0.3", removed_in="0.5"
    )
    say(f"mixrules: {message}", err=True)


def _starts(given: tuple[str, ...]) -> tuple[float | None, dict[str, float]]:
    """Return the start for all songs, and those of single ones."""
    everywhere, single = None, {}
    for text in given:
        song, equals, number = text.rpartition("=")
        try:
            start_s = float(number)
        except ValueError:
            start_s = math.nan
        if not math.isfinite(start_s):
            hint = decimal_point(number)
            raise ParameterError(f"--at takes SECONDS or SONG=SECONDS, got {text!r}{hint}")
        if equals:
            single[song] = start_s
        else:
            everywhere = start_s
    return everywhere, single


def _print(made: Stimuli) -> None:
    report = made.report
    for song in report.songs:
        say(f"{song.song}: {song.why}")
        for note in song.notes:
            say(f"  {note}")
        if song.lowered_db > 0:
            say(
                f"  all at {song.target_lufs:.2f} LUFS, {song.lowered_db:.2f} LU under the target: there "
                f"{song.highest_peaks} would pass {report.ceiling_dbtp:g} dBTP"
            )
        for stimulus in song.stimuli:
            for note in stimulus.notes:
                say(f"  {note}")
        lufs = ", ".join(f"{s.condition} {s.integrated_lufs:.2f}" for s in song.stimuli)
        say(f"  measured: {lufs} LUFS; spread {song.spread_lu:.3f} LU")
    stimuli = sum(len(song.stimuli) for song in report.songs)
    say(
        f"{stimuli} stimuli, largest spread within a song {report.spread_lu:.3f} LU, highest true peak "
        f"{report.highest_dbtp:.2f} dBTP, seed {report.seed}"
    )
    say(f"wrote {made.folder} (test.toml says what it asks); next: mixrules listen {made.folder}")
