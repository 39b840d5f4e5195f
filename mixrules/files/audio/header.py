"""What the header of an audio file says."""

from __future__ import annotations

from dataclasses import dataclass

BYTES_PER_SAMPLE = {"PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}
"""Bytes a sample takes, by libsndfile's subtype; of the subtypes that keep samples as they are."""


@dataclass(frozen=True, slots=True)
class AudioHeader:
    """The header of a file.

    Attributes
    ----------
    samples : int
        The length. Of a compressed file it is an estimate until the file was read.
    channels, sample_rate : int
        The number of channels, and Hz.
    format, subtype : str
        As libsndfile names them.
    as_it_is : bool
        Whether libsndfile reads the file from its path alone: it is no file of joined ones, and its length is not open.
    """

    samples: int
    channels: int
    sample_rate: int
    format: str
    subtype: str
    as_it_is: bool = True

    @property
    def seekable(self) -> bool:
        """Whether it can be read exactly from any sample on."""
        return (
            self.as_it_is
            and self.format in ("WAV", "WAVEX", "RF64", "FLAC", "AIFF")
            and self.subtype in BYTES_PER_SAMPLE
        )
