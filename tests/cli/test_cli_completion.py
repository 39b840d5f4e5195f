"""Shell completion: what click's own completion offers for a line, and scripts that shells accept."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from cli_runner import Run  # noqa: TC002
from click.shell_completion import ShellComplete

from mixrules import presets
from mixrules.cli.app import cli
from mixrules.corpus.layouts import NAMES
from mixrules.loudness.layouts import LAYOUTS


def offered(*words: str) -> list[str]:
    """Return what is offered for the last word of a line."""
    *before, last = words
    complete = ShellComplete(cli, {}, "mixrules", "_MIXRULES_COMPLETE")
    return [item.value for item in complete.get_completions(before, last)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("me",), ["measure"]),
        (("plan",), ["plan", "plan-listeners"]),
        (("mix", "--sty"), ["--style"]),
        (("mix", "song", "--preset", ""), list(presets.names())),
        (("mix", "--style", ""), list(presets.load("default").styles)),
        (("mix", "--style", "vo"), ["vocal-forward"]),
        (("mix", "--preset", "survey-2022", "--style", ""), []),
        (("plan", "--without", "re"), ["reverb"]),
        (("batch", "songs", "--preset", "survey-2022", "--without", ""), list(presets.load("survey-2022").rules)),
        (("render", "--engine", "p"), ["pedalboard"]),
        (("mix", "--set", "pan.wid"), ["pan.width="]),
        (("presets", "s"), ["survey-2022"]),
        (("batch", "--layout", "mus"), [name for name in NAMES if name.startswith("mus")]),
        (("compare", "--layout", "a"), ["auto"]),
        (("compare", "--systems", "none,e"), ["none,equal"]),
        (("compare", "--systems", "none,equal,random,default,"), [
            "none,equal,random,default,survey-2022", "none,equal,random,default,human",
            "none,equal,random,default,matched"]),
        (("stimuli", "song", "--conditions", "h"), ["human"]),
        (("measure", "--layout", ""), list(LAYOUTS)),
        (("normalize", "--layout", "mon"), ["mono"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
    ],
)  # fmt: skip
def test_names_are_offered(words: tuple[str, ...], found: list[str]) -> None:
    assert offered(*words) == found


def test_every_command_is_offered_with_what_it_does() -> None:
    complete = ShellComplete(cli, {}, "mixrules", "_MIXRULES_COMPLETE")
    items = complete.get_completions([], "")
    assert [item.value for item in items] == cli.list_commands(None)  # type: ignore[arg-type]
    assert all(item.help for item in items)


def test_a_song_may_stand_in_a_command_s_place() -> None:
    complete = ShellComplete(cli, {}, "mixrules", "_MIXRULES_COMPLETE")
    assert [(item.value, item.type) for item in complete.get_completions([], "my_so")] == [("my_so", "dir")]


def test_two_presets_in_a_line_break_no_completion() -> None:
    assert offered("mix", "--preset", "default", "--preset", "survey-2022", "--without", "re") == ["reverb"]


def test_offering_commands_imports_none_of_them() -> None:
    code = (
        "import sys\n"
        "from click.shell_completion import ShellComplete\n"
        "from mixrules.cli.app import cli\n"
        "ShellComplete(cli, {}, 'mixrules', '_MIXRULES_COMPLETE').get_completions([], 'm')\n"
        "assert not {'mixrules.cli.mix', 'numpy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_printed_that_the_shell_accepts(shell: str, run: Run) -> None:
    done = run("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_MIXRULES_COMPLETE={shell}_complete" in done.stdout
    assert done.stdout.count("\n") > 10
    program = shutil.which(shell)
    if program:
        subprocess.run([program, "-n"], input=done.stdout, text=True, check=True)


def test_the_script_completes_in_bash(run: Run) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = run("completion", "bash").stdout
    ask = "COMP_WORDS=(mixrules mix --style r) COMP_CWORD=3\n"
    # `env` finds programs alone: a small one calls ours.
    call = (
        'folder=$(mktemp -d); printf \'#!/bin/sh\\nexec "%s" -c "from mixrules.cli.app import main; main()" "$@"\\n\' '
        f"'{sys.executable}' > $folder/mixrules; chmod +x $folder/mixrules; PATH=$folder:$PATH\n"
    )
    done = subprocess.run(
        [bash, "--noprofile", "--norc"],
        input=f'{call}{script}\n{ask}_mixrules_completion mixrules; echo "${{COMPREPLY[@]}}"; rm -r $folder\n',
        text=True,
        capture_output=True,
        check=True,
    )
    assert done.stdout.strip() == "roomy"
