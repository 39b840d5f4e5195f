"""The formats that audio is written in, by the ending of a name: their subtypes, sample rates and most channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixrules._support.wording import listed
from mixrules.errors import AudioFileError
from mixrules.files.audio.libav import NEEDS_LIBAV, libav_is_installed

_PCM = ("PCM_24", "PCM_16", "PCM_32", "FLOAT", "DOUBLE")
_MPEG_HZ = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFormat:
    """A format of audio files.

    Attributes
    ----------
    kind : str
        libsndfile's name, or ``M4A``, which libav writes.
    subtypes : tuple of str
        The sample formats or codings, the usual one first.
    rates_hz : tuple of int
        The only sample rates; empty where any will do.
    most_channels : int or None
        None where there is no such bound.
    compression_level : float or None
        libsndfile's, 0 is the best quality; None leaves it.
    """

    kind: str
    subtypes: tuple[str, ...]
    rates_hz: tuple[int, ...] = ()
    most_channels: int | None = None
    compression_level: float | None = None

    @property
    def name(self) -> str:
        """What a user calls it."""
        return "OPUS" if "OPUS" in self.subtypes else self.kind

    def rate_for(self, sample_rate: int) -> int:
        """Return the sample rate at which audio of this rate is written: its own where the format takes it."""
        if not self.rates_hz or sample_rate in self.rates_hz:
            return sample_rate
        higher = [rate for rate in self.rates_hz if rate > sample_rate]
        if higher:
            return min(higher)
        # A ratio of whole numbers where there is one: 88.2 kHz becomes 44.1.
        return next(
            (rate for rate in sorted(self.rates_hz, reverse=True) if sample_rate % rate == 0),
            max(self.rates_hz),
        )


_AIFF = WrittenFormat(kind="AIFF", subtypes=_PCM)
FORMATS = {
    ".wav": WrittenFormat(kind="WAV", subtypes=_PCM),
    ".flac": WrittenFormat(kind="FLAC", subtypes=("PCM_24", "PCM_16")),
    ".aiff": _AIFF,
    ".aif": _AIFF,
    ".ogg": WrittenFormat(kind="OGG", subtypes=("VORBIS",)),
    ".mp3": WrittenFormat(
        kind="MP3",
        subtypes=("MPEG_LAYER_III",),
        rates_hz=_MPEG_HZ,
        most_channels=2,
        compression_level=0.0,  # some 300 kbit/s
    ),
    ".opus": WrittenFormat(
        kind="OGG",
        subtypes=("OPUS",),
        rates_hz=(8000, 12_000, 16_000, 24_000, 48_000),
        compression_level=0.5,  # some 260 kbit/s
    ),
    # AAC takes up to 96 kHz, of which encoders leave out what lies above 20, and not every player reads it.
    ".m4a": WrittenFormat(kind="M4A", subtypes=("AAC",), rates_hz=_MPEG_HZ, most_channels=2),
}
"""What the endings of names stand for."""


def format_of(path: Path) -> WrittenFormat:
    """Return the format for the ending of `path`.

    Raises
    ------
    AudioFileError
        If no audio is written under such a name.
    """
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise AudioFileError(
            f"{path.name} cannot be written as audio, the name may end in {', '.join(FORMATS)}"
        ) from None


def require_subtype(path: Path, subtype: str) -> None:
    """Raise `AudioFileError` unless the format for `path` has a subtype, and the libraries at hand write it."""
    form = format_of(path)
    if subtype not in form.subtypes:
        raise AudioFileError(
            f"{path.name} cannot be written as {subtype!r}, {form.name} takes {', '.join(form.subtypes)}"
        )
    if form.kind == "M4A":
        if not libav_is_installed():
            raise AudioFileError(
                f"{path.name} {NEEDS_LIBAV}; without it {listed(_written_now())} are written"
            )
        return
    if form.compression_level is not None and not _libsndfile_writes(form):
        raise AudioFileError(
            f"{path.name} needs a libsndfile of version 1.1 or later that writes {subtype}: pip install soundfile "
            f"brings one; without it {listed(_written_now())} are written"
        )


def require_channels(path: Path, channels: int) -> None:
    """Raise `AudioFileError` unless the format for `path` holds so many channels."""
    form = format_of(path)
    if form.most_channels is not None and channels > form.most_channels:
        raise AudioFileError(
            f"{path.name} cannot hold {channels} channels, {form.name} takes {form.most_channels}: write .flac or .wav"
        )


def _libsndfile_writes(form: WrittenFormat) -> bool:
    import soundfile

    return bool(soundfile.check_format(form.kind, form.subtypes[0]))


def _written_now() -> Sequence[str]:
    """Return the endings that the libraries at hand write."""
    return [
        ending
        for ending, form in FORMATS.items()
        if (libav_is_installed() if form.kind == "M4A" else _libsndfile_writes(form))
    ]
