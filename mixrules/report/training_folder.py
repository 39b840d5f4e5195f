"""What is drawn of a training, into the folder beside its model: every figure as SVG and PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mixrules.errors import MissingPackageError, ParameterError
from mixrules.files import atomic_path, write_text_atomic
from mixrules.learning.history import History
from mixrules.report.page_frame import missing_for_pages


def draw_training(histories: History | Sequence[History], results: Any, folder: Path) -> list[str]:
    """Draw a training, or several on parts of the same data, into an existing folder.

    Parameters
    ----------
    histories : History or sequence of History
        One for each training. The one with the most training songs is drawn in full; several are compared besides.
    results : TrainingResults, sequence of TrainingResults, or None
        What came out, in the order of `histories`; None while it is not known.
    folder : Path
        Where to; files of the same names are replaced.

    Returns
    -------
    list of str
        The names of the files.

    Raises
    ------
    AudioFileError
        If a file cannot be written.
    MissingPackageError
        If what draws is not installed.
    ParameterError
        If a training has no epochs.
    """
    require_libraries()
    from mixrules.report.training_figures import training_figures

    drawn = training_figures(_listed(histories))
    for figure in drawn:
        write_text_atomic(folder / f"{figure.name}.svg", figure.svg)
        with atomic_path(folder / f"{figure.name}.png") as temporary:
            temporary.write_bytes(figure.png)
    return [f"{figure.name}.{suffix}" for suffix in ("svg", "png") for figure in drawn]


def require_libraries() -> None:
    """Raise `MissingPackageError` unless the libraries that draw figures and fill pages are installed."""
    missing = missing_for_pages()
    if missing:
        raise MissingPackageError(
            f"pictures of a training need {' and '.join(missing)}: pip install 'mixrules[report]'"
        )


def _listed(histories: History | Sequence[History]) -> list[History]:
    listed = [histories] if isinstance(histories, History) else list(histories)
    if not listed or not all(history.epochs for history in listed):
        raise ParameterError("a training without epochs cannot be drawn: draw it after the first one")
    return listed
