"""Run tests against a built wheel, away from the checkout: `python .ci/try_wheel.py DIST [pytest's arguments]`.

DIST holds one wheel and one source archive. The archive is unpacked to a temporary folder, its package is removed, and
the wheel's is put in that place. What the tests need is that of the Python which runs this.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path


def main() -> int:
    """Unpack, install, run pytest; return its status."""
    dist, arguments = Path(sys.argv[1]).resolve(), sys.argv[2:]
    (wheel,), (archive,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="wheel-") as temporary:
        with tarfile.open(archive) as file:
            file.extractall(temporary, filter="data")
        (source,) = Path(temporary).iterdir()
        shutil.rmtree(source / "mixrules")
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--no-deps", "--target", source, wheel], check=True)
        environment = os.environ | {"PYTHONPATH": str(source), "NUMBA_CACHE_DIR": str(source / "compiled")}
        found = [sys.executable, "-c", "import mixrules; print(mixrules.__version__, mixrules.__file__)"]
        told = subprocess.run(found, cwd=source, env=environment, check=True, capture_output=True, text=True)
        print(f"mixrules {told.stdout.strip()}", flush=True)
        version, _, path = told.stdout.strip().partition(" ")
        if Path(path).resolve().parent != source.resolve() / "mixrules" or f"-{version}-" not in wheel.name:
            print(f"this is not what {wheel.name} holds", file=sys.stderr)
            return 1
        tests = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(tests, cwd=source, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
