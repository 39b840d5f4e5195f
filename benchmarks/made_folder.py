"""The folder of a script that keeps what it made: it is the script's own, and made with the options of this run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

MARKER = "made_with.json"


def own_folder(folder: Path, script: str, options: dict[str, Any], *, anew: bool = False) -> Path:
    """Make a folder, or take it up again if the same script made it with the same options; return it.

    Parameters
    ----------
    folder : Path
        Where a script keeps what it makes.
    script : str
        Its name.
    options : dict
        Those on which what is kept depends.
    anew : bool
        Remove what the script made there before, whatever the options were.

    Raises
    ------
    SystemExit
        If something else is in the folder, or what is there was made with other options.
    """
    wanted = json.loads(json.dumps({"script": script, **options}))
    marker = folder / MARKER
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not marker.is_file())):
        raise SystemExit(f"{folder} holds what {script} did not make: name a new folder")
    if marker.is_file():
        found = json.loads(marker.read_text(encoding="utf-8"))
        if found.get("script") != script:
            raise SystemExit(f"{folder} was made by {found.get('script')}: name a new folder")
        if anew:
            shutil.rmtree(folder)
        elif found != wanted:
            other = [name for name in {**found, **wanted} if found.get(name) != wanted.get(name)]
            said = ", ".join(f"{name} {found.get(name)}, not {wanted.get(name)}" for name in other)
            raise SystemExit(f"{folder} was made with {said}: name a new folder, or remove this one")
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
    return folder
