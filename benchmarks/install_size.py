"""What an installation holds: packages and megabytes, in full, with every extra, and minimal.

`python benchmarks/install_size.py` makes a virtual environment for each in a temporary folder, without pip, installs this
checkout into it, and prints Markdown tables for docs/install.md. It needs an index of packages and some minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "mixrules"
MB = 1e6

# By name: the arguments of pip, one tuple a call.
INSTALLATIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "minimal": (("-r", str(ROOT / "requirements-minimal.txt")), ("--no-deps", str(ROOT))),
    "full": ((str(ROOT),),),
    "all extras": ((f"{ROOT}[all]",),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed package.

    Parameters
    ----------
    name : str
        Its name, in pip's form.
    size_mb : float
        Its files on the disk, compiled Python included, in megabytes of 10^6 bytes.
    needs : frozenset of str
        Names of the packages that it asks for, those of extras left out.
    """

    name: str
    size_mb: float
    needs: frozenset[str]


def install(folder: Path, calls: Sequence[Sequence[str]]) -> dict[str, Package]:
    """Make a virtual environment, call pip for it, and return the packages by name."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (python,) = [*folder.glob("bin/python"), *folder.glob("Scripts/python.exe")]
    pip = (sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "-q")
    for arguments in calls:
        subprocess.run([*pip, "install", *arguments], check=True)
    (site,) = [*folder.glob("lib/python*/site-packages"), *folder.glob("Lib/site-packages")]
    return installed_packages(site)


def installed_packages(site: Path) -> dict[str, Package]:
    """Return the packages in a folder of packages, by name."""
    found: dict[str, Package] = {}
    for distribution in distributions(path=[str(site)]):
        name = canonicalize_name(distribution.metadata["Name"])
        paths = {Path(str(distribution.locate_file(file))) for file in distribution.files or ()}
        size = sum(path.stat().st_size for path in paths if path.is_file())
        needs = map(Requirement, distribution.requires or ())
        found[name] = Package(
            name=name,
            size_mb=size / MB,
            needs=frozenset(canonicalize_name(n.name) for n in needs if not n.marker or n.marker.evaluate()),
        )
    return found


def reached(packages: dict[str, Package], name: str, without: str = "") -> set[str]:
    """Return a package and all that it needs, directly or not; nothing through `without`."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each in packages and each not in found and each != without:
            found.add(each)
            waiting += packages[each].needs
    return found


def total_mb(packages: dict[str, Package]) -> float:
    """Return the sum of the sizes."""
    return sum(package.size_mb for package in packages.values())


def table_of_installations(made: dict[str, dict[str, Package]]) -> list[str]:
    """Return a Markdown table with a row an installation."""
    rows = [f"| {name} | {len(packages)} | {total_mb(packages):.0f} |" for name, packages in made.items()]
    return ["| installation | packages | MB |", "|---|---:|---:|", *rows]


def table_of_dependencies(packages: dict[str, Package], declared: Sequence[str]) -> list[str]:
    """Return a Markdown table with a row a direct dependency: its size, and what would go with it."""
    rows = []
    size: Callable[[str], float] = lambda name: packages[name].size_mb  # noqa: E731
    everything = reached(packages, PROJECT)
    for name in sorted(declared, key=size, reverse=True):
        alone = sorted(everything - reached(packages, PROJECT, without=name) - {name}, key=size, reverse=True)
        brings = ", ".join(f"{each} {size(each):.1f}" for each in alone)
        rows.append(f"| {name} | {size(name):.1f} | {brings} |")
    return ["| package | MB | what only it brings, MB |", "|---|---:|---|", *rows]


def main() -> None:
    """Make the installations that are named, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(INSTALLATIONS)} [all]")
    names = parser.parse_args().names or list(INSTALLATIONS)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [canonicalize_name(Requirement(text).name) for text in project["dependencies"]]
    with tempfile.TemporaryDirectory() as temporary:
        made = {name: install(Path(temporary, name.replace(" ", "-")), INSTALLATIONS[name]) for name in names}
    print(f"Python {sys.version.split()[0]} on {sys.platform}:\n")
    print("\n".join(table_of_installations(made)))
    if "full" in made:
        print()
        print("\n".join(table_of_dependencies(made["full"], declared)))


if __name__ == "__main__":
    main()
