"""The XML of a DAWproject's archive, which is somebody else's file: bounded, without entities, with no way out of it.

Only the texts are read, never the audio or the states of plug-ins.
"""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from xml.etree.ElementTree import Element, ParseError

from mixrules.errors import MixrulesError, PlanError
from mixrules.export.dawproject.writing import PLAN_FILE, PROJECT_FILE
from mixrules.files import cannot_read
from mixrules.mixplan import MixPlan

_ENTRIES_MAX = 20_000
_TEXT_BYTES_MAX = 32 << 20
_TAGS_MAX = 2_000_000
_DAMAGE = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, ValueError)


@dataclass(frozen=True, slots=True)
class ReadArchive:
    """What was read of an archive: the root of its project, and the plan that was exported, where it is there still."""

    root: Element
    plan: MixPlan | None


def read_archive(path: Path) -> ReadArchive:
    """Read a DAWproject's XML.

    Raises
    ------
    PlanError
        If it is no DAWproject, too large, unsafe or damaged; one line.
    AudioFileError
        If the file cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > _ENTRIES_MAX:
                raise PlanError(f"{path} holds {len(entries)} files: a DAWproject has at most {_ENTRIES_MAX}")
            for entry in entries:
                if leads_out(entry.filename):
                    raise PlanError(
                        f"{path} is refused: its file {entry.filename!r} leads out of the archive"
                    )
            names = {entry.filename for entry in entries}
            if PROJECT_FILE not in names:
                raise PlanError(f"{path} is no DAWproject: it has no {PROJECT_FILE}")
            text = _text(archive, PROJECT_FILE, path)
            plan = _text(archive, PLAN_FILE, path) if PLAN_FILE in names else None
    except MixrulesError:
        raise
    except OSError as error:
        raise cannot_read(path, error) from error
    except _DAMAGE as error:
        raise PlanError(f"{path} is no DAWproject: a ZIP archive that is whole is needed") from error
    except RuntimeError as error:  # zipfile's answer to an encrypted entry
        raise PlanError(f"{path} is encrypted: save it without a password") from error
    return ReadArchive(_root(text, path), _plan(plan, path))


def leads_out(name: str) -> bool:
    """Return whether a path leads out of the folder that it is taken from, on any system."""
    windows, posix = PureWindowsPath(name), PurePosixPath(name)
    return bool(windows.drive or windows.root or posix.root) or ".." in (*windows.parts, *posix.parts)


def _text(archive: zipfile.ZipFile, name: str, path: Path) -> bytes:
    # What the archive says of the size is not relied on.
    with archive.open(name) as file:
        text = file.read(_TEXT_BYTES_MAX + 1)
    if len(text) > _TEXT_BYTES_MAX:
        raise PlanError(f"{path} is refused: its {name} is larger than {_TEXT_BYTES_MAX >> 20} MiB unpacked")
    return text


def _root(text: bytes, path: Path) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if text.count(b"<") > _TAGS_MAX:
        raise PlanError(f"{path} is refused: its {PROJECT_FILE} has more than {_TAGS_MAX} tags")
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise PlanError(f"{path} is refused: its {PROJECT_FILE} declares a DTD or entities") from error
    except (ParseError, ValueError, LookupError) as error:
        raise PlanError(f"{path} cannot be read: its {PROJECT_FILE} is no XML ({error})") from error
    if root.tag != "Project":
        raise PlanError(f"{path} is no DAWproject: its {PROJECT_FILE} begins with <{root.tag[:40]}>")
    for reference in (*root.iter("File"), *root.iter("State")):
        file = reference.get("path", "")
        if reference.get("external") != "true" and leads_out(file):
            raise PlanError(f"{path} is refused: it refers to {file!r}, which leads out of the archive")
    return root


def _plan(text: bytes | None, path: Path) -> MixPlan | None:
    """Return the plan that an archive of ours still holds."""
    return None if text is None else MixPlan.from_json(text, source=f"{PLAN_FILE} in {path}")
