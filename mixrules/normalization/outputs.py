"""Where a normalised file goes, and in which format: the input's own where that can be written, else FLAC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError, MixrulesError, ParameterError
from mixrules.files import AudioHeader, check_audio_path, written_format, written_rate

FORMATS = ("wav", "flac", "aiff", "ogg", "mp3", "opus", "m4a")
STANDARD_STREAM = Path("-")

_KINDS = {"WAV": "WAV", "WAVEX": "WAV", "RF64": "WAV", "AIFF": "AIFF", "FLAC": "FLAC", "OGG": "OGG"}
_ROUNDING = {"PCM_16": 2.0**-16, "PCM_24": 2.0**-24}
_FLOAT_ROUNDING = 2.0**-25


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be written: its path, its format and subtype by libsndfile's names, and what is to be said of it."""

    path: Path
    kind: str
    subtype: str
    note: str = ""

    @property
    def lossy(self) -> bool:
        """Whether coding changes samples by more than rounding does."""
        return self.kind in ("OGG", "MP3", "M4A")

    @property
    def rounding(self) -> float:
        """The largest error of a sample, full scale 1.0."""
        return _ROUNDING.get(self.subtype, _FLOAT_ROUNDING)


class OutputPlaces:
    """Decides where each file of a run goes, and refuses what would replace a file.

    Parameters
    ----------
    files : list of Path
        The files of the run.
    output : Path
        A folder, or for one file also a name that ends as audio does. A folder whose name has an ending must be there
        already, so that a mistyped name of a file makes no folder.
    format : str or None
        One of `FORMATS`; None keeps the input's own.
    subtype : str or None
        One that the format has, in capitals or not; None keeps the input's own.
    force : bool
        Whether files that are there may be replaced.
    force_name : str
        How the user asks for that.

    Raises
    ------
    AudioFileError
        If `output` is the name of a file that is not written as audio.
    ParameterError
        If `output` is the name of one file and there are several, or of another format than `format`.
    """

    def __init__(
        self,
        files: list[Path],
        output: Path,
        *,
        format: str | None,
        subtype: str | None,
        force: bool,
        force_name: str = "force=True",
    ) -> None:
        self._inputs = {path.resolve() for path in files}
        self._output = output
        self._format = format
        self._subtype = subtype.upper() if isinstance(subtype, str) else subtype
        self._force, self._force_name = force, force_name
        self._taken: dict[Path, Path] = {}
        self._is_folder = output.is_dir() or not output.suffix
        if self._is_folder:
            return
        try:
            kind, _ = written_format(output)
        except AudioFileError as error:
            raise AudioFileError(f"{error}; a folder of that name must be there already") from error
        if format is not None and written_format(output) != written_format(f"x.{format}"):
            raise ParameterError(
                f"{output} is the name of a file in {kind}, the format asked for is {format}: choose one of the two"
            )
        if len(files) > 1:
            raise ParameterError(f"{output} is the name of one file, there are {len(files)}: name a folder")

    def of(self, path: Path, header: AudioHeader) -> Output:
        """Return where a file goes.

        Parameters
        ----------
        path : Path
            The file.
        header : AudioHeader
            Its header.

        Returns
        -------
        Output
            Not written yet.

        Raises
        ------
        AudioFileError
            If nothing can be written there.
        ParameterError
            If a file would be replaced that may not be.
        """
        target = self._path(path, header)
        kind, subtypes = written_format(target)
        own = header.subtype if header.subtype in subtypes else subtypes[0]
        subtype = own if self._subtype is None else self._subtype
        try:
            self._refuse_to_replace(path, target)
            check_audio_path(target, subtype=subtype, makes_folder=True)
        except MixrulesError as error:
            if str(error).startswith(f"{path} "):
                raise
            # Several files may have one output: only their own names tell which of them is not done.
            raise type(error)(f"{shown_name(path)}: {error}") from error
        self._taken[target.resolve()] = path
        changed = subtype != header.subtype and kind == _KINDS.get(header.format) and self._subtype is None
        notes = [f"samples in {header.subtype} are written as {subtype}"] if changed else []
        rate = written_rate(target, header.sample_rate)
        if rate != header.sample_rate:
            notes.append(f"it is resampled to {rate} Hz: {target.suffix} does not take {header.sample_rate}")
        return Output(target, kind, subtype, "; ".join(notes))

    def _path(self, path: Path, header: AudioHeader) -> Path:
        if not self._is_folder:
            return self._output
        if path == STANDARD_STREAM:
            raise ParameterError("standard input has no name: name the output, such as louder.wav")
        own = _KINDS.get(header.format)
        # What is lossy already is not coded a second time unless that is asked for; Vorbis always was.
        if self._format is None and own is not None and header.subtype != "OPUS" and _ends_as(path, own):
            return self._output / path.name
        suffix = self._format or (own if own is not None and header.subtype != "OPUS" else "flac").lower()
        return self._output / f"{path.stem}.{suffix}"

    def _refuse_to_replace(self, path: Path, target: Path) -> None:
        real = target.resolve()
        first = self._taken.get(real)
        if first is not None and first.resolve() == path.resolve():
            raise ParameterError(f"{path} is named twice")
        if first is not None:
            raise ParameterError(f"{path} has the same output as {first}, {target}: rename one of the two")
        if real == path.resolve():
            if not self._force:
                raise ParameterError(
                    f"{target} is the file itself: name another output, or {self._force_name} replaces it"
                )
        elif real in self._inputs:
            raise ParameterError(f"{target} is another one of the files: name another output")
        elif target.exists() and not self._force:
            raise ParameterError(
                f"{target} exists already: name another output, or {self._force_name} replaces it"
            )


def shown_name(path: Path) -> str:
    """Return what an error calls a file of the run."""
    return "standard input" if path == STANDARD_STREAM else str(path)


def _ends_as(path: Path, kind: str) -> bool:
    try:
        return written_format(path)[0] == kind
    except AudioFileError:
        return False
