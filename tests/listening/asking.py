"""What the tests of the server share: one that runs in a thread, and requests to it over real HTTP."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from listening.small_listening import write_small_test
from mixrules.listening.serving.server import ListeningServer

JSON = {"Content-Type": "application/json"}
POST = b"POST /ratings HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[ListeningServer]:
    write_small_test(tmp_path)
    with ListeningServer(tmp_path, port=0) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        # Whatever a test did to it, it still serves.
        assert ask(running, "GET", "/test.json")[0] == 200
        running.shutdown()
        thread.join()


def ask(
    running: ListeningServer, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", running.server_address[1], timeout=30)
    connection.request(method, path, json.dumps(body) if isinstance(body, dict) else body, headers or {})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def send(running: ListeningServer, document: Any, headers: dict[str, str] | None = None) -> tuple[int, str]:
    status, _, content = ask(running, "POST", "/ratings", document, headers or JSON)
    answer = json.loads(content)
    assert "\n" not in answer.get("error", "")
    return status, answer.get("error", "")


def raw(running: ListeningServer, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """Send bytes as they are, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", running.server_address[1]), timeout=30) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(pause_s)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while block := connection.recv(65536):
            answer += block
    return answer


def kept(running: ListeningServer) -> list[str]:
    return sorted(p.name for p in running.ratings.folder.glob("[!.]*"))
