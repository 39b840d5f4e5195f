"""Names of stems and of their files: compared alike however they are written, unique, and fit for a line of text.

The same letter may be one code point or a letter with a mark (Unicode's normal forms NFC and NFD): macOS writes the one,
people type the other. Names are compared, and stems are named, in NFC.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from mixrules._support.text_encoding import casefolded, composed, shown
from mixrules.errors import StemsError
from mixrules.stems.song_files.file_kinds import bare_name, clean_name

_NAMES_SHOWN = 12
_LONGEST_NAME = 255


def first_names(names: Sequence[str]) -> str:
    """Return names as a list in a sentence, the first dozen of many."""
    more = len(names) - _NAMES_SHOWN
    head = ", ".join(shown(name) for name in names[:_NAMES_SHOWN])
    return f"{head} and {more} more" if more > 0 else head


def stem_names(
    files: Sequence[str], *, where: str, by_folder: Collection[str] = ()
) -> tuple[dict[str, str], list[str]]:
    """Name the stems after their files, each differently.

    Parameters
    ----------
    files : sequence of str
        Paths within the song's folder, with ``/``.
    where : str
        The song, for the error.
    by_folder : collection of str
        Those of the files whose own names say nothing without their folder's: ``Kick/In.wav``.

    Returns
    -------
    dict of str to str
        From a file to its stem's name: the file's name without the extension; with its folder before it where the
        name says nothing without it, with all folders where another file has that name; with a number where names
        differ only in case or Unicode's normal form.
    list of str
        Notes on names that got a number.

    Raises
    ------
    StemsError
        If two files of one folder differ in their extension alone.
    """
    names: dict[str, str] = {}
    short = {file: _with_folder(file) if file in by_folder else _own_name(file) for file in files}
    for same in _grouped(short).values():
        for file in same:
            names[file] = short[file] if len(same) == 1 else _joined_name(file)
        bare: dict[tuple[str, str], str] = {}
        for file in same:
            path = PurePosixPath(file)
            other = bare.setdefault((str(path.parent), bare_name(path.name)), file)
            if other != file:
                raise StemsError(
                    f"{shown(other)} and {shown(file)} in {shown(where)} would both be stem {shown(names[file])!r}, "
                    "rename one or ignore it in stems.toml"
                )
    notes = []
    taken: set[str] = set()
    for file in files:
        name, number = names[file], 2
        while casefolded(name) in taken:
            name, number = f"{names[file]} {number}", number + 1
        if name != names[file]:
            notes.append(
                f"{shown(file)}: called {name!r}, as another file has the same name but for its spelling"
            )
        taken.add(casefolded(name))
        names[file] = name
    return names, notes


def matching_file(key: str, files: Sequence[str], where: str) -> str:
    """Return the file that `key` means.

    Parameters
    ----------
    key : str
        A path within the song's folder or a file's name, with or without the extension; or a folder's and a file's name
        as a stem's name joins them.
    files : sequence of str
        Paths within the song's folder.
    where : str
        Who gave the key, for the error.

    Raises
    ------
    StemsError
        If it means none of them, or several.
    """
    wanted = composed(key).replace("\\", "/")
    told = shown(key[:_LONGEST_NAME])
    ways: tuple[Callable[[str], str], ...] = (
        composed,
        lambda file: composed(_without_extension(file)),
        lambda file: composed(PurePosixPath(file).name),
        _own_name,
        _joined_name,
        _with_folder,
        # Spaces at the ends of a name are hard to see and to type.
        lambda file: composed(clean_name(PurePosixPath(file).name)).strip(),
        lambda file: _own_name(file).strip(),
    )
    for way in ways:
        matches = [file for file in files if way(file) == wanted]
        if len(matches) == 1:
            return matches[0]
        if matches:
            folders = len({PurePosixPath(file).parent for file in matches}) > 1
            what = "folder" if folders else "extension"
            raise StemsError(
                f"{where}: {told!r} means {' or '.join(map(shown, matches))}, write the {what} too"
            )
    raise StemsError(
        f"{where}: there is no file {told!r}{hint(wanted, files)}, there are {first_names(files)}"
    )


def matching_files(pattern: str, files: Iterable[str]) -> list[str]:
    """Return the files that a pattern with ``*`` or ``?`` means, by their path or their own name, in any case."""
    # Brackets are common in names.
    wanted = casefolded(pattern.replace("\\", "/")).replace("[", "[[]")
    return [
        file
        for file in files
        if any(
            fnmatch.fnmatchcase(text, wanted)
            for path in (casefolded(file),)
            for text in (
                path,
                _without_extension(path),
                PurePosixPath(path).name,
                casefolded(_own_name(file)),
            )
        )
    ]


def is_pattern(key: str, files: Sequence[str]) -> bool:
    """Return whether a key of ``stems.toml`` means several files, and is not the name of one."""
    return ("*" in key or "?" in key) and not any(same_name(file, key) for file in files)


def same_name(name: str, other: object) -> bool:
    """Return whether two names are the same text, in whichever of Unicode's normal forms."""
    return isinstance(other, str) and composed(name) == composed(other)


def hint(wanted: object, files: Sequence[str]) -> str:
    """Return a question after the name that was probably meant, or nothing."""
    if not isinstance(wanted, str):
        return ""
    known = {
        casefolded(text): file for file in files for text in (_own_name(file), _without_extension(file), file)
    }
    close = difflib.get_close_matches(casefolded(wanted[:_LONGEST_NAME]), known, n=1, cutoff=0.8)
    return f"; did you mean {shown(known[close[0]])}?" if close else ""


def _grouped(names: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the files that have the same name, but for the case, under it."""
    groups: dict[str, list[str]] = {}
    for file, name in names.items():
        groups.setdefault(casefolded(name), []).append(file)
    return groups


def _own_name(file: str) -> str:
    return composed(bare_name(PurePosixPath(file).name))


def _with_folder(file: str) -> str:
    path = PurePosixPath(file)
    return composed(f"{path.parent.name} {bare_name(path.name)}".strip())


def _joined_name(file: str) -> str:
    parts = PurePosixPath(file).parts
    return composed(" ".join([*parts[:-1], bare_name(parts[-1])]))


def _without_extension(file: str) -> str:
    path = PurePosixPath(file)
    return str(path.parent / bare_name(path.name)) if len(path.parts) > 1 else bare_name(file)
