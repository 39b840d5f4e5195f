"""What every request passes before the test's files and ratings: who may ask, what a request may look like.

The guard is plain ASGI, so that it holds whichever server runs the application.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import logging
import re
import urllib.parse
from http import HTTPStatus
from typing import TYPE_CHECKING

from mixrules._support.version import __version__
from mixrules.listening.serving import limits

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "server": f"mixrules/{__version__}",
}
"""What every answer carries, so that the page is kept to itself."""

_HTTP_VERSIONS = ("1.0", "1.1", "2", "2.0", "3")
_DIGITS = re.compile(rb"[0-9]{1,12}")
_log = logging.getLogger(__name__)


class RefusedError(Exception):
    """An answer other than success: its status and the line that says why."""

    def __init__(self, status: HTTPStatus, why: str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.headers = headers or {}


class HostNames:
    """The names under which a server may be addressed.

    Besides them every address is accepted: a web page elsewhere could point a name of its own here (DNS rebinding),
    but no address.
    """

    def __init__(self, names: set[str]) -> None:
        self.names = {name.lower() for name in names}

    def knows(self, header: str | None) -> bool:
        """Return whether a Host header names this server."""
        try:
            name = urllib.parse.urlsplit(f"//{header or ''}").hostname or ""
            return name in self.names or bool(ipaddress.ip_address(name).compressed)
        except ValueError:
            return False


class Guard:
    """Let pass what is a request for this server; refuse the rest with one line of JSON."""

    def __init__(self, app: ASGIApp, hosts: HostNames) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # a websocket: refused by an application that does not answer
        started = False
        incoming = Incoming(receive)

        async def send_guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                given = {name.lower() for name, _ in message["headers"]}
                more = [(n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in given]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        try:
            require_sound(scope)
            if not self.hosts.knows(_header(scope, b"host")):
                why = "this server is not known by that name; see --allow-host"
                raise RefusedError(HTTPStatus.MISDIRECTED_REQUEST, why)
            await self.app(scope, incoming, send_guarded)
        except RefusedError as refused:
            await refuse(refused, scope, incoming, send_guarded)
        except Exception as error:  # a defect of ours costs one request, not the test
            _log.error("a request failed: %s: %s", type(error).__name__, error)
            _log.debug("where it failed", exc_info=error)
            if started:
                raise
            why = f"the server failed: {type(error).__name__}: {error}"
            await refuse(RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, why), scope, incoming, send_guarded)


class Incoming:
    """What a client sends, with a note of whether all of it has arrived."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        self.ended = message["type"] != "http.request" or not message.get("more_body")
        return message


def require_sound(scope: Scope) -> None:
    """Raise `RefusedError` where a request is too large, has a body that it may not have, or says two things at once."""
    if scope["http_version"] not in _HTTP_VERSIONS:
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "HTTP/1.1 is spoken here")
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    size = sum(len(name) + len(value) + 4 for name, value in headers)
    if len(headers) > limits.MAX_HEADERS or size > limits.MAX_HEAD_BYTES:
        why = (
            f"a request of at most {limits.MAX_HEADERS} headers in {limits.MAX_HEAD_BYTES} bytes is accepted"
        )
        raise RefusedError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, why)
    if scope["method"] not in ("GET", "HEAD", "POST"):
        why = f"the method {scope['method'][:20]} is not known here, GET, HEAD and POST are"
        raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, why, headers={"allow": "GET, HEAD, POST"})
    for name in (b"host", b"content-length", b"transfer-encoding", b"content-type", b"origin"):
        if len([value for key, value in headers if key.lower() == name]) > 1:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"the header {name.decode()} stands twice")
    length = _header(scope, b"content-length")
    chunked = _header(scope, b"transfer-encoding") is not None
    if length is not None and chunked:
        why = "Content-Length and Transfer-Encoding exclude each other"
        raise RefusedError(HTTPStatus.BAD_REQUEST, why)
    if length is not None and not _DIGITS.fullmatch(length.encode("latin-1")):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Content-Length must be a number of at most twelve digits")
    if scope["method"] != "POST" and (chunked or int(length or 0)):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"a {scope['method']} request has no body")


def _header(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), None)


async def refuse(refused: RefusedError, scope: Scope, incoming: Incoming, send: Send) -> None:
    """Answer with one line of JSON, after what is still being sent was taken in within limits.

    A connection that is closed with unread bytes is reset, and the answer could be lost with it.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limits.DISCARD_SECONDS):
            await _discard(scope, incoming)
    content = json.dumps({"error": " ".join(str(refused).split())}).encode()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(content)),
        "cache-control": "no-store",
    }
    if scope.get("http_version", "1.1").startswith("1"):
        headers["connection"] = "close"  # a body may be left unread
    headers |= refused.headers
    await send(
        {
            "type": "http.response.start",
            "status": int(refused.status),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


async def _discard(scope: Scope, incoming: Incoming) -> None:
    length = _header(scope, b"content-length") or ""
    if length.isdigit() and (len(length) > 12 or int(length) > 2 * limits.DISCARD_BYTES):
        return
    left = limits.DISCARD_BYTES
    while left > 0 and not incoming.ended:
        message = await incoming()
        left -= len(message.get("body", b""))
