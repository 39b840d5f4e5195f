"""What the command line says when something fails: one line, whatever it was."""

from __future__ import annotations

from mixrules.errors import MixrulesError, in_one_line

BAD_INPUT, UNEXPECTED = 2, 70  # the latter is EX_SOFTWARE of sysexits.h


def failure_of_file(file: object, error: Exception) -> tuple[str, int]:
    """Return what `failure` does, with the file's name in the line: errors of this package name it already."""
    line, status = failure(error)
    return line if isinstance(error, MixrulesError) else f"{file}: {line}", status


def failure(error: Exception) -> tuple[str, int]:
    """Return a line that says what failed, and the exit status that goes with it.

    Parameters
    ----------
    error : Exception
        Errors of this package and of the system are the input's; any other is a fault of the program or of a library.

    Returns
    -------
    line : str
        One line.
    status : int
        2 for bad input, 70 for a fault.
    """
    text = in_one_line(str(error) if isinstance(error, MixrulesError) else " ".join(str(error).split()))
    if isinstance(error, MemoryError):
        return f"there is not enough memory{f' ({text})' if text else ''}", BAD_INPUT
    if isinstance(error, OSError) and not isinstance(error, MixrulesError) and error.strerror:
        name = f"{error.filename}: " if error.filename else ""
        return f"{name}{error.strerror.lower()}", BAD_INPUT
    if isinstance(error, MixrulesError | OSError):
        return text or type(error).__name__, BAD_INPUT
    kind = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"unexpected {kind}; please report it, mixrules --debug shows where", UNEXPECTED
