"""The server over real HTTP on loopback: what it serves, what it keeps, and what it refuses without harm."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from listening.answers import SESSION, ratings
from listening.asking import JSON, POST, ask, kept, raw, send, serving
from listening.small_listening import definition, write_small_test
from mixrules.errors import AudioFileError, MixrulesError
from mixrules.listening import Results
from mixrules.listening.serving import collection, limits
from mixrules.listening.serving.server import ListeningServer
from mixrules.listening.serving.site import page_files

__all__ = ["serving"]


# What is served.


def test_the_page_and_the_audio_are_served(serving: ListeningServer) -> None:
    for path in ("/", "/index.html", "/test.json", *(f"/{name}" for name in page_files())):
        status, headers, content = ask(serving, "GET", path)
        assert status == 200
        assert content
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    audio = "/" + serving.test.files()[0]
    status, headers, content = ask(serving, "GET", audio)
    assert (status, headers["content-type"]) == (200, "audio/wav")
    assert content == (serving.site / audio[1:]).read_bytes()
    assert ask(serving, "HEAD", audio)[2] == b""


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=5-999999999", slice(5, None)),
    ],
)
def test_a_range_of_the_audio_is_served(serving: ListeningServer, wanted: str, part: slice) -> None:
    audio = "/" + serving.test.files()[0]
    whole = (serving.site / audio[1:]).read_bytes()
    status, headers, content = ask(serving, "GET", audio, headers={"Range": wanted})
    assert (status, content) == (206, whole[part])
    first, _, last = headers["content-range"].removeprefix("bytes ").partition("/")[0].partition("-")
    assert whole[int(first) : int(last) + 1] == content


@pytest.mark.parametrize(
    ("wanted", "status"), [("bytes=99999999-", 416), ("bytes=9-3", 200), ("lines=1-2", 200)]
)
def test_a_range_that_is_not_there(serving: ListeningServer, wanted: str, status: int) -> None:
    assert ask(serving, "GET", "/" + serving.test.files()[0], headers={"Range": wanted})[0] == status


@pytest.mark.parametrize(
    "path",
    [
        "/key.json",
        "/../key.json",
        "/audio/../../key.json",
        "/%2e%2e/key.json",
        "/..%2fkey.json",
        "/audio/%2e%2e%2f%2e%2e%2fkey.json",
        "//etc/passwd",
        "/etc/passwd",
        "/ratings",
        "/ratings/" + SESSION + ".json",
        "/audio/",
        "/audio",
        "/index.html/",
        "/index.html%00.json",
        "/\\..\\key.json",
        "http://127.0.0.1/key.json",
        "/" + "a" * 5000,
    ],
)
def test_nothing_else_is_served(serving: ListeningServer, path: str) -> None:
    send(serving, ratings(serving.test))
    status, _, content = ask(serving, "GET", path)
    assert status == 404
    assert b"no such file" in content


def test_a_link_out_of_the_site_is_not_served(serving: ListeningServer, tmp_path: Path) -> None:
    audio = serving.site / serving.test.files()[0]
    audio.unlink()
    audio.symlink_to(tmp_path / "key.json")
    status, _, content = ask(serving, "GET", "/" + serving.test.files()[0])
    assert status == 404
    assert b"a link out of the test" in content
    assert b"condition" not in content


# Who may ask.


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "", "localhost.evil.example", "[::1", "a@b"]
)
def test_another_host_name_is_refused(serving: ListeningServer, host: str) -> None:
    answer = raw(serving, f"GET /test.json HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 421")
    assert b"mixrules-listening-test" not in answer


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:9", "192.168.1.7"])
def test_addresses_and_this_machine_are_accepted(serving: ListeningServer, host: str) -> None:
    assert ask(serving, "GET", "/", headers={"Host": host})[0] == 200


def test_a_name_that_was_allowed_is_accepted(tmp_path: Path) -> None:
    write_small_test(tmp_path)
    with ListeningServer(tmp_path, port=0, allowed_hosts=["test.example"]) as running:
        assert running.hosts.knows("Test.Example:443")
        assert not running.hosts.knows("example")
        assert running.server_address[0] == "127.0.0.1"


def test_another_sites_page_cannot_send_ratings(serving: ListeningServer) -> None:
    status, error = send(serving, ratings(serving.test), JSON | {"Origin": "http://evil.example"})
    assert (status, kept(serving)) == (403, [])
    assert "own page" in error


# What is kept.


def test_ratings_are_kept_and_go_on(serving: ListeningServer) -> None:
    for pages in (0, 1, None):
        assert send(serving, ratings(serving.test, pages=pages)) == (200, "")
    assert kept(serving) == [f"{SESSION}.json"]
    results = Results.load(serving.ratings.folder / f"{SESSION}.json")
    results.require_belongs(serving.test)
    assert results.complete


def test_what_is_kept_is_never_replaced_by_less(serving: ListeningServer) -> None:
    send(serving, ratings(serving.test))
    path = serving.ratings.folder / f"{SESSION}.json"
    before = path.read_bytes()
    for document in (
        ratings(serving.test, pages=1),
        ratings(serving.test, complete=False),
        ratings(serving.test, listener_id="another"),
    ):
        assert send(serving, document)[0] == 409
    path.write_bytes(before[:-30])
    assert "damaged" in send(serving, ratings(serving.test))[1]
    assert path.read_bytes() == before[:-30]


def test_a_link_in_the_ratings_is_left_alone(serving: ListeningServer, tmp_path: Path) -> None:
    victim = tmp_path / "victim.json"
    victim.write_text("mine")
    (serving.ratings.folder / f"{SESSION}.json").symlink_to(victim)
    assert send(serving, ratings(serving.test))[0] == 409
    assert victim.read_text() == "mine"


def test_many_listeners_at_once(serving: ListeningServer) -> None:
    sessions = [f"{number:032x}" for number in range(24)]
    failed = []

    def take(session: str) -> None:
        for pages in (1, None):
            status, error = send(serving, ratings(serving.test, pages=pages, session_id=session))
            if status != 200:
                failed.append(error)

    threads = [threading.Thread(target=take, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert kept(serving) == [f"{session}.json" for session in sessions]
    assert all(Results.load(p).complete for p in serving.ratings.sessions())


# What is refused.


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"session_id": "../../../tmp/x"}, "session_id"),
        ({"session_id": "con"}, "16 to 64 hexadecimal digits"),
        ({"session_id": "AB" * 16}, "16 to 64 hexadecimal digits"),
        ({"session_id": 5}, "session_id"),
        ({"format": "other"}, "mixrules-ratings"),
    ],
)
def test_what_are_no_ratings_is_refused(serving: ListeningServer, changes: Any, match: str) -> None:
    status, error = send(serving, ratings(serving.test, **changes))
    assert (status, kept(serving)) == (400, [])
    assert match in error


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\x00" * 100, 400),
        (b"[" * 100_000, 413),  # for its size, before it is read
        (b"[" * 1000, 400),
        (b'{"a":', 400),
        (b"null", 400),
        ("é".encode("latin-1"), 400),
    ],
)
def test_what_is_no_json_is_refused(serving: ListeningServer, body: bytes, status: int) -> None:
    assert send(serving, body)[0] == status
    assert kept(serving) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"]
)
def test_another_content_type_is_refused(serving: ListeningServer, kind: str) -> None:
    assert send(serving, ratings(serving.test), {"Content-Type": kind})[0] == 415


@pytest.mark.parametrize(
    ("length", "status"),
    [("99999999", 413), ("9" * 5000, 400), ("-5", 400), ("1e3", 400), ("²", 400), ("", 400)],
)
def test_a_body_of_a_wrong_length_is_refused(serving: ListeningServer, length: str, status: int) -> None:
    head = POST.decode() + f"Content-Length: {length}\r\n\r\n"
    answer = raw(serving, head.encode("latin-1", "replace"))
    assert answer.startswith(f"HTTP/1.1 {status}".encode())
    assert answer.count(b'"error"') == 1


def test_a_chunked_body_is_refused(serving: ListeningServer) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    assert raw(serving, head, b"5\r\nhello\r\n0\r\n\r\n").startswith(b"HTTP/1.1 411")


def test_a_huge_body_is_answered_before_the_line_is_cut(serving: ListeningServer) -> None:
    status, error = send(serving, b" " * (limits.DISCARD_BYTES - 100_000))
    assert (status, kept(serving)) == (413, [])
    assert f"at most {limits.max_body_bytes(serving.test)} bytes" in error


def test_a_body_that_ends_early_is_not_kept(serving: ListeningServer) -> None:
    document = json.dumps(ratings(serving.test)).encode()
    head = POST + f"Content-Length: {len(document) + 1}\r\n\r\n".encode()
    assert raw(serving, head, document) == b""
    assert kept(serving) == []


def test_a_slow_body_is_given_up(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.3)
    head = POST + b"Content-Length: 50\r\n\r\n"
    with socket.create_connection(("127.0.0.1", serving.server_address[1]), timeout=30) as connection:
        connection.sendall(head + b"{")
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 408")
    assert kept(serving) == []


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"DELETE /test.json HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PUT /ratings HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"",
    ],
)
def test_what_is_no_request_does_not_end_the_server(serving: ListeningServer, request_bytes: bytes) -> None:
    answer = raw(serving, request_bytes)
    assert b"Traceback" not in answer
    assert not answer.startswith(b"HTTP/1.1 2")


def test_ratings_go_nowhere_else(serving: ListeningServer) -> None:
    assert ask(serving, "POST", "/test.json", ratings(serving.test), JSON)[0] == 404


def test_a_full_disk_is_said_and_loses_nothing(
    serving: ListeningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(serving, ratings(serving.test, pages=1))

    def full(path: Path, text: str) -> None:
        raise AudioFileError(f"{path} cannot be written: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(collection, "write_text_atomic", full)
        status, error = send(serving, ratings(serving.test))
    assert status == 507
    assert error == f"{SESSION}.json cannot be written: the disk is full"
    assert len(Results.load(serving.ratings.sessions()[0]).pages) == 1
    assert send(serving, ratings(serving.test)) == (200, "")


def test_a_defect_costs_one_request(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(body: bytes, *, follows: object) -> None:
        raise RuntimeError("so it is")

    with monkeypatch.context() as patched:
        patched.setattr(serving.ratings, "save", broken)
        assert send(serving, ratings(serving.test)) == (500, "the server failed: RuntimeError: so it is")
    assert send(serving, ratings(serving.test)) == (200, "")


def test_a_full_folder_is_said(serving: ListeningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_SESSIONS", 1)
    assert send(serving, ratings(serving.test))[0] == 200
    assert send(serving, ratings(serving.test, session_id="cd" * 16))[0] == 507
    assert send(serving, ratings(serving.test))[0] == 200


# What is said at the start.


def missing_audio(folder: Path) -> None:
    next((folder / "site" / "audio").iterdir()).unlink()


def no_test(folder: Path) -> None:
    (folder / "site" / "test.json").unlink()


def linked_audio(folder: Path) -> None:
    missing = next((folder / "site" / "audio").iterdir())
    missing.unlink()
    missing.symlink_to(folder / "key.json")


def linked_ratings(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "ratings").symlink_to(folder / "elsewhere")


def ratings_file(folder: Path) -> None:
    (folder / "ratings").write_text("")


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (missing_audio, "is missing: the test cannot be run"),
        (no_test, "test.json does not exist"),
        (linked_audio, "is not served"),
        (linked_ratings, "is a link"),
        (ratings_file, "cannot be made"),
    ],
)
def test_a_folder_that_cannot_be_served_is_one_line(tmp_path: Path, damage: Any, match: str) -> None:
    write_small_test(tmp_path)
    damage(tmp_path)
    with pytest.raises(MixrulesError, match=match):
        ListeningServer(tmp_path, port=0)


def test_a_port_in_use_is_one_line(serving: ListeningServer, tmp_path: Path) -> None:
    port = serving.server_address[1]
    with pytest.raises(
        AudioFileError, match=f"127.0.0.1 port {port} cannot be listened on: address already in use"
    ):
        ListeningServer(tmp_path, port=port)
    with pytest.raises(AudioFileError, match="cannot be listened on"):
        ListeningServer(tmp_path, host="no.such.host.invalid", port=0)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_the_command_ends_with_ctrl_c_and_says_what_it_kept(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, definition())
    program = subprocess.Popen(
        [sys.executable, "-m", "mixrules", "listen", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert program.stdout is not None
    line = program.stdout.readline()
    port = int(line.rstrip().rstrip("/").rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/ratings", json.dumps(ratings(test, pages=1)), JSON)
    assert connection.getresponse().status == 200
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=30)
    connection.close()
    assert program.returncode == 0
    assert err == ""
    assert f"saved {tmp_path}/ratings/{SESSION}.json (1 of 2 pages)" in out
    assert out.endswith(f"ended: ratings of 1 session are in {tmp_path}/ratings\n")
