"""Folders in which the scripts of benchmarks/ keep what they made."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_folder import own_folder


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", "utf-8")
    for anew in (False, True):
        with pytest.raises(SystemExit, match="did not make"):
            own_folder(tmp_path, "toys", {}, anew=anew)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
    own_folder(tmp_path / "songs", "songs", {})
    with pytest.raises(SystemExit, match="was made by songs"):
        own_folder(tmp_path / "songs", "toys", {}, anew=True)


def test_what_was_made_is_kept_for_the_same_options_alone(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "out", "toys", {"songs": 9, "folds": (1, 2)})
    (folder / "result").touch()
    own_folder(folder, "toys", {"songs": 9, "folds": (1, 2)})
    with pytest.raises(SystemExit, match="was made with songs 9, not 8"):
        own_folder(folder, "toys", {"songs": 8, "folds": (1, 2)})
    assert (folder / "result").exists()
    own_folder(folder, "toys", {"songs": 8}, anew=True)
    assert not (folder / "result").exists()
