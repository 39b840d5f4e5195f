"""A comparison as files: CSV and JSON, and Parquet where pyarrow is installed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mixrules._support.json_values import defined
from mixrules._support.version import __version__
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.measures.registry import MEASURES
from mixrules.evaluation.summary import Summary
from mixrules.evaluation.vetoes import VETOES
from mixrules.files import atomic_path, write_text_atomic
from mixrules.files.own_documents import COMPARISON_FORMAT as FORMAT
from mixrules.files.own_documents import COMPARISON_TABLES as TABLES
from mixrules.files.tables.writing import csv_text

Record = dict[str, Any]

FILES = (
    *(
        "values.csv",
        "summary.csv",
        "tests.csv",
        "vetoes.csv",
        "veto_counts.csv",
        "left_out.csv",
        "undone.csv",
        TABLES,
        "values.parquet",
        "index.html",
    ),
    *("audio", "plans"),
)
"""What a report consists of."""
ANY_VETO = "any"
_HEADS = {"left_out": "song,system,reason\n"}


def value_records(found: Comparison) -> list[Record]:
    """Return one record a song, system and measure; None where a measure is not defined.

    For songs of a data set it has their title, artist, split and name there as well.
    """
    blank = dict.fromkeys(("title", "artist", "split", "song_in_data_set"), "") if found.described else {}
    about = {
        name: {
            **{"title": song.title, "artist": song.artist, "split": song.split},
            "song_in_data_set": song.song,
        }
        for name, song in found.described.items()
    }
    return [
        {
            **{"song": result.song, "system": result.system, "measure": name},
            **{"value": defined(result.values[name]), "unit": MEASURES[name].unit},
            **about.get(result.song, blank),
        }
        for result in found.results
        for name in found.measures
    ]


def summary_records(summary: Summary) -> list[Record]:
    """Return one record a system and measure."""
    return [
        {
            **{"system": row.system, "measure": row.measure, "unit": MEASURES[row.measure].unit},
            "better": MEASURES[row.measure].better,
            **{"songs": row.interval.count, "mean": defined(row.interval.mean)},
            **{"low": defined(row.interval.low), "high": defined(row.interval.high)},
            "nearest": row.nearest,
        }
        for row in summary.rows
    ]


def pair_records(summary: Summary) -> list[Record]:
    """Return one record a measure and pair of systems."""
    return [
        {
            **{"measure": pair.measure, "first": pair.first, "second": pair.second},
            **{"better": pair.test.wins, "worse": pair.test.losses, "same": pair.test.ties},
            "mean_difference": defined(pair.test.mean_difference),
            "rank_biserial": defined(pair.test.rank_biserial),
            **{"p": defined(pair.test.p), "p_holm": defined(pair.p_holm)},
        }
        for pair in summary.pairs
    ]


def veto_records(found: Comparison) -> list[Record]:
    """Return one record a song, system and veto; None where a line has nothing to look at."""
    return [
        {
            **{"song": result.song, "system": result.system, "veto": name},
            **{"value": defined(line.value), "unit": VETOES[name].unit, "threshold": VETOES[name].threshold},
            **{"fires": line.fires, "stems": "; ".join(line.stems)},
        }
        for result in found.results
        for name, line in result.vetoes.items()
    ]


def veto_count_records(found: Comparison) -> list[Record]:
    """Return one record a veto and system: of how many songs its mix would be sent back; and how many have no veto."""
    songs = {system: sum(r.system == system for r in found.results) for system in found.systems}
    counts = [
        {"veto": name, "system": system, "songs": songs[system], "fires": len(found.vetoed(system, name))}
        for name in VETOES
        for system in found.systems
    ]
    return counts + [
        {
            **{"veto": ANY_VETO, "system": system, "songs": songs[system]},
            "fires": songs[system] - len(found.without_veto(system)),
        }
        for system in found.systems
    ]


def left_out_records(found: Comparison) -> list[Record]:
    """Return one record a song, or a system's mix of it, that could not be used."""
    return [{"song": gone.song, "system": gone.system, "reason": gone.reason} for gone in found.left_out]


def undone_records(found: Comparison) -> list[Record]:
    """Return one record a song and stem: the gain that it got before the systems mixed; none where nothing was undone."""
    return [
        {"song": song, "stem": stem, "gain_db": gain_db}
        for song, gains_db in found.undone_db.items()
        for stem, gain_db in gains_db.items()
    ]


def write_tables(
    found: Comparison, summary: Summary, output: Path, *, cautions: Sequence[str] = ()
) -> list[Path]:
    """Write every table; return the files.

    Parameters
    ----------
    found : Comparison
        What was measured.
    summary : Summary
        What it says over songs.
    output : Path
        A folder that exists.
    cautions : sequence of str
        What a reader has to know before believing the tables.

    Returns
    -------
    list of Path
        ``values``, ``summary``, ``tests``, ``vetoes``, ``veto_counts`` and ``left_out`` as .csv, ``undone.csv`` where the
        balance was undone, all in ``comparison.json``, and ``values.parquet`` where pyarrow is installed.

    Raises
    ------
    AudioFileError
        If a file cannot be written.
    """
    tables = {
        "values": value_records(found),
        "summary": summary_records(summary),
        "tests": pair_records(summary),
        "vetoes": veto_records(found),
        "veto_counts": veto_count_records(found),
        "left_out": left_out_records(found),
    }
    if found.undo is not None:
        tables["undone"] = undone_records(found)
    written = []
    for name, records in tables.items():
        write_text_atomic(output / f"{name}.csv", _csv(records) if records else _HEADS.get(name, "\n"))
        written.append(output / f"{name}.csv")
    document = {
        **{"format": FORMAT, "version": 1, "made_by": f"mixrules {__version__}"},
        **{"reference": found.reference, "songs": found.songs, "systems": found.systems},
        "have_heard_an_answer": list(found.matched),
        "cautions": list(cautions),
        "reference_is_plain_sum": dict(found.plain_sums),
        "undo": None if found.undo is None else {"seed": found.undo.seed, "within_db": found.undo.within_db},
        "measures": {
            name: {"unit": m.unit, "about": m.about, "better": m.better, "source": m.source}
            for name, m in MEASURES.items()
            if name in found.measures
        },
        "veto_lines": {
            name: {
                **{"about": veto.about, "measured": veto.measured, "unit": veto.unit},
                **{"threshold": veto.threshold, "fires_when": veto.fires_when, "source": veto.source},
            }
            for name, veto in VETOES.items()
        },
        "notes": {f"{r.song}, {r.system}": r.notes for r in found.results if r.notes},
        **tables,
    }
    write_text_atomic(output / TABLES, json.dumps(document, indent=1) + "\n")
    written.append(output / TABLES)
    return written + _parquet(tables["values"], output / "values.parquet")


def _csv(records: Sequence[Record]) -> str:
    if not records:
        return "\n"
    return csv_text(records, list(records[0]))


def _parquet(records: Sequence[Record], path: Path) -> list[Path]:
    try:
        from pyarrow import Table, parquet
    except ImportError:
        return []
    with atomic_path(path) as temporary:
        parquet.write_table(Table.from_pylist(list(records)), temporary)
    return [path]
