"""Task ``compression``: the loudness range of the vocal, which compression narrows."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules.corpus.tasks.task import Output, PlainTask, SongMeasures, Target


@dataclass(frozen=True, slots=True)
class CompressionTask(PlainTask):
    """The loudness range of the vocal over the whole song (EBU Tech 3342)."""

    name = "compression"
    outputs = (
        Output(
            name="loudness_range_lu",
            unit="LU, loudness range of the vocal",
            published_offset=5.0,
            published_scale=25.0,
        ),
    )

    def of_song(self, measures: SongMeasures) -> Target | None:
        """Return the loudness range."""
        return (measures.vocal_range_lu,)
