"""Run every command shown in the documentation and put its present output below it.

    python docs/refresh.py            rewrite the console blocks of README.md and docs/**/*.md
    python docs/refresh.py --check    only say what is out of date and how, exit status 1 if anything is
    python docs/refresh.py loudness   only pages whose path holds this word

The commands of one page run in one temporary folder that holds the demo song in demo/stems and a
copy of examples/. Of README.md those run that show an output: the others name songs of yours.
`mixrules` is that of `warm_commands.py`, which starts at once.
A number whose first six digits are the same is not out of date: processors differ in the last places of a sum.
"""

from __future__ import annotations

import difflib
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from warm_commands import warm_commands

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(\$ .*(?:\n> .*)*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
NUMBER = re.compile(r"(-?\d+\.\d+(?:e[+-]?\d+)?)")
ALIKE = 1e-6
AT_ONCE = max(2, os.cpu_count() or 1)


def run(command: str, folder: Path) -> str:
    """Run one command in a shell and return what it prints, both streams."""
    environment = os.environ | {"LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.replace(str(folder), "~")


def put_on_path(folder: Path) -> None:
    """Let the shell find programs in a folder before all others."""
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ["PATH"]])


def refreshed(block: str, folder: Path, *, all_run: bool) -> str:
    """Return a block with the output of its commands: ``$`` begins one, ``>`` goes on with it."""
    out: list[str] = []
    for shown, printed in COMMAND.findall(block):
        out.append(shown)
        if all_run or printed:
            command = "\n".join(line[2:] for line in shown.splitlines())
            out += [line.rstrip() for line in run(command, folder).splitlines()]
    return "```console\n" + "\n".join(out) + "\n```"


def page_anew(page: Path, demo: Path) -> tuple[str, str]:
    """Return a page's text as it stands and with the present outputs."""
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        shutil.copytree(demo, folder / "demo" / "stems")
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("out"))
        all_run = page.name != "README.md"
        return text, BLOCK.sub(lambda found: refreshed(found[1], folder, all_run=all_run), text)


def alike(old: str, new: str) -> bool:
    """Whether two texts are the same but for the last places of their numbers."""
    one, other = NUMBER.split(old), NUMBER.split(new)
    return one[::2] == other[::2] and all(
        math.isclose(float(a), float(b), rel_tol=ALIKE) for a, b in zip(one[1::2], other[1::2], strict=True)
    )


def main() -> int:
    """Refresh or check the pages that the command line names."""
    words = [word for word in sys.argv[1:] if word != "--check"]
    check = "--check" in sys.argv[1:]
    names = {page: page.relative_to(ROOT).as_posix() for page in PAGES}
    chosen = [
        page
        for page, name in names.items()
        if BLOCK.search(page.read_text(encoding="utf-8"))
        and (not words or any(word in name for word in words))
    ]
    chosen.sort(key=lambda page: len(COMMAND.findall(page.read_text(encoding="utf-8"))), reverse=True)
    with tempfile.TemporaryDirectory() as demo:
        put_on_path(Path(sys.executable).parent)
        run("mixrules demo .", Path(demo))
        with warm_commands(Path(demo)) as programs, ThreadPoolExecutor(AT_ONCE) as pool:
            put_on_path(programs)
            found = dict(zip(chosen, pool.map(lambda page: page_anew(page, Path(demo)), chosen), strict=True))
    changed = {page: texts for page, texts in found.items() if not alike(*texts)}
    for page, (old, new) in changed.items():
        print(f"{names[page]}: {'out of date' if check else 'rewritten'}")
        if check:
            sys.stdout.writelines(
                f"{line}\n" for line in difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="")
            )
        else:
            page.write_text(new, encoding="utf-8")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
