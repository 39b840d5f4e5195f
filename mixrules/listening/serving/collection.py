"""The ratings of a test on disk: one JSON file a session, replaced only by what goes on from it.

A folder of files rather than a database, because it is what the experimenter opens, copies and mends: it needs no program
of ours, lies as well on a shared drive (where SQLite's write-ahead log must not be), takes results files that listeners
sent by e-mail, and one damaged file costs one listener. What a database would bring is made by a lock on the folder,
which holds between processes and ends with the one that holds it, and by comparing before replacing: a document is
written only where it follows from the one on the disk, so that neither two tabs nor two servers overwrite each other.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from mixrules._support.file_locks import exclusive
from mixrules.errors import AudioFileError, ListeningTestError, MixrulesError
from mixrules.files import read_text, write_text_atomic, written_together
from mixrules.listening.format.revisions import definition_of
from mixrules.listening.format.session_results import RESULTS_FORMAT, Results
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.serving import limits

ASIDE = "aside"
"""The folder, in that of the ratings, of ratings that do not fit the test."""

TURNS = ".turns"
"""The file, in the folder of the ratings, of the sessions that asked for a number, in order; one a line."""

_LOCK = ".lock"
_SESSION = re.compile(r"[0-9a-f]{16,64}")


class ConflictError(ListeningTestError):
    """Ratings would replace others that they do not hold."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was kept.

    Parameters
    ----------
    path : Path
        The file.
    pages, asked : int
        How many pages are in it, of how many that the listener is asked for; 0 where that is not known.
    complete : bool
        Whether the listener has finished.
    earlier : str
        The revision of the definition that was rated, where it is not the present one.
    aside : str
        Why it lies aside; empty where it does not.
    """

    path: Path
    pages: int
    complete: bool
    asked: int = 0
    earlier: str = ""
    aside: str = ""


class RatingsFolder:
    """The folder that holds one file a session.

    Parameters
    ----------
    folder : path
        The folder, made where it is missing. Earlier definitions of the test are looked for beside it.
    test : ListeningTest or callable
        What is rated, or what returns it each time it is asked.
    """

    def __init__(
        self, folder: str | os.PathLike[str], test: ListeningTest | Callable[[], ListeningTest]
    ) -> None:
        self.folder = Path(folder)
        self._test = test
        _make_folder(self.folder)

    @property
    def test(self) -> ListeningTest:
        """What is rated."""
        return self._test if isinstance(self._test, ListeningTest) else self._test()

    def sessions(self) -> tuple[Path, ...]:
        """Return the files of ratings, sorted by name."""
        return tuple(sorted(p for p in self.folder.glob("*.json") if _SESSION.fullmatch(p.stem)))

    def aside(self) -> tuple[Path, ...]:
        """Return the files of ratings that do not fit the test, sorted by name."""
        return tuple(sorted((self.folder / ASIDE).glob("*/*.json")))

    def _count_aside(self) -> int:
        """Return how many files lie aside, without a look at each: hostile ratings are counted for every post."""
        with suppress(FileNotFoundError), os.scandir(self.folder / ASIDE) as folders:
            return sum(_documents_in(Path(folder)) for folder in folders if folder.is_dir())
        return 0

    def save(self, body: bytes, *, follows: Collection[str] = ()) -> Saved:
        """Check ratings and keep them, whole or not at all.

        Parameters
        ----------
        body : bytes
            A JSON document as the page sends it.
        follows : collection of str
            The values of ``updated`` of the documents that the sender knows to be kept, or sent and does not know
            more of. Where the kept one is among them, its ratings may be changed; otherwise only added to.

        Returns
        -------
        Saved
            What is now on disk. Ratings are checked against the definition that they name; those that do not fit it,
            and those of another test or of a definition that is not kept here, lie aside, and it says why.

        Raises
        ------
        ListeningTestError
            If these are no ratings.
        ConflictError
            If the session's file belongs to another listener, or holds ratings that these lack or change.
        AudioFileError
            If they cannot be written, e.g. because the disk is full.
        """
        session = _session_of(body)
        try:
            results = Results.from_json(body)
            rated = self._rated(results)
            results.require_belongs(rated)
        except ListeningTestError as error:
            return self._keep_aside(body, session, follows, str(error))
        saved = self._store(self.folder, results, follows, most=limits.MAX_SESSIONS)
        earlier = results.definition if rated.revision != self.test.revision else ""
        return replace(saved, asked=len(results.asked_pages(rated)), earlier=earlier)

    def _rated(self, results: Results) -> ListeningTest:
        """Return the test as the definition had it that ratings were made for."""
        test = self.test
        if results.test_id != test.test_id or results.definition in ("", test.revision):
            return test
        earlier = definition_of(self.folder.parent, results.definition)
        if earlier is None:
            raise ListeningTestError(
                f"they are for the definition {results.definition} of the test, which is not kept here; the present "
                f"one is {test.revision or 'without a revision'}"
            )
        return earlier

    def turn(self, session_id: str) -> int:
        """Return the number of a session, counted from 0 in the order in which sessions asked for one.

        The same session gets the same number again, and no two sessions the same, whichever server they ask.

        Raises
        ------
        ListeningTestError
            If it is no id of a session.
        AudioFileError
            If the number cannot be kept.
        """
        if not _SESSION.fullmatch(session_id):
            raise ListeningTestError("session_id: 16 to 64 hexadecimal digits are accepted")
        path = self.folder / TURNS
        with exclusive(self.folder / _LOCK):
            known = read_text(path).split() if path.exists() else []
            if session_id in known:
                return known.index(session_id)
            if len(known) >= limits.MAX_TURNS:
                raise AudioFileError(f"{limits.MAX_TURNS} sessions have begun, more are not counted")
            write_text_atomic(path, "\n".join([*known, session_id]) + "\n")
        return len(known)

    def _store(self, folder: Path, results: Results, follows: Collection[str], *, most: int) -> Saved:
        path = folder / f"{results.session_id}.json"
        # Written to the disk before the lock is taken, so that sessions wait for the disk together and not in a row;
        # under the lock it is compared, and renamed at the end of the inner block.
        with ExitStack() as locked, written_together():
            write_text_atomic(path, results.to_json())
            locked.enter_context(exclusive(self.folder / _LOCK))
            if path.is_symlink():
                raise ConflictError("the session's file is a link and is left alone")
            if path.exists():
                _require_goes_on(path, results, follows)
            elif _documents_in(folder) >= most:
                raise AudioFileError(f"the folder of ratings is full: it holds {most} sessions")
        _flush(folder)
        return Saved(path, len(results.pages), results.complete)

    def _keep_aside(self, body: bytes, session: str, follows: Collection[str], why: str) -> Saved:
        """Keep what does not fit the test, e.g. because it was changed while somebody took it."""
        if self._count_aside() >= limits.MAX_ASIDE:
            raise AudioFileError(f"{self.folder / ASIDE} is full: it holds {limits.MAX_ASIDE} files")
        try:
            results = Results.from_json(body)
        except ListeningTestError:
            folder = self.folder / ASIDE / "unread"
            _make_folder(folder)
            path = folder / f"{session}-{hashlib.sha256(body).hexdigest()[:16]}.json"
            write_text_atomic(path, body.decode())
            return Saved(path, 0, False, aside=why)
        folder = self.folder / ASIDE / results.test_id
        _make_folder(folder)
        saved = self._store(folder, results, follows, most=limits.MAX_ASIDE)
        return replace(saved, aside=why)


def _session_of(body: bytes) -> str:
    """Return whose ratings these are; fails with `ListeningTestError` where they are none.

    Looked at before anything else, by a parser that makes no objects of the rest: what is not ours costs little.
    """
    import msgspec

    class Envelope(msgspec.Struct):
        format: str
        session_id: str

    try:
        envelope = msgspec.json.decode(body, type=Envelope)
        body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ListeningTestError(f"ratings: this is no JSON document of ratings: {error}") from None
    if envelope.format != RESULTS_FORMAT:
        raise ListeningTestError(f'ratings: a JSON object with "format": "{RESULTS_FORMAT}" is accepted')
    if not _SESSION.fullmatch(envelope.session_id):
        raise ListeningTestError("ratings: $.session_id: 16 to 64 hexadecimal digits are accepted")
    return envelope.session_id


def _require_goes_on(path: Path, results: Results, follows: Collection[str]) -> None:
    """Raise `ConflictError` unless `results` may take the place of the session's file."""
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
            "here: it went on in another tab or on another device"
        )
    if kept.updated in (results.updated, *follows):
        return
    values = _values(results)
    changed = sum(values.get(what) != value for what, value in _values(kept).items())
    if changed:
        raise ConflictError(
            f"{changed} ratings of this session are kept already with other values: it went on in another tab or on "
            "another device"
        )


def _values(results: Results) -> dict[tuple[str, str, str], object]:
    """Return every rating's value and every trial's choice, by page, stimulus or trial, and attribute."""
    rated = {(p.page_id, r.stimulus_id, r.attribute): r.value for p in results.pages for r in p.ratings}
    chosen = {(p.page_id, t.name(), t.attribute): t.chosen for p in results.pages for t in p.trials}
    return {**rated, **chosen}


def _make_folder(folder: Path) -> None:
    if folder.is_symlink():
        raise AudioFileError(f"{folder} is a link, a folder of the test is needed")
    try:
        folder.mkdir(parents=folder.parent.name == ASIDE, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise AudioFileError(f"{folder} cannot be made: {why}") from error


def _documents_in(folder: Path) -> int:
    with os.scandir(folder) as entries:
        return sum(entry.name.endswith(".json") and not entry.name.startswith(".") for entry in entries)


def _flush(folder: Path) -> None:
    """Let the name of a file that was just renamed last through a power cut, where the system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
