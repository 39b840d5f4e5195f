"""Reading metadata in YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mixrules.files import read_text


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a file.

    Raises
    ------
    AudioFileError
        If the file cannot be read.
    ValueError
        If it is no YAML or no mapping.
    """
    import yaml

    # The reader in C is ten times as fast, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(read_text(path), Loader=loader)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error
    if not isinstance(data, dict):
        raise ValueError("it is no mapping")
    return data
