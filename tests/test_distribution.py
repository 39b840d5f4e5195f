"""What is published: the source archive holds the files of the repository, the wheel those of the package."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
# What only the repository is for: continuous integration, and git's own files.
OF_THE_REPOSITORY = (".ci/", ".github/", ".gitignore")


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not in a repository: there is no list of its files")
    # A new file that git does not know yet counts in a folder; at the top it is something that lies about.
    new = {name for name in listed("--others", "--exclude-standard") if "/" in name}
    return {name for name in listed("--cached") if (ROOT / name).exists()} | new


def listed(*options: str) -> list[str]:
    command = ["git", "-c", "core.quotepath=off", "-C", str(ROOT), "ls-files", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.fixture(scope="module")
def built(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build the source archive and the wheel of this checkout."""
    assert tracked
    from hatchling.builders.sdist import SdistBuilder
    from hatchling.builders.wheel import WheelBuilder

    folder = str(tmp_path_factory.mktemp("dist"))
    (sdist,) = SdistBuilder(str(ROOT)).build(directory=folder)
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=folder)
    return Path(sdist), Path(wheel)


def test_the_source_archive_holds_the_files_of_the_repository(
    built: tuple[Path, Path], tracked: set[str]
) -> None:
    with tarfile.open(built[0]) as archive:
        held = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    expected = {name for name in tracked if not name.startswith(OF_THE_REPOSITORY)}
    assert held - {"PKG-INFO", ".gitignore"} == expected


def test_the_pythons_that_are_named_are_those_that_the_workflow_tests() -> None:
    if not (workflow := ROOT / ".github" / "workflows" / "ci.yml").exists():
        pytest.skip("not in a repository: there is no workflow")
    tested = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]["tests"]["strategy"]["matrix"][
        "python"
    ]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r":: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)
    assert named == [each for each in tested if each != "3.x"]


def test_the_wheel_holds_the_package_and_its_licence(built: tuple[Path, Path], tracked: set[str]) -> None:
    with zipfile.ZipFile(built[1]) as archive:
        held = set(archive.namelist())
    about = {name for name in held if ".dist-info/" in name}
    assert held - about == {name for name in tracked if name.startswith("mixrules/")}
    assert {name.partition(".dist-info/")[2] for name in about} == {
        *("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"),
    }
    assert built[1].name.endswith("-py3-none-any.whl")
