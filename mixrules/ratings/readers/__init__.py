"""Reading ratings, whoever collected them; a file that cannot be used costs a line and no other file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from mixrules._support.arguments import as_paths, shown_value
from mixrules.errors import AudioFileError, ListeningTestError, MixrulesError
from mixrules.files.tables.reading import WINDOWS, read_any_text
from mixrules.listening.format.key import Key
from mixrules.listening.format.testfile import ListeningTest
from mixrules.ratings.choices.table import ChoiceTable
from mixrules.ratings.group_names import ALL
from mixrules.ratings.readers import counts, own, qualtrics, waet, webmushra
from mixrules.ratings.readers.csv_rows import CsvTable
from mixrules.ratings.readers.resolve import Resolver
from mixrules.ratings.reading import FileRatings, LeftOut, Merged, Reading, UnusableError, merged
from mixrules.ratings.table import RatingTable, Row, ScaleRange

FORMATS = (own.FORMAT, webmushra.FORMAT, waet.FORMAT, qualtrics.FORMAT, counts.FORMAT)
_SUFFIXES = (".json", ".csv", ".tsv", ".xml", ".txt", ".tab")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""Not read, but told: they may hold what is missing."""
_LARGEST = 64 << 20
_KINDS = {"values": "ratings on a scale", "ab": "choices of an A/B test", "abx": "answers of an ABX test"}
_SHEET = re.compile(r"\s*(?:<\?[^>]*>\s*)*<(?:!doctype\s+html|html|table|workbook)\b", re.IGNORECASE)
"""What some programs save under the name of a workbook or a table."""


def read_ratings(
    paths: Sequence[str | os.PathLike[str]],
    *,
    key: str | os.PathLike[str] | None = None,
    form: str | None = None,
    group_by: str | None = None,
) -> Reading:
    """Read ratings from files and folders.

    Parameters
    ----------
    paths : sequence of path-like
        Files, or folders whose .json, .csv, .tsv, .tab, .txt and .xml files are read.
    key : path-like, optional
        The key of our test; by default ``key.json`` in the folder above that of the ratings, or in it.
    form : str, optional
        One of `FORMATS`; by default told from each file's content.
    group_by : str, optional
        The background question whose answer is a listener's group.

    Returns
    -------
    Reading

    Raises
    ------
    ListeningTestError
        If nothing that can be used remains, or a format or key is none.
    AudioFileError
        If a path that was named does not exist or cannot be read.
    """
    if form is not None and not (isinstance(form, str) and form in FORMATS):
        raise ListeningTestError(
            f"format {shown_value(form)} is not known: {', '.join(FORMATS)} are accepted"
        )
    files = _files(paths)
    resolver = _resolver(key, files)
    found: list[tuple[str, FileRatings]] = []
    left_out: list[LeftOut] = []
    notes = list(_aside(paths))
    for path in files:
        try:
            ratings, encoding = _read(path, form, resolver)
        except UnusableError as error:
            left_out.append(LeftOut(str(path), str(error)))
            continue
        except MixrulesError as error:
            left_out.append(LeftOut(str(path), str(error).removeprefix(str(path)).lstrip(": ")))
            continue
        found.append((str(path), ratings))
        if encoding == WINDOWS:
            notes.append(f"{path} is not Unicode and read as {WINDOWS}: look whether its names are right")
    if not found:
        raise ListeningTestError(_nothing(left_out))
    found, unlike = _alike(found, resolver)
    left_out += unlike
    for name, ratings in found:
        left_out += [LeftOut(name, part.reason) for part in ratings.left_out]
        notes += [f"{name}: {note}" for note in ratings.notes]
    every = [ratings for _, ratings in found]
    notes += _revisions(every, resolver)
    first = every[0]
    table, read = _table(every, group_by)
    test = resolver.test
    return Reading(
        table=table,
        format=first.format,
        sources=tuple(name for name, _ in found),
        left_out=tuple(left_out + read.left_out),
        notes=tuple(notes),
        labels=_attribute_labels(every, resolver),
        title=test.title if test else "",
        comments=read.comments,
        choices=_choices(first.asked, read, resolver),
        reference=resolver.open_reference() or first.reference,
        anchors=resolver.anchors() or first.anchors,
    )


def _alike(
    found: list[tuple[str, FileRatings]], resolver: Resolver
) -> tuple[list[tuple[str, FileRatings]], list[LeftOut]]:
    """Return the files that can be read as one, the one that leads first; and why the others cannot.

    A file of the present definition leads, where there is one: who rated an earlier one must not put the others out.
    """
    present = resolver.test.revision if resolver.test else ""
    lead = next((pair for pair in found if present and pair[1].revision == present), found[0])
    alike, unlike = [lead], []
    for name, ratings in found:
        if ratings is lead[1]:
            continue
        try:
            _require_alike(ratings, lead)
        except UnusableError as error:
            unlike.append(LeftOut(name, str(error)))
        else:
            alike.append((name, ratings))
    return alike, unlike


def _attribute_labels(found: list[FileRatings], resolver: Resolver) -> dict[str, str]:
    """Return what to call attributes: as the present definition does, those it no longer has as an earlier one did."""
    labels: dict[str, str] = {}
    for revision in sorted({ratings.revision for ratings in found}):
        earlier = resolver.test_of(revision)
        labels |= {a.id: a.label for a in earlier.attributes} if earlier else {}
    return labels | ({a.id: a.label for a in resolver.test.attributes} if resolver.test else {})


def _revisions(found: list[FileRatings], resolver: Resolver) -> list[str]:
    """Return that sessions rated another definition of the test than the present one, where some did."""
    present = resolver.test.revision if resolver.test else ""
    other = [r.revision for r in found if r.revision and present and r.revision != present]
    if not other:
        return []
    unknown = sum(resolver.test_of(revision) is None for revision in other)
    lost = (
        f"; {unknown} of them one that is not kept, their answers are checked against the key alone"
        if unknown
        else ""
    )
    return [
        f"{len(other)} of {len(found)} sessions rated another definition of the test than the present one "
        f"({', '.join(sorted(set(other)))}){lost}: look whether what was asked is comparable"
    ]


def _nothing(left_out: list[LeftOut]) -> str:
    first = str(left_out[0])
    more = f" (and {len(left_out) - 1} more files)" if len(left_out) > 1 else ""
    return f"no ratings that can be used: {first}{more}"


def _files(paths: Sequence[str | os.PathLike[str]]) -> list[Path]:
    files: list[Path] = []
    for path in map(_ratings_folder, as_paths(paths)):
        if path.is_dir():
            inside = [
                p
                for p in sorted(path.iterdir())
                if p.suffix.lower() in (*_SUFFIXES, *_WORKBOOKS) and not p.name.startswith((".", "~$"))
            ]
            if not inside:
                raise ListeningTestError(f"{path} holds no ratings: {', '.join(_SUFFIXES)} files are read")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise AudioFileError(f"{path} does not exist")
    if not files:
        raise ListeningTestError("no file is named: files or folders of ratings are needed")
    return list(dict.fromkeys(files))


def _ratings_folder(path: Path) -> Path:
    """Return where a test's folder keeps its ratings; any other path as it is."""
    inside = path / "ratings"
    return inside if (path / "key.json").is_file() and inside.is_dir() else path


def _aside(paths: Sequence[str | os.PathLike[str]]) -> Iterator[str]:
    """Yield a line for a folder in which ratings lie that did not fit the test when they came."""
    for folder in map(_ratings_folder, as_paths(paths)):
        count = len(list(folder.glob("aside/*/*.json")))
        if count:
            yield (
                f"{folder / 'aside'} holds {_counted(count)} of another version of the test or of another test, not "
                "read here: name a folder in it with --key and the key of that version"
            )


def _counted(files: int) -> str:
    return f"{files} file{'s' * (files != 1)}"


def _resolver(key: str | os.PathLike[str] | None, files: list[Path]) -> Resolver:
    if key is not None:
        path: Path | None = Path(key)
    else:
        paths = [up / "key.json" for p in files for up in (p.resolve().parent.parent, p.resolve().parent)]
        path = next((path for path in paths if path.is_file()), None)
    if path is None:
        return Resolver()
    beside = path.parent / "site" / "test.json"
    loaded = Key.load(path)
    test = ListeningTest.load(beside) if beside.is_file() else None
    if test is not None and test.test_id != loaded.test_id:
        raise ListeningTestError(f"{path} is the key of {loaded.test_id}, {beside} is {test.test_id}")
    return Resolver(loaded, test, path.parent)


def _read(path: Path, form: str | None, resolver: Resolver) -> tuple[FileRatings, str]:
    """Return what a file holds, by its content or as what it is said to be; and its encoding."""
    text, encoding = read_any_text(path, largest=_LARGEST)
    start = text.lstrip()[:1]
    if not start:
        raise UnusableError("it is empty")
    if form == own.FORMAT or (form is None and start in "{["):
        return own.read_own(text, str(path), resolver), encoding
    if _SHEET.match(text):
        raise UnusableError(
            "it is a web page or a workbook, not text: save the sheet as CSV and name that file"
        )
    if form == waet.FORMAT or (form is None and start == "<"):
        return waet.read_waet(text, path.name, resolver), encoding
    return _table_ratings(CsvTable.parse(text), path.name, form, resolver), encoding


def _table_ratings(table: CsvTable, name: str, form: str | None, resolver: Resolver) -> FileRatings:
    if form == webmushra.FORMAT or (form is None and webmushra.is_webmushra(table)):
        return webmushra.read_webmushra(table, name, resolver)
    if form == qualtrics.FORMAT or (form is None and qualtrics.is_qualtrics(table)):
        if not qualtrics.is_qualtrics(table):
            raise UnusableError("it lacks the ResponseId and the lines of head of a Qualtrics export")
        return qualtrics.read_qualtrics(table, name, resolver)
    if counts.is_counts(table):
        return counts.read_counts(table, name)
    raise UnusableError(
        "it is none of the tables that are read: webMUSHRA's, Qualtrics', or counts with columns condition and "
        f"attribute; its columns are {', '.join(table.head)[:120]}"
    )


def _require_alike(ratings: FileRatings, first: tuple[str, FileRatings]) -> None:
    name, other = first
    if (ratings.counted is None) != (other.counted is None):
        raise UnusableError(f"counts and ratings of listeners cannot be mixed, {name} was read first")
    if ratings.counted is not None:
        raise UnusableError(f"counts are read from one file, {name} was read first")
    rated = f"; it rated the definition {ratings.revision}, and can be read alone" if ratings.revision else ""
    apart = rated if ratings.revision != other.revision else ""
    if ratings.asked != other.asked:
        raise UnusableError(f"it holds {_KINDS[ratings.asked]}, {name} holds {_KINDS[other.asked]}{apart}")
    # An earlier definition may have had other words on the same scale.
    words = {r.scale.labels for r in (ratings, other)} if ratings.revision == other.revision else ()
    if _range(ratings.scale) != _range(other.scale) or len(words) > 1:
        raise UnusableError(
            f"its scale is {ratings.scale.low:g} to {ratings.scale.high:g}, that of {name} "
            f"{other.scale.low:g} to {other.scale.high:g}{apart}"
        )


def _range(scale: ScaleRange) -> tuple[float, float, bool]:
    return scale.low, scale.high, scale.steps


def _table(found: list[FileRatings], group_by: str | None) -> tuple[RatingTable, Merged]:
    counted = found[0].counted
    if counted is not None:
        groups = [name for name in counted.names("group") if name != ALL]
        if group_by is not None and not (group_by == "group" and groups):
            known = (
                f"known is its column group ({', '.join(groups)[:80]})"
                if groups
                else "it has no column group"
            )
            raise ListeningTestError(
                f"--group-by {group_by}: a table of counts holds no answers of listeners, {known}"
            )
        return counted, Merged([], [], [], ())
    read = merged((batch for ratings in found for batch in ratings.batches), group_by)
    return RatingTable.from_rows(_in_order(read.rows), scale=found[0].scale), read


def _choices(asked: str, read: Merged, resolver: Resolver) -> ChoiceTable | None:
    if asked not in ("ab", "abx"):
        return None
    rows = sorted(
        read.choices, key=lambda c: (c.listener, c.song, c.first, c.second, c.repeat, c.number, c.attribute)
    )
    kind: Literal["ab", "abx"] = "ab" if asked == "ab" else "abx"
    return ChoiceTable(rows=tuple(rows), kind=kind, conditions=resolver.conditions())


def _in_order(rows: list[Row]) -> list[Row]:
    """Return rows in an order that does not depend on who came first."""
    return sorted(rows, key=lambda r: (r.listener, r.song, r.repeat, r.attribute))


__all__ = ["FORMATS", "read_ratings"]
