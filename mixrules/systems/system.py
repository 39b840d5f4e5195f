"""Which systems there are, and how they are named: ``none,equal,random,survey-2022,human,matched,model=plans/``."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mixrules import presets
from mixrules._support.arguments import as_texts
from mixrules._support.field_types import require_field_types
from mixrules._support.validation import split_items
from mixrules.errors import AudioFileError, ParameterError
from mixrules.files import cannot_read
from mixrules.files.own_documents import RUN_DOCUMENT, RUN_LEDGER
from mixrules.ruleset import RuleSet

Kind = Literal["none", "equal", "random", "preset", "human", "matched", "plans", "audio"]

AUDIO_SUFFIXES = (".wav", ".flac")
PLAN_SUFFIXES = (".plan.json", ".json")
MIXTURE = "mixture"
WITHOUT = "-without-"
_BUILT_IN: dict[str, Kind] = {
    "none": "none",
    "equal": "equal",
    "random": "random",
    "human": "human",
    "matched": "matched",
}
_OF_FINISHED_MIXES = ("human", "matched")
"""What reads a mix beside the stems, or one of a folder that is named."""
_NAME = re.compile(r"[\w][\w .+()-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system.

    Attributes
    ----------
    name : str
        What tables and keys call it.
    kind : {"none", "equal", "random", "preset", "human", "matched", "plans", "audio"}
        Plain sum, equal loudness, random mixer, rule set, a person's mix, the plan that explains a person's mix
        best, plans from a folder, or finished audio from a folder.
    folder : Path or None
        Where its plans or its audio are; ``human`` and ``matched`` may have one too.
    """

    name: str
    kind: Kind
    folder: Path | None = None

    def __post_init__(self) -> None:
        require_field_types(self)
        if not _NAME.fullmatch(self.name):
            raise ParameterError(
                f"a system's name is 1 to 64 letters, digits, spaces or .+-_(), got {self.name!r}"
            )
        if self.kind in ("plans", "audio") and self.folder is None:
            raise ParameterError(f"system {self.name!r} needs a folder: {self.name}=FOLDER")
        if self.kind == "preset":
            rules_of(self.name)


def parse_systems(text: str | Sequence[str]) -> tuple[System, ...]:
    """Return the systems that a list names.

    Parameters
    ----------
    text : str or sequence of str
        Names separated by commas, or one by one: ``none`` (plain sum), ``equal`` (every stem equally
        loud), ``random``, a preset's name, a preset without some rules (``default-without-eq``),
        ``human`` (the mix beside the stems), ``matched`` (the plan that `mixrules.match` finds in that mix),
        ``human=FOLDER``, ``matched=FOLDER`` or ``NAME=FOLDER`` with a plan
        (``SONG.json``, ``SONG.plan.json``) or a finished mix (``SONG.wav``, ``SONG.flac``,
        ``SONG/mixture.wav``) for each song. A folder with plans is one of plans, whatever audio lies beside them.
        ``matched`` without a folder takes that of ``human`` in the same list.

    Returns
    -------
    tuple of System
        In the order given.

    Raises
    ------
    ParameterError
        If there is none, one is empty, a name is unknown or stands twice.
    AudioFileError
        If a folder does not exist or holds neither plans nor mixes.
    """
    parts = (
        split_items(text, name="the systems") if isinstance(text, str) else as_texts(text, name="the systems")
    )
    systems = tuple(_system(part.strip()) for part in parts)
    if not systems:
        raise ParameterError(f"no system is named: known are {', '.join(_known())} and NAME=FOLDER")
    twice = [name for name, count in Counter(system.name for system in systems).items() if count > 1]
    if twice:
        raise ParameterError(f"the system {twice[0]!r} is named twice: give every one a name of its own")
    human = next((system for system in systems if system.kind == "human"), None)
    return systems if human is None else hearing(systems, human)


def hearing(systems: Sequence[System], reference: System) -> tuple[System, ...]:
    """Return systems of which those that explain a finished mix explain the reference, unless they name a folder.

    Parameters
    ----------
    systems : sequence of System
        Who mixes.
    reference : System
        Whose mixes are explained, where they are finished audio in a folder.

    Returns
    -------
    tuple of System
        In the same order.
    """
    if reference.kind not in ("human", "audio"):
        return tuple(systems)
    return tuple(
        replace(system, folder=reference.folder)
        if system.kind == "matched" and system.folder is None
        else system
        for system in systems
    )


def _system(part: str) -> System:
    name, equals, folder_name = (text.strip() for text in part.partition("="))
    if not equals:
        if name in _BUILT_IN:
            return System(name=name, kind=_BUILT_IN[name])
        if name.partition(WITHOUT)[0] in presets.names():
            return System(name=name, kind="preset")
        raise ParameterError(
            f"there is no system {name!r}: there are {', '.join(_known())}, or name a folder: {name}=FOLDER"
        )
    if not folder_name:
        raise ParameterError(f"{part!r} names no folder: {name}=FOLDER")
    if name not in _OF_FINISHED_MIXES and name in _known():
        raise ParameterError(
            f"{name!r} is one of our own systems: call the one in {folder_name} something else"
        )
    folder = Path(folder_name)
    kind = folder_kind(folder)
    if name == "matched" and kind == "plans":
        raise ParameterError(
            f"{folder} holds plans, and 'matched' explains finished mixes: give plans that are there another name"
        )
    return System(
        name=name,
        kind=_BUILT_IN[name] if name in _OF_FINISHED_MIXES and kind == "audio" else kind,
        folder=folder,
    )


def rules_of(name: str) -> RuleSet:
    """Return the rule set that a system's name stands for: a preset's, or ``default-without-eq``.

    Several rules are left out with ``default-without-eq-without-pan``.

    Raises
    ------
    ParameterError
        If there is no such preset, or it has no such rule.
    """
    preset, *left_out = name.split(WITHOUT)
    return presets.load(preset).without(*left_out)


def folder_kind(folder: str | os.PathLike[str]) -> Literal["plans", "audio"]:
    """Return whether a folder holds plans or finished mixes.

    They lie in it by their songs' names, or in folders of it, as `mixrules batch` writes them.

    Raises
    ------
    AudioFileError
        If it is no folder, or holds neither.
    """
    folder = Path(folder)
    try:
        if not folder.is_dir():
            what = "is a file" if folder.exists() else "does not exist"
            raise AudioFileError(f"{folder} {what}, a folder of plans or of finished mixes is needed")
        entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
        files = [entry.name for entry in entries if entry.is_file()]
        folders = [entry for entry in entries if entry.is_dir()]
        if _has_plan(files):
            return "plans"
        if any(name.lower().endswith(AUDIO_SUFFIXES) for name in files):
            return "audio"
        mixtures = [entry / f"{MIXTURE}{suffix}" for entry in folders for suffix in AUDIO_SUFFIXES]
        if any(mixture.is_file() for mixture in mixtures):
            return "audio"
        within = _kind_within(folders)
    except PermissionError as error:
        raise cannot_read(folder, error) from error
    if within is None:
        raise AudioFileError(
            f"{folder} holds neither plans (SONG.json) nor finished mixes (SONG.wav, SONG.flac, SONG/{MIXTURE}.wav)"
        )
    return within


def _has_plan(names: Sequence[str]) -> bool:
    """Return whether there is a plan among the files of a folder; what describes a run over many songs is none."""
    ours = RUN_DOCUMENT if RUN_LEDGER in names else ""
    return any(name.lower().endswith(PLAN_SUFFIXES) and name != ours for name in names)


def _kind_within(folders: Sequence[Path]) -> Literal["plans", "audio"] | None:
    """Return what folders hold at any depth: plans if there is one, else audio; None for neither."""
    audio = False
    for top in folders:
        for _, below, names in os.walk(top):
            below[:] = [name for name in below if not name.startswith(".")]
            if _has_plan(names):
                return "plans"
            audio = audio or any(name.lower().endswith(AUDIO_SUFFIXES) for name in names)
    return "audio" if audio else None


def _known() -> list[str]:
    return [*_BUILT_IN, *presets.names()]
