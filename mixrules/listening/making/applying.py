"""Bringing a changed ``test.toml`` to the page: read, checked as a whole, and written; no audio is made again."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import write_text_atomic
from mixrules.listening.format.definition import DEFINITION_FILE, DefinitionError
from mixrules.listening.format.definition_reading import read_definition
from mixrules.listening.format.key import Key
from mixrules.listening.format.parts import Stimulus
from mixrules.listening.format.revisions import DEFINITIONS, revision_file, shown_test
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.making.defining import define
from mixrules.listening.serving.site import write_site

MADE = "made.json"


def apply_definition(folder: str | os.PathLike[str]) -> ListeningTest:
    """Bring what ``test.toml`` says to the page of a test.

    Parameters
    ----------
    folder : path-like
        The test's folder. One without ``test.toml``, of an earlier release, stays as it is.

    Returns
    -------
    ListeningTest
        What the page shows now. Every revision that was ever applied is kept in ``definitions/``, so that ratings of an
        earlier one can be read: `mixrules.listening.format.revisions.definition_of`.

    Raises
    ------
    DefinitionError
        If something in the definition is not accepted; its `mistakes` are a line each, and nothing is changed.
    MixrulesError
        If a file of the test is missing, or cannot be read or written.

    Examples
    --------
    >>> apply_definition("test").title  # doctest: +SKIP
    'Which mix is better?'
    """
    folder = Path(folder)
    shown = shown_test(folder)
    if not (folder / DEFINITION_FILE).exists():
        return shown
    definition = read_definition(folder / DEFINITION_FILE)
    key = Key.load(folder / "key.json")
    kept = folder / DEFINITIONS / MADE
    made = ListeningTest.load(kept) if kept.is_file() else shown
    songs = sum(page.repeat_of is None for page in made.pages)
    mistakes = definition.require_conditions(key.conditions(), songs)
    if mistakes:
        raise DefinitionError(DEFINITION_FILE, tuple(mistakes))
    copies: dict[str, str] = {}
    test, new_key = define(made, key, definition, copy=_twins(shown, key, definition.reference, copies))
    new_key.require_fits(test)
    if test == shown and new_key == key and revision_file(folder, test.revision).is_file():
        return test
    try:
        for source, twin in copies.items():
            if not (folder / "site" / twin).exists():
                shutil.copyfile(folder / "site" / source, folder / "site" / twin)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise AudioFileError(f"{folder / 'site'}: the reference cannot be copied: {why}") from error
    write_definition_files(folder, made, test, new_key)
    return test


def write_definition_files(folder: Path, made: ListeningTest, test: ListeningTest, key: Key) -> None:
    """Write the key, the revision and the page of a test, the page last: it is what listeners see."""
    definitions = folder / DEFINITIONS
    try:
        definitions.mkdir(exist_ok=True)
    except OSError as error:
        raise AudioFileError(
            f"{definitions} cannot be made: {(error.strerror or str(error)).lower()}"
        ) from error
    if not (definitions / MADE).exists():
        write_text_atomic(definitions / MADE, made.to_json())
    write_text_atomic(revision_file(folder, test.revision), test.to_json())
    write_text_atomic(folder / "key.json", key.to_json())
    write_site(folder, test)


def _twins(
    shown: ListeningTest, key: Key, reference: str | None, copies: dict[str, str]
) -> Callable[[Stimulus], Stimulus]:
    """Return what names the open reference of a page: as it was called, where the reference is the same one."""
    same = key.reference == reference
    known = {p.stimuli[0].id: p.reference for p in shown.pages if p.reference is not None and same}
    by_page = {s.id: page.stimuli[0].id for page in shown.pages for s in page.stimuli}

    def twin(hidden: Stimulus) -> Stimulus:
        kept = known.get(by_page[hidden.id])
        if kept is None:
            name = secrets.token_hex(8)  # nothing leads from it to the hidden one
            kept = Stimulus(id=name, file=f"audio/{name}{Path(hidden.file).suffix}")
        copies[hidden.file] = kept.file
        return kept

    return twin
