"""One page of a comparison: table, figure, tests and the audio, without anything from elsewhere."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Literal

from mixrules._support.version import __version__
from mixrules.evaluation.constants import CONSTANTS
from mixrules.evaluation.figures import distances_figure, shown_measures
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.results import Comparison, Result
from mixrules.evaluation.summary import Summary
from mixrules.files import write_text_atomic

AudioMode = Literal["embed", "link"]

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;font-size:13px;margin:1rem 0;display:block;overflow-x:auto}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #e5e5e5;vertical-align:top}
th:first-child,td:first-child{text-align:left;position:sticky;left:0;background:#fff}
td small,th small{color:#777;display:block;white-space:nowrap}td.best{background:#e6f3e6}tr.constant td{color:#666}
audio{width:14rem;height:2rem}svg{max-width:100%;height:auto}details{margin:.5rem 0}
@media(prefers-color-scheme:dark){body{background:#fff}}
"""


def write_page(found: Comparison, summary: Summary, output: Path, *, audio: AudioMode = "embed") -> Path:
    """Write the page ``index.html``; return its path.

    Parameters
    ----------
    found : Comparison
        What was measured.
    summary : Summary
        What it says over songs.
    output : Path
        The report's folder, where the excerpts are.
    audio : {"embed", "link"}
        Excerpts within the page, which then needs no other file, or beside it.

    Raises
    ------
    AudioFileError
        If it cannot be written.
    """
    figure = distances_figure(found, summary)
    body = [
        f"<h1>Which mix is closer to {escape(found.reference)}?</h1>",
        f"<p>{len(found.systems)} systems, {len(found.songs)} songs: {escape(', '.join(found.songs))}. "
        f"Every figure is a distance to <b>{escape(found.reference)}</b>, 0 for the reference itself; the "
        "mean over songs with its 95 % bootstrap interval, and in how many songs the system came nearest. "
        "Grey rows are constants that have not heard the song: what loses to them has learnt nothing.</p>",
        *_summary_table(found, summary),
        "<h2>Distances by system</h2>",
        "<p>Dots: means; bars: 95 % intervals; grey lines: songs.</p>" + figure
        if figure
        else "<p>Figures need matplotlib: <code>pip install 'mixrules[report]'</code>.</p>",
        "<h2>Listen</h2><p>The same stretch of every mix, at equal loudness.</p>",
        *_songs(found, summary, output, audio),
        "<h2>Paired tests over songs</h2>",
        *_tests(found, summary),
        "<h2>The measures</h2>",
        *_measures(found),
        f"<p><small>mixrules {escape(__version__)}. All measures and songs: values.csv, summary.csv, tests.csv, "
        "comparison.json.</small></p>",
    ]
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Comparison of mixes</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{"".join(body)}</html>\n'
    )
    write_text_atomic(output / "index.html", html)
    return output / "index.html"


def _summary_table(found: Comparison, summary: Summary) -> Iterator[str]:
    names = shown_measures(found, summary)
    yield "<table><thead><tr><th>system</th>" + "".join(_head(name) for name in names) + "</tr></thead>"
    rivals = [system for system in found.systems if system != found.reference]
    best = {name: _best(summary, rivals, name) for name in names}
    for system in found.systems:
        yield f"<tr{' class=constant' if system in CONSTANTS else ''}><td>{escape(system)}</td>"
        for name in names:
            row = summary.row(system, name)
            interval = row.interval
            near = f", nearest {row.nearest}" if system != found.reference else ""
            spread = f"<small>{_number(interval.low)} to {_number(interval.high)}{near}</small>"
            mark = " class=best" if interval.mean == best[name] and system in rivals else ""
            yield f"<td{mark}>{_number(interval.mean)}{spread}</td>"
        yield "</tr>"
    yield "</table>"


def _songs(found: Comparison, summary: Summary, output: Path, audio: AudioMode) -> Iterator[str]:
    names = shown_measures(found, summary)
    for song in found.songs:
        yield f"<details><summary>{escape(song)}</summary><table><thead><tr><th>system</th><th>excerpt</th>"
        yield "<th>LUFS as delivered</th>" + "".join(_head(name) for name in names) + "</tr></thead>"
        for result in found.results:
            if result.song == song:
                yield f"<tr><td>{escape(result.system)}</td><td>{_player(result, output, audio)}</td>"
                yield f"<td>{_number(result.lufs)}</td>"
                yield "".join(f"<td>{_number(result.values[name])}</td>" for name in names) + "</tr>"
        notes = [f"{r.system}: {note}" for r in found.results if r.song == song for note in r.notes]
        yield "</table>" + "".join(f"<p><small>{escape(note)}</small></p>" for note in notes) + "</details>"


def _player(result: Result, output: Path, audio: AudioMode) -> str:
    if not result.audio:
        return ""
    source = escape(result.audio, quote=True)
    if audio == "embed":
        source = f"data:audio/ogg;base64,{base64.b64encode((output / result.audio).read_bytes()).decode()}"
    return f'<audio controls preload="none" src="{source}"></audio>'


def _tests(found: Comparison, summary: Summary) -> Iterator[str]:
    yield (
        "<p>Wilcoxon signed-rank over songs, two-sided, corrected after Holm within each measure. With fewer than "
        "six songs no test can fall below 0.05. r: matched-pairs rank-biserial correlation, -1 where the first is "
        "nearer in every song.</p>"
    )
    for name in shown_measures(found, summary):
        yield f"<details><summary>{escape(name)}</summary><table><thead><tr><th>pair</th><th>nearer / farther</th>"
        yield "<th>mean difference</th><th>r</th><th>p</th><th>p (Holm)</th></tr></thead>"
        for pair in summary.pairs:
            if pair.measure == name:
                test = pair.test
                cells = (test.mean_difference, test.rank_biserial, test.p, pair.p_holm)
                yield f"<tr><td>{escape(pair.first)} – {escape(pair.second)}</td>"
                yield f"<td>{test.wins} / {test.losses}</td>"
                yield "".join(f"<td>{_number(cell)}</td>" for cell in cells) + "</tr>"
        yield "</table></details>"


def _measures(found: Comparison) -> Iterator[str]:
    yield "<table><thead><tr><th>measure</th><th>unit</th><th>range</th><th>better</th><th>what, source</th></tr>"
    yield "</thead>"
    for name in found.measures:
        m = MEASURES[name]
        yield f"<tr><td>{escape(name)}</td><td>{escape(m.unit)}</td><td>{m.low:g} to {m.high:g}</td>"
        yield f"<td>{m.better}</td><td style='text-align:left'>{escape(m.about)}<small>{escape(m.source)}</small>"
        yield "</td></tr>"
    yield "</table>"


def _best(summary: Summary, systems: list[str], name: str) -> float:
    means = [summary.row(system, name).interval.mean for system in systems]
    means = [mean for mean in means if math.isfinite(mean)]
    if not means:
        return math.nan
    return max(means) if MEASURES[name].better == "higher" else min(means)


def _head(name: str) -> str:
    unit = MEASURES[name].unit
    words = name.removesuffix(f"_{unit.lower()}").replace("_", " ")
    return f"<th>{escape(words)}{f'<small>{escape(unit)}</small>' if unit else ''}</th>"


def _number(value: float) -> str:
    return "–" if not math.isfinite(value) else f"{value:.3g}"
