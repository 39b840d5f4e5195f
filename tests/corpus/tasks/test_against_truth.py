"""The levels of snippets are those of the ground truth, which measures them in one pass over the whole song."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from task_signals import samples_of

from mixrules.corpus.extraction.part_loudness import LoudnessGrid
from mixrules.corpus.extraction.signals import song_signals
from mixrules.corpus.extraction.snippets import Snippets
from mixrules.corpus.tasks.song_signals import open_signals
from mixrules.loudness import SumEnergyStream
from mixrules.stems.song_description import SongDescription

SNIPPET = 65_536


def test_a_mono_vocal_beside_stereo_has_the_level_of_the_ground_truth(
    rng: np.random.Generator, tmp_path: Path
) -> None:
    vocal = 0.1 * rng.standard_normal(4 * SNIPPET) * np.repeat([1.0, 0.1, 0.5, 2.0], SNIPPET)
    for name, audio in (("vocals", vocal), ("bass", 0.1 * rng.standard_normal((4 * SNIPPET, 2)))):
        soundfile.write(tmp_path / f"{name}.wav", audio, 44_100, subtype="FLOAT")
    song = SongDescription(song="song", folder=tmp_path)
    _, targets, _ = samples_of(open_signals(song, needs_vocal=True), task="level", block_hop=32)

    truth = song_signals(song)
    snippets = Snippets(truth.samples, SNIPPET, SNIPPET // 2)
    grid = LoudnessGrid(snippets, truth.sample_rate)
    kinds = [signal.kind for signal in truth.signals]
    gains = np.zeros((2, len(truth.sources)))
    for row, kind in enumerate(("vocal", "backing")):
        gains[row, list(truth.signals[kinds.index(kind)].members)] = 1.0
    stream = SumEnergyStream(truth.sample_rate, gains, grid.boundaries)
    stream.update([np.asarray(source[:]) for source in truth.sources])
    of_vocal, of_backing = (grid.integrated_of_snippets(row) for row in stream.result())
    # The filter starts from rest in each of our snippets.
    np.testing.assert_allclose(targets[:, 0], of_vocal - of_backing, atol=0.05)
