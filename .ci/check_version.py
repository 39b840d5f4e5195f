"""Hold a release's version together: `python .ci/check_version.py [v1.2.3]`.

pyproject.toml, CHANGELOG.md, CITATION.cff and docs/citing.md must say the same, and so must a tag that is named.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def first(pattern: str, file: str) -> tuple[str, ...]:
    """Return the groups of the first line of a file that matches."""
    match = re.search(pattern, (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    return match.groups() if match else ("", "")


def main() -> int:
    """Print what does not agree; 1 if anything does not."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    released, date = first(r"^## \[(\d[^\]]*)\] - (\S+)$", "CHANGELOG.md")
    cited = (*first(r"^version: (\S+)$", "CITATION.cff"), *first(r"^date-released: (\S+)$", "CITATION.cff"))
    problems = []
    if first(r"^  version = \{(.+)\},$", "docs/citing.md")[0] != version:
        problems.append(f"docs/citing.md does not cite {version}")
    if released != version:
        problems.append(f"CHANGELOG.md's newest release is {released}, pyproject.toml has {version}")
    if cited != (released, date):
        problems.append(f"CITATION.cff has {cited}, CHANGELOG.md {(released, date)}")
    if sys.argv[1:] and sys.argv[1] != f"v{version}":
        problems.append(f"the tag is {sys.argv[1]}, v{version} is needed")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
