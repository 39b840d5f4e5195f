"""The examples in every `--help`: each line is parsed as it is, and those of one song are run one after the other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import soundfile
from cli_runner import Run  # noqa: TC002
from synthetic import RATE, Song

from mixrules import presets
from mixrules.cli.app import cli
from mixrules.evaluation import DEFAULT_GROUPS, GROUPS
from mixrules.systems import parse_systems

COMMANDS = cli.list_commands(click.Context(cli))


def command_named(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def examples(epilog: str | None) -> list[str]:
    head, *lines = (epilog or "").removeprefix("\b\n").rstrip().split("\n")
    assert head == "Examples:"
    assert all(line.startswith("  ") for line in lines)
    return [line.strip() for line in lines]


def own_words(line: str) -> list[list[str]]:
    """Return the words of each run of mixrules in a line of the shell, without pipes, files and comments."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|>&")
    lexer.whitespace_split = True
    runs: list[list[str]] = [[]]
    words = iter(lexer)
    for word in words:
        if word == "|":
            runs.append([])
        elif word in (">", ">>"):
            next(words)
        else:
            runs[-1].append(word)
    return [run[1:] for run in runs if run[0] == "mixrules"]


LINES = [(name, line) for name in COMMANDS for line in examples(command_named(name).epilog)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_few_examples_of_itself(name: str) -> None:
    lines = examples(command_named(name).epilog)
    assert 1 <= len(lines) <= 5
    assert any(words[0] == name for line in lines for words in own_words(line))
    assert re.search(r"^Examples:\n  mixrules", "\n".join(["Examples:", *(f"  {line}" for line in lines)]))


@pytest.mark.parametrize(("name", "line"), [*LINES, *(("mixrules", line) for line in examples(cli.epilog))])
def test_an_example_is_a_command_line(name: str, line: str) -> None:
    runs = own_words(line)
    assert runs
    for command, *words in runs:
        try:
            context = command_named(command).make_context(command, words)
        except click.exceptions.Exit:  # --help has been printed
            continue
        require_known_names(context.params)


def require_known_names(values: dict[str, object]) -> None:
    """Check what is no option's name and yet may be renamed: presets, styles, rules, constants, systems, groups."""
    if "preset" in values:
        rules = presets.load(str(values["preset"]))
        if values["style"]:
            rules = rules.with_style(str(values["style"]))
        settings: dict[str, object] = {}
        for each in values["settings"]:  # type: ignore[attr-defined]
            name, _, value = each.partition("=")
            settings[name] = value
        assert rules.with_values(settings).without(*values["without"])  # type: ignore[misc]
    if isinstance(values.get("systems"), str):
        assert parse_systems(str(values["systems"]).split(","))
    if isinstance(values.get("conditions"), str):
        assert parse_systems(str(values["conditions"]).split(","))
    if isinstance(values.get("groups"), str):
        assert set(str(values["groups"]).split(",")) <= {*GROUPS, *DEFAULT_GROUPS}


def test_examples_of_a_song_work_as_they_are(
    run: Run, tmp_path: Path, make_band: Callable[[float], Song]
) -> None:
    for song, seconds in (("my_song", 1.0), ("other_song", 4.0)):
        (tmp_path / song).mkdir()
        for name, audio in make_band(seconds).items():
            soundfile.write(tmp_path / song / f"{name}.wav", audio, RATE, subtype="FLOAT")
    for command in ("mix", "plan", "render", "presets", "kfilter"):
        for line in examples(command_named(command).epilog):
            (words,) = own_words(line)
            done = run(*words, *(["--force"] if command in ("mix", "plan", "render") else []))
            assert done.returncode == 0, (line, done.stderr)
