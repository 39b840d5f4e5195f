"""Reading ``test.toml``: every mistake is a line that names the key and what is accepted."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

from mixrules._support.strict_toml import toml_document
from mixrules.errors import ListeningTestError, ParameterError
from mixrules.files import read_text
from mixrules.listening.format.defaults import (
    default_attributes,
    default_labels,
    default_questions,
    training_labels,
)
from mixrules.listening.format.definition import Definition, DefinitionError
from mixrules.listening.format.parts import (
    MAX_ABX_TRIALS,
    Attribute,
    Completion,
    Consent,
    Question,
    Scale,
)
from mixrules.listening.format.toml_tables import Table

_KINDS = ("likert", "continuous", "ab", "abx")
_MOST_SONGS = 10_000


def read_definition(path: str | os.PathLike[str]) -> Definition:
    """Read a test's definition.

    Parameters
    ----------
    path : path-like
        A TOML file.

    Returns
    -------
    Definition

    Raises
    ------
    DefinitionError
        If something in it is not accepted; its `mistakes` are a line each.
    AudioFileError
        If it cannot be read.
    """
    return parse_definition(read_text(path), source=Path(path).name)


def parse_definition(text: str, *, source: str = "test.toml") -> Definition:
    """Return the definition in a text; parameters and errors as for `read_definition`.

    Parameters
    ----------
    text : str
        TOML.
    source : str
        What to call it in a mistake's line.
    """
    try:
        document = toml_document(text, source)
    except ParameterError as error:
        raise DefinitionError(
            source, (str(error).removeprefix(f"{source} ").removeprefix(f"{source}: "),)
        ) from None
    mistakes: list[str] = []
    top = Table(document, "", mistakes)
    fields = _fields(top)
    top.end()
    if not mistakes:
        try:
            return Definition(**fields)
        except ListeningTestError as error:
            mistakes.append(str(error))
    raise DefinitionError(source, tuple(mistakes))


def page_words() -> dict[str, dict[str, str]]:
    """Return the page's own words, by language and key."""
    # By its place in the package: the page's own module imports this one.
    file = resources.files("mixrules.listening").joinpath("serving", "site", "words.json")
    words: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return words


def _fields(top: Table) -> dict[str, Any]:
    language = top.text("language", "en")
    fields: dict[str, Any] = {
        "title": top.text("title", "Listening test"),
        "introduction": top.text("introduction"),
        "contact": top.text("contact"),
        "language": language,
        "consent": _part(top, "consent", _consent),
        "completion": _part(top, "completion", _completion),
    }
    words = top.table("words")
    fields["words"] = words.words(page_words()["en"])
    listeners = top.table("listeners")
    fields["listener_parameter"] = listeners.text("parameter", "listener")
    fields["headphone_check"] = listeners.one_of("headphone_check", ("off", "record", "required"), "off")
    listeners.end()
    scale = top.table("scale")
    fields |= _scale(scale, language)
    scale.end()
    kind = fields["scale"].kind
    fields["attributes"] = _attributes(top, kind, language)
    fields["questions"] = _questions(top, language)
    reference = top.table("reference")
    fields["reference"] = reference.text("condition") or None
    fields["anchors"] = reference.texts("anchors")
    fields["pairs"] = reference.one_of("pairs", ("all", "reference"), "all")
    reference.end()
    fields["condition_labels"] = top.table("conditions").words(None)
    pages = top.table("pages")
    fields["repeats"] = pages.whole("repeats", 0, _MOST_SONGS, 0)
    fields["songs_per_listener"] = pages.whole("songs_per_listener", 0, _MOST_SONGS, 0) or None
    pages.end()
    training = top.table("training")
    fields["training"] = training.flag("show", default=True)
    fields["training_labels"] = training.texts("labels", training_labels(language), count=2)
    fields["training_text"] = training.text("text")
    fields["training_lines"] = training.table("lines").words([a.id for a in fields["attributes"]])
    training.end()
    return fields


def _part(top: Table, key: str, read: Callable[[Table], Any]) -> Any:
    """Return what a table below is, None where there is none."""
    table = top.table(key)
    return _made(table, read) if top.has(key) else None


def _made(table: Table, read: Callable[[Table], Any]) -> Any:
    """Return what `read` makes of a table; None, and a line, where that is impossible."""
    before = len(table.mistakes)
    try:
        return read(table)
    except ListeningTestError as error:
        if len(table.mistakes) == before:
            table.mistakes.append(f"{table.path}: {error}")
        return None
    finally:
        table.end()


def _consent(table: Table) -> Consent:
    return Consent(text=table.text("text", needed=True), label=table.text("label"))


def _completion(table: Table) -> Completion:
    return Completion(text=table.text("text"), code=table.text("code"), url=table.text("url"))


def _scale(table: Table, language: str) -> dict[str, Any]:
    scale = Scale(
        kind=table.one_of("kind", _KINDS, "likert"),
        labels=table.texts("labels", default_labels(language), count=5),
        no_preference=table.flag("no_preference", default=True),
        trials=table.whole("trials", 1, MAX_ABX_TRIALS, 10),
    )
    return {
        "scale": scale,
        "layout": table.one_of("layout", ("one", "all"), "one"),
        "attribute_order": table.one_of("attribute_order", ("listed", "random"), "listed"),
        "require_full_listen": table.flag("require_full_listen", default=True),
        "comments": table.one_of("comments", ("page", "mix", "off"), "page"),
    }


def _attributes(top: Table, kind: str, language: str) -> tuple[Attribute, ...]:
    if kind == "abx" and not top.has("attributes"):
        top.tables("attributes")
        return ()
    known = {a.id: a for a in default_attributes(language, pairs=kind == "ab")}
    if not top.has("attributes"):
        top.tables("attributes")
        return (known["overall"],) if kind == "ab" else tuple(known.values())

    def attribute(table: Table) -> Attribute:
        name = table.text("id", needed=True)
        ours = known.get(name)
        label = table.text("label", ours.label if ours else readable(name))
        return Attribute(id=name, label=label, hint=table.text("hint", ours.hint if ours else ""))

    return tuple(made for table in top.tables("attributes") if (made := _made(table, attribute)) is not None)


def _questions(top: Table, language: str) -> tuple[Question, ...]:
    tables = top.tables("questions")
    if not top.has("questions"):
        return default_questions(language)
    return tuple(made for table in tables if (made := _made(table, _question)) is not None)


def _question(table: Table) -> Question:
    kind = table.one_of("kind", ("choice", "number", "text"), "choice" if table.has("options") else "text")
    options = table.texts("options") if kind == "choice" else ()
    if kind == "choice" and not options:
        table.wrong("options", "a choice needs a list of texts to choose from")
    return Question(
        id=table.text("id", needed=True),
        label=table.text("label", needed=True),
        options=options,
        required=table.flag("required", default=False),
        when=table.one_of("when", ("before", "after"), "before"),
        number=kind == "number",
        minimum=table.number("minimum"),
        maximum=table.number("maximum"),
    )


def readable(name: str) -> str:
    """Return a name for people: ``vocal_level`` is ``Vocal level``."""
    words = " ".join(name.replace("_", " ").split())
    return f"{words[:1].upper()}{words[1:]}"
