"""Audio that does not fit into memory: read from its file in slices, or stored in a temporary file."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules._support.validation import SlicedAudio
from mixrules.errors import AudioFileError
from mixrules.files.atomic import cannot_read, why_short

_WINDOW_SAMPLES = 1 << 17


class _Windowed(SlicedAudio):
    """Audio on a disk; a window of it is cached, so that consecutive slices cost one read."""

    def __init__(
        self, samples: int, channels: int, peak: float = 0.0, window_samples: int = _WINDOW_SAMPLES
    ) -> None:
        super().__init__(samples, channels)
        self.peak = peak
        self._window_samples = window_samples
        self._lock = threading.Lock()
        self._window_start = 0
        self._window: npt.NDArray[Any] = np.empty((0, channels), np.float32)

    def __getitem__(self, index: slice) -> npt.NDArray[Any]:
        start, stop, _ = index.indices(len(self))
        stop = max(start, stop)
        with self._lock:
            end = self._window_start + len(self._window)
            if not (self._window_start <= start and stop <= end):
                if stop - start >= self._window_samples:  # too long to cache
                    self._window = self._window[:0].copy()
                    return self._load(start, stop)
                cached = (
                    self._window[start - self._window_start :]
                    if self._window_start <= start < end
                    else self._window[:0]
                )
                first = start + len(cached)
                last = min(len(self), max(stop, first + self._window_samples))
                self._window = np.concatenate([cached, self._load(first, last)])
                self._window_start = start
            return self._window[start - self._window_start : stop - self._window_start]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Return all of it as an array."""
        parts = [self[k : k + _WINDOW_SAMPLES].copy() for k in range(0, len(self), _WINDOW_SAMPLES)]
        return np.concatenate(parts).astype(dtype or self.dtype, copy=False)

    def _load(self, start: int, stop: int) -> npt.NDArray[Any]:
        raise NotImplementedError


class FileAudio(_Windowed):
    """An audio file that is read in slices; beyond its end there are zeros.

    Parameters
    ----------
    path : Path
        A file that `read_audio` would accept, and that is seekable: WAV, FLAC or AIFF.
    channels : int
        Its channels.
    own_samples : int
        Its length.
    samples : int
        The length wanted, at least its own.
    peak : float
        Its sample peak, linear.
    """

    def __init__(self, path: Path, channels: int, own_samples: int, samples: int, peak: float) -> None:
        super().__init__(samples, channels, peak)
        self._path = path
        self._own_samples = own_samples
        self._file: Any = None

    def padded(self, samples: int) -> FileAudio:
        """Return the same file with another length."""
        return FileAudio(self._path, self.shape[1], self._own_samples, samples, self.peak)

    def _load(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        import soundfile

        out = np.zeros((stop - start, self.shape[1]), np.float32)
        last = min(stop, self._own_samples)
        if start >= last:
            return out
        try:
            if self._file is None:
                self._file = soundfile.SoundFile(self._path)
                weakref.finalize(self, self._file.close)
            if self._file.tell() != start:
                self._file.seek(start)
            audio = self._file.read(last - start, dtype="float32", always_2d=True)
        except (OSError, soundfile.SoundFileError) as error:
            raise AudioFileError(f"{self._path} cannot be read any more ({error})") from error
        if len(audio) < last - start:
            raise AudioFileError(f"{self._path} has changed since it was opened: copy it again")
        out[: len(audio)] = audio
        return out


class Scratch(_Windowed):
    """Audio of a known length in a temporary file without a name, which ends with the process.

    It can store any other array of rows as well.

    Parameters
    ----------
    samples, channels : int
        Its shape; initially zeros.
    window_samples : int
        How many samples are read at once.
    dtype : dtype
        float32 or float64.

    Raises
    ------
    AudioFileError
        If the disk of temporary files is full.
    """

    def __init__(
        self,
        samples: int,
        channels: int = 2,
        *,
        window_samples: int = _WINDOW_SAMPLES,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        super().__init__(samples, channels, window_samples=window_samples)
        self.dtype = np.dtype(dtype)
        self._window = self._window.astype(self.dtype)
        self.samples = samples
        try:
            self._temporary = tempfile.TemporaryFile(prefix="mixrules-", buffering=0)  # noqa: SIM115, closed by the finalizer
        except OSError as error:
            raise cannot_read(Path(tempfile.gettempdir()), error) from error
        weakref.finalize(self, self._temporary.close)

    def mapped(self) -> npt.NDArray[Any]:
        """Return it as a memory-mapped, read-only array."""
        return np.memmap(self._temporary, self.dtype, "r", shape=self.shape)

    def with_peak(self, peak: float) -> Scratch:
        """Set the sample peak of its audio."""
        self.peak = peak
        return self

    def padded(self, samples: int) -> Scratch:
        """Return it with a longer length: the file reads as zeros beyond its end."""
        self.shape = (samples, self.shape[1])
        self.samples = samples
        return self

    def write(self, start: int, block: npt.NDArray[Any]) -> None:
        """Write a block from the sample `start` on."""
        data = np.ascontiguousarray(block, dtype=self.dtype)
        with self._lock:
            self._window = self._window[:0].copy()
            try:
                self._temporary.seek(start * self.shape[1] * self.dtype.itemsize)
                remaining = memoryview(data.tobytes())
                while len(remaining):
                    remaining = remaining[self._temporary.write(remaining) :]
            except OSError as error:
                folder = Path(tempfile.gettempdir())
                raise AudioFileError(
                    f"no room for temporary audio in {folder}: {why_short(folder)}; TMPDIR names another folder"
                ) from error

    def read(self, start: int, stop: int) -> npt.NDArray[Any]:
        """Return the samples from `start` to before `stop`; not to be written to."""
        return self[start:stop]

    def _load(self, start: int, stop: int) -> npt.NDArray[Any]:
        out = np.zeros((stop - start, self.shape[1]), self.dtype)
        buffer: Any = out
        remaining = memoryview(buffer).cast("B")
        try:
            self._temporary.seek(start * self.shape[1] * self.dtype.itemsize)
            # A read may return fewer bytes than requested; past the end of the file there are zeros.
            while len(remaining) and (count := self._temporary.readinto(remaining)):
                remaining = remaining[count:]
        except OSError as error:
            raise cannot_read(Path(tempfile.gettempdir()), error) from error
        return out


def scratch_of(
    blocks: Iterable[npt.NDArray[Any]],
    samples: int,
    channels: int,
    *,
    window_samples: int = _WINDOW_SAMPLES,
    dtype: npt.DTypeLike = np.float32,
) -> Scratch:
    """Return a temporary file with the blocks in order, at most `samples` samples."""
    scratch = Scratch(samples, channels, window_samples=window_samples, dtype=dtype)
    position = 0
    for block in blocks:
        scratch.write(position, block[: max(0, samples - position)])
        position += len(block)
    return scratch
