"""What is wrong with a command line, in one line: what was given, what is accepted, what may have been meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

import click

from mixrules._support.written_values import decimal_point
from mixrules.cli.guesses import misspelt

_NUMBER = re.compile(r"'(.*)' is not a valid (float|number|integer)(?: range)?\.", re.DOTALL)
_RANGE = re.compile(r"(.*) is not in the range (\S+?)<(=?)x(?:<(=?)(\S+?))?\.")
_CHOICE = re.compile(r"'(.*)' is not one of (.*)\.", re.DOTALL)
_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_OPTION = re.compile(r"No such option:? '?([^\s'.]+)'?\.?\s*(.*)", re.DOTALL)


def usage_message(error: click.ClickException, commands: Iterable[str]) -> str:
    """Return what to print for an error of the command line.

    Parameters
    ----------
    error : click.ClickException
        As click raised it.
    commands : iterable of str
        The commands that there are.
    """
    message = error.format_message()
    command = _COMMAND.fullmatch(message)
    if command:
        return misspelt(command.group(1), commands)
    option = _OPTION.fullmatch(message)
    if option:
        close = re.findall(r"'(-[^']+)'", option.group(2))
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        return f"there is no option {option.group(1)}{hint}{_help(error)}"
    if isinstance(error, click.MissingParameter):
        name = error.param.get_error_hint(error.ctx).strip("'") if error.param and error.ctx else "something"
        return f"{name} is missing{_usage(error)}"
    if isinstance(error, click.BadParameter) and error.param is not None:
        name = error.param.get_error_hint(error.ctx).strip("'") if error.ctx else str(error.param.name)
        return _bad_value(name, error.message) or message
    extra = _EXTRA.fullmatch(message)
    return f"there are more arguments than are used ({extra.group(1)}){_usage(error)}" if extra else message


def _bad_value(name: str, message: str) -> str:
    number = _NUMBER.fullmatch(message)
    if number:
        given, kind = number.groups()
        whole = kind == "integer"
        what = "a whole number" if whole else "a number"
        return f"{name} must be {what}, got {given!r}{'' if whole else decimal_point(given)}"
    found = _RANGE.fullmatch(message)
    if found:
        given, low, closed, _, high = found.groups()
        bounds = f"{low} to {high}" if high else f"{'at least' if closed else 'above'} {low}"
        return f"{name} must be {bounds}, got {given}"
    choice = _CHOICE.fullmatch(message)
    if choice:
        known = re.findall(r"'([^']*)'", choice.group(2))
        return f"{name} must be one of {', '.join(known)}, got {choice.group(1)!r}"
    return ""


def _usage(error: click.ClickException) -> str:
    """Return how the command is called, to stand after a message."""
    context = getattr(error, "ctx", None)
    if context is None:
        return ""
    usage = " ".join(context.get_usage().removeprefix("Usage:").split())
    return f": {usage}"


def _help(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"; {context.command_path} --help lists them" if context is not None else ""
