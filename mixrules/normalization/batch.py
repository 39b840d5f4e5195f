"""Normalisation of files: each on its own, or all of an album by one gain. A bad file costs no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files import as_regular_file, audio_header, make_folder
from mixrules.loudness import Loudness
from mixrules.loudness.channels import ChannelWeights
from mixrules.metering import ChannelLayout
from mixrules.normalization.gains import Gain, choose_gain
from mixrules.normalization.outputs import STANDARD_INPUT, Output, OutputPlaces
from mixrules.normalization.sources import SourceFile, measure_file
from mixrules.normalization.targets import LoudnessTarget
from mixrules.normalization.written_file import write_normalized

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizedFile:
    """A file that was normalised.

    Attributes
    ----------
    file : Path
        The file.
    output : Path
        What was written, or would be in a dry run.
    gain_db : float
        The gain.
    limited : bool
        Whether a limiter reduced peaks behind the gain.
    missed_lu : float
        How far below the target it is, because of the ceiling; about 0 otherwise. Of an album: all files together.
    before : Loudness
        The readings of the file.
    after : Loudness or None
        The readings of what was written; None in a dry run.
    layout : ChannelLayout
        What the channels counted, and why.
    album : Gain or None
        The gain of all files together, with their loudness before and after it, where they are an album.
    notes : tuple of str
        What is to be said of it.
    """

    file: Path
    output: Path
    gain_db: float
    limited: bool
    missed_lu: float
    before: Loudness
    after: Loudness | None
    layout: ChannelLayout
    album: Gain | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be normalised, and why."""

    file: Path
    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions:
    """What the channels of every file count: as for `mixrules.measure`."""

    channel_weights: ChannelWeights | None = None
    dual_mono: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that is ready to be written."""

    given: Path
    readable: Path
    file: SourceFile
    output: Output


def normalize_each(
    files: Sequence[Path],
    places: OutputPlaces,
    target: LoudnessTarget,
    options: ChannelOptions,
    *,
    album: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> list[NormalizedFile | FailedFile]:
    """Normalise files, and return what became of each.

    Parameters
    ----------
    files : sequence of Path
        The files; pipes and "-" are copied to temporary files meanwhile.
    places : OutputPlaces
        Where they go.
    target : LoudnessTarget
        What to reach.
    options : ChannelOptions
        What their channels count.
    album : bool
        Whether one gain is for all of them.
    dry_run : bool
        Whether nothing is written.
    progress : callable, optional
        Is told what is done, how much of it, and of how much.

    Returns
    -------
    list of NormalizedFile or FailedFile
        In the order of `files`.
    """
    run = _Run(places, target, options, album, dry_run, progress or (lambda *_: None), 2 * len(files))
    numbered = list(enumerate(files))
    for group in [numbered] if album else [[each] for each in numbered]:
        with ExitStack() as temporary_files:
            run.normalize(group, temporary_files)
    return [run.outcomes[number] for number, _ in numbered]


class _Run:
    """What is common to the files of a run, and what became of them so far."""

    def __init__(
        self,
        places: OutputPlaces,
        target: LoudnessTarget,
        options: ChannelOptions,
        album: bool,
        dry_run: bool,
        progress: Progress,
        steps: int,
    ) -> None:
        self.outcomes: dict[int, NormalizedFile | FailedFile] = {}
        self._places, self._target, self._options = places, target, options
        self._album, self._dry_run = album, dry_run
        self._progress, self._steps, self._done = progress, steps, 0

    def normalize(self, group: Sequence[tuple[int, Path]], temporary_files: ExitStack) -> None:
        """Normalise the files of a group by one gain."""
        prepared: dict[int, _Prepared] = {}
        for number, path in group:
            self._tell("measuring", path)
            try:
                prepared[number] = self._prepare(path, temporary_files)
            except Exception as error:  # whatever it is, the other files are normalised
                self.outcomes[number] = FailedFile(path, error)
        if not prepared:
            return
        try:
            gain = choose_gain([each.file.source for each in prepared.values()], self._target)
        except Exception as error:
            self.outcomes |= {number: FailedFile(each.given, error) for number, each in prepared.items()}
            return
        for number, each in prepared.items():
            self._tell("normalising", each.given)
            try:
                self.outcomes[number] = self._finish(each, gain)
            except Exception as error:
                self.outcomes[number] = FailedFile(
                    each.given, _with_given_name(each.given, each.readable, error)
                )

    def _prepare(self, path: Path, temporary_files: ExitStack) -> _Prepared:
        readable = temporary_files.enter_context(as_regular_file(path))
        try:
            output = self._places.of(path, audio_header(readable))
            file = measure_file(
                readable,
                output.rounding,
                channel_weights=self._options.channel_weights,
                dual_mono=self._options.dual_mono,
            )
        except MixrulesError as error:
            raise _with_given_name(path, readable, error) from error
        return _Prepared(path, readable, file, output)

    def _finish(self, prepared: _Prepared, gain: Gain | None) -> NormalizedFile:
        source, output = prepared.file.source, prepared.output
        if gain is None:
            raise AudioFileError(
                f"{prepared.given} has no loudness to go by: it is silent, or nothing in it is above -70 LUFS"
            )
        after, write_note = None, ""
        if not self._dry_run:
            make_folder(output.path.parent)
            after, write_note = write_normalized(prepared.file, prepared.readable, gain, output)
        return NormalizedFile(
            file=prepared.given,
            output=output.path,
            gain_db=gain.gain_db,
            limited=gain.limiter is not None,
            missed_lu=gain.missed_lu
            if self._album or after is None
            else self._target.target_lufs - after.integrated_lufs,
            before=source.loudness,
            after=after,
            layout=source.layout,
            album=gain if self._album else None,
            notes=tuple(_notes(prepared, after, write_note, self._target)),
        )

    def _tell(self, what: str, path: Path) -> None:
        self._progress(f"{what} {path.name}", self._done, self._steps)
        self._done += 1


def _notes(prepared: _Prepared, after: Loudness | None, write_note: str, target: LoudnessTarget) -> list[str]:
    source, output = prepared.file.source, prepared.output
    notes = [source.layout.note, output.note, write_note]
    if not source.loudness.gated:
        notes.append("it is shorter than 400 ms: its loudness is that of all of it, without gates")
    runs = prepared.file.clipped_runs
    if runs:
        times = "once" if runs == 1 else f"{runs} times"
        notes.append(f"it was clipped before, {times}: a gain does not mend that")
    if after is not None and after.true_peak_dbtp > target.ceiling_dbtp:
        over_db = after.true_peak_dbtp - target.ceiling_dbtp
        notes.append(
            f"the true peak of the written file is {over_db:.2f} dB over the ceiling: {output.subtype} changes samples"
        )
    return [note for note in notes if note]


def _with_given_name(given: Path, readable: Path, error: Exception) -> Exception:
    """Return an error that names the file as it was given, where a pipe was copied to another."""
    if given == readable or not isinstance(error, MixrulesError) or str(readable) not in str(error):
        return error
    name = "standard input" if given == STANDARD_INPUT else str(given)
    return type(error)(str(error).replace(str(readable), name))
