"""Answers to one connection of a listening test's server: its files, ratings taken in, and one line for the rest."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import socket
import time
import urllib.parse
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules._support.version import __version__
from mixrules.errors import ListeningTestError, MixrulesError
from mixrules.listening.serving.collection import ConflictError

if TYPE_CHECKING:
    from mixrules.listening.serving.server import ListeningServer

MAX_BODY_BYTES = 4 << 20
"""The most that one listener's ratings may take; a hundred pages of eight stimuli need a tenth."""
BODY_SECONDS = 20.0
"""How long a body may take to arrive."""
DRAIN_SECONDS = 2.0
"""How long the rest of a refused request is taken in."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def require_inside(path: Path, site: Path) -> None:
    """Raise `ListeningTestError` unless `path` is a regular file that lies, links resolved, in `site`."""
    if not path.exists():
        raise ListeningTestError(f"{path} is missing: the test cannot be run without it")
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(site)) or not real.is_file():
        raise ListeningTestError(f"{path} is no file of its own within {site}, it is not served")


class _Refused(Exception):
    """An answer other than success: its status and the line that says why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves what the test names and takes ratings; everything else is refused with one line."""

    server: ListeningServer
    protocol_version = "HTTP/1.1"
    timeout = 15  # seconds without a byte

    def do_GET(self) -> None:
        """Serve a file."""
        self._answer(self._get)

    def do_HEAD(self) -> None:
        """Tell a file's headers."""
        self._answer(self._get)

    def do_POST(self) -> None:
        """Take ratings."""
        self._answer(self._post)

    def _answer(self, answer: Callable[[], None]) -> None:
        try:
            if not self.server.knows_host(self.headers.get("Host")):
                raise _Refused(
                    HTTPStatus.MISDIRECTED_REQUEST, "this server is not known by that name; see --allow-host"
                )
            answer()
        except _Refused as refused:
            self._refuse(refused.status, str(refused))
        except ConflictError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        except ListeningTestError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except MixrulesError as error:
            self._refuse(HTTPStatus.INSUFFICIENT_STORAGE, str(error))
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:  # a defect of ours costs one request, not the test
            self._refuse(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the server failed: {type(error).__name__}: {error}"
            )

    def _get(self) -> None:
        path = self.server.files.get(urllib.parse.unquote(self.path.partition("?")[0]))
        if path is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "there is no such file in this test")
        try:
            require_inside(path, self.server.site)
        except ListeningTestError as error:
            raise _Refused(
                HTTPStatus.NOT_FOUND, f"{path.name} is missing, or a link out of the test"
            ) from error
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            start, end = self._range(size)
            partial = "Range" in self.headers and (start, end) != (0, size)
            self.send_response(HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK)
            self.send_header("Content-Type", _TYPES[path.suffix])
            self.send_header("Content-Length", str(end - start))
            self.send_header("Accept-Ranges", "bytes")
            if partial:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
            if path.name == "test.json":
                # How the page knows that ratings can be sent here, which a static host does not say.
                self.send_header("X-Mixrules-Ratings", "accepted")
            self.end_headers()
            if self.command != "HEAD":
                file.seek(start)
                self._send(file, end - start)

    def _send(self, file: Any, count: int) -> None:
        while count > 0 and (block := file.read(min(count, 1 << 16))):
            self.wfile.write(block)
            count -= len(block)
        if count:  # the file shrank: the promised length cannot be kept
            self.close_connection = True

    def _range(self, size: int) -> tuple[int, int]:
        """Return the first byte asked for and the one after the last."""
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        if not found or found[0] == "bytes=-":
            return 0, size  # what is not one plain range may be answered with the whole
        first, last = found.groups()
        if first:
            start, end = int(first), min(int(last) + 1, size) if last else size
        else:
            start, end = max(size - int(last), 0), size
        if start >= end:
            raise _Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"the file has {size} bytes")
        return start, end

    def _post(self) -> None:
        if self.path != "/ratings":
            raise _Refused(HTTPStatus.NOT_FOUND, "ratings are accepted at /ratings")
        origin = self.headers.get("Origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != self.headers.get("Host"):
            raise _Refused(HTTPStatus.FORBIDDEN, "ratings are accepted from the test's own page")
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "ratings are accepted as application/json")
        saved = self.server.ratings.save(self._body())
        if self.server.on_saved:
            self.server.on_saved(saved)
        self._reply(HTTPStatus.OK, {"saved": saved.path.name, "pages": saved.pages})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "ratings are accepted with a Content-Length")
        # Cut before int(): Python refuses numbers of thousands of digits.
        if len(length) > 12 or int(length) > MAX_BODY_BYTES:
            raise _Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"ratings of at most {MAX_BODY_BYTES} bytes are accepted"
            )
        body = bytearray()
        until = time.monotonic() + BODY_SECONDS
        while len(body) < int(length):
            left = until - time.monotonic()
            if left <= 0:
                raise _Refused(
                    HTTPStatus.REQUEST_TIMEOUT, f"the ratings took over {BODY_SECONDS:g} s to arrive"
                )
            self.connection.settimeout(left)
            try:
                block = self.rfile.read1(int(length) - len(body))
            except TimeoutError:
                continue
            if not block:
                raise _Refused(HTTPStatus.BAD_REQUEST, "the ratings ended early")
            body += block
        self.connection.settimeout(self.timeout)
        return bytes(body)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self.close_connection = True  # a body may be left unread
        with contextlib.suppress(OSError):
            self._reply(status, {"error": " ".join(why.split())})
            self._drain()

    def _drain(self) -> None:
        """Take in what is still being sent, within limits: closing at once could cost the sender our answer."""
        self.connection.shutdown(socket.SHUT_WR)
        until = time.monotonic() + DRAIN_SECONDS
        left = MAX_BODY_BYTES
        while left > 0 and (wait := until - time.monotonic()) > 0:
            self.connection.settimeout(wait)
            block = self.connection.recv(1 << 16)
            if not block:
                break
            left -= len(block)

    def _reply(self, status: HTTPStatus, answer: dict[str, object]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not HTTP, or a method that is not known, with one line."""
        status = HTTPStatus(code)
        self.command = getattr(self, "command", None) or ""
        self._refuse(status, message or status.phrase)

    def end_headers(self) -> None:
        """End the headers with those that keep the page to itself."""
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def version_string(self) -> str:
        """Return what the server calls itself."""
        return f"mixrules/{__version__}"

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: what is saved is told through `on_saved`."""
