"""Options of `mixrules stimuli` that say how a test asks, on top of a definition of one's own."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from mixrules.cli.output import say

if TYPE_CHECKING:
    from mixrules.listening.format.definition import Definition, DefinitionError


def definition_of_options(choices: dict[str, Any], *, page_layout: str) -> Definition:
    """Return how a test asks, and take the options that said it out of `choices`.

    Parameters
    ----------
    choices : dict
        The command's options by name.
    page_layout : {"one", "all"}
        One attribute at a time, or all together.

    Raises
    ------
    MixrulesError
        If an option, or the file of a definition, says what is not accepted.
    """
    from mixrules.listening.format.definition_reading import parse_definition, read_definition
    from mixrules.listening.format.parts import Completion
    from mixrules.listening.making.request import parse_attributes

    file = choices.pop("definition_file")
    taken = {
        name: choices.pop(name)
        for name in (
            *(
                "title",
                "language",
                "contact",
                "scale",
                "attributes",
                "repeats",
                "training",
                "songs_per_listener",
            ),
            *("headphone_check", "completion_code", "return_address", "listener_parameter"),
        )
    }
    reference = choices["reference"]
    given = {name for name in (*taken, "page_layout") if _is_given(name)}
    kind, language = taken["scale"], taken["language"]
    if file is None:
        given |= {"title", "contact", "headphone_check", "listener_parameter", "songs_per_listener"}
        given |= {"page_layout", "training", "repeats"}
        # Everything that an option does not say is in the language that one says.
        base = parse_definition(
            f'language = "{language}"\n[scale]\nkind = "{kind}"\n' if language.isalnum() else ""
        )
    else:
        base = read_definition(file)
        kind = kind if "scale" in given else base.scale.kind
        language = language if "language" in given else base.language
    changes: dict[str, Any] = {"language": language, "scale": dataclasses.replace(base.scale, kind=kind)}
    for name in ("title", "contact", "repeats", "training", "headphone_check", "listener_parameter"):
        if name in given:
            changes[name] = taken[name]
    if "songs_per_listener" in given:
        changes["songs_per_listener"] = taken["songs_per_listener"] or None
    if "page_layout" in given:
        changes["layout"] = page_layout
    if "attributes" in given:
        changes["attributes"] = parse_attributes(taken["attributes"], language=language, pairs=kind == "ab")
    elif kind == "abx":
        changes["attributes"] = ()
    if {"completion_code", "return_address"} & given:
        text = base.completion.text if base.completion else ""
        changes["completion"] = Completion(
            text=text, code=taken["completion_code"], url=taken["return_address"]
        )
    if reference is not None:
        changes["reference"] = reference
    made: Definition = dataclasses.replace(base, **changes)
    return made


def say_mistakes(error: DefinitionError) -> int:
    """Say each mistake of a definition in a line of its own; return the exit status."""
    for mistake in error.mistakes:
        say(f"mixrules: {mistake}", err=True)
    return 2


def _is_given(name: str) -> bool:
    context = click.get_current_context()
    return context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
