"""The server behind `mixrules listen`: the application of a listening test on uvicorn, in this process.

It listens on loopback unless told otherwise. uvicorn and Starlette do the HTTP, so that framing, ranges and keep-alive
are not ours to get wrong; what they leave open (slow clients, connections of an address) is in `connections`.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from mixrules.errors import AudioFileError
from mixrules.listening.format.testfile import ListeningTest
from mixrules.listening.serving import limits
from mixrules.listening.serving.application import Application
from mixrules.listening.serving.collection import RatingsFolder, Saved
from mixrules.listening.serving.guards import HostNames

_SWITCH_S = 0.0005
_BACKLOG = 2048  # connections of a class that begins at the same moment


class ListeningServer:
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
    connections : ConnectionLimits
        How many connections there may be.
    on_saved : callable, optional
        Told of each `Saved`.

    Raises
    ------
    ListeningTestError
        If the folder holds no test, or a file of it is missing or a link.
    AudioFileError
        If a file cannot be read or the address cannot be listened on.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        allowed_hosts: Iterable[str] = (),
        connections: limits.ConnectionLimits | None = None,
        on_saved: Callable[[Saved], None] | None = None,
    ) -> None:
        from uvicorn import Config, Server

        from mixrules.listening.serving.connections import Door, LimitedConnection

        self.hosts = HostNames({"localhost", socket.gethostname(), *allowed_hosts})
        self.application = Application(Path(folder), self.hosts, on_saved=on_saved)
        self.door = Door(_within_open_files(connections or limits.ConnectionLimits()))
        self._socket = _listening(host, port)
        config = Config(
            self.application.asgi,
            http=type("Connection", (LimitedConnection,), {"door": self.door}),
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_keep_alive=round(limits.IDLE_SECONDS),
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=limits.MAX_HEAD_BYTES,
        )
        self._server = Server(config)

    @property
    def test(self) -> ListeningTest:
        """The definition that is served."""
        return self.application.served.current()

    @property
    def site(self) -> Path:
        """The folder that is served."""
        return self.application.served.site

    @property
    def ratings(self) -> RatingsFolder:
        """The folder in which ratings are kept."""
        return self.application.ratings

    @property
    def server_address(self) -> tuple[str, int]:
        """Address and port that it listens on."""
        host, port = self._socket.getsockname()[:2]
        return str(host), int(port)

    @property
    def url(self) -> str:
        """Where the page is."""
        host, port = self.server_address
        if host in ("0.0.0.0", "::"):
            host = socket.gethostname()
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def serve_forever(self) -> None:
        """Serve until `shutdown` is called from another thread, or Ctrl-C."""
        before = sys.getswitchinterval()
        # Under load the thread that answers requests never waits, and one that writes ratings would wait for the
        # interpreter after each of some twenty calls of the system: 5 ms each by Python's default.
        sys.setswitchinterval(min(before, _SWITCH_S))
        try:
            self._server.run(sockets=[self._socket])
        finally:
            sys.setswitchinterval(before)

    def shutdown(self) -> None:
        """Let `serve_forever` end, once what is being answered is answered."""
        self._server.should_exit = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; connections wait there until the server runs."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if os.name == "posix":  # where a port of the same server that has just ended may be taken again
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        made.close()
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise AudioFileError(f"{host} port {port} cannot be listened on: {why}") from error
    return made


def _within_open_files(most: limits.ConnectionLimits) -> limits.ConnectionLimits:
    """Return as many connections as the system lets this process have, with the limit raised where it may be."""
    try:
        import resource
    except ImportError:  # Windows
        return most
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * most.in_all + 200  # each may have a file open
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    in_all = max(1, min(most.in_all, (soft - 200) // 2))
    return limits.ConnectionLimits(in_all=in_all, per_address=min(most.per_address, in_all))
