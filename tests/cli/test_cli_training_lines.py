"""The line of each epoch: numbers in any output, a curve on a terminal, never wider than 80 columns."""

from __future__ import annotations

import dataclasses
import math
import os
import sys

import pytest
from training_examples import eq_outputs, history_of

from mixrules.cli.training_lines import EpochLines, better_constant, shown
from mixrules.learning.training.history import History


def _printed(
    history: History, capsys: pytest.CaptureFixture[str], *, first: int = 1, epochs: int = 100
) -> list[str]:
    lines = EpochLines(epochs=epochs)
    for count in range(first, len(history.epochs) + 1):
        lines(dataclasses.replace(history, epochs=history.epochs[:count]))
    return capsys.readouterr().out.splitlines()


def _on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))


def test_a_line_has_the_numbers_of_its_epoch_beside_the_constant(capsys: pytest.CaptureFixture[str]) -> None:
    history = history_of(3)
    *_, heads, first, _, last = _printed(history, capsys)
    name, constant = better_constant(history)
    assert heads.split() == ["epoch", "loss", "network", name, "spread", "seconds"]
    epoch = history.epochs[-1]
    spread = 100.0 * epoch.answers[0].std / history.truth[0].std
    assert last.split()[:7] == [
        "3/100",
        f"{epoch.train_loss:.3f}",
        f"{epoch.by_song.mae:.3f}",
        f"{constant:.3f}",
        f"{spread:.0f}",
        "%",
        "1.2",
    ]
    assert first.endswith(" *")
    assert last.endswith(" *") == epoch.best


def test_the_better_constant_is_by_what_the_training_is_judged_by(capsys: pytest.CaptureFixture[str]) -> None:
    history = history_of(1, judged_by="snippet")
    name, error = better_constant(history)
    assert error == min(pair.mae for pair in history.constants_by_snippet.values())
    lines = _printed(history, capsys)
    assert "MAE by snippet on validation songs, in LU" in lines[1]
    assert name in lines[-2]
    assert shown(history.epochs[0].by_snippet.mae) in lines[-1]


def test_a_curve_grows_on_a_terminal_with_the_constant_in_its_middle(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _on_terminal(monkeypatch)
    history = history_of(30)
    heads, *rows = _printed(history, capsys)[3:]
    middle, zero = heads.index("|"), heads.rindex("0")
    constant = better_constant(history)[1]
    for epoch, row in zip(history.epochs, rows, strict=True):
        place = max(row.rfind(sign) for sign in "*o")
        expected = zero + round((middle - zero) * epoch.by_song.mae / constant)
        assert place == expected
        assert row[middle] in "|*o"


def test_an_error_beyond_the_curve_and_one_that_is_no_number_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _on_terminal(monkeypatch)
    history = history_of(2)
    for error, end in ((1e9, ">"), (math.nan, "|")):
        pair = dataclasses.replace(history.epochs[0].by_song, mae=error)
        odd = dataclasses.replace(history, epochs=(dataclasses.replace(history.epochs[0], by_song=pair),))
        row = _printed(odd, capsys)[-1]
        assert row.endswith(end)
        assert len(row) <= 80


@pytest.mark.parametrize("on_terminal", [False, True])
def test_no_line_is_wider_than_eighty_columns(
    on_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if on_terminal:
        _on_terminal(monkeypatch)
    history = history_of(
        2, outputs=eq_outputs(10), task="eq", title="corrected, 0.0625 of the training songs"
    )
    huge = dataclasses.replace(
        history,
        epochs=tuple(
            dataclasses.replace(epoch, number=99_999, train_loss=1e30, seconds=86_400.0)
            for epoch in history.epochs
        ),
    )
    lines = _printed(history, capsys) + _printed(huge, capsys, epochs=100_000)
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() and line.isprintable() for line in lines)


def test_each_training_of_a_sweep_is_introduced_and_one_that_goes_on_says_where(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = EpochLines(epochs=5)
    for songs in (10, 20):
        history = history_of(2, training_songs=songs)
        lines(dataclasses.replace(history, epochs=history.epochs[:1]))
        lines(history)
    printed = capsys.readouterr().out
    assert printed.count("training songs\n") == 2
    assert "continues" not in printed
    assert "continues after epoch 2" in "\n".join(_printed(history_of(3), capsys, first=3))


def test_quiet_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    EpochLines(epochs=1, quiet=True)(history_of(1))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.123"),
        (12.3456, "12.35"),
        (1234.5, "1234"),
        (99_999.4, "99999"),
        (1e30, "1.0e+30"),
        (math.inf, "-"),
    ],
)
def test_numbers_are_as_long_as_a_column(value: float, text: str) -> None:
    assert shown(value) == text
