"""A small web server for one listening test: its page, its audio, and a door for ratings.

Only files that the test's definition names are served, so that no request can reach another one; ratings go
through `RatingsFolder.save`. It listens on loopback unless told otherwise, and answers every request that it
refuses with one line.
"""

from __future__ import annotations

import http.server
import ipaddress
import os
import socket
import socketserver
import threading
import urllib.parse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mixrules.errors import AudioFileError
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.serving.collection import RatingsFolder, Saved
from mixrules.listening.serving.handler import Handler, require_inside
from mixrules.listening.serving.site import PAGE_FILES

MAX_CONNECTIONS = 100
"""Connections at a time."""


class ListeningServer(http.server.ThreadingHTTPServer):
    """Serves one test.

    Parameters
    ----------
    folder : path
        The test's folder, as `mixrules stimuli` writes it.
    host : str
        The address to listen on; loopback unless told otherwise.
    port : int
        The port, 0 for any that is free.
    allowed_hosts : iterable of str
        Names under which the server may be addressed, besides addresses and this machine's name; a web page
        elsewhere could otherwise point a name of its own here (DNS rebinding).
    on_saved : callable, optional
        Told of each `Saved`.

    Raises
    ------
    ListeningTestError
        If the folder holds no test, or a file of it is missing or a link.
    AudioFileError
        If a file cannot be read or the address cannot be listened on.
    """

    daemon_threads = True
    request_queue_size = 128  # listeners of a class begin at the same moment
    block_on_close = False

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        allowed_hosts: Iterable[str] = (),
        on_saved: Callable[[Saved], None] | None = None,
    ) -> None:
        folder = Path(folder)
        site = folder / "site"
        self.test = ListeningTest.load(site / "test.json")
        self.files = {f"/{name}": site / name for name in (*PAGE_FILES, "test.json", *self.test.files())}
        for path in self.files.values():
            require_inside(path, site)
        self.files["/"] = site / "index.html"
        self.site = site
        self.ratings = RatingsFolder(folder / "ratings", self.test)
        self.on_saved = on_saved
        self.names = {"localhost", socket.gethostname().lower(), *(h.lower() for h in allowed_hosts)}
        self._slots = threading.BoundedSemaphore(MAX_CONNECTIONS)
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), Handler)
        except (OSError, OverflowError) as error:
            why = (getattr(error, "strerror", None) or str(error)).lower()
            raise AudioFileError(f"{host} port {port} cannot be listened on: {why}") from error

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = str(self.server_address[0]), self.server_address[1]
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def server_bind(self) -> None:
        """Bind without asking the network for this machine's full name, which can take long."""
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own calls getfqdn
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def knows_host(self, header: str | None) -> bool:
        """Whether a Host header names this server: an address, this machine, or a name that was allowed."""
        try:
            name = urllib.parse.urlsplit(f"//{header or ''}").hostname or ""
            return name in self.names or bool(ipaddress.ip_address(name).compressed)
        except ValueError:
            return False

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for a connection, or close it where there are too many."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve one connection and give its place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a connection that broke end quietly: the server goes on."""
