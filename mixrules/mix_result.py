"""A finished mix: its audio, its plan, what it measures, and the stems as they sit in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mixrules._support.arguments import as_path
from mixrules._support.validation import Audio, SlicedAudio
from mixrules._support.written_values import as_bool
from mixrules.engine import Renderer
from mixrules.errors import AudioFileError
from mixrules.files import WriteReport, write_audio, written_together
from mixrules.loudness import Loudness
from mixrules.mixplan import MixPlan


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MixResult:
    """A mix with its plan.

    Attributes
    ----------
    audio : ndarray of float32, shape (samples, 2)
        The finished mix, tails included; may be longer than the stems. Where the song was too long to
        be held in memory the array is mapped to a temporary file.
    sample_rate : int
        Hz.
    plan : MixPlan
        Every parameter and every decision, its statements measured on the rendered stems.
    loudness : Loudness
        What the mix measures.
    stems : mapping of str to ndarray, shape (samples, 2)
        Every stem as it sits in the mix, all of one length; they sum to the mix before the master. Each
        is rendered when it is asked for.
    sliced : SlicedAudio or None
        The mix again, where it is on the disk: read in slices it takes no memory.
    """

    audio: Audio
    sample_rate: int
    plan: MixPlan
    loudness: Loudness
    stems: Mapping[str, Audio]
    sliced: SlicedAudio | None = None

    def __repr__(self) -> str:
        """Return one line, since a notebook shows it after each mix; a plan alone fills pages."""
        duration_s = len(self.audio) / self.sample_rate
        measured = f"{self.loudness.integrated_lufs:.1f} LUFS, {self.loudness.true_peak_dbtp:.1f} dBTP"
        return (
            f"MixResult({len(self.plan.stems)} stems, {duration_s:.1f} s at {self.sample_rate} Hz, {measured}, "
            f"{len(self.plan.decisions)} decisions)"
        )

    @property
    def to_write(self) -> Audio | SlicedAudio:
        """The mix in the form that takes the least memory to write."""
        return self.audio if self.sliced is None else self.sliced

    def save(
        self, path: str | os.PathLike[str], *, subtype: str | None = None, overwrite: bool = False
    ) -> WriteReport:
        """Write the mix, and its plan beside it: ``mix.wav`` and ``mix.plan.json``.

        Parameters
        ----------
        path : path
            Where the mix goes; its extension says the format: .wav, .flac, .aiff, .aif, .ogg, .mp3, .opus or, with
            PyAV, .m4a.
        subtype : str, optional
            Sample format, e.g. ``"PCM_16"``; by default 24 bits, or float where the mix passes full scale.
        overwrite : bool
            Replace any file of that name. Without it only an earlier mix that has its plan beside it is replaced.

        Returns
        -------
        WriteReport
            What was written, and how many samples were clipped.

        Raises
        ------
        AudioFileError
            If a file is there already that is no earlier mix, or cannot be written; nothing half-written is left, and
            no mix beside another one's plan.
        """
        path = as_path(path)
        beside = path.with_suffix(".plan.json")
        if not as_bool(overwrite, "overwrite") and path.exists() != beside.exists():
            there = path if path.exists() else beside
            raise AudioFileError(
                f"{there} exists already and is no earlier mix with its plan: name another, or overwrite=True replaces it"
            )
        with written_together():
            self.plan.save(beside)
            return write_audio(path, self.to_write, self.sample_rate, subtype=subtype)


class RenderedStems(Mapping[str, Audio]):
    """The stems as they sit in the mix, padded to one length; each is rendered when it is asked for."""

    def __init__(self, renderer: Renderer, mix_plan: MixPlan, samples: int) -> None:
        self._renderer = renderer
        self._plan = mix_plan
        self._samples = samples

    def __getitem__(self, name: str) -> Audio:
        if name not in self._renderer.stems.names:
            raise KeyError(name)
        stem = self._renderer.stem(self._plan, name)
        return np.pad(stem, ((0, self._samples - len(stem)), (0, 0)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._renderer.stems.names)

    def __len__(self) -> int:
        return len(self._renderer.stems)
