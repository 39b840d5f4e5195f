"""A listening test as an ASGI application, for a server of one's own choice with as many workers as one likes.

`app` is the test in the folder that the environment variable ``MIXRULES_TEST`` names, under the host names that
``MIXRULES_ALLOW_HOSTS`` lists, separated by commas::

    MIXRULES_TEST=test/ uvicorn mixrules.listening.app:app --workers 2

`listening_app` makes one in Python. All workers, and servers on other machines, may share one folder.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mixrules.errors import ListeningTestError, MixrulesError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER_VARIABLE = "MIXRULES_TEST"
"""The environment variable that names the test's folder."""
HOSTS_VARIABLE = "MIXRULES_ALLOW_HOSTS"
"""The environment variable that lists the names under which listeners reach the server."""


def listening_app(folder: str | os.PathLike[str], *, allowed_hosts: Iterable[str] = ()) -> ASGIApp:
    """Return a listening test as an ASGI application.

    Parameters
    ----------
    folder : path
        The test's folder, as `mixrules stimuli` writes it.
    allowed_hosts : iterable of str
        Names under which listeners reach it, besides addresses and this machine's name.

    Returns
    -------
    callable
        The application, after ASGI 3.

    Raises
    ------
    ListeningTestError
        If the folder holds no test, or a file of it is missing or a link.
    AudioFileError
        If a file cannot be read, or the folder of ratings not be made.
    """
    from mixrules.listening.serving.application import Application
    from mixrules.listening.serving.guards import HostNames

    names = HostNames({"localhost", socket.gethostname(), *allowed_hosts})
    return Application(Path(folder), names).asgi


class _FromEnvironment:
    """The application of the folder that the environment names, read when a server starts it."""

    def __init__(self) -> None:
        self._made: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the start of the server."""
        if self._made is None:
            try:
                self._made = _from_environment()
            except MixrulesError as error:
                if scope["type"] != "lifespan":
                    raise
                await receive()
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        await self._made(scope, receive, send)


def _from_environment() -> ASGIApp:
    folder = os.environ.get(FOLDER_VARIABLE, "")
    if not folder:
        raise ListeningTestError(f"the environment variable {FOLDER_VARIABLE} must name the folder of a test")
    hosts = [name.strip() for name in os.environ.get(HOSTS_VARIABLE, "").split(",") if name.strip()]
    return listening_app(folder, allowed_hosts=hosts)


app = _FromEnvironment()
"""The test in the folder that the environment names."""

__all__ = ["FOLDER_VARIABLE", "HOSTS_VARIABLE", "app", "listening_app"]
