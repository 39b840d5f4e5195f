"""Room on this machine for what is on its way to a store or from there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixrules.corpus.work.run_ending import RunEndingError, ending_the_run
from mixrules.files import private_folder


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder among the system's temporary files; of a process that is killed, the next one removes it.

    Where there is no room for it, or for what the block writes into it, it fails with `RunEndingError`.
    """
    try:
        folder = private_folder("store")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RunEndingError(f"the folder of temporary files cannot be written to: {why}") from error
    try:
        with ending_the_run(folder.path):
            yield folder.path
    finally:
        folder.remove()
