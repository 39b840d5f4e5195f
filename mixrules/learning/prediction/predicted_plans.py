"""The work of `mixrules predict`: a song's stems in, the plan of rules in which models take the place of some out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.corpus.batch.mixing import Mixing, measured, rules_as_settings
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.files.tables.writing import csv_text
from mixrules.learning.prediction.chosen_models import ModelFile
from mixrules.learning.prediction.model_answers import answers_for_song
from mixrules.learning.prediction.model_notes import level_notes, trained_on, trained_on_note
from mixrules.learning.prediction.model_rules import require_rules_for, rules_for, task_outputs
from mixrules.learning.prediction.song_answers import SongAnswers
from mixrules.mixer import mix
from mixrules.mixplan import starting_plan
from mixrules.ruleset import RuleSet
from mixrules.stems.song_description import SongDescription

ANSWERS = "answers.csv"
"""The table of all answers, and the ending of that of a song."""
MEAN = "mean of "
"""What the ledger puts before the name of an output."""
SEEN = "trained on, "
"""What it puts before the task of a model that has learnt from the song."""
_MODEL_MIB = 64.0
_BLOCK_S = SNIPPET_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Writes the plan of a song by rules in which models take the place of some constants or steps.

    Attributes
    ----------
    rules : RuleSet
        The rules that decide all else.
    models : tuple of ModelFile
        The models, one for a rule.
    engine : str
        What the plans are rendered with to be checked: ``"native"`` or ``"pedalboard"``.
    sample_rate : int or None
        Hz to which stems are brought; None for the rate that most stems of a song have.

    Raises
    ------
    ParameterError
        If two models take the place of one rule, or the rules have none whose place a model takes.
    """

    rules: RuleSet
    models: tuple[ModelFile, ...]
    engine: str = "native"
    sample_rate: int | None = None

    kind = "plans"
    songs_in_block = 0

    def __post_init__(self) -> None:
        require_rules_for(self.rules, [(model.name, model.task) for model in self.models])
        self._mixing()

    def _mixing(self) -> Mixing:
        """Return what mixes a song by the rules alone and writes no audio."""
        return Mixing(rules=self.rules, engine=self.engine, sample_rate=self.sample_rate, audio_format="")

    def settings(self) -> Mapping[str, Any]:
        """Return the chain and every constant of the rules, and which models take the place of some."""
        return {
            **rules_as_settings(self.rules),
            "models": {model.task: f"{model.name}, SHA-256 {model.sha256}" for model in self.models},
            "engine": self.engine,
            "sample_rate": self.sample_rate,
        }

    def also(self, song: SongDescription) -> str:
        """Return nothing: a plan depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory a song takes at most: that of its mix, and what a model takes besides."""
        return self._mixing().needed_mib(song) + _MODEL_MIB

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Run the models and let the rules decide; write ``SONG.plan.json`` and ``SONG.answers.csv``."""
        models = [model.opened() for model in self.models]
        answers, note = answers_for_song(models, song)
        seen = trained_on(models, answers, song.song)
        stems = self._mixing().stems(song)
        start = starting_plan(stems)
        notes = (*([note] if note else []), *level_notes(models, answers))
        of_training = (trained_on_note(model.name) for model in seen)
        start = start.replace(notes=(*start.notes, *notes, *of_training))
        result = mix(stems, rules=rules_for(self.rules, answers), start=start, engine=self.engine, threads=1)
        names = (f"{song.song}.plan.json", f"{song.song}.{ANSWERS}")
        with place.writing(*names) as (plan_path, answers_path):
            result.plan.save(plan_path)
            rows = csv_text(answer_rows(song.song, answers, self.columns), self.columns)
            answers_path.write_text(rows, encoding="utf-8", errors="backslashreplace", newline="\n")
        means = {f"{MEAN}{name}": value for each in answers for name, value in each.mean().items()}
        known = {f"{SEEN}{model.task}": 1 for model in seen}
        return SongResult(values={**measured(result), **means, **known}, outputs=names)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the models answer."""
        return tuple(output.name for model in self.models for output in task_outputs(model.task))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table of answers."""
        return ("song", "snippet", *self.outputs)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: there are no blocks."""


def answer_rows(
    song: str, answers: Sequence[SongAnswers], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each snippet of a song that a model has answered, in order; a model may have left some out."""
    rows: dict[float, dict[str, Any]] = {}
    for each in answers:
        for start_s, values in zip(each.starts_s.tolist(), each.values.tolist(), strict=True):
            row = rows.setdefault(start_s, dict.fromkeys(columns))
            row |= {"song": song, "snippet": round(start_s / _BLOCK_S)}
            row.update(zip(each.outputs, values, strict=True))
    yield from (rows[start_s] for start_s in sorted(rows))
