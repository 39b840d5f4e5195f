"""Reading and writing the documents of a listening test: JSON, strictly, with the format's name checked first."""

from __future__ import annotations

import os
from typing import Any, TypeVar

from mixrules._support.strict_json import converted, decoded, in_json, refused_field
from mixrules.errors import ListeningTestError, PlanError
from mixrules.files import read_text

_T = TypeVar("_T")


def json_of(document: Any) -> str:
    """Return a dataclass as indented JSON, ending with a line break."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def parsed_document(
    text: str | bytes, kind: type[_T], form: str, versions: tuple[int, ...], *, source: str
) -> _T:
    """Return a JSON text as a document of one format and version.

    Parameters
    ----------
    text : str or bytes
        The JSON document.
    kind : type
        The dataclass it should be.
    form : str
        What its ``format`` must say.
    versions : tuple of int
        What its ``version`` may say.
    source : str
        What to call it in an error message, usually a file's name.

    Returns
    -------
    object
        Of the type `kind`.

    Raises
    ------
    ListeningTestError
        One line with the path in the document.
    """
    try:
        document = decoded(text, source)
        if not isinstance(document, dict) or document.get("format") != form:
            raise ListeningTestError(
                f'{source} is something else: a JSON object with "format": "{form}" is accepted'
            )
        if document.get("version") not in versions:
            read_here = " and ".join(map(str, versions))
            if "version" not in document:
                raise ListeningTestError(
                    f"{source}: $: the field version is missing, {read_here} is read here"
                )
            found = in_json(document["version"])
            what = f"{found} is not known here, this release reads {read_here}"
            raise refused_field("version", what, source=source, text=text)
        return converted(document, kind, path="$", source=source, text=text)
    except PlanError as error:
        raise ListeningTestError(str(error)) from None


def read_document(path: str | os.PathLike[str], kind: type[_T], form: str, versions: tuple[int, ...]) -> _T:
    """Return a file's document; see `parsed_document`. A file that cannot be read is an `AudioFileError`."""
    return parsed_document(read_text(path), kind, form, versions, source=str(path))
