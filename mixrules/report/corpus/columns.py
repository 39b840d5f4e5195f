"""Columns of the ground truth as arrays, read in batches, never a row at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.schema import SIGNALS

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]

_ROWS_AT_ONCE = 1 << 17


def batches(dataset: Any, columns: list[str]) -> Iterator[Any]:
    """Yield the rows of some columns, file by file, in batches that are not empty."""
    # File by file, and not ahead: a scan of all files would keep what it has read of each until its end.
    for fragment in dataset.get_fragments():
        for batch in fragment.to_batches(columns=columns, batch_size=_ROWS_AT_ONCE, **_scan_options()):
            if batch.num_rows:
                yield batch


def _scan_options() -> dict[str, Any]:
    import pyarrow.dataset as ds

    options = ds.ParquetFragmentScanOptions(pre_buffer=False)
    return {"batch_readahead": 1, "fragment_readahead": 1, "fragment_scan_options": options}


def floats(dataset: Any, column: str) -> Floats:
    """Return a column of a whole table, null as NaN."""
    parts = [column_floats(batch.column(column)) for batch in batches(dataset, [column])]
    return np.concatenate(parts) if parts else np.zeros(0)


def column_floats(column: Any) -> Floats:
    """Return a column of a batch, null as NaN."""
    import pyarrow as pa

    return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)


def band_levels(dataset: Any, column: str) -> Floats:
    """Return a column of lists of one length as an array, shape (rows, bands), null as NaN."""
    parts = []
    for batch in batches(dataset, [column]):
        lists = batch.column(column)
        bands = lists.type.list_size
        levels = np.full((len(lists), bands), math.nan)
        present = np.flatnonzero(np.asarray(lists.is_valid()))
        levels[present] = column_floats(lists.drop_null().flatten()).reshape(-1, bands)
        parts.append(levels)
    return np.concatenate(parts) if parts else np.zeros((0, 0))


def signal_numbers(batch: Any) -> Places:
    """Return the place of each row's signal in `SIGNALS`, -1 where it is none of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.index_in(batch.column("signal"), value_set=pa.array(SIGNALS))
    return np.asarray(pc.fill_null(found, -1), np.int32)


def numbered(column: Any, numbers: dict[str, int]) -> tuple[Places, npt.NDArray[np.int64]]:
    """Return the number of each text of a column, and the rows at which new ones come; those are numbered."""
    coded = column.dictionary_encode()
    codes = np.asarray(coded.indices, np.int64)
    names = [name or "" for name in coded.dictionary.to_pylist()]
    first = np.zeros(len(names), np.int64)
    first[codes[::-1]] = np.arange(codes.size)[::-1]
    new = [place for place, name in enumerate(names) if name not in numbers]
    for place in new:
        numbers[names[place]] = len(numbers)
    return np.array([numbers[name] for name in names], np.int32)[codes], first[new]


def known(column: Any, numbers: dict[str, int]) -> Places:
    """Return the number of each text of a column, -1 where it has none."""
    coded = column.dictionary_encode()
    own = np.array([numbers.get(name, -1) for name in coded.dictionary.to_pylist()], np.int32)
    return own[np.asarray(coded.indices, np.int64)]
