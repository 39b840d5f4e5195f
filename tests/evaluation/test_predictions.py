"""Errors of predictions by hand, the constants beside them, and tables that cannot be read."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mixrules.errors import ParameterError
from mixrules.evaluation.predictions import read_table, score_predictions

TRUTH = "song,snippet,level_lu,t60_s\na,0,1,1\na,1,3,1\nb,0,4,2\nc,0,6,\n"


def table(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_errors_by_hand(tmp_path: Path) -> None:
    truth = table(tmp_path, "truth.csv", TRUTH)
    predicted = table(tmp_path, "p.csv", "song,snippet,level_lu\na,0,2\na,1,2\nb,0,5\nc,,4\n")
    found, _ = score_predictions(read_table(predicted), read_table(truth))
    model, mean, left_out = found
    # Errors 1, -1, 1, -2 over snippets; 0, 1, 2 over songs.
    assert model.snippet_mae == pytest.approx(1.25)
    assert model.snippet_rmse == pytest.approx(math.sqrt(7 / 4))
    assert model.bias == pytest.approx(-0.25)
    assert model.song_mae.mean == pytest.approx(1.0)
    # The mean of all is 3.5; the mean without a is 5, without b 10/3, without c 8/3.
    assert mean.snippet_mae == pytest.approx((2.5 + 0.5 + 0.5 + 2.5) / 4)
    assert left_out.snippet_mae == pytest.approx((4 + 2 + 2 / 3 + 10 / 3) / 4)
    assert left_out.song_mae.mean == pytest.approx((3 + 2 / 3 + 10 / 3) / 3)
    assert (model.better_songs, model.worse_songs) == (2, 1)


def test_a_prediction_for_a_song_counts_for_its_snippets(tmp_path: Path) -> None:
    truth = table(tmp_path, "truth.csv", TRUTH)
    predicted = table(tmp_path, "p.csv", "song,t60_s,other\na,1.5,0\nd,2,0\n")
    found, notes = score_predictions(read_table(predicted), read_table(truth))
    assert (found[0].snippets, found[0].snippet_mae) == (2, 0.5)
    # Only one song is left: there is no other to take a mean over.
    assert math.isnan(found[2].snippet_mae)
    assert notes == ["t60_s: 1 of 3 true values have no prediction and do not count", "no truth for other"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("song,level_lu\n", "holds no rows"),
        ("title,level_lu\na,1\n", "has no column 'song': it has title, level_lu"),
        ("song,level_lu,level_lu\na,1,2\n", "the column 'level_lu' stands twice"),
        ("song,snippet\na,1\n", "one for each parameter is needed"),
        ("song,level_lu\na\n", "line 2: 1 cells, 2 are needed"),
        ("song,level_lu\na,1\na,2\n", "line 3: a stands twice"),
        ("song,level_lu\na,loud\n", "line 2: level_lu must be a number within ±1e9 or empty, got 'loud'"),
        ("song,level_lu\na,inf\n", "must be a number within ±1e9 or empty, got 'inf'"),
        ("song,level_lu\na,nan\n", "must be a number within ±1e9 or empty, got 'nan'"),
        ("song,level_lu\na,-1e308\n", "line 2: level_lu must be a number within ±1e9 or empty, got '-1e308'"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read_table(table(tmp_path, "t.csv", text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("song,pan\na,1\n", "no parameter stands in both"),
        ("song,level_lu\nz,1\n", "no song of the predictions"),
    ],
)
def test_tables_without_anything_in_common(tmp_path: Path, text: str, message: str) -> None:
    truth = read_table(table(tmp_path, "truth.csv", TRUTH))
    with pytest.raises(ParameterError, match=message):
        score_predictions(read_table(table(tmp_path, "t.csv", text)), truth)
