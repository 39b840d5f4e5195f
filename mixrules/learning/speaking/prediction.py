"""The work of `mixrules predict`: a song's stems in, the plan of rules in which models speak for some of them out."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules.corpus.batch.mixing import Mixing, measured, rules_as_settings
from mixrules.corpus.tasks.mel_blocks import SAMPLE_RATE, SNIPPET_SAMPLES
from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.pace import Progress
from mixrules.corpus.work.place import Place, open_place
from mixrules.corpus.work.run import RunSummary, run_in
from mixrules.corpus.work.song_work import DataSet, Record, SongResult
from mixrules.corpus.work.workers import Workers
from mixrules.errors import AudioFileError
from mixrules.files.hashing import add_content
from mixrules.files.tables.writing import csv_text
from mixrules.learning.speaking.asking import Asked, ask_about, asked_file
from mixrules.learning.speaking.model_rules import require_spoken_for, rules_for, task_outputs
from mixrules.learning.speaking.song_answers import SongAnswers
from mixrules.mixer import mix
from mixrules.mixplan import starting_plan
from mixrules.ruleset import RuleSet
from mixrules.stems.song_description import SongDescription

ANSWERS = "answers.csv"
"""The table of all answers, and the ending of that of a song."""
_MODEL_MIB = 64.0
_BLOCK_S = SNIPPET_SAMPLES / SAMPLE_RATE
_MEAN = "mean of "


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model in an ONNX file, before it is opened. Small, since it goes to other processes.

    Attributes
    ----------
    path : Path
        The file, made absolute: another process may be somewhere else.
    task : str
        What it answers.
    name : str
        What sentences call it.
    sha256 : str
        Of what the file holds.
    """

    path: Path
    task: str
    name: str
    sha256: str

    @classmethod
    def of(cls, path: str | Path) -> ModelFile:
        """Open a model and keep what is known of it; errors as of `asked_file`."""
        model = asked_file(path)
        return cls(Path(path).absolute(), model.task, model.name, _sha256(Path(path)))

    def opened(self) -> Asked:
        """Return the model, opened once in each process; fails with `AudioFileError` where it is another by now."""
        return _opened(self)


@functools.lru_cache(maxsize=8)
def _opened(file: ModelFile) -> Asked:
    if _sha256(file.path) != file.sha256:
        raise AudioFileError(f"{file.path} is no longer the model that the run began with: begin again")
    return asked_file(file.path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    add_content(digest, path)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """Writes the plan of a song by rules in which models speak for some of them.

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
        If two models speak for one rule, or the rules have none that a model speaks for.
    """

    rules: RuleSet
    models: tuple[ModelFile, ...]
    engine: str = "native"
    sample_rate: int | None = None

    kind = "plans"
    songs_in_block = 0

    def __post_init__(self) -> None:
        require_spoken_for(self.rules, [(model.name, model.task) for model in self.models])
        self._mixing()

    def _mixing(self) -> Mixing:
        """Return what mixes a song by the rules alone and writes no audio."""
        return Mixing(rules=self.rules, engine=self.engine, sample_rate=self.sample_rate, audio_format="")

    def settings(self) -> Mapping[str, Any]:
        """Return the chain and every constant of the rules, and which models speak."""
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
        """Ask the models and let the rules decide; write ``SONG.plan.json`` and ``SONG.answers.csv``."""
        answers, note = ask_about([model.opened() for model in self.models], song)
        stems = self._mixing().stems(song)
        start = starting_plan(stems)
        if note:
            start = start.replace(notes=(*start.notes, note))
        result = mix(stems, rules=rules_for(self.rules, answers), start=start, engine=self.engine, threads=1)
        names = (f"{song.song}.plan.json", f"{song.song}.{ANSWERS}")
        with place.writing(*names) as (plan_path, answers_path):
            result.plan.save(plan_path)
            rows = csv_text(answer_rows(song.song, answers, self.columns), self.columns)
            answers_path.write_text(rows, encoding="utf-8", errors="backslashreplace", newline="\n")
        means = {f"{_MEAN}{name}": value for each in answers for name, value in each.mean().items()}
        return SongResult(values={**measured(result), **means}, outputs=names)

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


def predict_songs(
    prediction: Prediction,
    songs: DataSet,
    output: str | Path,
    *,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> tuple[RunSummary, dict[str, tuple[float, ...]]]:
    """Write a plan for each song of a data set, and a table of what the models answered.

    Parameters
    ----------
    prediction : Prediction
        By which models and rules.
    songs : Catalogue
        The songs, or what lists them as one does.
    output : str or Path
        Where the plans go.
    workers, retry_failed, progress
        As for `run_songs`.

    Returns
    -------
    summary : RunSummary
        How it went.
    answers : dict of str to tuple of float
        What was answered for each song, by output.

    Raises
    ------
    ParameterError
        If another run has the output, or it holds something else.
    AudioFileError
        If the songs cannot be listed, or the results not be written.
    """
    next(iter(songs), None)  # where there is none it fails before anything is made
    with open_place(output).held() as place:
        summary = run_in(
            place, prediction, songs, workers=workers, retry_failed=retry_failed, progress=progress
        )
        with closing(Ledger(place.ledger_lines())) as ledger:
            done = list(_done(songs, ledger))
        _write_answers(prediction, done, place)
    found = {
        name: tuple(record.values[f"{_MEAN}{name}"] for record in done if f"{_MEAN}{name}" in record.values)
        for name in prediction.outputs
    }
    return summary, found


def _done(songs: DataSet, ledger: Ledger) -> Iterator[Record]:
    """Yield how each song went that has a plan, in the order of the data set."""
    seen = set()
    for song in songs:
        number = ledger.number(song.song)
        if number is None or number in seen or not ledger.is_recorded(number) or ledger.has_failed(number):
            continue
        seen.add(number)
        yield ledger.record(number)


def _write_answers(prediction: Prediction, done: Sequence[Record], place: Place) -> None:
    """Join the tables of all songs to one."""
    with place.writing(ANSWERS) as (path,), open(path, "w", encoding="utf-8", newline="\n") as table:
        table.write(csv_text([], prediction.columns))
        for record in done:
            with (
                place.reading(f"{record.song}.{ANSWERS}") as rows,
                open(rows, encoding="utf-8", newline="") as own,
            ):
                next(own, None)
                table.writelines(own)
