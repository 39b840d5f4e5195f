"""Task ``level``: by how much the vocal is louder than the backing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np  # noqa: TC002

from mixrules.corpus.tasks.task import Output, PlainTask, Snippet, SongMeasures, Target

LEVEL = Output(name="vocal_to_backing_lu", unit="LU, integrated loudness of the vocal minus the backing's")


@dataclass(frozen=True, slots=True)
class LevelTask(PlainTask):
    """The level of the vocal.

    Attributes
    ----------
    by_song : bool
        Whether all snippets of a song have the song's level, rather than each its own.
    """

    by_song: bool = False

    name = "level"
    outputs = (LEVEL,)

    def in_snippet(self, snippet: Snippet, rng: np.random.Generator) -> tuple[Snippet, Target | None]:
        """Return the snippet as it is, with its own level unless the song's is asked for."""
        own = (snippet.vocal_lufs - snippet.backing_lufs,)
        return snippet, None if self.by_song else own

    def of_song(self, measures: SongMeasures) -> Target | None:
        """Return the song's level, where it is asked for."""
        return (measures.vocal_lufs - measures.backing_lufs,) if self.by_song else None
