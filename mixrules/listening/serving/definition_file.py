"""The definition of a test that is being served, read again when its file changes."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

from mixrules.errors import AudioFileError, ListeningTestError, MixrulesError
from mixrules.listening.format.revisions import kept_definitions
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.serving.limits import max_body_bytes

_log = logging.getLogger(__name__)


def require_inside(path: Path, site: Path) -> None:
    """Raise `ListeningTestError` unless `path` is a regular file that lies, links resolved, in `site`."""
    if not path.exists():
        raise ListeningTestError(f"{path} is missing: the test cannot be run without it")
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(site)) or not real.is_file():
        raise ListeningTestError(f"{path} is no file of its own within {site}, it is not served")


class ServedTest:
    """What of a test's folder may be served, as its definition has it now.

    A definition that was changed for a damaged one is not taken: the one before goes on. Excerpts of earlier ones are
    served as long as they are there, for listeners who began with them.

    Parameters
    ----------
    folder : path
        The test's folder.

    Raises
    ------
    ListeningTestError
        If it holds no test, or a file is missing or a link.
    AudioFileError
        If a file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        self._path = self.site / "test.json"
        self._lock = threading.Lock()
        self._stamp = self._stamp_now()
        self.text, self.test = self._load()
        self.files = self._files_of(self.test)
        self.max_body_bytes = self._max_body_bytes(self.test)
        for path in (*self.files.values(), self._path):
            require_inside(path, self.site)

    def current(self) -> ListeningTest:
        """Return the definition as the file has it now, or as it had it when it was last sound."""
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    text, test = self._load()
                    files = self._files_of(test)
                    for path in files.values():
                        require_inside(path, self.site)
                except MixrulesError as error:
                    _log.warning("the test was changed and cannot be used, the one before goes on: %s", error)
                else:
                    self.text, self.test = text, test
                    self.files = self.files | files
                    self.max_body_bytes = max(self.max_body_bytes, self._max_body_bytes(test))
                    _log.warning("the test was changed; who has it open goes on with what was shown before")
            return self.test

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _load(self) -> tuple[bytes, ListeningTest]:
        test = ListeningTest.load(self._path)
        try:
            return self._path.read_bytes(), test
        except OSError as error:
            raise AudioFileError(f"{self._path} cannot be read: {error.strerror}") from error

    def _max_body_bytes(self, test: ListeningTest) -> int:
        """Return the most bytes that ratings take, of this definition or of an earlier one that somebody has open."""
        most = max_body_bytes(test)
        for path in kept_definitions(self.site.parent):
            with suppress(MixrulesError):  # a damaged one: its ratings go aside
                most = max(most, max_body_bytes(ListeningTest.load(path)))
        return most

    def _files_of(self, test: ListeningTest) -> dict[str, Path]:
        """Return what may be served by its path: excerpts, and what lies beside the definition to show them."""
        beside = (path for path in self.site.glob("*") if path.suffix in (".js", ".css", ".json"))
        page = {path.name for path in beside} - {self._path.name}
        files = {f"/{name}": self.site / name for name in ("index.html", *sorted(page), *test.files())}
        return files | {"/": self.site / "index.html"}
