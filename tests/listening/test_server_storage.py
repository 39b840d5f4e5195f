"""Ratings on disk: two tabs, two servers, another version of the test, a kill, a disk that is full. Nothing is lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

from listening.answers import SESSION, ratings, trial_ratings
from listening.asking import JSON, ask, kept, send, serving
from listening.small_listening import definition, write_small_test
from mixrules.listening import ListeningTest, Results, Scale
from mixrules.listening.serving.collection import ConflictError, RatingsFolder
from mixrules.listening.serving.server import ListeningServer

__all__ = ["serving"]

UPDATED = "2026-11-25T04:10:00.000Z"  # of `ratings`
LATER = "2026-11-25T04:20:00.000Z"


def body(test: ListeningTest, *, value: int | None = None, **changes: Any) -> bytes:
    document = ratings(test, **changes)
    if value is not None:
        document["pages"][0]["ratings"][0]["value"] = value
    return json.dumps(document).encode()


def first_value(folder: RatingsFolder) -> float:
    return Results.load(folder.folder / f"{SESSION}.json").pages[0].ratings[0].value


@pytest.fixture
def folder(tmp_path: Path) -> RatingsFolder:
    return RatingsFolder(tmp_path / "ratings", definition())


# Two tabs, two devices.


def test_another_value_is_taken_from_who_knows_what_is_kept(folder: RatingsFolder) -> None:
    folder.save(body(folder.test, pages=1, value=2))
    with pytest.raises(ConflictError, match="1 ratings of this session are kept already with other values"):
        folder.save(body(folder.test, pages=1, value=5, updated=LATER))
    assert first_value(folder) == 2
    folder.save(body(folder.test, pages=1, value=5, updated=LATER), follows=["other", UPDATED])
    assert first_value(folder) == 5


def test_another_choice_is_as_another_value(tmp_path: Path) -> None:
    test = definition(songs=1, conditions=2, questions=(), scale=Scale(kind="ab"))
    folder = RatingsFolder(tmp_path / "ratings", test)
    document = trial_ratings(test)
    folder.save(json.dumps(document).encode())
    trial = document["pages"][0]["trials"][0]
    trial["choice"] = "b" if trial["choice"] == "a" else "a"
    document["updated"] = LATER
    with pytest.raises(ConflictError, match="1 ratings of this session are kept already with other values"):
        folder.save(json.dumps(document).encode())
    assert folder.save(json.dumps(document).encode(), follows=[UPDATED]).complete


def test_the_same_again_is_taken(folder: RatingsFolder) -> None:
    # An answer that was lost on its way: the page sends once more.
    first = folder.save(body(folder.test, pages=1))
    assert folder.save(body(folder.test, pages=1)) == first
    folder.save(body(folder.test, updated=LATER))
    assert Results.load(first.path).complete


def test_not_even_who_knows_what_is_kept_may_leave_ratings_out(folder: RatingsFolder) -> None:
    folder.save(body(folder.test, pages=2, complete=False))
    with pytest.raises(ConflictError, match="missing here"):
        folder.save(body(folder.test, pages=1, updated=LATER), follows=[UPDATED])


def test_two_devices_of_one_listener_are_two_sessions(folder: RatingsFolder) -> None:
    for session in ("ab" * 16, "cd" * 16):
        folder.save(body(folder.test, session_id=session))
    assert len(folder.sessions()) == 2


def test_the_header_says_what_the_page_knows(serving: ListeningServer) -> None:
    send(serving, ratings(serving.test, pages=1))
    changed = json.loads(body(serving.test, pages=1, value=1, updated=LATER))
    assert send(serving, changed)[0] == 409
    assert send(serving, changed, JSON | {"If-Match": f'"x", "{UPDATED}"'}) == (200, "")
    assert first_value(serving.ratings) == 1


# Several servers.

HAMMER = """
import json, sys
from pathlib import Path
from listening.answers import ratings
from listening.small_listening import definition
from mixrules.listening.serving.collection import ConflictError, RatingsFolder

test = definition(songs=6)
folder = RatingsFolder(Path(sys.argv[1]), test)
mine = int(sys.argv[2])
for number in range(25):
    session, known = f"{number:032x}", []
    for pages in range(1, 7):
        document = ratings(test, pages=pages, session_id=session, complete=pages == 6)
        document["updated"] = f"2026-11-25T0{mine}:00:0{pages}.000Z"
        for page in document["pages"]:
            for rating in page["ratings"]:
                rating["value"] = mine
        try:
            folder.save(json.dumps(document).encode(), follows=known)
            print(session, pages, flush=True)
            known.append(document["updated"])
        except ConflictError:
            break
for _ in range(20):
    print("turn", folder.turn(f"{mine}{_:031x}"))
"""


def test_two_processes_on_one_folder_never_overwrite_each_other(tmp_path: Path) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, str(Path(__file__).parents[1])])}
    command = [sys.executable, "-c", HAMMER, str(tmp_path / "ratings")]
    programs = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True, env=env)
        for number in (1, 2, 3)
    ]
    told: dict[str, dict[int, int]] = {}
    turns = []
    for mine, program in zip((1, 2, 3), programs, strict=True):
        out, _ = program.communicate(timeout=120)
        assert program.returncode == 0
        for line in out.splitlines():
            name, number = line.split()
            if name == "turn":
                turns.append(int(number))
            else:
                told.setdefault(name, {})[mine] = int(number)
    assert sorted(turns) == list(range(60))
    assert len(told) == 25
    for session, writers in told.items():
        # One alone was told that its ratings are kept, and all of them are.
        ((mine, pages),) = writers.items()
        results = Results.load(tmp_path / "ratings" / f"{session}.json")
        assert len(results.pages) == pages == 6
        assert {r.value for p in results.pages for r in p.ratings} == {mine}


def test_a_session_keeps_its_number(serving: ListeningServer) -> None:
    def turn(session: str) -> Any:
        status, _, content = ask(serving, "POST", "/turn", {"session_id": session}, JSON)
        return json.loads(content).get("turn") if status == 200 else status

    assert [turn("ab" * 16), turn("cd" * 16), turn("ab" * 16), turn("x")] == [0, 1, 0, 400]
    assert kept(serving) == []


# Another version of the test.


def test_ratings_of_another_test_are_kept_aside(serving: ListeningServer) -> None:
    other = "f" * 16
    status, _, content = ask(serving, "POST", "/ratings", ratings(serving.test, test_id=other), JSON)
    assert status == 200
    assert "are of the test ffff" in json.loads(content)["aside"]
    (path,) = serving.ratings.aside()
    assert path == serving.ratings.folder / "aside" / other / f"{SESSION}.json"
    assert Results.load(path).test_id == other
    assert serving.ratings.sessions() == ()
    # They go on there as they would have here, and lose nothing.
    assert send(serving, ratings(serving.test, test_id=other, pages=1))[0] == 409


@pytest.mark.parametrize("changes", [{"version": 99}, {"more": 1}, {"answers": "all"}, {"seed": "x"}])
def test_ratings_of_a_format_that_is_not_known_are_kept_as_they_came(
    serving: ListeningServer, changes: dict[str, Any]
) -> None:
    document = ratings(serving.test, **changes)
    for _ in range(2):
        assert send(serving, document) == (200, "")
    (path,) = serving.ratings.aside()
    assert json.loads(path.read_text("utf-8")) == document


def test_a_definition_that_changes_while_the_test_runs(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, definition(songs=3))
    with running(tmp_path) as server:
        assert send(server, ratings(test, pages=2, complete=False)) == (200, "")
        shorter = write_small_test(tmp_path, definition(songs=2))
        assert (
            json.loads(ask(server, "GET", "/test.json")[2])["pages"] == json.loads(shorter.to_json())["pages"]
        )
        # Who began with three songs still gets the third, and the ratings of it are kept.
        assert ask(server, "GET", f"/{test.pages[2].stimuli[0].file}")[0] == 200
        assert send(server, ratings(test, updated=LATER)) == (200, "")
        assert len(server.ratings.aside()) == len(server.ratings.sessions()) == 1
        # Damaged, it is not taken: the one before goes on.
        (server.site / "test.json").write_text("{")
        assert (
            json.loads(ask(server, "GET", "/test.json")[2])["pages"] == json.loads(shorter.to_json())["pages"]
        )
        assert send(server, ratings(shorter, session_id="cd" * 16)) == (200, "")


# A folder of an earlier release.


def test_a_page_of_an_earlier_release_is_still_served(tmp_path: Path) -> None:
    test = write_small_test(tmp_path)
    for path in tmp_path.glob("site/test-*"):
        path.unlink()
    (tmp_path / "site" / "index.html").write_text('<script type="module" src="test.js"></script>')
    (tmp_path / "site" / "test.js").write_text('import "./dom.js";')
    (tmp_path / "site" / "dom.js").write_text("")
    with running(tmp_path) as server:
        status, headers, content = ask(server, "GET", "/test.js")
        assert (status, content, headers["cache-control"]) == (200, b'import "./dom.js";', "no-cache")
        # That page does not say what it knows to be kept: it only adds.
        for pages in (1, None):
            assert send(server, ratings(test, pages=pages, updated=LATER)) == (200, "")


# A kill, and a full disk.


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, definition(songs=4))
    acknowledged: dict[str, int] = {}
    over = threading.Event()
    port = 0

    def listener(number: int) -> None:
        session, chance = f"{number:032x}", random.Random(number)
        for pages in (1, 2, 3, 4):
            document = json.dumps(ratings(test, pages=pages, session_id=session, complete=pages == 4))
            while not over.is_set():
                time.sleep(chance.uniform(0.0, 0.2))
                connection = HTTPConnection("127.0.0.1", port, timeout=30)
                with suppress(OSError, HTTPException), closing(connection):
                    connection.request("POST", "/ratings", document, JSON)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status == 200:
                        acknowledged[session] = pages
                        break

    threads = [threading.Thread(target=listener, args=(number,)) for number in range(12)]
    for life in range(4):
        program = subprocess.Popen(
            [sys.executable, "-m", "mixrules", "listen", str(tmp_path), "--port", str(port)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        with program:
            assert program.stdout is not None
            port = int(program.stdout.readline().rstrip().rstrip("/").rpartition(":")[2])
            if life == 0:
                for thread in threads:
                    thread.start()
            if life < 3:
                time.sleep(0.3)
            else:
                for thread in threads:
                    thread.join(timeout=60)
            program.kill()
        kept_pages = {
            path.stem: len(Results.load(path).pages) for path in (tmp_path / "ratings").glob("*.json")
        }
        assert all(kept_pages.get(session, 0) >= pages for session, pages in list(acknowledged.items()))
    over.set()
    assert list(acknowledged.values()) == [4] * 12
    assert not list((tmp_path / "ratings").glob(".*.tmp*"))


@contextmanager
def running(folder: Path) -> Iterator[ListeningServer]:
    with ListeningServer(folder, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
