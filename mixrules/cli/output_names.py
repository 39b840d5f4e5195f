"""The names that outputs are given: what names a folder is answered with the file that is meant."""

from __future__ import annotations

from pathlib import Path

from mixrules.errors import ParameterError


def require_file_name(output: Path, song: Path, *, ending: str) -> None:
    """Raise `ParameterError` where an output is a folder, or audio whose name says no format; say which file would do.

    Parameters
    ----------
    output : Path
        What was given with ``-o``.
    song : Path
        The song, after which a file in a folder is called.
    ending : str
        What the file's name ends in after the song's: ``_mix.wav``, ``.plan.json``.
    """
    if output.is_dir():
        within = output / f"{song.resolve().name or 'song'}{ending}"
        raise ParameterError(f"{output} is a folder, -o names a file: -o {within} would be one in it")
    if ending.endswith(".wav") and not output.suffix:
        raise ParameterError(f"{output} has no ending that says its format: -o {output}.wav has one")


def require_apart_from_stems(stems_out: Path, folder: Path, read: set[Path]) -> None:
    """Raise `ParameterError` where rendered stems would lie among those of the song: then it could not be mixed again.

    Parameters
    ----------
    stems_out : Path
        Where rendered stems are to go.
    folder : Path
        The song.
    read : set of Path
        The files of its stems, links followed.
    """
    among = {folder.resolve(), *(path.parent for path in read if path != folder.resolve())}
    if folder.is_dir() and stems_out.resolve() in among:
        raise ParameterError(
            f"{stems_out} holds the stems, and rendered ones beside them would be taken for more of them: "
            f"choose another folder for --stems-out, such as {folder.resolve().name}_rendered"
        )
