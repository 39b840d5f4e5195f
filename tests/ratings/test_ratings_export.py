"""A test's folder as it is named on the command line: its ratings are found, told and written as one table."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from listening.answers import ratings
from listening.small_listening import definition, write_small_test

from mixrules.cli.ratings import command
from mixrules.errors import ListeningTestError, ParameterError
from mixrules.listening.serving.collection import RatingsFolder
from mixrules.ratings import export_ratings, read_ratings

CONDITION = {0: "random", 1: "survey-2022", 2: "human"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    test = write_small_test(tmp_path, definition(repeat=True))
    kept = RatingsFolder(tmp_path / "ratings", test)
    for number in range(3):
        document = ratings(test, session_id=f"{number:032x}", listener_id=f"listener-{number}")
        document["pages"][0]["comment"] = "=SUM(1)"
        kept.save(json.dumps(document).encode())
    kept.save(json.dumps(ratings(test, test_id="f" * 16)).encode())
    return tmp_path


def test_a_folder_of_a_test_is_read_and_what_lies_aside_is_told(folder: Path) -> None:
    reading = read_ratings([folder])
    assert len(reading.table) == len(read_ratings([folder / "ratings"]).table) == 3 * 3 * 3 * 2
    (note,) = [note for note in reading.notes if "aside" in note]
    assert "holds 1 file of another version of the test" in note


def test_the_table_holds_every_rating_with_song_and_condition(folder: Path) -> None:
    assert export_ratings(folder, folder / "all.csv") == (3, ())
    with open(folder / "all.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 3 * 3 * 2
    test = definition(repeat=True)
    for row in rows:
        stimuli = [s.id for s in test.page(row["page_id"]).stimuli]
        assert row["condition"] == CONDITION[stimuli.index(row["stimulus_id"])]
        assert row["song"] == test.page(row["page_id"]).label
        assert row["value"] == "3"
        assert row["answer_playback"] == "headphones"
    assert {row["page_comment"] for row in rows} == {"'=SUM(1)", ""}
    assert {row["repeat_of"] for row in rows} == {"", "page-01"}


def test_the_document_holds_every_session(folder: Path) -> None:
    (folder / "ratings" / "damaged.json").write_text("{")
    count, (left_out,) = export_ratings(folder, folder / "all.json")
    sessions = json.loads((folder / "all.json").read_text("utf-8"))
    assert len(sessions) == count == 3
    assert "damaged.json" in str(left_out)
    assert {r["condition"] for s in sessions for p in s["pages"] for r in p["ratings"]} == set(
        CONDITION.values()
    )


def test_the_command_writes_it_once(folder: Path) -> None:
    output = folder / "all.csv"
    arguments = [str(folder), "--export", str(output)]
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, done.output) == (0, f"wrote the ratings of 3 sessions to {output}\n")
    again = CliRunner().invoke(command, arguments)
    assert isinstance(again.exception, ParameterError)
    assert "--force" in str(again.exception)
    assert CliRunner().invoke(command, [*arguments, "--force"]).exit_code == 0


def test_what_cannot_be_exported_is_one_line(tmp_path: Path) -> None:
    test = write_small_test(tmp_path)
    with pytest.raises(ListeningTestError, match="holds no ratings"):
        export_ratings(tmp_path, tmp_path / "all.csv")
    RatingsFolder(tmp_path / "ratings", test).save(json.dumps(ratings(test)).encode())
    with pytest.raises(ListeningTestError, match=r"neither a \.csv nor a \.json"):
        export_ratings(tmp_path, tmp_path / "all.xlsx")
