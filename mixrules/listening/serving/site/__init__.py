"""The test page: plain HTML, CSS and JavaScript, copied beside a test's definition; any web server can host it."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from mixrules.errors import AudioFileError
from mixrules.files import write_text_atomic
from mixrules.listening.format.testfile import ListeningTest

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
)
"""The files of the page; ``index.html`` loads the others."""


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
    page = resources.files(__name__)
    for name in PAGE_FILES:
        write_text_atomic(site / name, page.joinpath(name).read_text(encoding="utf-8"))
    write_text_atomic(site / "test.json", definition.to_json())
    return site
