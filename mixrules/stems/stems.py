"""Stems: a song's named tracks, their roles, at one sample rate and of one length.

They come from arrays, from a folder of audio files, or from one ``.stem.mp4`` file. Notes for the report
say what was done when loading (resampled, padded, left out).
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules._support.cores import thread_count
from mixrules._support.validation import SlicedAudio, as_audio_and_peak, require_sample_rate
from mixrules.errors import AudioError, StemsError
from mixrules.stems.roles import guess_role, require_role

if TYPE_CHECKING:
    import os

    from mixrules.stems.sources import Source

Progress = Callable[[str, int, int], None]

HOLD_MIB = 448.0
"""Larger songs are read in blocks: together with the rest of a mix, memory then stays below 1 GiB."""

_MAX_CHANNELS = 2
_LOUDEST = 1e4  # higher than any recording: integers that were not scaled


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """One track of a song.

    Attributes
    ----------
    name : str
        Unique among the stems: the file's name without its extension.
    audio : ndarray, shape (samples, channels)
        float32, full scale ±1.0, 1 or 2 channels. Of a song too long for memory an object that
        is read in slices; ``numpy.asarray`` loads it.
    role : str
        One of `mixrules.stems.roles.ROLES`.
    role_confidence : float
        0 to 1; 1 where the caller or ``stems.toml`` gave the role.
    role_reason : str
        The reason for the role.
    file_name : str or None
        The file it came from.
    notes : tuple of str
        What was done to this stem when loading.
    silent : bool
        Whether every sample is zero.
    """

    name: str
    audio: npt.NDArray[np.float32]
    role: str = "unknown"
    role_confidence: float = 0.0
    role_reason: str = ""
    file_name: str | None = None
    notes: tuple[str, ...] = ()
    silent: bool = field(init=False)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise StemsError(f"a stem's name must be text of one character or more, got {self.name!r}")
        require_role(self.role, name=f"the role of stem {self.name!r}:")
        audio: Any = self.audio
        if isinstance(audio, SlicedAudio):  # checked when it was opened
            peak = audio.peak
        else:
            audio, peak = as_audio_and_peak(audio, name=f"stem {self.name!r}", max_channels=_MAX_CHANNELS)
        if peak > _LOUDEST:
            raise AudioError(
                f"stem {self.name!r} peaks at {20.0 * math.log10(peak):.0f} dBFS: full scale is ±1.0, "
                f"at most {20.0 * math.log10(_LOUDEST):.0f} dBFS is accepted"
            )
        if not isinstance(audio, SlicedAudio):
            audio = audio.astype(np.float32, copy=False)
        object.__setattr__(self, "audio", audio)
        object.__setattr__(self, "silent", peak == 0.0)

    @property
    def channels(self) -> int:
        """1 or 2."""
        return int(self.audio.shape[1])

    @property
    def samples(self) -> int:
        """The length in samples."""
        return len(self.audio)

    def read(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        """Return the samples from `start` to before `stop`, shape (samples, channels); not to be written to."""
        return self.audio[start:stop]


@dataclass(frozen=True, slots=True, eq=False)
class Stems:
    """A song as stems of one sample rate and one length.

    Attributes
    ----------
    stems : tuple of Stem
        In natural order of their names (2 before 10), or as given.
    sample_rate : int
        Hz.
    title : str
        The folder's or the file's name.
    notes : tuple of str
        What was done when loading the stems.
    mixture_path : Path or None
        A mix in the same folder, which was left out.
    """

    stems: tuple[Stem, ...]
    sample_rate: int
    title: str = ""
    notes: tuple[str, ...] = ()
    mixture_path: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "stems", tuple(self.stems))
        object.__setattr__(self, "sample_rate", require_sample_rate(self.sample_rate))
        if not self.stems:
            raise StemsError("there are no stems, at least one is needed")
        twice = [name for name, count in Counter(self.names).items() if count > 1]
        if twice:
            raise StemsError(f"several stems are called {twice[0]!r}, every name must be unique")
        lengths = {len(stem.audio) for stem in self.stems}
        if len(lengths) > 1:
            raise StemsError(
                f"the stems have {min(lengths)} to {max(lengths)} samples, one length is needed "
                "(Stems.from_arrays and load_stems pad)"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The stems' names, in order."""
        return tuple(stem.name for stem in self.stems)

    @property
    def samples(self) -> int:
        """The length of every stem in samples."""
        return len(self.stems[0].audio)

    @property
    def in_memory(self) -> bool:
        """Whether all stems are in memory."""
        return not any(isinstance(stem.audio, SlicedAudio) for stem in self.stems)

    @property
    def duration_s(self) -> float:
        """The length of every stem in seconds."""
        return self.samples / self.sample_rate

    def __getitem__(self, name: str) -> Stem:
        for stem in self.stems:
            if stem.name == name:
                return stem
        raise StemsError(f"there is no stem {name!r}, there are {', '.join(self.names)}")

    def __iter__(self) -> Iterator[Stem]:
        return iter(self.stems)

    def __len__(self) -> int:
        return len(self.stems)

    def with_roles(self, roles: Mapping[str, str], *, reason: str = "given by the caller") -> Stems:
        """Return the same stems with other roles.

        Parameters
        ----------
        roles : mapping of str to str
            From a stem's name or file name to a role.
        reason : str
            Where the roles come from, for the report.

        Raises
        ------
        StemsError
            If there is no such stem.
        ParameterError
            If there is no such role, or it is ``mixture``: a mixture is left out when stems are loaded.
        """
        new_roles: dict[str, str] = {}
        for key, role in roles.items():
            matches = [stem.name for stem in self.stems if key in (stem.name, stem.file_name)]
            if not matches:
                raise StemsError(f"there is no stem {key!r}, there are {', '.join(self.names)}")
            new_roles[matches[0]] = require_role(role, name=f"the role of {key!r}:", mixable=True)
        changed = tuple(
            dataclasses.replace(stem, role=new_roles[stem.name], role_confidence=1.0, role_reason=reason)
            if stem.name in new_roles
            else stem
            for stem in self.stems
        )
        return dataclasses.replace(self, stems=changed)

    @classmethod
    def from_arrays(
        cls,
        arrays: Mapping[str, npt.ArrayLike],
        sample_rate: int,
        roles: Mapping[str, str] | None = None,
        *,
        title: str = "",
        threads: int | None = None,
    ) -> Stems:
        """Make stems of arrays.

        Parameters
        ----------
        arrays : mapping of str to array_like of shape (samples, channels) or (samples,)
            Float samples, 1 or 2 channels. Shorter ones are padded with zeros. Not modified.
        sample_rate : int
            Hz, of all of them.
        roles : mapping of str to str, optional
            From name to role; the others' roles are guessed from their names.
        title : str
            What the song is called.
        threads : int or None
            How many arrays to check in parallel; by default as many as there are cores.

        Returns
        -------
        Stems
            All of one length, with the roles guessed or given.

        Raises
        ------
        AudioError
            If an array is not float, is empty, has more than 2 channels, or holds NaN or infinity.
        StemsError
            If there are no arrays, or `roles` names one that is not there.
        ParameterError
            If a role or the sample rate is not one.
        """

        def make(name: str) -> Stem:
            guess = guess_role(name)
            role = "unknown" if guess.role == "mixture" else guess.role
            return Stem(name, np.asarray(arrays[name]), role, guess.confidence, guess.reason)

        with ThreadPoolExecutor(thread_count(threads)) as pool:
            stems, notes = same_length(list(pool.map(make, arrays)))
        return cls(stems, sample_rate, title, notes).with_roles(roles or {})


def same_length(stems: Sequence[Stem]) -> tuple[tuple[Stem, ...], tuple[str, ...]]:
    """Pad the shorter stems with zeros; return them all and notes on what was added."""
    longest = max((len(stem.audio) for stem in stems), default=0)
    padded, notes = [], []
    for stem in stems:
        missing = longest - len(stem.audio)
        if missing:
            note = f"padded with {missing} zero sample{'s' if missing > 1 else ''} at the end"
            notes.append(f"{stem.file_name or stem.name}: {note}")
            audio: Any = stem.audio
            sliced = isinstance(audio, SlicedAudio)
            audio = audio.padded(longest) if sliced else np.pad(audio, ((0, missing), (0, 0)))
            stem = dataclasses.replace(stem, audio=audio, notes=(*stem.notes, note))
        padded.append(stem)
    return tuple(padded), tuple(notes)


def load_stems(
    folder: str | os.PathLike[str],
    *,
    roles: Mapping[str, str] | None = None,
    sample_rate: int | None = None,
    hold_mib: float = HOLD_MIB,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Stems:
    """Load a song's stems from a folder of audio files, or from one ``.stem.mp4`` file.

    A mixture in the folder (``mixture.wav``, ``mix.wav``) is left out. Hidden files and files that are
    not audio are ignored. A ``stems.toml`` beside the stems may hold ``[roles]`` (file name = role)
    and ``ignore`` (a list of file names).

    Parameters
    ----------
    folder : path-like
        A folder of WAV, FLAC, OGG, MP3 or AIFF files, one stem each, or a ``.stem.mp4`` (needs the extra
        ``mixrules[stems]``), or a folder that holds one.
    roles : mapping of str to str, optional
        From a file name, with or without its extension, to a role; wins over ``stems.toml``, which wins
        over the guess from the name.
    sample_rate : int, optional
        Hz to bring everything to; by default the rate that most stems have (of equals the higher).
    hold_mib : float
        Stems that take more memory than this together, in MiB, are left on the disk and read in blocks.
    threads : int, optional
        How many files to read in parallel; by default as many as there are cores.
    progress : callable, optional
        Called with a description, the number of files read, and the number of files.

    Returns
    -------
    Stems
        All of one rate and one length; its notes say what was done for that.

    Raises
    ------
    AudioFileError
        If the folder or a file cannot be read; names the file.
    StemsError
        If there are no stems, all are silent, or a name is unknown or taken twice.
    ParameterError
        If a role, the sample rate or the number of threads is not one.

    Examples
    --------
    >>> import numpy as np, pathlib, soundfile
    >>> pathlib.Path("my_song").mkdir()
    >>> soundfile.write("my_song/Lead Vox.wav", np.full(4800, 0.1), 48_000)
    >>> soundfile.write("my_song/bass DI.wav", np.full(9600, 0.1), 48_000)
    >>> stems = load_stems("my_song")
    >>> [(stem.name, stem.role, stem.samples) for stem in stems]
    [('bass DI', 'bass', 9600), ('Lead Vox', 'vocal', 9600)]
    """
    from mixrules.stems.sources import find_sources

    if sample_rate is not None:
        sample_rate = require_sample_rate(sample_rate)
    song = find_sources(Path(folder), dict(roles or {}))
    fits_in_memory = _size_mib(song.sources) <= hold_mib
    loaded: list[_Loaded] = []
    with ThreadPoolExecutor(thread_count(threads)) as pool:
        results = pool.map(
            lambda source: (
                _in_memory(source) if fits_in_memory or source.path is None else _on_disk(source.path)
            ),
            song.sources,
        )
        try:
            for done, source in enumerate(song.sources):
                if progress is not None:
                    progress(f"reading {source.file_name}", done, len(song.sources))
                loaded.append(next(results))
        except BaseException:  # cancel the files not yet read: the first bad file ends it
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    rates = Counter(data.sample_rate for data in loaded)
    target = sample_rate or max(rates, key=lambda rate: (rates[rate], rate))
    notes = list(song.notes)
    stems = []
    for source, data in zip(song.sources, loaded, strict=True):
        audio, own_notes = data.audio, []
        if data.sample_rate != target:
            audio = data.resampled_to(target)
            own_notes.append(f"resampled from {data.sample_rate} to {target} Hz")
        guess = source.guess
        stem = Stem(
            source.name, audio, guess.role, guess.confidence, guess.reason, source.file_name, tuple(own_notes)
        )
        if stem.silent:
            stem = dataclasses.replace(stem, notes=(*stem.notes, "silent, left alone"))
        notes += [f"{source.file_name}: {note}" for note in stem.notes]
        stems.append(stem)
    if all(stem.silent for stem in stems):
        raise StemsError(f"every stem in {folder} is silent, at least one must hold sound")
    mono = sum(stem.channels == 1 for stem in stems)
    if 0 < mono < len(stems):
        notes.append(f"{mono} mono and {len(stems) - mono} stereo stems are mixed together")
    padded, pad_notes = same_length(stems)
    if progress is not None:
        progress("stems read", len(stems), len(stems))
    return Stems(padded, target, song.title, (*notes, *pad_notes), song.mixture_path)


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    """A stem's audio at its own sample rate, and a function that resamples it."""

    audio: Any
    sample_rate: int
    resampled_to: Callable[[int], Any]


def _size_mib(sources: Sequence[Source]) -> float:
    """Return how much memory the stems need; streams of a larger file are not counted."""
    from mixrules.files import audio_header

    headers = [
        audio_header(source.path, channels_max=_MAX_CHANNELS) for source in sources if source.path is not None
    ]
    return sum(header.samples * header.channels * 4 for header in headers) / 2**20


def _in_memory(source: Source) -> _Loaded:
    data = source.read()
    return _Loaded(data.audio, data.sample_rate, lambda rate: _resample(data.audio, data.sample_rate, rate))


def _on_disk(path: Path) -> _Loaded:
    """Check a file to be read in slices; one that is not seekable is decoded to a temporary file."""
    from mixrules.files import FileAudio, audio_blocks, check_audio, scratch_of

    checked = check_audio(path, channels_max=_MAX_CHANNELS)
    header = checked.header

    def resampled(rate: int) -> SlicedAudio:
        import soxr

        stream = soxr.ResampleStream(
            header.sample_rate, rate, header.channels, dtype="float32", quality="VHQ"
        )
        length = max(1, round(header.samples * rate / header.sample_rate))

        def blocks() -> Iterator[npt.NDArray[np.float32]]:
            for block in audio_blocks(path):
                yield stream.resample_chunk(block).reshape(-1, header.channels)
            empty = np.zeros((0, header.channels), np.float32)
            yield stream.resample_chunk(empty, last=True).reshape(-1, header.channels)

        return scratch_of(blocks(), length, header.channels).with_peak(checked.peak)

    if header.seekable:
        audio: SlicedAudio = FileAudio(path, header.channels, header.samples, header.samples, checked.peak)
    else:
        audio = scratch_of(audio_blocks(path), header.samples, header.channels).with_peak(checked.peak)
    return _Loaded(audio, header.sample_rate, resampled)


def _resample(audio: npt.NDArray[np.float32], rate_in: int, rate_out: int) -> npt.NDArray[np.float32]:
    """Resample at soxr's very high quality; a stem of a few samples keeps at least one."""
    import soxr

    resampled = np.asarray(soxr.resample(audio, rate_in, rate_out, quality="VHQ"), dtype=np.float32)
    resampled = resampled.reshape(-1, audio.shape[1])
    return resampled if len(resampled) else np.ascontiguousarray(audio[:1])
