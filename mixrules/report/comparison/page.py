"""The page of a comparison: table, figure, every mix to listen to, tests, and what the measures mean."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from mixrules._support.version import __version__
from mixrules.evaluation.comparison_cautions import ABOUT_CONSTANTS, undone_sentence
from mixrules.evaluation.comparison_results import Comparison, Result
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.summary import Summary, best_means, shown_measures
from mixrules.evaluation.vetoes import VETOES
from mixrules.files import write_text_atomic
from mixrules.report.comparison.figures import distance_figures
from mixrules.report.page_frame import filled_page
from mixrules.statistics import FEWEST_FOR_INTERVAL
from mixrules.statistics.signed_rank import EXACT_UP_TO

AudioMode = Literal["embed", "link"]
_FEW_SONGS = 8
"""So many are named at the top of the page; more would push the table off it."""


def write_comparison_page(
    comparison: Comparison,
    summary: Summary,
    output: Path,
    *,
    audio: AudioMode = "embed",
    cautions: Sequence[str] = (),
) -> Path:
    """Write the page ``index.html`` (needs jinja2; its figure needs matplotlib); return its path.

    Parameters
    ----------
    comparison : Comparison
        What was measured.
    summary : Summary
        What it says over songs.
    output : Path
        The report's folder, where the excerpts are.
    audio : {"embed", "link"}
        Excerpts within the page, which then needs no other file, or beside it.
    cautions : sequence of str
        What a reader has to know before believing the tables.

    Raises
    ------
    AudioFileError
        If it cannot be written.
    """
    shown = shown_measures(summary)
    html = filled_page(
        "comparison_page.html.jinja",
        comparison=comparison,
        summary=summary,
        shown=shown,
        best={name: best_means(comparison, summary, name)[0] for name in shown},
        cautions=cautions,
        undone=undone_sentence(comparison),
        figures=distance_figures(comparison, summary),
        audio={r.audio: _source(r.audio, output, audio) for r in comparison.results if r.audio},
        measures=MEASURES,
        vetoes=VETOES,
        constants=ABOUT_CONSTANTS,
        words=_words,
        notes=_notes,
        exact_up_to=EXACT_UP_TO,
        fewest_for_interval=FEWEST_FOR_INTERVAL,
        few_songs=_FEW_SONGS,
        version=__version__,
    )
    write_text_atomic(output / "index.html", html)
    return output / "index.html"


def _source(excerpt: str, output: Path, audio: AudioMode) -> str:
    """Return where a page finds an excerpt: in itself, or in the file beside it."""
    if audio == "link":
        return quote(excerpt)
    return f"data:audio/ogg;base64,{base64.b64encode((output / excerpt).read_bytes()).decode()}"


def _notes(results: Sequence[Result], reference: str) -> list[tuple[tuple[str, ...], str]]:
    """Return a song's notes, each once, with the systems that it is about; with none where it is about all."""
    prefix = f"{reference}: "
    by_note: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            about = reference if note.startswith(prefix) else result.system
            systems = by_note.setdefault(note.removeprefix(prefix), [])
            systems += [about] if about not in systems else []
    everybody = {result.system for result in results}
    return [(() if set(systems) == everybody else tuple(systems), note) for note, systems in by_note.items()]


def _words(name: str) -> str:
    """Return a measure's name as words, without its unit."""
    return name.removesuffix(f"_{MEASURES[name].unit.lower()}").replace("_", " ")
