"""The ratings of one of our tests as one table or one document, with songs and conditions in place of ids.

For whoever wants the bare values in another program: nothing is left out or judged here, and no statistics are made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mixrules.errors import ListeningTestError, MixrulesError
from mixrules.files import write_text_atomic
from mixrules.files.tables.writing import csv_text
from mixrules.listening.format.key import Key
from mixrules.listening.format.session_results import Results
from mixrules.ratings.reading import LeftOut

_SUFFIXES = (".csv", ".json")
_OF_SESSION = ("test_id", "listener_id", "session_id", "started", "updated", "complete", "scale")


def export_ratings(
    folder: str | os.PathLike[str], output: str | os.PathLike[str]
) -> tuple[int, tuple[LeftOut, ...]]:
    """Write all ratings of a test as CSV, a row a rating, or as JSON, an object a session.

    Parameters
    ----------
    folder : path-like
        The test's folder: ``key.json`` is in it, and ``ratings`` with a file a session.
    output : path-like
        A file that ends in ``.csv`` or ``.json``.

    Returns
    -------
    sessions : int
        How many are in it.
    left_out : tuple of LeftOut
        Files that could not be read, and why.

    Raises
    ------
    ListeningTestError
        If there is no key, or no ratings, or `output` ends otherwise.
    AudioFileError
        If the key cannot be read or the output not be written.

    Examples
    --------
    >>> from mixrules.ratings import export_ratings
    >>> export_ratings("test", "ratings.csv")[0]  # doctest: +SKIP
    24
    """
    folder, output = Path(folder), Path(output)
    if output.suffix.lower() not in _SUFFIXES:
        raise ListeningTestError(f"{output} is neither a .csv nor a .json file, one of them is written")
    key = Key.load(folder / "key.json")
    sessions, left_out = [], []
    for path in sorted((folder / "ratings").glob("[!.]*.json")):
        try:
            results = Results.load(path)
            if results.test_id != key.test_id:
                raise ListeningTestError(f"it is of another test ({results.test_id})")
        except MixrulesError as error:
            left_out.append(LeftOut(str(path), str(error).removeprefix(str(path)).lstrip(": ")))
        else:
            sessions.append(results)
    if not sessions:
        raise ListeningTestError(f"{folder / 'ratings'} holds no ratings of the test")
    documents = [_with_names(results, key) for results in sessions]
    if output.suffix.lower() == ".csv":
        rows = [row for document in documents for row in _rows(document)]
        columns = list(dict.fromkeys(name for row in rows for name in row))
        text = csv_text(({name: row.get(name) for name in columns} for row in rows), columns)
    else:
        text = json.dumps(documents, ensure_ascii=False, indent=1) + "\n"
    write_text_atomic(output, text)
    return len(sessions), tuple(left_out)


def _with_names(results: Results, key: Key) -> dict[str, Any]:
    """Return a session as plain data, with the song of each page and the condition of each stimulus."""
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(results)
    pages = {page.id: page for page in key.pages}
    for page in document["pages"]:
        keyed = pages.get(page["page_id"])
        conditions = {s.id: s.condition for s in keyed.stimuli} if keyed else {}
        page["song"] = keyed.song if keyed else None
        page["repeat_of"] = keyed.repeat_of if keyed else None
        page["conditions"] = [conditions.get(stimulus) for stimulus in page["order"]]
        for rating in page["ratings"]:
            rating["condition"] = conditions.get(rating["stimulus_id"])
        for trial in page["trials"]:
            for name in ("a", "b", "x"):
                trial[f"condition_{name}"] = conditions.get(trial[name])
    return document


def _rows(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for every rating and trial of a session."""
    session = {f"session_{name}" if name == "complete" else name: document[name] for name in _OF_SESSION}
    answers = {f"answer_{name}": answer for name, answer in document["answers"].items()}
    for page in document["pages"]:
        at = {name: page[name] for name in ("page_id", "song", "repeat_of")}
        at |= {"page_seconds": page["seconds"], "page_comment": page["comment"]}
        for item in (*page["ratings"], *page["trials"]):
            comment = page["comments"].get(item.get("stimulus_id", ""), "")
            yield session | at | item | {"stimulus_comment": comment} | answers
