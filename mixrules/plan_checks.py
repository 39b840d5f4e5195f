"""What must be true of a plan as a whole: its version, its names, where its sends go, and the stems it is for."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mixrules._support.arguments import as_texts, known_names
from mixrules._support.strict_json import in_json
from mixrules._support.text_encoding import composed
from mixrules.errors import ParameterError, PlanError

if TYPE_CHECKING:
    from mixrules.mixplan import ReverbBus, StemPlan

PLAN_VERSION = 2
"""Version 2 added the dynamic equaliser, limiter, automation and width of a strip."""
READ_VERSIONS = (1, PLAN_VERSION)
"""A plan of these versions is read."""


class FieldError(ParameterError):
    """A setting that does not go with others; `path` is where it is below the plan."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def unknown_version(version: object, *, read: Sequence[int] = READ_VERSIONS) -> str:
    """Return what is wrong with a plan's version; empty where it is one of those read."""
    if not isinstance(version, bool) and version in read:
        return ""
    known = " and ".join(map(str, read))
    return f"version {in_json(version)} is not known here, this release reads {known}"


def require_names_once(names: Sequence[str], *, what: str) -> None:
    """Raise `FieldError` if a name is empty or stands twice; `what`: the plan's field, ``stems`` or ``reverbs``."""
    for number, name in enumerate(names):
        path = f".{what}[{number}].name"
        if name in names[:number]:
            raise FieldError(f"{what}: the name {name!r} stands twice", path=path)
        if not name:
            raise FieldError(f"{what}: a name is empty", path=path)


def require_reverbs_of_sends(stems: Sequence[StemPlan], reverbs: Sequence[ReverbBus]) -> None:
    """Raise `FieldError` if a stem sends to a reverb that the plan lacks."""
    buses = {bus.name for bus in reverbs}
    for number, stem in enumerate(stems):
        for place, send in enumerate(stem.sends):
            if send.to not in buses:
                raise FieldError(
                    f"stem {stem.name!r} sends to {send.to!r}: the plan has the reverbs "
                    f"{', '.join(sorted(buses)) or '(none)'}",
                    path=f".stems[{number}].sends[{place}].to",
                )


def require_from_params(
    from_params: Mapping[str, str], parameters: Collection[str], *, replaces: str, known: Collection[str]
) -> None:
    """Raise `ParameterError` unless a plug-in's parameters that follow a processor name fields of the compressor.

    Parameters
    ----------
    from_params : mapping of str to str
        From the plug-in's parameters to the fields.
    parameters : collection of str
        The plug-in's parameters that have values.
    replaces : str
        The processor whose place the plug-in takes.
    known : collection of str
        The compressor's fields.
    """
    if from_params and replaces != "compressor":
        raise ParameterError("from_params needs replaces = 'compressor', whose fields it takes")
    for name in from_params.values():
        if name not in known:
            raise ParameterError(f"from_params names {name!r}: the compressor has {', '.join(sorted(known))}")
    for name in from_params:
        if name in parameters:
            raise ParameterError(f"{name!r} stands in parameters and in from_params: one of them sets it")


def require_fields(owner: Any, changes: Mapping[str, object]) -> None:
    """Raise `ParameterError` if a change names a field that its owner, a dataclass, lacks."""
    known = [field.name for field in dataclasses.fields(owner)]
    for name in changes:
        if name not in known:
            names = known_names(name, known).replace("there are", "it has")
            raise ParameterError(f"{type(owner).__name__} has no field {name!r}: {names}")


def require_same_stems(planned: Iterable[str], names: Iterable[str], *, source: str) -> None:
    """Raise `PlanError`, naming `source`, unless a plan's stems are exactly those named, in NFC or NFD."""
    has, given = ({composed(name) for name in each} for each in (planned, as_texts(names, name="names")))
    if given == has:
        return
    parts = []
    if missing := sorted(has - given):
        parts.append(f"the plan has {', '.join(missing)}, which the stems lack")
    if unknown := sorted(given - has):
        hint = "" if missing else '; to leave a stem out, keep it there and set "mute": true'
        parts.append(f"the stems have {', '.join(unknown)}, which the plan lacks{hint}")
    raise PlanError(f"{source} is for other stems: {'; '.join(parts)}")
