"""How a folder is laid out: stems side by side, groups in folders, a folder around them, or several songs.

Folders whose names say that they hold finished mixes, old copies or a DAW's own files are not mixed, nor are outputs of
this package and copies of the stems; each is named with the reason. Folders within a song are told from songs within a
folder by their names and by what they hold: a group is called after an instrument ("Drums", "Vox"), songs hold the same
kinds of instruments side by side.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mixrules._support.text_encoding import composed, shown
from mixrules.errors import StemsError
from mixrules.stems.roles import guess_roles
from mixrules.stems.roles.families import section_of
from mixrules.stems.song_files.file_kinds import bare_name, named_like_audio
from mixrules.stems.song_files.folder_scan import FoundFile, FoundFolder, scan_folder
from mixrules.stems.song_files.folder_words import (
    FINISHED,
    GROUPS,
    NEUTRAL,
    NO_MIX,
    OLD,
    PROGRAM,
    STEMS,
    VERSIONS,
)
from mixrules.stems.song_files.stems_toml import TOML_NAME, StemsToml, misnamed_notes, read_stems_toml
from mixrules.stems.stem_names import first_names

_PROJECTS = (".logicx", ".band", ".als", ".ptf", ".ptx", ".cpr", ".song", ".bwproject", ".tracktion")
# What this package writes beside audio: listening tests, comparisons, pages of ratings.
_OURS = ("key.json", "comparison.json")

NAME_ONE = ": name the folder of one of them"
"""What is to be done about a folder of several songs, in its error."""

# A letter in a name hints at a role, and not more.
_SURE = 0.6
_IS_FINISHED = "its name says that it holds finished mixes"
_REASONS = (
    (FINISHED, _IS_FINISHED),
    (OLD, "its name says that it holds what is not used"),
    (PROGRAM, "it is a folder that a program keeps for itself"),
)


@dataclass(slots=True)
class SongLayout:
    """The files of a song.

    Attributes
    ----------
    base : str
        The folder within the one given that holds the stems, ``""`` for that itself.
    stems, stem_files : list of FoundFile
        Audio files, and songs in one file.
    left_out : dict of str to str
        What might be audio and is not used, with the reasons.
    notes : list of str
        Which folders were read.
    stems_toml : StemsToml
        What the song's folder says about them.
    """

    base: str
    stems: list[FoundFile]
    stem_files: list[FoundFile]
    left_out: dict[str, str]
    notes: list[str]
    stems_toml: StemsToml


def song_layout(path: Path) -> SongLayout:
    """Return the files of the song in a folder.

    Raises
    ------
    StemsError
        If the folder holds several songs, or too many files for one.
    AudioFileError
        If it cannot be read.
    """
    top = scan_folder(path)
    layout = SongLayout("", [], [], {}, [], read_stems_toml(path))
    _lay_out(top, layout, path)
    return layout


def _lay_out(folder: FoundFolder, layout: SongLayout, path: Path) -> None:
    """Fill in a layout from a folder, or from the only folder in it that holds stems."""
    layout.notes += misnamed_notes(folder.entries)
    layout.left_out.update(folder.left_out)
    others = [file for file in folder.stems if _role(file.name) in ("mixture", "guide")]
    stems_here = len(folder.stems) > len(others)
    inner = _folder_of_stems(folder) if stems_here else None
    if inner is not None:
        layout.left_out |= {
            file.name: f"it lies beside the folder {shown(inner.name)}, which holds the stems"
            for file in folder.stems
            if file not in others
        }
        for beside in folder.folders:
            if beside is not inner and beside.every_stem():
                _leave_out(
                    beside, f"it lies beside the folder {shown(inner.name)}, which holds the stems", layout
                )
        stems_here = False
        folder.folders = [inner]
    alone = not stems_here and not folder.stem_files
    groups = _groups(folder, layout, alone=alone, lone=_lone_folder(folder, layout) if alone else None)
    mixes = [group for group in groups if _all_mixtures(group)]
    if len(mixes) < len(groups):
        groups = [group for group in groups if group not in mixes]
        layout.stems += [file for group in mixes for file in group.every_stem()]
    if alone and len(groups) == 1:
        (inner,) = groups
        layout.stems += others
        layout.base = inner.name
        layout.notes.append(f"stems read from the folder {shown(inner.name)}")
        own = read_stems_toml(inner.path)
        if own.path is not None:
            layout.stems_toml = own
        _lay_out(inner, layout, path)
        return
    if _are_songs(groups, stems_here=stems_here):
        names = [group.name for group in groups]
        raise StemsError(
            f"{path} holds {len(names)} songs, or versions of one ({first_names(names)}){NAME_ONE}, or "
            f"mix them all by mixrules batch {shlex.quote(str(path))} -o mixes"
        )
    layout.stems += folder.stems
    layout.stem_files += folder.stem_files
    read = [group.name for group in groups if _collect(group, layout)]
    submixes = {_stem_key(file): file.name for file in folder.stems}
    layout.notes += [
        f"{shown(submixes[key])} may hold the stems in {shown(name)}/ already: if so, ignore it in {TOML_NAME}"
        for name in read
        if (key := _key(PurePosixPath(name).name)) in submixes
    ]
    if read:
        layout.notes.append(f"stems read from the folder{'s' * (len(read) > 1)} {first_names(read)}")


def _collect(group: FoundFolder, layout: SongLayout) -> bool:
    """Take the stems of a group and of the groups in it into the layout; return whether there are any."""
    layout.left_out.update(group.left_out)
    layout.left_out.update({file.name: "it is a song in one file" for file in group.stem_files})
    layout.stems += group.stems
    inner = [_collect(folder, layout) for folder in _groups(group, layout, alone=not group.stems)]
    return bool(group.stems) or any(inner)


def _groups(
    folder: FoundFolder, layout: SongLayout, *, alone: bool, lone: FoundFolder | None = None
) -> list[FoundFolder]:
    """Return the folders in a folder that may hold stems; note the others.

    Parameters
    ----------
    folder : FoundFolder
        The folder.
    layout : SongLayout
        Where the others are noted.
    alone : bool
        Whether there are no stems beside the folders.
    lone : FoundFolder or None
        The one that holds the stems, whatever its name.
    """
    groups = []
    for inner in folder.folders:
        if not inner.every_stem():
            layout.left_out.update(inner.everything_left_out())
            if named_like_audio(inner.name):
                layout.left_out[inner.name] = "it is a folder"
            continue
        why = _why_not_mixed(inner, layout.stems_toml)
        if why and inner is not lone:
            _leave_out(inner, why, layout)
        else:
            groups.append(inner)
    named_so = [inner for inner in groups if _plain(inner) in VERSIONS or _says_mix(inner)]
    others = [inner for inner in groups if inner not in named_so]
    if named_so and (not alone or any(_says_role(inner) for inner in others)):
        for inner in named_so:
            _leave_out(inner, "its name says that it holds versions of the stems beside it", layout)
        groups = others
    beside = {_stem_key(file) for file in folder.stems}
    beside |= {
        key for inner in groups if _says_role(inner) for file in inner.every_stem() for key in _keys(file)
    }
    for inner in list(groups):
        keys = {_stem_key(file) for file in inner.every_stem()}
        if not _says_role(inner) and keys <= beside:
            _leave_out(inner, "its files are called as the stems beside it, as copies are", layout)
            groups.remove(inner)
    return groups


def _lone_folder(folder: FoundFolder, layout: SongLayout) -> FoundFolder | None:
    """Return the folder that is called as finished mixes are and holds the only stems: DAWs export to ``Mixdown``."""
    holding = [
        (inner, _why_not_mixed(inner, layout.stems_toml))
        for inner in folder.folders
        if inner.every_stem() and not _all_mixtures(inner)
    ]
    if any(not why for _, why in holding):
        return None
    lone = [inner for inner, why in holding if why == _IS_FINISHED and len(_families(inner)) > 1]
    return lone[0] if len(lone) == 1 else None


def _all_mixtures(folder: FoundFolder) -> bool:
    """Return whether all of a folder's files are mixtures by their names."""
    return all(_role(file.name) == "mixture" for file in folder.every_stem())


def _leave_out(folder: FoundFolder, why: str, layout: SongLayout) -> None:
    count = len(folder.every_stem())
    layout.left_out[f"{folder.name}/"] = f"{why} ({count} audio file{'s' * (count > 1)})"


def _why_not_mixed(folder: FoundFolder, stems_toml: StemsToml) -> str:
    """Return why a folder is no part of the song, empty if it may be."""
    if stems_toml.ignores_folder(folder.name):
        return "stems.toml ignores it"
    name = PurePosixPath(folder.name).name.lower()
    if name.endswith(_PROJECTS):
        return "it is a DAW's project, export its tracks"
    if named_like_audio(name):
        return "it is a folder"
    planned = [file for file in folder.stems if f"{Path(file.path.name).stem}.plan.json" in folder.entries]
    if any(entry in _OURS for entry in folder.entries) or (planned and len(planned) == len(folder.stems)):
        return "it holds outputs of mixrules"
    if "index.html" in folder.entries:
        return "it is a page with audio"
    plain = _plain(folder)
    if _role(folder.name) == "guide":
        return "its name says that it holds guides, no part of the song"
    if " ".join(word for word in plain.split() if word not in NEUTRAL) in OLD:
        plain = "old"
    return next((why for phrases, why in _REASONS if plain in phrases), "")


def _are_songs(folders: list[FoundFolder], *, stems_here: bool) -> bool:
    """Return whether folders hold a song each, and not the groups of one."""
    if len(folders) < 2:
        return False
    contents = [_families(folder) for folder in folders]
    whole = [families for families in contents if len(families) > 1]
    alike = any(a & b for i, a in enumerate(whole) for b in whole[i + 1 :])
    if stems_here:
        names = [{_stem_key(file) for file in folder.every_stem()} for folder in folders]
        shared = any(
            len(a & b) * 2 > min(len(a), len(b)) for i, a in enumerate(names) for b in names[i + 1 :]
        )
        return alike and shared
    named = sum(_says_role(folder) or _plain(folder) in GROUPS for folder in folders)
    return alike or named * 2 < len(folders)


def _families(folder: FoundFolder) -> set[str]:
    """Return which kinds of instruments a folder's files are called after."""
    return {section for file in folder.every_stem() if (section := section_of(_role(file.name)))}


def named_as_part(name: str) -> bool:
    """Return whether a folder is called as those within a song's folder are, and not as a song may be."""
    plain = _plain_name(name)
    return _name_says_role(name) or any(
        plain in phrases for phrases in (GROUPS, STEMS, VERSIONS, FINISHED, OLD, PROGRAM)
    )


def _says_role(folder: FoundFolder) -> bool:
    return _name_says_role(_bare(folder))


def _name_says_role(name: str) -> bool:
    guess = guess_roles([name])[name]
    return guess.confidence >= _SURE and (
        bool(section_of(guess.role)) or guess.role in ("effects", "support")
    )


def _says_mix(folder: FoundFolder) -> bool:
    return _role(folder.name) == "mixture" and not NO_MIX & set(_plain(folder).split())


def _folder_of_stems(folder: FoundFolder) -> FoundFolder | None:
    """Return the folder of stems in one that holds finished mixes of them, as releases and DAWs have it."""
    rivals = [file for file in folder.stems if _role(file.name) not in ("mixture", "guide")]
    groups = [group for group in folder.folders if _says_role(group) and _plain(group) not in OLD]
    rivals += [file for group in groups for file in group.every_stem()]
    nameless = all(_role(file.name) == "unknown" for file in rivals)
    named = [
        inner
        for inner in folder.folders
        if _plain(inner) in STEMS or (nameless and _plain(inner) in VERSIONS and len(_families(inner)) > 1)
    ]
    return named[0] if len(named) == 1 and len(named[0].every_stem()) > len(rivals) else None


def _role(path: str) -> str:
    """Return the role that a file's or a folder's own name says."""
    name = PurePosixPath(path).name
    return guess_roles([name])[name].role


def _bare(folder: FoundFolder) -> str:
    return PurePosixPath(folder.name).name


def _plain(folder: FoundFolder) -> str:
    """Return a folder's name in lower case without numbers and signs."""
    return _plain_name(_bare(folder))


def _plain_name(name: str) -> str:
    return " ".join(re.findall(r"mp3s?|[^\W\d_]+", composed(name).casefold()))


def _stem_key(file: FoundFile) -> str:
    return _key(bare_name(PurePosixPath(file.name).name))


def _keys(file: FoundFile) -> set[str]:
    """Return the names under which a stem of a group may have been rendered."""
    parts = PurePosixPath(file.name).parts
    return {_stem_key(file), _key(" ".join([*parts[:-1], bare_name(parts[-1])]))}


def _key(name: str) -> str:
    """Return a stem's name to compare copies by: left and right may be rendered as one."""
    return re.sub(r"[\s._-]+(l|r|left|right)$", "", composed(name).casefold())
