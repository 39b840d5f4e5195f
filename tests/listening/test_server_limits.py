"""What the server takes from anybody: sizes, depth, times and connections, each with a client that goes beyond it."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from listening.answers import ratings, trial_ratings
from listening.asking import JSON, POST, ask, kept, raw, send, serving
from listening.small_listening import definition, write_small_test
from mixrules.errors import ParameterError
from mixrules.listening import ListeningTest, Scale
from mixrules.listening.format.defaults import ATTRIBUTES
from mixrules.listening.serving import limits
from mixrules.listening.serving.limits import ConnectionLimits, max_body_bytes
from mixrules.listening.serving.server import ListeningServer

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["serving"]

GET = b"GET /test.json HTTP/1.1\r\nHost: localhost\r\n"


@contextmanager
def serve(folder: Path, connections: ConnectionLimits) -> Iterator[ListeningServer]:
    write_small_test(folder)
    with ListeningServer(folder, port=0, connections=connections) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def connected(running: ListeningServer, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(running.server_address, timeout=30)
    connection.sendall(sent)
    return connection


def rest(connection: socket.socket) -> bytes:
    """Return what comes until the server closes, also where it cuts the line."""
    answer = b""
    try:
        while block := connection.recv(65536):
            answer += block
    except ConnectionResetError:
        pass
    return answer


# Sizes.


@pytest.mark.parametrize(
    "test",
    [
        definition(),
        definition(songs=8, conditions=6, attributes=ATTRIBUTES, comments="mix"),
        definition(songs=1, conditions=2, questions=(), training=False, scale=Scale(kind="abx", trials=30)),
        definition(songs=5, conditions=6, questions=(), scale=Scale(kind="ab"), comments="off"),
    ],
    ids=["likert", "comments on mixes", "abx", "ab"],
)
def test_what_a_listener_can_fill_is_accepted(test: ListeningTest) -> None:
    document = trial_ratings(test) if test.scale.compares else ratings(test)
    full = "\x01" * 2000  # six bytes each in JSON
    for page in document["pages"]:
        if test.comments != "off":
            page["comment"] = full
        if test.comments == "mix":
            page["comments"] = dict.fromkeys(page["order"], full)
    document["answers"] = {question.id: "\x01" * 200 for question in test.questions}
    filled = len(json.dumps(document))
    assert 0.2 * max_body_bytes(test) < filled < 0.9 * max_body_bytes(test)


def test_a_body_above_the_limit_is_refused_whatever_its_length_says(serving: ListeningServer) -> None:
    most = max_body_bytes(serving.test)
    status, error = send(serving, b" " * (most + 1))
    assert (status, kept(serving)) == (413, [])
    assert f"at most {most} bytes" in error
    assert raw(serving, POST + b"Content-Length: 99999999999\r\n\r\n").startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        b'{"a":' * 10_000,
        b'{"format": "mixrules-ratings", "session_id": "' + b"ab" * 16 + b'", "pages": ' + b"[" * 50_000,
        b'{"format": "mixrules-ratings", "session_id": "'
        + b"ab" * 16
        + b'", "x": '
        + b"[" * 30_000
        + b"]" * 30_000
        + b"}",
    ],
)
def test_brackets_within_brackets_are_refused(serving: ListeningServer, body: bytes) -> None:
    assert send(serving, body)[0] == 400
    assert kept(serving) == []


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET + b"X-More: " + b"y" * limits.MAX_HEAD_BYTES + b"\r\n\r\n", (400, 431)),
        (GET + b"X: y\r\n" * limits.MAX_HEADERS + b"\r\n", (431,)),
        (
            b"GET /" + b"a" * 2 * limits.MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            (400, 404, 431),
        ),
    ],
)
def test_a_head_that_is_too_large_is_refused(
    serving: ListeningServer, head: bytes, status: tuple[int, ...]
) -> None:
    with connected(serving, head) as connection:
        answer = rest(connection)
    assert int(answer.split()[1]) in status
    assert b"mixrules-listening-test" not in answer


# What says two things at once.


@pytest.mark.parametrize(
    "request_bytes",
    [
        GET + b"Content-Length: 5\r\n\r\nhello",
        b"HEAD" + GET[3:] + b"Content-Length: 5\r\n\r\nhello",
        GET + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        POST + b"Content-Length: 2, 3\r\n\r\n{}",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Host: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}",
        GET + b"Host: 127.0.0.1\r\n\r\n",
    ],
)
def test_a_request_that_may_be_read_in_two_ways_is_refused(
    serving: ListeningServer, request_bytes: bytes
) -> None:
    answer = raw(serving, request_bytes)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.lower().count(b"connection: close") == 1


def test_a_get_without_a_body_may_say_so(serving: ListeningServer) -> None:
    assert ask(serving, "GET", "/test.json", headers={"Content-Length": "0"})[0] == 200


# Times.


def test_a_slow_head_is_given_up(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.4)
    with connected(serving, GET) as connection:
        began = time.monotonic()
        for _ in range(4):  # a byte now and then does not help
            time.sleep(0.05)
            connection.sendall(b"X")
        assert rest(connection) == b""
        assert time.monotonic() - began < 20


def test_a_slow_second_head_is_given_up(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HEAD_SECONDS", 0.4)
    with connected(serving, GET + b"\r\n") as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /test")
        rest(connection)  # comes back: the server has closed


def test_a_client_that_takes_nothing_is_given_up(
    serving: ListeningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRITE_SECONDS", 0.4)
    audio = serving.site / serving.test.files()[0]
    audio.write_bytes(bytes(64 << 20))  # more than a socket holds
    with connected(
        serving, f"GET /{serving.test.files()[0]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    ) as connection:
        until = time.monotonic() + 20
        while serving.door.open and time.monotonic() < until:
            time.sleep(0.05)
        assert not serving.door.open
        assert len(rest(connection)) < 64 << 20


# Connections.


def test_of_too_many_connections_the_oldest_that_waits_yields(tmp_path: Path) -> None:
    with serve(tmp_path, ConnectionLimits(in_all=10, per_address=3)) as running:
        idle = [connected(running) for _ in range(3)]
        until = time.monotonic() + 10
        while len(running.door.open) < 3 and time.monotonic() < until:
            time.sleep(0.01)
        assert ask(running, "GET", "/test.json")[0] == 200
        assert rest(idle[0]) == b""
        for connection in idle:
            connection.close()


def test_where_all_connections_are_at_work_a_new_one_is_told(tmp_path: Path) -> None:
    with serve(tmp_path, ConnectionLimits(in_all=2, per_address=10)) as running:
        busy = [connected(running, POST + b"Content-Length: 50\r\n\r\n{") for _ in range(2)]
        until = time.monotonic() + 10
        while any(c.is_waiting() for c in running.door.open) or len(running.door.open) < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
        with connected(running) as third:
            answer = rest(third)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 2" in answer
        assert b"too many connections" in answer
        for connection in busy:
            connection.close()


def test_an_address_does_not_shut_out_others() -> None:
    from mixrules.listening.serving.connections import Door

    class Client:
        def __init__(self, address: str) -> None:
            self.address, self.open = address, True

        def is_waiting(self) -> bool:
            return True

        def give_up(self) -> None:
            self.open = False

    door = Door(ConnectionLimits(in_all=20, per_address=20))
    crowd = [Client("10.0.0.1") for _ in range(50)]
    honest = [Client(f"10.0.1.{number}") for number in range(6)]
    assert all(door.admit(client) for client in [*crowd[:25], *honest, *crowd[25:]])
    assert all(client.open for client in honest)
    assert len(door.open) == sum(door.by_address.values()) == 20
    for client in [*crowd, *honest]:
        door.leave(client)
    assert not door.open
    assert not door.by_address


@pytest.mark.parametrize("changes", [{"in_all": 0}, {"per_address": -1}])
def test_no_connections_at_all_are_one_line(changes: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="connections must be 1 or more"):
        ConnectionLimits(**changes)


def test_bodies_together_are_bounded(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODIES_IN_HAND_BYTES", 100)
    status, headers, content = ask(serving, "POST", "/ratings", ratings(serving.test), JSON)
    assert (status, headers["retry-after"]) == (503, "2")
    assert b"try again" in content
    monkeypatch.undo()
    assert send(serving, ratings(serving.test)) == (200, "")
    assert serving.application._bodies.in_hand_bytes == 0
