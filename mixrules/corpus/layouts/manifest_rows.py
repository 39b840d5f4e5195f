"""The rows of a manifest: a table as CSV, in whatever way a spreadsheet saves it, or as Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from mixrules._support.arguments import known_names
from mixrules._support.installed import require_installed
from mixrules.errors import AudioFileError
from mixrules.files.tables.reading import numbers_lines, read_any_text, table_of

COLUMNS = (
    *("song", "path", "stem", "role", "vocal", "kind", "stream", "channel"),
    *("title", "artist", "album", "split"),
)
"""The columns that a manifest may have; the first two it must have."""

_NEEDED = COLUMNS[:2]
_LARGEST = 256 << 20
_PARQUET = (".parquet", ".pq")


def manifest_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the rows of a manifest as texts by column, each with its number as an editor or a spreadsheet counts.

    Raises
    ------
    AudioFileError
        If the file cannot be read, a column is not known or occurs twice, or one that is needed is missing.
    """
    return _parquet_rows(path) if path.suffix.lower() in _PARQUET else _csv_rows(path)


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text, _ = read_any_text(path, largest=_LARGEST)
    except AudioFileError as error:
        more = ": save it as Parquet, which is read piece by piece" if "is larger than" in str(error) else ""
        raise AudioFileError(f"{error}{more}") from error
    lines = table_of(text, str(path)).lines
    if not lines:
        raise AudioFileError(
            f"{path} is empty: a line with the columns is needed, {', '.join(_NEEDED)} and others"
        )
    (head_number, head), *rows = lines
    names = [name.strip().lower() for name in head]
    # A data frame saves its index as the first column.
    first = 1 if numbers_lines(names[0], [cells[0] for _, cells in rows]) and names[0] not in COLUMNS else 0
    while len(names) > 1 and not names[-1]:
        names.pop()
    _require_columns(path, names[first:])
    for number, cells in rows:
        if any(cells[len(names) :]):
            raise AudioFileError(
                f"{path}, row {number}: it has {len(cells)} cells, row {head_number} names {len(names)} columns"
            )
        yield number, dict(zip(names[first:], cells[first:], strict=False))


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    require_installed("pyarrow", what=f"{path}: reading Parquet", instead=", or save it as CSV")
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _require_columns(path, [name.lower() for name in file.schema_arrow.names])
            number = 0
            for batch in file.iter_batches(batch_size=8192):
                names = [name.lower() for name in batch.schema.names]
                for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    number += 1
                    yield number, {n: _text(v) for n, v in zip(names, values, strict=True)}
    except (pyarrow.ArrowException, OSError) as error:
        why = " ".join(str(error).split())
        raise AudioFileError(f"{path} cannot be read as Parquet: {why}") from error


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _require_columns(path: Path, names: list[str]) -> None:
    for name in names:
        if name not in COLUMNS:
            raise AudioFileError(
                f"{path}: column {name!r} is not known, {known_names(name, COLUMNS)}; take it out or rename it"
            )
        if names.count(name) > 1:
            raise AudioFileError(f"{path}: column {name!r} occurs twice, once is needed")
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise AudioFileError(
            f"{path} has no column {' and no column '.join(missing)}, {' and '.join(_NEEDED)} are needed"
        )
