"""A run of `mixrules predict`: a plan for each song of a data set, and one table of all answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from mixrules.corpus.work.ledger import Ledger
from mixrules.corpus.work.pace import Progress
from mixrules.corpus.work.place import Place, open_place
from mixrules.corpus.work.run import RunSummary, run_in
from mixrules.corpus.work.song_work import DataSet, Record
from mixrules.corpus.work.workers import Workers
from mixrules.files.tables.writing import csv_text
from mixrules.learning.prediction.predicted_plans import ANSWERS, MEAN, SEEN, Prediction


def predict_songs(
    prediction: Prediction,
    songs: DataSet,
    output: str | Path,
    *,
    workers: Workers | None = None,
    retry_failed: bool = False,
    progress: Progress | None = None,
) -> tuple[RunSummary, dict[str, tuple[float, ...]], dict[str, int]]:
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
    trained_on : dict of str to int
        How many of the songs a model has learnt from, by its task.

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
        name: tuple(record.values[f"{MEAN}{name}"] for record in done if f"{MEAN}{name}" in record.values)
        for name in prediction.outputs
    }
    seen = {
        model.task: sum(f"{SEEN}{model.task}" in record.values for record in done)
        for model in prediction.models
    }
    return summary, found, seen


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
