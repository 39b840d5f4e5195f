"""The tables of `many_songs.py`, for a terminal and for docs/scaling.md, and the reckoning for a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAMES = {"pool": "processes", "dask": "Dask, local cluster"}
_COMMANDS = {"mix": "batch", "extract": "extract"}
_MIB = 1 << 20

# The corpus of the page: two stems a song, 192 kbit/s each, and the machines and the disk that are supposed.
_CORPUS_BYTES, _CORPUS_STEMS, _CORPUS_MINUTES, _CORPUS_BYTES_S = 541e9, 2, 4.0, 24_000.0
_CORES, _DISK_BYTES_S = 8, 1e9


@dataclass(frozen=True, slots=True)
class Table:
    """What is printed; in a page it stands between ``<!-- table: KEY -->`` and ``<!-- /table -->``."""

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables_of(found: dict[str, Any]) -> Iterator[Table]:
    """Yield the tables of what was measured."""
    machine = f"{found['machine']}, load {found['load']:.1f} at the beginning"
    for work, ways in found.get("pace", {}).items():
        songs, first = found["songs"], ways[0]
        yield Table(
            work,
            f"`mixrules {_COMMANDS[work]}`: {songs['count']} songs, {songs['minutes']:.1f} minutes of "
            f"{songs['stem_minutes'] / songs['minutes']:.1f} stems, {songs['mib'] / songs['minutes']:.1f} MiB a minute "
            f"in, {first['written_mib'] / songs['minutes']:.2f} MiB a minute out ({machine})",
            ("way", "songs a minute", "× one process", "processor s a minute of song", "peak MiB a worker"),
            [
                (
                    way["way"],
                    f"{60.0 * way['done'] / way['seconds']:.2f}",
                    f"{first['seconds'] / way['seconds']:.2f}",
                    f"{way['cpu_s'] / songs['minutes']:.1f}",
                    f"{way['worker_peak_mib']:.0f}",
                )
                for way in ways
            ],
        )
    if "pace" in found:
        yield _corpus(found)
    if "overhead" in found:
        yield Table(
            "overhead",
            f"Songs that need nothing ({machine})",
            ("way", "until the first is done, s", "from one to the next, ms"),
            [(way["way"], f"{way['start_s']:.2f}", f"{way['song_ms']:.2f}") for way in found["overhead"]],
        )
    for way, result in found.get("simulation", {}).items():
        yield _simulated(
            way,
            f"{'Dask' if way == 'dask' else NAMES[way]}, {result['threads']} at a time ({machine})",
            result,
        )


def _corpus(found: dict[str, Any]) -> Table:
    """Return what a corpus would take on some machines: cores and disk as the page says."""
    songs_minutes = found["songs"]["minutes"]
    count = _CORPUS_BYTES / (_CORPUS_STEMS * _CORPUS_MINUTES * 60.0 * _CORPUS_BYTES_S)
    minutes = count * _CORPUS_MINUTES
    rows = []
    for work, ways in found["pace"].items():
        cpu_s = ways[0]["cpu_s"] / songs_minutes * minutes
        moved = _CORPUS_BYTES + ways[0]["written_mib"] * _MIB / songs_minutes * minutes
        for machines in (1, 10, 100):
            seconds = cpu_s / (machines * _CORES)
            rows.append(
                (
                    f"{_COMMANDS[work]}, {machines}",
                    f"{seconds / 3600.0:.1f}",
                    f"{count / seconds:.2f}",
                    f"{moved / seconds / 1e6:.1f}",
                    f"{moved / _DISK_BYTES_S / 3600.0:.1f}",
                )
            )
    return Table(
        "corpus",
        f"{count:.0f} songs of {_CORPUS_MINUTES:.0f} minutes, {_CORPUS_BYTES / 1e9:.0f} GB",
        (
            f"machines of {_CORES} cores",
            "hours of computing",
            "songs a second",
            "MB/s read and written",
            f"hours at {_DISK_BYTES_S / 1e9:.0f} GB/s",
        ),
        rows,
    )


def _simulated(way: str, title: str, result: dict[str, Any]) -> Table:
    most, rest = result["runs"]
    rows: list[Sequence[str]] = [
        ("99 % of the songs, s", f"{most['seconds']:.0f}"),
        ("songs a second", f"{most['done'] / most['seconds']:.0f}"),
        ("until the first of the rest is done, s", f"{rest['first_s']:.1f}"),
        ("the rest, s", f"{rest['seconds']:.1f}"),
        ("processor ms a song of the client", f"{1000.0 * most['spent_s'][0] / most['done']:.1f}"),
        *_memory("client", most["samples"], 2),
    ]
    if any(sample[3] for sample in most["samples"]):
        rows.append(
            ("processor ms a song of the scheduler", f"{1000.0 * most['spent_s'][1] / most['done']:.1f}")
        )
        rows += _memory("scheduler", most["samples"], 3)
    rows += [
        ("ledger, MiB", f"{result['ledger_mib']:.1f}"),
        ("tables", f"{result['tables']} files, {result['tables_mib']:.1f} MiB"),
        ("most files in a folder at any time", str(max(sample[1] for sample in most["samples"]))),
    ]
    return Table(f"simulation-{way}", f"{result['songs']} songs: {title}", ("", "measured"), rows)


def _memory(who: str, samples: list[list[float]], column: int) -> Iterator[Sequence[str]]:
    """Yield a row: what a process took after a tenth, a half and all of the run, and at most."""
    last = samples[-1][0]
    at = [
        next(sample for sample in samples if sample[0] >= last * share)[column] for share in (0.1, 0.5, 1.0)
    ]
    peak = max(sample[column] for sample in samples)
    yield (
        f"memory of the {who} after 10 %, 50 %, 100 %, and at most, MiB",
        ", ".join(f"{mib:.0f}" for mib in (*at, peak)),
    )


def markdown(table: Table) -> str:
    """Return a table as a page has it."""
    head = [f"| {' | '.join(table.head)} |", f"|{'|'.join(['---', *['--:'] * (len(table.head) - 1)])}|"]
    return "\n".join([f"{table.title}:", "", *head, *(f"| {' | '.join(row)} |" for row in table.rows)])


def plain(table: Table) -> str:
    """Return a table as a terminal shows it."""
    rows = [table.head, *table.rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([table.title, *lines])


def put_into(page: Path, tables: Sequence[Table]) -> None:
    """Put tables into a page, between their marks."""
    text = page.read_text(encoding="utf-8")
    for table in tables:
        begin, end = f"<!-- table: {table.key} -->\n", "<!-- /table -->"
        before, found, rest = text.partition(begin)
        if found:
            text = f"{before}{begin}\n{markdown(table)}\n\n{end}{rest.partition(end)[2]}"
    page.write_text(text, encoding="utf-8")
