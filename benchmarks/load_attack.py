"""Hostile clients for `listening_load.py`: requests that should be refused, and sockets that send a byte a second.

    python benchmarks/load_attack.py TEST PORT --requests 13000 --slow 200

Run in a process of its own, so that what it costs to attack is not counted as the server's answer time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from load_clients import answers

from mixrules.listening import ListeningTest

HOST = "127.0.0.1"


def hostile_requests(test: ListeningTest) -> list[Callable[[random.Random], bytes]]:
    """Return what makes requests that a server should refuse, or answer, without harm."""

    def post(body: bytes, more: str = "") -> bytes:
        kind = f"Content-Type: application/json\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        return b"POST /ratings HTTP/1.1\r\nHost: localhost\r\n" + kind.encode() + body

    def document(chance: random.Random, **changes: Any) -> bytes:
        return json.dumps(answers(test, f"{chance.getrandbits(128):032x}", 1, chance) | changes).encode()

    get = b"GET /test.json HTTP/1.1\r\n"
    return [
        lambda _: b"GET /../key.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        lambda _: get + b"Host: evil.example\r\n\r\n",
        lambda _: get + b"Host: localhost\r\nContent-Length: 5\r\n\r\nhello",
        lambda _: get + b"Host: localhost\r\n" + b"X-More: y\r\n" * 500 + b"\r\n",
        lambda _: b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        lambda _: b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03" + bytes(200),
        lambda _: post(b" " * (4 << 20)),
        lambda _: post(b"[" * 1_000_000),
        lambda _: post(b'{"a":' * 100_000),
        lambda _: post(b'{"pages":[' + b"[1]," * 250_000 + b"[]]}"),
        lambda _: post(b"{}", "Content-Length: 30\r\n"),
        lambda _: post(b"{}", "Transfer-Encoding: chunked\r\n"),
        lambda chance: post(document(chance)[:-40]),
        lambda chance: post(document(chance, test_id="f" * 16)),
        lambda chance: post(document(chance, session_id="../../x")),
        lambda chance: post(document(chance), "Origin: http://evil.example\r\n"),
        lambda chance: post(chance.randbytes(5000)),
    ]


async def attack(port: int, test: ListeningTest, requests: int, at_once: int = 64) -> int:
    """Send hostile requests, each on a connection of its own; returns how many were answered or closed."""
    kinds = hostile_requests(test)
    waiting = iter(range(requests))
    done = 0

    async def one_after_another() -> None:
        nonlocal done
        for number in waiting:
            chance = random.Random(number)
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(60.0):
                    reader, writer = await asyncio.open_connection(HOST, port)
                    with suppress(OSError):
                        writer.write(kinds[number % len(kinds)](chance))
                        await writer.drain()
                    with suppress(OSError):
                        await reader.read(4096)
                    writer.close()
                    done += 1

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return done


async def slow_socket(port: int, until: Callable[[], bool]) -> None:
    """Send a request a byte a second, and begin again whenever the server gives up on it."""
    head = b"POST /ratings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    while not until():
        with suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            with suppress(OSError):
                for number in range(5000):
                    if until() or writer.is_closing():
                        break
                    writer.write(head[number : number + 1] or b" ")
                    await writer.drain()
                    await asyncio.sleep(1.0)
            writer.close()
        await asyncio.sleep(0.2)


def main() -> None:
    """Attack, then hold the slow sockets for a while longer; prints how many requests were answered or closed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("test", type=Path, help="the test's folder")
    parser.add_argument("port", type=int)
    parser.add_argument("--requests", type=int, default=13_000)
    parser.add_argument("--slow", type=int, default=200)
    options = parser.parse_args()
    test = ListeningTest.load(options.test / "site" / "test.json")
    over = False

    async def all_of_it() -> None:
        nonlocal over
        slow = [asyncio.create_task(slow_socket(options.port, lambda: over)) for _ in range(options.slow)]
        await asyncio.sleep(1.0)
        print(await attack(options.port, test, options.requests))
        await asyncio.sleep(10.0)
        over = True
        await asyncio.gather(*slow)

    asyncio.run(all_of_it())


if __name__ == "__main__":
    main()
