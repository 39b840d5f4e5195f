"""Run every command shown in the documentation and put its present output below it.

    python docs/refresh.py            rewrite the console blocks of docs/*.md
    python docs/refresh.py --check    only say which pages are out of date, exit status 1 if any
    python docs/refresh.py loudness   only pages whose path holds this word

The commands of one page run in one temporary folder that holds the demo song in demo/stems and a
copy of examples/. Blocks marked ``pycon`` are not touched: ``python -m doctest PAGE`` checks them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Run one command in a shell and return what it prints, both streams."""
    # The commands are found beside the Python that runs this script.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "LC_ALL": "C.UTF-8", "PYTHONWARNINGS": "ignore"}
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


def refreshed(block: str, folder: Path) -> str:
    """Return a block with the output of its commands: ``$`` begins one, ``>`` goes on with it."""
    out: list[str] = []
    for shown in re.findall(r"^\$ .*(?:\n> .*)*", block, re.MULTILINE):
        command = "\n".join(line[2:] for line in shown.splitlines())
        out += [shown, *(line.rstrip() for line in run(command, folder).splitlines())]
    return "```console\n" + "\n".join(out) + "\n```"


def main() -> int:
    """Refresh or check the pages that the command line names."""
    words = [word for word in sys.argv[1:] if word != "--check"]
    check = "--check" in sys.argv[1:]
    old = []
    for page in sorted(DOCS.rglob("*.md")):
        name = str(page.relative_to(DOCS))
        text = page.read_text(encoding="utf-8")
        if not BLOCK.search(text) or (words and not any(word in name for word in words)):
            continue
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            run("mixrules demo demo/stems", folder)
            shutil.copytree(
                DOCS.parent / "examples", folder / "examples", ignore=shutil.ignore_patterns("out")
            )
            new = BLOCK.sub(lambda found, folder=folder: refreshed(found[1], folder), text)
        if new != text:
            old.append(name)
            if not check:
                page.write_text(new, encoding="utf-8")
    for name in old:
        print(f"{name}: {'out of date' if check else 'rewritten'}")
    return 1 if check and old else 0


if __name__ == "__main__":
    sys.exit(main())
