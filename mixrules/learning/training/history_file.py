"""``history.jsonl``: a line about a training, then one for each epoch."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from mixrules._support.strict_json import converted, decoded
from mixrules.errors import AudioFileError, PlanError
from mixrules.files import read_text, write_text_atomic
from mixrules.learning.training.history import Epoch, History


def write_history(path: Path, history: History) -> None:
    """Write a history. How long epochs took is left out, so that equal trainings write equal files."""
    first = dataclasses.asdict(history)
    epochs = first.pop("epochs")
    for epoch in epochs:
        del epoch["seconds"]
    write_text_atomic(path, "".join(f"{json.dumps(line)}\n" for line in (first, *epochs)))


def read_history(path: str | os.PathLike[str]) -> History:
    """Read the history of a training; its epochs took 0 seconds.

    Parameters
    ----------
    path : path-like
        A ``history.jsonl``.

    Returns
    -------
    History

    Raises
    ------
    AudioFileError
        If it cannot be read, or is no history.
    """
    lines = read_text(path).splitlines()
    source = os.fspath(path)
    try:
        documents = [decoded(line, source) for line in lines]
        if not documents or not all(isinstance(document, dict) for document in documents):
            raise PlanError(f"{source} holds no history of a training")
        history = converted(documents[0], History, path="$", source=source)
        return dataclasses.replace(history, epochs=tuple(map(_epoch, documents[1:], [source] * len(lines))))
    except PlanError as error:
        raise AudioFileError(str(error)) from None


def _epoch(document: dict[str, Any], source: str) -> Epoch:
    return converted({**document, "seconds": 0.0}, Epoch, path="$", source=source)
