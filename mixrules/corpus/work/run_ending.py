"""What ends a run rather than one song: a place that takes no results any more."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files.atomic import is_full

_WHY = {errno.ENOSPC: "the disk is full", errno.EROFS: "it is read-only"}
for _name, _why in (("EDQUOT", "the disk quota is used up"), ("ESTALE", "the disk has gone")):
    if hasattr(errno, _name):
        _WHY[getattr(errno, _name)] = _why


class RunEndingError(AudioFileError):
    """Nothing can be written to a place any more, whatever the song: the run ends, and can be resumed."""


@contextmanager
def ending_the_run(folder: Path) -> Iterator[None]:
    """Turn an error of the block into a `RunEndingError` where it comes from a folder that takes nothing any more."""
    try:
        yield
    except RunEndingError:
        raise
    except OSError as error:
        why = _run_ending(error, folder)
        if why:
            raise RunEndingError(f"{folder} cannot be written to: {why}") from error
        raise


def _run_ending(error: OSError, folder: Path) -> str:
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno in _WHY:
            return _WHY[cause.errno]
    if not folder.is_dir():
        return "it is gone"
    if not os.access(folder, os.W_OK | os.X_OK):
        return "permission denied"
    return _WHY[errno.ENOSPC] if is_full(folder) else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
