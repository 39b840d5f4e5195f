"""All measures of a song: those of each of its signals, and those that relate one to another."""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixrules.corpus.extraction.band_levels import measure_bands
from mixrules.corpus.extraction.descriptors import beats_of, descriptors_of
from mixrules.corpus.extraction.levels import measure_levels
from mixrules.corpus.extraction.part_loudness import LoudnessGrid
from mixrules.corpus.extraction.signals import Signal, SignalSet
from mixrules.corpus.extraction.snippets import Floats, Snippets
from mixrules.corpus.extraction.spectral import FrameDescriptors, describe_frames
from mixrules.loudness import SumEnergyStream

_BLOCK_SAMPLES = 1 << 16

Values = dict[str, Floats]
"""Values by the names of the columns, shape (rows,) or, for bands, (rows, bands); NaN or infinite where not defined."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of a signal: one row of its song, and a row for each snippet."""

    song: Values
    snippets: Values

    def __or__(self, other: Measured) -> Measured:
        return Measured(self.song | other.song, self.snippets | other.snippets)


def measure_song(song: SignalSet, snippets: Snippets) -> list[Measured]:
    """Return the measures of each signal of a song, in the order of the signals."""
    loudness = _loudness(song, snippets)
    own, mix_frames = {}, None
    for signal in song.signals:
        # The vocal is one stem as often as not, and then has its measures.
        if signal.members not in own:
            own[signal.members], frames = _own_measures(signal, song.sample_rate, snippets)
            mix_frames = frames if signal.kind == "mix" else None
    if mix_frames is None:  # of a mix that is one stem
        mix_frames = describe_frames(song.signals[-1].audio, song.sample_rate)
    beats = Measured(*map(_values, beats_of(mix_frames, snippets)))
    measured = [own[signal.members] for signal in song.signals]
    backing = next((m for s, m in zip(song.signals, measured, strict=True) if s.kind == "backing"), None)
    return [
        values | mine | beats | _to_backing(mine, backing, signal)
        for signal, values, mine in zip(song.signals, loudness, measured, strict=True)
    ]


def _own_measures(signal: Signal, sample_rate: int, snippets: Snippets) -> tuple[Measured, FrameDescriptors]:
    """Return what is measured of a signal alone, and its frames."""
    frames = describe_frames(signal.audio, sample_rate)
    parts = (
        measure_levels(signal.audio, sample_rate, snippets),
        measure_bands(signal.audio, sample_rate, snippets),
        descriptors_of(frames, snippets),
    )
    measured = (Measured(_values(song), _values(each)) for song, each in parts)
    return functools.reduce(Measured.__or__, measured), frames


def _loudness(song: SignalSet, snippets: Snippets) -> list[Measured]:
    """Return the loudness of each signal, and how far it is above the mix and above the rest."""
    grid = LoudnessGrid(snippets, song.sample_rate)
    stems = len(song.sources) - (song.mix_source == "file")
    gains = np.zeros((2 * len(song.signals), len(song.sources)))
    for row, signal in enumerate(song.signals):
        gains[2 * row, list(signal.members)] = 1.0
        if signal.kind != "mix":
            gains[2 * row + 1, [i for i in range(stems) if i not in signal.members]] = 1.0
    stream = SumEnergyStream(song.sample_rate, gains, grid.boundaries)
    for start in range(0, song.samples, _BLOCK_SAMPLES):
        stop = min(start + _BLOCK_SAMPLES, song.samples)
        stream.update([source[start:stop] for source in song.sources])
    energies = stream.result()
    if all(source.shape[1] == 1 for source in song.sources):
        energies = energies / 2.0  # one channel, that was measured on both sides

    songs = [_values(grid.of_song(row)) for row in energies[::2]]
    parts = [_values(grid.of_snippets(row)) for row in energies[::2]]
    rest_of_song = [np.array([grid.of_song(row).integrated_lufs]) for row in energies[1::2]]
    rest_of_parts = [grid.integrated_of_snippets(row) for row in energies[1::2]]
    for values, rest in ((songs, rest_of_song), (parts, rest_of_parts)):
        lufs = {signal.kind: own["integrated_lufs"] for signal, own in zip(song.signals, values, strict=True)}
        nothing = np.full_like(values[0]["integrated_lufs"], np.nan)
        with np.errstate(invalid="ignore"):
            vocal_to_backing = lufs.get("vocal", nothing) - lufs.get("backing", nothing)
            for signal, own, others in zip(song.signals, values, rest, strict=True):
                is_mix = signal.kind == "mix"
                own["to_mix_lu"] = nothing if is_mix else own["integrated_lufs"] - lufs["mix"]
                own["to_rest_lu"] = nothing if is_mix else own["integrated_lufs"] - others
                own["vocal_to_backing_lu"] = vocal_to_backing
    return [Measured(*both) for both in zip(songs, parts, strict=True)]


def _to_backing(own: Measured, backing: Measured | None, signal: Signal) -> Measured:
    """Return the levels in bands above those of the backing."""

    def difference(values: Values, others: Values | None) -> Values:
        found = {}
        for name in ("octave", "third_octave"):
            level = values[f"{name}_db"]
            below = np.full_like(level, np.nan) if others is None else others[f"{name}_db"]
            found[f"{name}_to_backing_db"] = level - below
        return found

    if backing is None or signal.kind == "backing":
        return Measured(difference(own.song, None), difference(own.snippets, None))
    return Measured(difference(own.song, backing.song), difference(own.snippets, backing.snippets))


def _values(measures: Any) -> Values:
    """Return the fields of measures as arrays by their names."""
    return {
        field.name: np.atleast_1d(getattr(measures, field.name)) for field in dataclasses.fields(measures)
    }
