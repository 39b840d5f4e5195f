"""The errors that mixrules raises.

Every message is one line that says what was wrong, where, and what would be accepted. The
library raises; only the command line catches, prints the line and exits with status 2.
"""

from __future__ import annotations


class MixrulesError(Exception):
    """Base class of every error that mixrules raises on purpose."""


class ParameterError(MixrulesError, ValueError):
    """A setting is out of its range or of the wrong type."""


class AudioError(MixrulesError, ValueError):
    """An array of audio cannot be used: wrong shape, wrong type, NaN or infinity in it."""


class AudioFileError(MixrulesError, OSError):
    """A file cannot be read or written."""


class StemsError(MixrulesError, ValueError):
    """A set of stems cannot be used: none, all silent, names that collide or are unknown."""


class PlanError(MixrulesError, ValueError):
    """A plan cannot be read, or it does not fit the stems."""


class ListeningTestError(MixrulesError, ValueError):
    """A listening test, its key or a listener's ratings cannot be used."""
