"""The table for a paper: what is bold, what is starred, names escaped, and a structure that TeX can set."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_runner import Run  # noqa: TC002
from mixed_songs import write_songs

from mixrules.evaluation.comparison_results import Comparison, Result
from mixrules.evaluation.latex_table import FIRST_LINE, escaped, latex_table
from mixrules.evaluation.measures.registry import GROUPS
from mixrules.evaluation.summary import HEADLINES, summarise
from mixrules.evaluation.undone import Undo

BALANCE = "stem_balance_error_lu"
ALL = ("balance", "spectrum", "width", "dynamics", "masking", "features", "diff_mst")


def comparison(values: dict[str, list[float]], groups: tuple[str, ...] = ("balance",)) -> Comparison:
    """Return a comparison whose every headline measure has these values by system and song."""
    count = len(next(iter(values.values())))
    measures = [measure.name for group in groups for measure in GROUPS[group].measures]
    return Comparison(
        songs=tuple(f"song {n}" for n in range(count)),
        systems=tuple(values),
        reference="human",
        groups=groups,
        results=tuple(
            Result(
                song=f"song {n}",
                system=system,
                values={name: value if name in HEADLINES else math.nan for name in measures},
                lufs=-14.0,
            )
            for system, given in values.items()
            for n, value in enumerate(given)
        ),
    )


def table_of(found: Comparison) -> str:
    return latex_table(found, summarise(found))


def row(text: str, system: str) -> list[str]:
    """Return the cells of a system's first row."""
    (line,) = (line for line in text.splitlines() if line.startswith(f"{system} & "))
    return line.removesuffix(r" \\").split(" & ")[1:]


def require_balanced(text: str) -> None:
    """Assert what TeX needs of a text: braces and environments closed in order, rows as wide as their table."""
    bare = re.sub(r"\\[{}%&$#_\\]", "", text)
    depth = 0
    for sign in re.sub(r"(?m)^%.*$", "", bare):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert bare.count("$") % 2 == 0
    open_names: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if kind == "begin":
            open_names.append(name)
        else:
            assert open_names.pop() == name
    assert open_names == []
    for columns, body in re.findall(
        r"\\begin\{tabular\}\{@\{\}l(r+)@\{\}\}(.*?)\\bottomrule", text, flags=re.DOTALL
    ):
        for line in body.replace(r"\&", "").splitlines():
            if line.endswith(r"\\"):
                assert line.count("&") == len(columns)


def test_the_best_is_bold_and_what_differs_is_starred() -> None:
    steps = np.arange(8) / 64.0
    found = comparison({"a": list(1.0 + steps), "b": list(2.0 + steps), "c": list(3.0 - steps)})
    text = table_of(found)
    require_balanced(text)
    assert row(text, "a")[0] == r"\textbf{1.05}"
    assert row(text, "b")[0] == r"2.05\rlap{$^{\ast}$}"  # 8 songs of 8 farther: p = 2 / 2^8, times 3
    assert "over $n = 8$ songs" in text
    assert "Wilcoxon signed-rank" in text


def test_what_ties_as_printed_is_bold_too() -> None:
    found = comparison({"a": [1.0, 2.0, 3.0], "b": [1.001, 2.001, 3.0], "c": [9.0, 9.0, 9.0]})
    text = table_of(found)
    assert row(text, "a")[0] == row(text, "b")[0] == r"\textbf{2.00}"
    assert "\\textbf" not in row(text, "c")[0]


def test_of_one_system_nothing_is_bold() -> None:
    text = table_of(comparison({"a": [1.0, 2.0], "human": [0.0, 0.0]}))
    assert "textbf" not in text
    assert "Bold" not in text
    assert "bootstrap" not in text  # two songs have no interval
    assert row(text, "human")[0] == "0.00"


def test_numbers_of_a_column_have_as_many_decimals() -> None:
    text = table_of(comparison({"a": [123.4] * 3, "b": [0.012] * 3, "c": [math.nan] * 3}))
    assert [row(text, name)[0] for name in "abc"] == ["123.400", r"\textbf{0.012}", "--"]
    text = table_of(comparison({"a": [123.4] * 3, "b": [41.2] * 3, "human": [1e-7] * 3}))
    assert [row(text, name)[0] for name in ("a", "b", "human")] == ["123", r"\textbf{41}", "0"]


def test_many_measures_go_below_each_other() -> None:
    text = table_of(comparison({"a": [1.0, 2.0, 3.0], "b": [2.0, 3.0, 4.0]}, ALL))
    require_balanced(text)
    assert text.count("\\toprule") == 3
    assert text.count("\\begin{table}") == 1


@pytest.mark.parametrize(
    ("name", "set_as"),
    [
        ("default-without-eq", "default-without-eq"),
        ("a_b 100% & #1 $x$", r"a\_b 100\% \& \#1 \$x\$"),
        (r"\input{x}~^", r"\textbackslash{}input\{x\}\textasciitilde{}\textasciicircum{}"),
        ("<script>", r"\textless{}script\textgreater{}"),
        ("two\nlines", r"two\textbackslash{}nlines"),
        ("Müller", "Müller"),
    ],
)
def test_names_are_text(name: str, set_as: str) -> None:
    assert escaped(name) == set_as
    found = comparison({name: [1.0, 2.0, 3.0], "other": [2.0, 3.0, 4.0]})
    text = table_of(replace(found, reference=name + "_"))
    require_balanced(text)
    assert set_as in text


def test_the_caption_says_what_was_undone_and_what_wins_by_construction() -> None:
    found = comparison({"a": [1.0, 2.0, 3.0], "b": [2.0, 3.0, 4.0]})
    assert r"$\pm6$\,dB (seed 4)" in table_of(replace(found, undo=Undo(seed=4, within_db=6.0)))
    assert "In 1 of 3 songs human is the plain sum" in table_of(replace(found, plain_sums={"song 0": 1e-6}))


def test_the_command_writes_it_and_replaces_only_its_own(run: Run, tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    write_songs(tmp_path / "songs")
    table = tmp_path / "paper" / "table.tex"
    options = [
        "--systems",
        "none,equal",
        "--groups",
        "balance",
        "--excerpt-s",
        "0",
        "--undo",
        "1",
        "--undo-db",
        "6",
    ]
    folders = (str(tmp_path / "songs"), "-o", str(tmp_path / "report"), "--latex", str(table))
    arguments = ("compare", *options, *folders)
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    text = table.read_text(encoding="utf-8")
    assert text.startswith(FIRST_LINE)
    require_balanced(text)
    assert "every stem moved by a gain within ±6 dB, drawn from seed 1" in done.stdout
    assert run(*arguments).returncode == 0
    table.write_text("my own\n")
    refused = run(*arguments)
    assert refused.returncode == 2
    assert "table.tex exists already: name another with --latex" in refused.stderr
    assert table.read_text() == "my own\n"
