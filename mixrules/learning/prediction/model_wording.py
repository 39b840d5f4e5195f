"""Helpers for the sentences that say what a model answered."""

from __future__ import annotations

from mixrules.learning.prediction.song_answers import SongAnswers


def snippets_of(answers: SongAnswers) -> str:
    """Return over how many snippets a mean was taken: ``16 snippets``."""
    count = len(answers.values)
    return f"{count} snippet{'' if count == 1 else 's'}"
