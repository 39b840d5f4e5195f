"""The web application of a listening test: its page, its excerpts, and a door for ratings.

Only files that the test's definition names and those of the page are served, so that no request can reach another one;
ratings go through `RatingsFolder.save`. It is an ASGI application, which any server of that kind can run, in as many
processes as one likes: all they share is the folder.
"""

from __future__ import annotations

import asyncio
import os
import re
import urllib.parse
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules.errors import ListeningTestError, MixrulesError
from mixrules.listening.serving import limits
from mixrules.listening.serving.bodies import Bodies
from mixrules.listening.serving.collection import ConflictError, RatingsFolder, Saved
from mixrules.listening.serving.definition_file import ServedTest, require_inside
from mixrules.listening.serving.file_answer import FileAnswer
from mixrules.listening.serving.guards import Guard, HostNames, RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
}
_HASHED = re.compile(r"/[a-z]+-[0-9a-f]{16}\.(js|css)")
_TAG = re.compile(r'"([^"]{1,64})"')
_MAX_TAGS = 50


class Application:
    """One listening test as an ASGI application.

    Parameters
    ----------
    folder : path
        The test's folder, as `mixrules stimuli` writes it.
    hosts : HostNames
        The names under which it may be addressed.
    on_saved : callable, optional
        Told of each `Saved`.

    Raises
    ------
    ListeningTestError
        If the folder holds no test, or a file of it is missing or a link.
    AudioFileError
        If a file cannot be read, or the folder of ratings not be made.
    """

    def __init__(
        self, folder: Path, hosts: HostNames, *, on_saved: Callable[[Saved], None] | None = None
    ) -> None:
        from starlette.routing import Route, Router

        self.served = ServedTest(folder)
        self.ratings = RatingsFolder(folder / "ratings", self.served.current)
        self.on_saved = on_saved
        self._bodies = Bodies()
        self._few_at_a_time = asyncio.Semaphore(limits.SAVES_AT_ONCE)
        routes = [
            Route("/ratings", self._take_ratings, methods=["POST"]),
            Route("/turn", self._take_turn, methods=["POST"]),
            Route("/test.json", self._definition, methods=["GET"]),
            Route("/{path:path}", self._file, methods=["GET", "POST"]),
        ]
        self.asgi = Guard(Router(routes=routes, default=_nothing), hosts)

    async def _definition(self, _request: Request) -> Response:
        from starlette.responses import Response

        self.served.current()
        # How the page knows that ratings can be sent here, which a static host does not say.
        headers = {"x-mixrules-ratings": "accepted", "cache-control": "no-store"}
        return Response(self.served.text, media_type="application/json", headers=headers)

    async def _file(self, request: Request) -> FileAnswer:
        if request.method == "POST":
            raise RefusedError(HTTPStatus.NOT_FOUND, "ratings are accepted at /ratings")
        name = f"/{request.path_params['path']}"
        path = self.served.files.get(name)
        if path is None:
            raise _no_such_file()
        try:
            require_inside(path, self.served.site)
        except ListeningTestError as error:
            why = f"{path.name} is missing, or a link out of the test"
            raise RefusedError(HTTPStatus.NOT_FOUND, why) from error
        caching = "public, max-age=31536000, immutable" if _HASHED.fullmatch(name) else "no-cache"
        return FileAnswer(path, media_type=_TYPES[path.suffix], caching=caching)

    async def _take_ratings(self, request: Request) -> Response:
        self.served.current()
        body = await self._body_of(request, most=self.served.max_body_bytes)
        follows = _TAG.findall(request.headers.get("if-match", ""))[:_MAX_TAGS]
        saved = await self._in_turn(partial(self.ratings.save, body, follows=follows))
        if self.on_saved:
            self.on_saved(saved)
        return _answer({"saved": saved.path.name, "pages": saved.pages, "aside": saved.aside})

    async def _take_turn(self, request: Request) -> Response:
        body = await self._body_of(request, most=1000)
        return _answer({"turn": await self._in_turn(partial(self._turn_of, body))})

    def _turn_of(self, body: bytes) -> int:
        import msgspec

        try:
            asked = msgspec.json.decode(body, type=dict[str, str])
        except (msgspec.DecodeError, RecursionError) as error:
            raise ListeningTestError(f'{{"session_id": "…"}} is accepted: {error}') from None
        return self.ratings.turn(asked.get("session_id", ""))

    async def _body_of(self, request: Request, *, most: int) -> bytes:
        """Return the body of a request that the test's own page may have sent."""
        origin = request.headers.get("origin")
        if origin is not None and urllib.parse.urlsplit(origin).netloc != request.headers.get("host"):
            raise RefusedError(HTTPStatus.FORBIDDEN, "ratings are accepted from the test's own page")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "ratings are accepted as application/json")
        return await self._bodies.read(request.receive, request.headers, most=most)

    async def _in_turn(self, work: Callable[[], Any]) -> Any:
        """Do what waits for the disk in a thread, few at a time, so that memory stays bounded."""
        try:
            async with self._few_at_a_time:
                return await asyncio.to_thread(work)
        except ConflictError as error:
            raise RefusedError(HTTPStatus.CONFLICT, str(error)) from error
        except ListeningTestError as error:
            raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from error
        except MixrulesError as error:
            why = str(error).replace(
                f"{self.ratings.folder}{os.sep}", ""
            )  # where the folder lies is not for listeners
            raise RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, why) from error


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise _no_such_file()


def _no_such_file() -> RefusedError:
    return RefusedError(HTTPStatus.NOT_FOUND, "there is no such file in this test")


def _answer(content: dict[str, object]) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(content, headers={"cache-control": "no-store"})
