"""The errors that mixrules raises.

Every message is one line that says what was wrong, where, and what would be accepted. The
library raises; only the command line catches, prints the line and exits with status 2.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "AudioError",
    "AudioFileError",
    "ClusterError",
    "ListeningTestError",
    "MissingPackageError",
    "MixrulesError",
    "ParameterError",
    "PlanError",
    "StemsError",
    "TrainingError",
]

_LONGEST = 2000


def in_one_line(text: str) -> str:
    """Return a text with what no line can show written as an escape: line breaks, control characters, no characters."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Zs" else ascii(sign)[1:-1]


class MixrulesError(Exception):
    """Base class of every error that mixrules raises on purpose; its message is one line, whatever names it holds."""

    def __init__(self, message: object = "", *more: object) -> None:
        text = in_one_line(message) if isinstance(message, str) else message
        if isinstance(text, str) and len(text) > _LONGEST:
            text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
        super().__init__(text, *more)


class ParameterError(MixrulesError, ValueError):
    """A setting is out of its range or of the wrong type."""


class AudioError(MixrulesError, ValueError):
    """An array of audio cannot be used: wrong shape, wrong type, NaN or infinity in it."""


class AudioFileError(MixrulesError, OSError):
    """A file cannot be read or written."""


class MissingPackageError(MixrulesError, ImportError):
    """A package that only a part of mixrules needs is not installed."""


class ClusterError(MixrulesError, ConnectionError):
    """A cluster cannot be used: its scheduler does not answer or went away, or a worker is of another version."""


class StemsError(MixrulesError, ValueError):
    """A set of stems cannot be used: none, all silent, names that collide or are unknown."""


class PlanError(MixrulesError, ValueError):
    """A plan cannot be read, or it does not fit the stems."""


class ListeningTestError(MixrulesError, ValueError):
    """A listening test, its key or a listener's ratings cannot be used."""


class TrainingError(MixrulesError, ArithmeticError):
    """A network cannot be trained further: what it computes is not a number."""
