"""Listeners for `listening_load.py`, over plain sockets: they load the page as Chromium does, and send ratings."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mixrules.listening import ListeningTest

CONNECTIONS = 6
"""What Chromium opens to one host, at most."""
PATIENCE_S = 60.0
RETRY_S = 4.0
_LOADED = re.compile(r'(?:src|href)="([^":]+)"')
_IMPORTED = re.compile(r'from "\./([^"]+)"')


class RefusedError(Exception):
    """A request that got no answer, or another one than success."""


class Connection:
    """One connection that is kept open between requests."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=1 << 18)

    async def ask(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        """Send a request and return the answer; on a connection that was closed while idle, once more on a new one."""
        fresh = self.writer is None
        try:
            if fresh:
                await self.open()
            return await self._exchange(head, body)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            if fresh:
                raise RefusedError("the connection was closed without an answer") from None
        return await self.ask(head, body)

    async def _exchange(self, head: bytes, body: bytes) -> tuple[int, bytes]:
        assert self.reader
        assert self.writer
        self.writer.write(head + body)
        await self.writer.drain()
        lines = (await self.reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.partition(b": ")[::2] for line in lines[1:])
        content = await self.reader.readexactly(int(headers.get(b"content-length", b"0")))
        if headers.get(b"connection") == b"close":
            self.close()
        return int(lines[0].split()[1]), content

    def close(self) -> None:
        """Close it, if it is open."""
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


class Browser:
    """Requests of one page over at most six connections, all opened at the start."""

    def __init__(self, host: str, port: int) -> None:
        self.name = f"{host}:{port}"
        self.idle: asyncio.LifoQueue[Connection] = asyncio.LifoQueue()
        self.all = [Connection(host, port) for _ in range(CONNECTIONS)]
        for connection in self.all:
            self.idle.put_nowait(connection)

    async def open(self) -> None:
        """Open all six."""
        await asyncio.gather(*(connection.open() for connection in self.all), return_exceptions=True)

    async def get(self, path: str) -> bytes:
        """Return a file; anything else than success is a `RefusedError`."""
        status, content = await self._ask(f"GET {path} HTTP/1.1\r\nHost: {self.name}\r\n\r\n".encode())
        if status != 200:
            raise RefusedError(f"GET {path[:20]}: {status}")
        return content

    async def post(self, document: dict[str, Any]) -> int:
        """Send ratings and return the answer's status."""
        body = json.dumps(document).encode()
        head = (
            f"POST /ratings HTTP/1.1\r\nHost: {self.name}\r\nOrigin: http://{self.name}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return (await self._ask(head.encode(), body))[0]

    async def _ask(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        connection = await self.idle.get()
        try:
            return await asyncio.wait_for(connection.ask(head, body), PATIENCE_S)
        except TimeoutError:
            connection.close()
            raise RefusedError(f"no answer in {PATIENCE_S:g} s") from None
        finally:
            self.idle.put_nowait(connection)

    def close(self) -> None:
        """Close all."""
        for connection in self.all:
            connection.close()


@dataclass
class Tally:
    """What came of a crowd of clients."""

    finished: int = 0
    failures: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    post_s: list[float] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)


def answers(test: ListeningTest, session: str, pages: int, chance: random.Random) -> dict[str, Any]:
    """Return what a listener's page sends after so many pages."""
    rated = [
        {
            "page_id": page.id,
            "order": [s.id for s in page.stimuli],
            "seconds": 60.0,
            "comment": "",
            "ratings": [
                {
                    "stimulus_id": s.id,
                    "attribute": a.id,
                    "value": chance.randint(1, 5),
                    "initial": None,
                    "seconds_listened": 9.5,
                }
                for s in page.stimuli
                for a in test.attributes
            ],
        }
        for page in test.pages[:pages]
    ]
    at = "2026-01-01T00:00:00.000Z"
    return {
        "format": "mixrules-ratings",
        "version": 1,
        "test_id": test.test_id,
        "listener_id": f"listener-{session[:8]}",
        "session_id": session,
        "started": at,
        "updated": f"2026-01-01T00:{pages:02d}:00.000Z",
        "seed": 1,
        "scale": "likert",
        "answers": {},
        "complete": pages == len(test.pages),
        "pages": rated,
    }


async def listener(
    number: int, host: str, port: int, test: ListeningTest, tally: Tally, *, begin_s: float, page_s: float
) -> None:
    """Load the page as a browser does, then fetch, rate and send page by page; nothing that is loaded is tried twice."""
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0.0, begin_s))
    browser = Browser(host, port)
    began = time.perf_counter()
    try:
        await browser.open()
        await _load(browser, test)
        tally.ready_s.append(time.perf_counter() - began)
        session = f"{number:032x}"
        for index in range(len(test.pages)):
            ahead = test.pages[index + 1].stimuli if index + 1 < len(test.pages) else ()
            await asyncio.gather(*(browser.get(f"/{s.file}") for s in ahead))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * page_s)
            await _send(browser, answers(test, session, index + 1, random.Random(number)), tally)
            tally.acknowledged[session] = index + 1
        tally.finished += 1
    except (RefusedError, OSError) as error:
        tally.failures.append(str(error))
    finally:
        browser.close()


async def _load(browser: Browser, test: ListeningTest) -> None:
    page = (await browser.get("/")).decode()
    names = {name for name in _LOADED.findall(page) if name.endswith((".js", ".css"))}
    loaded: dict[str, str] = {}
    while missing := names - loaded.keys():
        texts = await asyncio.gather(*(browser.get(f"/{name}") for name in sorted(missing)))
        loaded |= {name: text.decode() for name, text in zip(sorted(missing), texts, strict=True)}
        names |= {name for text in loaded.values() for name in _IMPORTED.findall(text)}
    await browser.get("/test.json")
    await asyncio.gather(*(browser.get(f"/{s.file}") for s in test.pages[0].stimuli))


async def _send(browser: Browser, document: dict[str, Any], tally: Tally, tries: int = 15) -> None:
    for _ in range(tries):
        began = time.perf_counter()
        with suppress(RefusedError, OSError):
            if (status := await browser.post(document)) == 200:
                tally.post_s.append(time.perf_counter() - began)
                return
            raise RefusedError(f"POST: {status}")
        await asyncio.sleep(RETRY_S)
    raise RefusedError("ratings were not taken")


async def honest_posts(
    host: str,
    port: int,
    test: ListeningTest,
    tally: Tally,
    until: Callable[[], bool],
    *,
    first: int,
    many: int = 20,
) -> None:
    """Let listeners send ratings twice a second each, on connections that they keep, until told otherwise."""

    async def one(number: int) -> None:
        browser = Browser(host, port)
        session = f"{first + number:032x}"
        while not until():
            began = time.perf_counter()
            try:
                status = await browser.post(answers(test, session, 1, random.Random(number)))
                if status == 200:
                    tally.post_s.append(time.perf_counter() - began)
                    tally.acknowledged[session] = 1
                else:
                    tally.failures.append(f"POST: {status}")
            except (RefusedError, OSError) as error:
                tally.failures.append(str(error))
            await asyncio.sleep(0.5)
        browser.close()

    await asyncio.gather(*(one(number) for number in range(many)))
