"""Reading the tables that `mixrules extract` wrote."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mixrules._support.installed import require_installed
from mixrules.corpus.extraction.schema import COLUMNS, SNIPPETS, STEMS, VERSION, VERSION_KEY
from mixrules.corpus.work.run_document import RunDocument, read_run
from mixrules.errors import AudioFileError

if TYPE_CHECKING:
    import pyarrow.dataset

KIND = "truth"
_HINT = ": run mixrules extract to its end"


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A folder of ground truth, opened: no row is in memory before it is asked for.

    Attributes
    ----------
    folder : Path
        The folder.
    run : RunDocument
        The data set and the settings.
    stems : pyarrow.dataset.Dataset
        One row a song and signal; ``stems.to_table()`` reads them, with ``columns=`` and ``filter=`` some of them.
    snippets : pyarrow.dataset.Dataset
        One row a song, signal and snippet; ``snippets.to_batches()`` goes through them in order.
    """

    folder: Path
    run: RunDocument
    stems: pyarrow.dataset.Dataset
    snippets: pyarrow.dataset.Dataset

    def table(self, name: str) -> pyarrow.dataset.Dataset:
        """Return another table that was put beside these: ``NAME/part-00000.parquet`` and so on.

        Parameters
        ----------
        name : str
            The folder of its files.

        Returns
        -------
        pyarrow.dataset.Dataset
            It joins these by the columns in `KEYS`, where it has them.

        Raises
        ------
        AudioFileError
            If it is not there or cannot be read.
        """
        return read_table(self.folder, name)


def read_truth(folder: str | os.PathLike[str]) -> Truth:
    """Open the tables of a folder of ground truth.

    Parameters
    ----------
    folder : path-like
        What `mixrules extract` wrote.

    Returns
    -------
    Truth

    Raises
    ------
    AudioFileError
        If the folder holds something else, no table, or tables of another version.
    MissingPackageError
        If pyarrow is not installed.
    """
    require_installed("pyarrow", what="reading ground truth")
    top = Path(folder)
    run = read_run(top)
    if run.kind != KIND:
        raise AudioFileError(f"{top} holds {run.kind}, ground truth is needed: mixrules extract writes it")
    return Truth(top, run, read_table(top, STEMS), read_table(top, SNIPPETS))


def read_table(folder: Path, name: str) -> pyarrow.dataset.Dataset:
    """Open one table of a folder: ``NAME/part-00000.parquet`` and so on, in order; fails with `AudioFileError`."""
    import pyarrow as pa
    import pyarrow.dataset

    paths = sorted((folder / name).glob("part-*.parquet"))
    if not paths:
        raise AudioFileError(f"{folder / name} holds no table" + _HINT * (name in COLUMNS))
    try:
        table = pyarrow.dataset.dataset([str(path) for path in paths], format="parquet")
    except (OSError, pa.ArrowInvalid) as error:
        raise AudioFileError(f"{folder / name} cannot be read as a table: {error}") from error
    if name not in COLUMNS:
        return table
    version = (table.schema.metadata or {}).get(VERSION_KEY, b"none").decode()
    if version != str(VERSION):
        raise AudioFileError(
            f"{folder / name} is of version {version}, version {VERSION} is needed: extract again"
        )
    missing = [column.name for column in COLUMNS[name] if column.name not in table.schema.names]
    if missing:
        raise AudioFileError(f"{folder / name} has no column {', '.join(missing)}: extract again")
    return table
