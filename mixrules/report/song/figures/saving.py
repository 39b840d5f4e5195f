"""Figures into files: SVG, PDF or PNG by the name, the same bytes on every run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from mixrules._support.installed import require_installed
from mixrules.errors import ParameterError
from mixrules.files import atomic_path, check_writable, make_folder
from mixrules.report import figure_style as style

SUFFIXES = (".svg", ".pdf", ".png")


def require_figure_path(path: Path) -> None:
    """Refuse, before anything is measured, a file that no figure can be written to.

    Raises
    ------
    ParameterError
        If its name ends in none of `SUFFIXES`.
    MissingPackageError
        If matplotlib is not installed.
    AudioFileError
        If it cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ParameterError(f"{path} says no kind of figure: let it end in .svg, .pdf or .png")
    require_installed("matplotlib", what="a figure")
    check_writable(path, makes_folder=True)


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure, whole or not at all.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    path : Path
        Its extension says the format; a missing folder is made.

    Raises
    ------
    ParameterError, AudioFileError
        As for `require_figure_path`.
    """
    require_figure_path(path)
    with style.figure_style():
        suffix = path.suffix.lower()
        if suffix == ".svg":
            encoded = style.svg_of(figure).encode()
        else:
            encoded = style.png_of(figure) if suffix == ".png" else _pdf_of(figure)
    make_folder(path.parent)
    with atomic_path(path) as temporary:
        temporary.write_bytes(encoded)


def _pdf_of(figure: Any) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    pages = io.BytesIO()
    canvas: Any = FigureCanvasPdf(figure)
    canvas.print_pdf(pages, metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return pages.getvalue()
