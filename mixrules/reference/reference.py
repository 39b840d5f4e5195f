"""A mix that somebody admires: stems with their mix, stems alone, a plan, or a finished mix."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixrules._support.arguments import as_path, shown_value
from mixrules.errors import AudioFileError, ParameterError
from mixrules.mixplan import MixPlan
from mixrules.stems import Stems
from mixrules.stems.file_extensions import (
    ARCHIVE_EXTENSIONS,
    AUDIO_EXTENSIONS,
    LIBAV_EXTENSIONS,
    STEM_FILE_EXTENSIONS,
)

if TYPE_CHECKING:
    from mixrules.reference.targets import ReferenceTargets

_PLAN_ENDING = ".json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reference:
    """A mix whose targets are to be read: at least one of stems, mix and plan.

    Parameters
    ----------
    stems : path-like or Stems, optional
        Its stems: a folder, as for `load_stems`. A mixture beside them is its finished mix.
    mix : path-like, optional
        Its finished mix.
    plan : MixPlan or path-like, optional
        The plan by which its stems are mixed; alone it gives what its decisions state.
    name : str
        What sentences call it; by default after the folder or the file.

    Raises
    ------
    ParameterError
        If there is none of them, one is of the wrong type, or a plan and a mix are given without stems.

    Examples
    --------
    >>> Reference(stems="demo/stems", mix="demo/mix.wav").called
    'stems'
    """

    stems: str | os.PathLike[str] | Stems | None = None
    mix: str | os.PathLike[str] | None = None
    plan: MixPlan | str | os.PathLike[str] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        paths = (str, os.PathLike, type(None))
        for name, kinds in (("stems", (*paths, Stems)), ("mix", paths), ("plan", (*paths, MixPlan))):
            if not isinstance(getattr(self, name), kinds):
                raise ParameterError(
                    f"{name} of a reference is a path, got {shown_value(getattr(self, name))}"
                )
        if self.stems is self.mix is self.plan is None:
            raise ParameterError("a reference needs stems, a mix or a plan, got none of them")
        if self.stems is None and self.mix is not None and self.plan is not None:
            raise ParameterError("a reference of a plan and a mix needs the stems, too")

    @property
    def called(self) -> str:
        """What sentences call it."""
        if self.name:
            return self.name
        for given in (self.stems, self.plan, self.mix):
            if isinstance(given, Stems | MixPlan):
                if given.title:
                    return given.title
            elif given is not None:
                return _name_of(Path(given))
        return "the reference"


def references_of(like: Any) -> list[Reference | ReferenceTargets]:
    """Return what was given as references: one, or several in a list.

    Parameters
    ----------
    like : Reference, ReferenceTargets, Stems, MixPlan, path-like, or a sequence of them
        A path is a folder of stems (or an archive of one, or a ``.stem.mp4``), a plan (``.json``) or a finished mix. A
        text ``FOLDER=FILE`` is a folder with its plan or its mix.

    Raises
    ------
    ParameterError
        If it is none of these, or there are none.
    AudioFileError
        If there is no such file.
    """
    listed = list(like) if isinstance(like, Sequence) and not isinstance(like, str) else [like]
    if not listed:
        raise ParameterError("like needs at least one reference, got none")
    return [_reference_of(each) for each in listed]


def _reference_of(given: Any) -> Reference | ReferenceTargets:
    from mixrules.reference.targets import ReferenceTargets

    if isinstance(given, Reference | ReferenceTargets):
        return given
    if isinstance(given, Stems):
        return Reference(stems=given)
    if isinstance(given, MixPlan):
        return Reference(plan=given)
    if not isinstance(given, str | os.PathLike):
        raise ParameterError(
            f"like is a folder of stems, a plan, a finished mix or several of them, got {shown_value(given)}"
        )
    path = as_path(given, name="like")
    if not path.exists():
        folder, equals, file = os.fspath(given).rpartition("=")
        if equals and folder and file and Path(folder).exists():
            return _with_file(Path(folder), Path(file))
        raise AudioFileError(f"there is no {path}: a folder of stems, a plan or a finished mix is needed")
    if _holds_stems(path):
        return Reference(stems=path)
    return Reference(plan=path) if _is_plan(path) else _mix_of(path)


def _with_file(folder: Path, file: Path) -> Reference:
    if not file.exists():
        raise AudioFileError(f"there is no {file}: FOLDER=FILE names a plan or a finished mix of the stems")
    if not _holds_stems(folder):
        raise ParameterError(
            f"{folder} is no folder of stems: FOLDER=FILE names stems, and their plan or mix"
        )
    if _holds_stems(file):
        raise ParameterError(f"{file} holds stems: FOLDER=FILE names a plan or a finished mix of the stems")
    if _is_plan(file):
        return Reference(stems=folder, plan=file)
    return Reference(stems=folder, mix=_mix_of(file).mix)


def _mix_of(path: Path) -> Reference:
    if path.suffix.lower() not in AUDIO_EXTENSIONS | LIBAV_EXTENSIONS:
        raise ParameterError(
            f"{path} is neither a folder of stems nor a plan (.json) nor audio: one of them is needed"
        )
    return Reference(mix=path)


def _holds_stems(path: Path) -> bool:
    name = path.name.lower()
    return path.is_dir() or name.endswith((*STEM_FILE_EXTENSIONS, *ARCHIVE_EXTENSIONS))


def _is_plan(path: Path) -> bool:
    return path.suffix.lower() == _PLAN_ENDING


def _name_of(path: Path) -> str:
    real = path.resolve()
    if real.is_dir():
        return real.name
    return (
        real.name.partition(".stem.")[0].removesuffix(".json").removesuffix(".plan")
        if _is_plan(real)
        else real.stem
    )
