"""Commands in a minimal installation: `python minimal_program.py '[["mix", "stems"], ...]'`, one JSON line a command.

Every installed package that requirements-minimal.txt neither names nor brings cannot be imported.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from types import ModuleType

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements-minimal.txt"


def normal(requirement: str) -> str:
    """Return the name of a requirement's package, as package indexes write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~\[;(]", requirement.strip())[0]).lower()


def named(requirements: Path) -> set[str]:
    """Return the packages that a file of requirements names."""
    lines = requirements.read_text(encoding="utf-8").splitlines()
    return {normal(line) for line in lines if line and not line.startswith("#")}


def with_what_they_bring(names: set[str]) -> set[str]:
    """Return packages and all that they need, extras left out."""
    found: set[str] = set()
    while names:
        name = names.pop()
        found.add(name)
        with contextlib.suppress(PackageNotFoundError):
            needs = [need for need in requires(name) or () if "extra ==" not in need]
            names |= {normal(need) for need in needs} - found
    return found


class Absent(MetaPathFinder):
    """Makes packages as if they were not installed."""

    def __init__(self, packages: set[str]) -> None:
        self.packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def absent_packages() -> set[str]:
    """Return the import names of every installed package that is not of a minimal installation."""
    kept = with_what_they_bring(named(REQUIREMENTS)) | {"mixrules"}
    return {
        module
        for module, owners in packages_distributions().items()
        if not {normal(owner) for owner in owners} & kept
    } - set(sys.stdlib_module_names)


def main() -> None:
    absent = absent_packages()
    before = {name.partition(".")[0] for name in sys.modules}
    sys.meta_path.insert(0, Absent(absent))
    from mixrules.cli import main as program

    for command in json.loads(sys.argv[1]):
        out, err = io.StringIO(), io.StringIO()
        status: object = None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                program(command)
            except SystemExit as end:
                status = end.code
        print(json.dumps([command[0], status, err.getvalue()]))
    print(json.dumps(sorted(absent & {name.partition(".")[0] for name in sys.modules} - before)))


if __name__ == "__main__":
    main()
