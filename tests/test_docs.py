"""The documentation agrees with the program: constants, links, and the options of the commands it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from refresh import alike, refreshed
from warm_commands import warm_commands

from mixrules import __version__, presets
from mixrules.cli.app import cli
from mixrules.constant import Constant

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
RULE_PAGES = sorted(path for path in (ROOT / "docs" / "rules").glob("*.md") if path.stem != "index")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE_COMMAND = re.compile(r"`(mixrules(?: [^`\n]+)?)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
LISTED = re.compile(r"^\$ mixrules presets (\S+) \| grep '\^(\w+)'$")
CONSTANT = re.compile(r"^[a-z]+\.\w+ = .*$")
SETTING = re.compile(r"--set \"?([a-z]+\.\w+)=")
ANY_CODE = re.compile(r"^( *)(`{3,}).*?^\1\2$|`[^`]*`|\]\([^)\s]*\)", re.MULTILINE | re.DOTALL)
CAPITALS = re.compile(r"\b(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{6,}|TODO|FIXME|TBD|XXX)\b")
WORDS_IN_CAPITALS = {
    "CHANGELOG",
    "CITATION",
    "CONTRIBUTING",
    "MUSHRA",
    "README",
    "REAPER",
    "SECURITY",
    "SIGKILL",
}
WRONG_ON_PURPOSE = "bad-input.md"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def shown(name: str, constant: Constant) -> str:
    values = constant.value if isinstance(constant.value, tuple) else (constant.value,)
    value = ",".join(f"{each:.6g}" if isinstance(each, float) else str(each) for each in values)
    return f"{name} = {value} {constant.unit}".rstrip()


@pytest.mark.parametrize("page", RULE_PAGES, ids=name_of)
def test_a_rules_page_lists_its_constants_as_the_presets_have_them(page: Path) -> None:
    listed: dict[tuple[str, str], list[str]] = {}
    block_of: list[str] | None = None
    for language, block in FENCED.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines() if language == "console" else ():
            if line.startswith("$ "):
                command = LISTED.match(line)
                block_of = listed.setdefault((command[1], command[2]), []) if command else None
            elif block_of is not None:
                block_of.append(line)
            else:
                assert not CONSTANT.match(line), f"no `mixrules presets` above {line!r}"
    assert ("default", page.stem) in listed
    for (preset, rule), lines in listed.items():
        constants = presets.load(preset).constants
        assert lines == [shown(name, c) for name, c in constants.items() if name.startswith(f"{rule}.")]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    prose = FENCED.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in LINK.findall(prose) if "://" not in target]
    missing = [target for target in targets if target and not (page.parent / target).exists()]
    assert not missing


def left_to_fill(text: str) -> list[str]:
    """Return the words in capitals, outside of code, that stand where something is still to be put."""
    return [word for word in CAPITALS.findall(ANY_CODE.sub(" ", text)) if word not in WORDS_IN_CAPITALS]


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md", ROOT / "SECURITY.md"], ids=name_of)
def test_nothing_is_left_to_fill_in(page: Path) -> None:
    left = left_to_fill(page.read_text(encoding="utf-8"))
    assert not left, f"{name_of(page)} still holds {', '.join(left)}"


def test_what_is_left_to_fill_in_is_found() -> None:
    code = "`PCM_24`, [a page](SOME_PAGE.md)\n```{eval-rst}\nA_NAME\n```\n"
    assert left_to_fill(f"medians of MEDIANS | NOW_MIX |\n{code}TODO README MUSHRA LUFS") == [
        *("MEDIANS", "NOW_MIX", "TODO"),
    ]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_use_options_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for language, block in FENCED.findall(text):
        for command in commands_in(block, prompted=language == "console"):
            parse(command)
    for inline in INLINE_COMMAND.findall(FENCED.sub("", text)):
        for command in split_at_shell_operators(inline):
            parse(command, complete=False)


@pytest.mark.parametrize("page", [p for p in PAGES if p.name != WRONG_ON_PURPOSE], ids=name_of)
def test_settings_name_constants_that_exist(page: Path) -> None:
    known = {name for preset in presets.names() for name in presets.load(preset).constants}
    unknown = set(SETTING.findall(page.read_text(encoding="utf-8"))) - known
    assert not unknown


def test_the_parser_of_this_file_finds_what_is_wrong() -> None:
    (command,) = commands_in(
        "$ for x in a b; do mixrules mix song --nonsense $x | tail; done\n", prompted=True
    )
    assert command == ["mix", "song", "--nonsense", "$x"]
    with pytest.raises(click.NoSuchOption):
        parse(command)
    with pytest.raises(click.MissingParameter):
        parse(["mix"])
    with pytest.raises(AssertionError):
        parse(["--nonsense", "mix", "song"])


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("range 16.723614019069263 LU", "range 16.723614019069999 LU", True),
        ("range 16.72 LU", "range 16.73 LU", False),
        ("exit status 2", "exit status 3", False),
        ("-15.0 LUFS, 1.0 LU", "-15.0 LUFS", False),
        ("-15.0 LUFS", "-15.0 dBTP", False),
    ],
)
def test_an_output_is_out_of_date_when_more_than_the_last_places_differ(
    old: str, new: str, same: bool
) -> None:
    assert alike(old, new) is same


def test_a_command_runs_and_its_output_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    block = "$ echo one; pwd\nold\n$ printf 'a %s' \\\n> two\n$ exit 1\n"
    ran = "```console\n$ echo one; pwd\none\n~\n$ printf 'a %s' \\\n> two\na two\n$ exit 1\n```"
    assert refreshed(block, tmp_path, all_run=True) == ran
    unseen = ran.replace("a two\n", "")
    assert refreshed(block, tmp_path, all_run=False) == unseen


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the pages' commands need bash and fork")
def test_a_command_of_a_page_is_run_as_the_program_would_run_it(tmp_path: Path) -> None:
    """In its folder and environment, with its own streams, and with its exit status."""

    def ran(command: str, folder: Path) -> str:
        environment = os.environ | {"PATH": os.pathsep.join([str(programs), os.environ["PATH"]])}
        done = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        assert not done.stderr
        return done.stdout

    (tmp_path / "a file.wav").write_text("no audio")
    with warm_commands(None) as programs:
        assert ran("mixrules --version", tmp_path) == f"mixrules {__version__}\n"
        refused = ran("echo hello | mixrules measure - 2>&1; echo $?", tmp_path)
        assert refused.startswith("mixrules: standard input is not audio")
        assert refused.endswith("\n2\n")
        assert "a file.wav is not audio" in ran("mixrules measure 'a file.wav' 2>&1 || true", tmp_path)
        assert ran("mixrules presets | grep -c '^default '", tmp_path) == "1\n"


def commands_in(block: str, *, prompted: bool) -> list[list[str]]:
    """Return the arguments of every mixrules command in a block of shell input (and, prompted, its output)."""
    lines = re.findall(r"^\$ (.*(?:\n> .*)*)", block, re.MULTILINE) if prompted else block.splitlines()
    if not prompted:
        lines = [line for line in lines if line.startswith("mixrules ")]
    return [found for line in lines for found in split_at_shell_operators(line.replace("\n> ", "\n"))]


def split_at_shell_operators(line: str) -> list[list[str]]:
    """Return the arguments of every mixrules command in a line of shell input."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    found: list[list[str]] = []
    command: list[str] | None = None
    for token in lexer:
        if set(token) <= set("();<>|&"):
            command = None
        elif command is not None:
            command.append(token)
        elif token == "mixrules":
            command = []
            found.append(command)
    return found


def parse(arguments: list[str], *, complete: bool = True) -> None:
    """Parse a command's arguments as the program would, and run nothing."""
    context = click.Context(cli, **cli.context_settings)
    options = {option for parameter in cli.get_params(context) for option in parameter.opts}
    while arguments and arguments[0].startswith("-"):
        assert arguments[0] in options, f"mixrules has no option {arguments[0]}"
        arguments = arguments[1:]
    if not arguments or arguments[0] == "...":
        return
    command = cli.get_command(context, arguments[0])
    assert command is not None, f"mixrules has no command {arguments[0]}"
    try:
        command.make_context(arguments[0], arguments[1:], parent=context)
    except click.MissingParameter:
        if complete:
            raise
    except click.exceptions.Exit:  # after --help
        pass
