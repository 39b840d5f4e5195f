"""Normalisation of files: each on its own, or all of an album by one gain.

A bad file costs no other, but for an album: without one of its files its gain would be another, so nothing is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from mixrules.errors import AudioFileError, MixrulesError
from mixrules.files import as_regular_file, audio_header, make_folder
from mixrules.loudness import BlockEnergies, Loudness, integrated_together
from mixrules.loudness.channels import ChannelWeights
from mixrules.metering import ChannelLayout
from mixrules.normalization.gains import Gain, choose_gain, reached_lufs
from mixrules.normalization.outputs import Output, OutputPlaces, shown_name
from mixrules.normalization.sources import SourceFile, measure_file
from mixrules.normalization.targets import LoudnessTarget
from mixrules.normalization.written_file import write_normalized

Progress = Callable[[str, int, int], None]

_NOTED_LU = 0.1


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
        How far below the target it is, because of the ceiling; about 0 otherwise, and below 0 where coding with loss
        made it louder. Of an album: all files together.
    before : Loudness
        The readings of the file.
    after : Loudness or None
        The readings of what was written; None in a dry run.
    layout : ChannelLayout
        What the channels counted, and why.
    album : Gain or None
        The gain of all files together, with their loudness before and after it, where they are an album; measured on
        what was written, if all of it was.
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
        In the order of `files`. Where files of an album cannot be read or have no place, nothing is written, and these
        alone are returned.
    """
    run = _Run(places, target, options, album, dry_run, progress or (lambda *_: None), 2 * len(files))
    numbered = list(enumerate(files))
    for group in [numbered] if album else [[each] for each in numbered]:
        with ExitStack() as temporary_files:
            run.normalize(group, temporary_files)
    return [run.outcomes[number] for number, _ in numbered if number in run.outcomes]


def album_refusal(unusable: int, files: int) -> str:
    """Return why nothing is written of an album."""
    return f"nothing is written: the gain of an album is one for all its files, {unusable} of {files} cannot be used"


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
        if not prepared or (self._album and len(prepared) < len(group)):
            return
        try:
            gain = choose_gain([each.file.source for each in prepared.values()], self._target)
        except Exception as error:
            self.outcomes |= {number: FailedFile(each.given, error) for number, each in prepared.items()}
            return
        written: list[BlockEnergies] = []
        for number, each in prepared.items():
            self._tell("normalising", each.given)
            try:
                self.outcomes[number] = self._finish(each, gain, written)
            except Exception as error:
                self.outcomes[number] = FailedFile(
                    each.given, _with_given_name(each.given, each.readable, error)
                )
        if self._album and gain is not None and len(written) == len(group):
            self._state_reached(gain, integrated_together(written))

    def _state_reached(self, gain: Gain, reached: float) -> None:
        """Let the files of an album say what was measured on all of them as they are written."""
        album = replace(gain, reached_lufs=reached, missed_lu=self._target.target_lufs - reached)
        for number, outcome in self.outcomes.items():
            if isinstance(outcome, NormalizedFile):
                self.outcomes[number] = replace(outcome, album=album, missed_lu=album.missed_lu)

    def _prepare(self, path: Path, temporary_files: ExitStack) -> _Prepared:
        readable = temporary_files.enter_context(as_regular_file(path))
        try:
            header = audio_header(readable)
            output = self._places.of(path, header)
            file = measure_file(
                readable,
                header,
                output.rounding,
                channel_weights=self._options.channel_weights,
                dual_mono=self._options.dual_mono,
            )
        except MixrulesError as error:
            raise _with_given_name(path, readable, error) from error
        return _Prepared(path, readable, file, output)

    def _finish(self, prepared: _Prepared, gain: Gain | None, written: list[BlockEnergies]) -> NormalizedFile:
        source, output = prepared.file.source, prepared.output
        if gain is None:
            raise AudioFileError(
                f"{prepared.given} has no loudness to go by: it is silent, or nothing in it is above -70 LUFS"
            )
        after, notes = None, _notes(prepared)
        if not self._dry_run:
            make_folder(output.path.parent)
            measured, write_note = write_normalized(prepared.file, prepared.readable, gain, output)
            after = measured.loudness
            written.append(measured.energies)
            notes += [write_note, *self._deviations(prepared, gain, after)]
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
            notes=tuple(note for note in notes if note),
        )

    def _deviations(self, prepared: _Prepared, gain: Gain, after: Loudness) -> list[str]:
        """Say in what the written file is not what the gain makes of it."""
        source, output = prepared.file.source, prepared.output
        notes = []
        if output.lossy:
            given = reached_lufs([source], gain.gain_db, gain.limiter) if self._album else gain.reached_lufs
            louder_lu = after.integrated_lufs - given
            if math.isfinite(given) and abs(louder_lu) > _NOTED_LU:
                side = "louder" if louder_lu > 0.0 else "quieter"
                notes.append(
                    f"the written file is {abs(louder_lu):.2f} LU {side} than the gain makes it: "
                    f"{output.subtype} changes samples"
                )
        over_db = after.true_peak_dbtp - self._target.ceiling_dbtp
        if over_db > 0.0:
            notes.append(
                f"the true peak of the written file is {over_db:.2f} dB over the ceiling: "
                f"{output.subtype} changes samples"
            )
        return notes

    def _tell(self, what: str, path: Path) -> None:
        self._progress(f"{what} {path.name}", self._done, self._steps)
        self._done += 1


def _notes(prepared: _Prepared) -> list[str]:
    source = prepared.file.source
    notes = [source.layout.note, prepared.output.note]
    if not source.loudness.gated:
        notes.append("it is shorter than 400 ms: its loudness is that of all of it, without gates")
    runs = prepared.file.clipped_runs
    if runs:
        times = "once" if runs == 1 else f"{runs} times"
        notes.append(f"it was clipped before, {times}: a gain does not mend that")
    return notes


def _with_given_name(given: Path, readable: Path, error: Exception) -> Exception:
    """Return an error that names the file as it was given, where a pipe was copied to another."""
    if given == readable or not isinstance(error, MixrulesError) or str(readable) not in str(error):
        return error
    return type(error)(str(error).replace(str(readable), shown_name(given)))
