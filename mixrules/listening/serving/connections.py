"""Connections of the server: how many there may be, and how long one may wait for a request or take nothing.

uvicorn keeps a connection on which nothing happens for ever, and has no limit for an address. Both are added to its
protocol here, in the way that it offers for it: a class of one's own.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any, Protocol

from uvicorn.protocols.http.h11_impl import H11Protocol

from mixrules.listening.serving import limits
from mixrules.listening.serving.guards import HEADERS


class Waiting(Protocol):
    """What the door must know of a connection."""

    address: str

    def is_waiting(self) -> bool:
        """Return whether no request is being answered on it."""

    def give_up(self) -> None:
        """Close it."""


class Door:
    """Who may come in: connections in all and of each address, of which the oldest idle one yields to a new one."""

    def __init__(self, most: limits.ConnectionLimits) -> None:
        self.most = most
        self.open: dict[Waiting, None] = {}  # in the order in which they came
        self.by_address: Counter[str] = Counter()

    def admit(self, connection: Waiting) -> bool:
        """Return whether a connection may stay; closes an idle one for it where that is what it takes."""
        address = connection.address
        if self.by_address[address] >= self.most.per_address and not self._make_room(address):
            return False
        if len(self.open) >= self.most.in_all and not self._make_room(self._busiest()):
            return False
        self.open[connection] = None
        self.by_address[address] += 1
        return True

    def leave(self, connection: Waiting) -> None:
        """Forget a connection that was closed."""
        if connection in self.open:
            del self.open[connection]
            self.by_address[connection.address] -= 1
            if not self.by_address[connection.address]:
                del self.by_address[connection.address]

    def _busiest(self) -> str:
        return self.by_address.most_common(1)[0][0]

    def _make_room(self, address: str) -> bool:
        for connection in self.open:
            if connection.address == address and connection.is_waiting():
                connection.give_up()
                self.leave(connection)
                return True
        return False


class LimitedConnection(H11Protocol):
    """A connection after HTTP/1.1 that gives up on who is slow, and that the door may refuse."""

    door: Door
    address = ""
    _timer: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let a client in, or tell it that there are too many."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        if self.door.admit(self):
            self._expect_request(limits.HEAD_SECONDS)
        else:
            self._say(503, "too many connections are open, try again in a moment", {"retry-after": "2"})

    def connection_lost(self, exc: Exception | None) -> None:
        """Tidy up."""
        self._cancel()
        if self._stuck:
            self._stuck.cancel()
        self.door.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came; a request has to be complete in time from its first byte on."""
        if self.is_waiting() and self._timer is None:
            self._expect_request(limits.HEAD_SECONDS)
        super().data_received(data)
        if not self.is_waiting():
            self._cancel()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if self.is_waiting():
            self._cancel()

    def pause_writing(self) -> None:
        """Give a client that takes nothing some time."""
        super().pause_writing()
        self._stuck = self._stuck or self.loop.call_later(limits.WRITE_SECONDS, self.give_up)

    def resume_writing(self) -> None:
        """Go on: something was taken."""
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None
        super().resume_writing()

    def is_waiting(self) -> bool:
        """Return whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def give_up(self) -> None:
        """Close at once, whatever the client has not taken yet."""
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with one line of JSON, as every refusal."""
        if not self.is_waiting():
            self.give_up()  # an answer is on its way, another one cannot be put into it
            return
        self._say(400, f"this is no request that is understood here: {msg}", {})

    def _expect_request(self, seconds: float) -> None:
        self._cancel()
        self._timer = self.loop.call_later(seconds, self.give_up)

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _say(self, status: int, why: str, more: dict[str, str]) -> None:
        content = json.dumps({"error": why}).encode()
        headers: dict[str, Any] = HEADERS | more | {"content-type": "application/json", "connection": "close"}
        headers["content-length"] = str(len(content))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        phrase = {400: "Bad Request", 503: "Service Unavailable"}[status]
        self.transport.write(f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode() + content)
        self.transport.close()
