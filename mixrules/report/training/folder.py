"""What is drawn of a training, into the folder beside its model: every figure as SVG and PNG, and a page of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mixrules.errors import MissingPackageError, ParameterError
from mixrules.files import atomic_path, write_text_atomic, written_together
from mixrules.learning.training.history import History
from mixrules.learning.training.results import TrainingResults
from mixrules.learning.training.training_files import TEST_ANSWERS, TEST_TRUTH
from mixrules.report.page_frame import missing_for_pages
from mixrules.report.training.scatter import SnippetAnswers

PAGE = "report.html"


def draw_training(
    histories: History | Sequence[History],
    results: TrainingResults | Sequence[TrainingResults] | None,
    folder: Path,
) -> list[str]:
    """Draw a training, or several on parts of the same data, into an existing folder.

    Parameters
    ----------
    histories : History or sequence of History
        One for each training. The one with the most training songs is drawn in full; several are compared besides.
    results : TrainingResults, sequence of TrainingResults, or None
        What came out, in the order of `histories`; None while it is not known.
    folder : Path
        Where to; files of the same names are replaced. Answers to the test songs that lie in it, as a training writes
        them, are drawn too.

    Returns
    -------
    list of str
        The names of the files; the first is the page.

    Raises
    ------
    AudioFileError
        If a file cannot be written, or the answers not be read.
    MissingPackageError
        If what draws is not installed.
    ParameterError
        If a training has no epochs, or there are not as many results as trainings.
    """
    require_libraries()
    from mixrules.report.training.figures import training_figures
    from mixrules.report.training.page import training_page

    trainings = _paired(histories, results)
    drawn = list(training_figures(trainings, _test_answers(folder)))
    texts = {PAGE: training_page(trainings, drawn)} | {f"{figure.name}.svg": figure.svg for figure in drawn}
    with written_together():
        for name, text in texts.items():
            write_text_atomic(folder / name, text)
        for figure in drawn:
            with atomic_path(folder / f"{figure.name}.png") as temporary:
                temporary.write_bytes(figure.png)
    return [*texts, *(f"{figure.name}.png" for figure in drawn)]


def require_libraries() -> None:
    """Raise `MissingPackageError` unless the libraries that draw figures and fill pages are installed."""
    missing = missing_for_pages()
    if missing:
        raise MissingPackageError(
            f"pictures of a training need {' and '.join(missing)}: pip install 'mixrules[report]'"
        )


def _paired(
    histories: History | Sequence[History],
    results: TrainingResults | Sequence[TrainingResults] | None,
) -> list[tuple[History, TrainingResults | None]]:
    """Return each training's history and results, from the fewest training songs to the most."""
    listed = [histories] if isinstance(histories, History) else list(histories)
    if not listed or not all(history.epochs for history in listed):
        raise ParameterError("a training without epochs cannot be drawn: draw it after its first epoch")
    found: list[TrainingResults | None] = [None] * len(listed)
    if results is not None:
        found = [results] if isinstance(results, TrainingResults) else list(results)
    if len(found) != len(listed):
        raise ParameterError(f"there are {len(listed)} trainings and {len(found)} results: give one for each")
    return sorted(zip(listed, found, strict=True), key=lambda pair: pair[0].training_songs)


def _test_answers(folder: Path) -> SnippetAnswers | None:
    """Return the answers to the test songs that lie in a folder, with the truth; None where there are none."""
    from mixrules.evaluation.predictions import read_table
    from mixrules.report.training.scatter import paired_answers

    paths = [folder / name for name in (TEST_ANSWERS, TEST_TRUTH)]
    return paired_answers(*map(read_table, paths)) if all(path.is_file() for path in paths) else None
