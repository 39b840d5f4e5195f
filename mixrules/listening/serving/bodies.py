"""The body of a request that brings ratings, taken in within limits of size, time and memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from mixrules.listening.serving import limits
from mixrules.listening.serving.guards import RefusedError

if TYPE_CHECKING:
    from starlette.types import Receive


class Bodies:
    """Bodies that are arriving; together they hold no more than `limits.BODIES_IN_HAND_BYTES`."""

    def __init__(self) -> None:
        self.in_hand_bytes = 0

    async def read(self, receive: Receive, headers: Mapping[str, str], *, most: int) -> bytes:
        """Return the body of a request.

        Parameters
        ----------
        receive : callable
            The request's messages, after ASGI.
        headers : mapping of str to str
            Its headers, names in lower case.
        most : int
            Bytes that are accepted.

        Returns
        -------
        bytes

        Raises
        ------
        RefusedError
            If it has no length, is too large, too slow, ends early, or too many others are arriving.
        """
        if "transfer-encoding" in headers or "content-length" not in headers:
            raise RefusedError(HTTPStatus.LENGTH_REQUIRED, "ratings are accepted with a Content-Length")
        if int(headers["content-length"]) > most:
            why = f"ratings of this test take at most {most} bytes"
            raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
        body = bytearray()
        try:
            async with asyncio.timeout(limits.BODY_SECONDS):
                await self._read_into(body, receive, most)
        except TimeoutError:
            why = f"the ratings took over {limits.BODY_SECONDS:g} s to arrive"
            raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, why) from None
        finally:
            self.in_hand_bytes -= len(body)
        return bytes(body)

    async def _read_into(self, body: bytearray, receive: Receive, most: int) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise RefusedError(HTTPStatus.BAD_REQUEST, "the ratings ended early")
            part = message.get("body", b"")
            if len(body) + len(part) > most:
                why = f"ratings of this test take at most {most} bytes"
                raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, why)
            if self.in_hand_bytes + len(part) > limits.BODIES_IN_HAND_BYTES:
                why = "too many ratings arrive at the same time, try again in a moment"
                raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, why, headers={"retry-after": "2"})
            body += part
            self.in_hand_bytes += len(part)
            more = message.get("more_body", False)
