"""The application under a server of one's own, with several workers, as docs/listening-test.md says."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from listening.answers import ratings
from listening.asking import JSON
from listening.small_listening import definition, write_small_test
from mixrules.errors import ListeningTestError
from mixrules.listening import ListeningTest, Results
from mixrules.listening.app import FOLDER_VARIABLE, HOSTS_VARIABLE, listening_app


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def request(port: int, method: str, path: str, document: Any = None, **headers: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, json.dumps(document) if document else None, JSON | headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


@contextmanager
def two_workers(folder: Path) -> Iterator[int]:
    port = free_port()
    env = os.environ | {FOLDER_VARIABLE: str(folder), HOSTS_VARIABLE: "test.example, other.example"}
    command = [sys.executable, "-m", "uvicorn", "mixrules.listening.app:app", "--workers", "2"]
    with subprocess.Popen([*command, "--port", str(port), "--log-level", "error"], env=env) as program:
        try:
            wait_for_server(port)
            yield port
        finally:
            program.terminate()


@contextmanager
def documented_nginx(folder: Path, upstream: int) -> Iterator[int]:
    """Run nginx with the configuration of docs/listening-test.md, ports and encryption aside."""
    port = free_port()
    page = Path(__file__).parents[2] / "docs" / "listening-test.md"
    (documented,) = re.findall(r"```nginx\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    config = documented.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace(":8000", f":{upstream}")
    config = re.sub(r" *ssl_certificate.*\n", "", config).replace("listen.example.org", "test.example")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/errors.log; events {{}}\n"
        f"http {{ access_log off; {places}\n{config} }}\n"
    )
    with subprocess.Popen(
        ["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL
    ) as program:
        try:
            wait_for_server(port)
            yield port
        finally:
            program.terminate()


def wait_for_server(port: int) -> None:
    for _ in range(300):
        with suppress(OSError):
            if request(port, "GET", "/test.json")[0] == 200:
                return
        time.sleep(0.1)
    pytest.fail("the server does not start")


def let_a_class_rate(port: int, test: ListeningTest, folder: Path) -> None:
    """Let 16 listeners send their pages at once, and find all of them in the folder."""
    failed: list[Any] = []

    def listener(number: int) -> None:
        for pages in (1, 2, 3, 4):
            document = ratings(test, pages=pages, session_id=f"{number:032x}", complete=pages == 4)
            status, content = request(port, "POST", "/ratings", document)
            if status != 200:
                failed.append(content)

    threads = [threading.Thread(target=listener, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    files = list((folder / "ratings").glob("*.json"))
    assert len(files) == 16
    assert all(Results.load(path).complete for path in files)


@pytest.mark.skipif(os.name == "nt", reason="workers share a socket as POSIX has it")
def test_two_workers_keep_all_ratings(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, definition(songs=4))
    with two_workers(tmp_path) as port:
        let_a_class_rate(port, test, tmp_path)
        assert request(port, "GET", "/", Host="test.example")[0] == 200
        assert request(port, "GET", "/", Host="evil.example")[0] == 421
        assert request(port, "GET", "/key.json")[0] == 404


@pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx on this machine")
def test_behind_nginx_as_the_page_says(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, definition(songs=4))
    (tmp_path / "nginx").mkdir()
    with two_workers(tmp_path) as upstream, documented_nginx(tmp_path / "nginx", upstream) as port:
        let_a_class_rate(port, test, tmp_path)
        document = ratings(test, session_id="ab" * 16)
        for origin, status in (("http://test.example", 200), ("http://evil.example", 403)):
            assert (
                request(port, "POST", "/ratings", document, Host="test.example", Origin=origin)[0] == status
            )
        assert request(port, "GET", "/", Host="evil.example")[0] == 421
        audio = f"/{test.files()[0]}"
        assert request(port, "GET", audio, Range="bytes=10-19") == (
            206,
            (tmp_path / "site" / audio[1:]).read_bytes()[10:20],
        )


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        (None, f"the environment variable {FOLDER_VARIABLE} must name the folder of a test"),
        ("", "does not exist"),
    ],
)
def test_a_folder_without_a_test_is_said_at_the_start(tmp_path: Path, folder: str | None, says: str) -> None:
    env = {name: value for name, value in os.environ.items() if name != FOLDER_VARIABLE}
    if folder is not None:
        env[FOLDER_VARIABLE] = str(tmp_path / "nowhere")
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "mixrules.listening.app:app", "--port", str(free_port())],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_application_is_made_in_python(tmp_path: Path) -> None:
    write_small_test(tmp_path)
    assert callable(listening_app(tmp_path, allowed_hosts=["test.example"]))
    (tmp_path / "site" / "test.json").write_text("{}")
    with pytest.raises(ListeningTestError, match="is accepted"):
        listening_app(tmp_path)
