"""The test page: HTML, one style and one script, written beside a test's definition; any web server can host it."""

from __future__ import annotations

import hashlib
import os
from importlib import resources
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import write_text_atomic
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.serving.site.bundle import bundled

PAGE_FILES = (
    "index.html",
    "test.css",
    "test.js",
    "order.js",
    "player.js",
    "session.js",
    "scales.js",
    "deck.js",
    "screens.js",
    "rating_screen.js",
    "dom.js",
    "words.js",
    "words.json",
    "steps.js",
    "asked.js",
    "headphones.js",
    "pair_screen.js",
    "requests.js",
    "sending.js",
    "store.js",
)
"""What the page is made of; ``index.html`` loads ``test.css`` and ``test.js``, which needs the other modules
and, as the module ``words_data.js``, the page's words."""


def page_files() -> dict[str, str]:
    """Return the files of the page by their names: style and script are named after their content.

    A name that changes with the content lets browsers keep both files for a year and never show an old one.
    """
    folder = resources.files(__name__)
    files = {name: folder.joinpath(name).read_text(encoding="utf-8") for name in PAGE_FILES}
    modules = {name: files.pop(name) for name in PAGE_FILES if name.endswith(".js")}
    modules["words_data.js"] = f"export const WORDS = {files.pop('words.json').strip()};\n"
    for name, text in (("test.css", files.pop("test.css")), ("test.js", bundled(modules, "test.js"))):
        stem, _, suffix = name.partition(".")
        named = f"{stem}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.{suffix}"
        files[named] = text
        files["index.html"] = files["index.html"].replace(f'"{name}"', f'"{named}"')
    return files


def write_site(folder: str | os.PathLike[str], definition: ListeningTest) -> Path:
    """Write the test page and ``test.json`` into the ``site`` folder of a test.

    Parameters
    ----------
    folder : path
        The test's folder. ``site`` in it is made where it is missing; audio in it stays as it is.
    definition : ListeningTest
        What the page shows.

    Returns
    -------
    Path
        The ``site`` folder.

    Raises
    ------
    AudioFileError
        If the files cannot be written.
    """
    site = Path(folder) / "site"
    try:
        site.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioFileError(f"{site} cannot be made: {(error.strerror or str(error)).lower()}") from error
    for name, text in page_files().items():
        write_text_atomic(site / name, text)
    write_text_atomic(site / "test.json", definition.to_json())
    return site
