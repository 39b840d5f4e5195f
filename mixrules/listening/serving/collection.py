"""The ratings of a test on disk: what belongs to the test is kept, and nothing kept is ever lost again."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from mixrules.errors import AudioFileError, ListeningTestError, MixrulesError
from mixrules.files import write_text_atomic
from mixrules.listening.format.session_results import Results
from mixrules.listening.format.testfile import ListeningTest

MAX_SESSIONS = 10_000
"""Files in the folder; a test with more listeners than that is a program that fills the disk."""

_SESSION = re.compile(r"[0-9a-f]{16,64}")


class ConflictError(ListeningTestError):
    """Ratings would replace others that they do not hold."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was kept: the file, how many pages are in it, whether the listener has finished."""

    path: Path
    pages: int
    complete: bool


class RatingsFolder:
    """The folder that holds one file a session."""

    def __init__(self, folder: str | os.PathLike[str], test: ListeningTest) -> None:
        self.folder = Path(folder)
        self.test = test
        self._lock = threading.Lock()
        if self.folder.is_symlink():
            raise AudioFileError(f"{self.folder} is a link, a folder of the test is needed")
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise AudioFileError(f"{self.folder} cannot be made: {why}") from error

    def sessions(self) -> tuple[Path, ...]:
        """Return the files of ratings, sorted by name."""
        return tuple(sorted(p for p in self.folder.glob("*.json") if _SESSION.fullmatch(p.stem)))

    def save(self, body: bytes) -> Saved:
        """Check ratings and keep them, whole or not at all.

        Parameters
        ----------
        body : bytes
            A JSON document as the page sends it.

        Returns
        -------
        Saved
            What is now on disk.

        Raises
        ------
        ListeningTestError
            If these are not ratings of this test.
        ConflictError
            If the session's file belongs to another listener or holds ratings that these lack.
        AudioFileError
            If they cannot be written, e.g. because the disk is full.
        """
        results = Results.from_json(body)
        results.require_belongs(self.test)
        if not _SESSION.fullmatch(results.session_id):
            raise ListeningTestError("ratings: $.session_id: 16 to 64 hexadecimal digits are accepted")
        path = self.folder / f"{results.session_id}.json"
        with self._lock:
            if path.is_symlink():
                raise ConflictError("the session's file is a link and is left alone")
            if path.exists():
                self._require_continues(path, results)
            elif len(self.sessions()) >= MAX_SESSIONS:
                raise AudioFileError(f"the folder of ratings is full: it holds {MAX_SESSIONS} sessions")
            write_text_atomic(path, results.to_json())
        return Saved(path, len(results.pages), results.complete)

    def _require_continues(self, path: Path, results: Results) -> None:
        """Raise unless `results` holds all that the session's file has already."""
        try:
            kept = Results.load(path)
        except MixrulesError as error:
            raise ConflictError(f"the session's file is damaged and left as it is: {error}") from error
        if kept.listener_id != results.listener_id:
            raise ConflictError("the session belongs to another listener")
        missing = len(kept.given() - results.given())
        if missing or (kept.complete and not results.complete):
            raise ConflictError(
                f"{missing or 'the end of the test and its'} ratings of this session are kept already and missing "
                "here: it went on in another tab"
            )
