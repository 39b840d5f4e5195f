"""A plan as a project of a DAW: which format, where its files go, and what is to be said of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mixrules._support.arguments import as_path, require_callable, require_known
from mixrules._support.wording import listed_briefly
from mixrules._support.written_values import as_bool
from mixrules.engine import Renderer, load_engine
from mixrules.errors import ParameterError
from mixrules.export.ardour.host import ARDOUR
from mixrules.export.ardour.writing import audio_folder as ardour_audio
from mixrules.export.ardour.writing import session_file, write_ardour
from mixrules.export.building import Wishes, build_project
from mixrules.export.dawproject.host import DAWPROJECT
from mixrules.export.dawproject.writing import write_dawproject
from mixrules.export.hosts import Host
from mixrules.export.project import PRINTINGS, REVERB_WAYS, Printing, Project, ReverbWay
from mixrules.export.reaper.host import REAPER
from mixrules.export.reaper.writing import media_folder, write_reaper
from mixrules.files import check_writable, make_folder, private_folder, written_together
from mixrules.mixer import Song, as_stems
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted
from mixrules.stems import Progress, Stems

_PLAYED = (".wav", ".flac", ".aif", ".aiff", ".mp3", ".ogg")
"""What every DAW plays; another file is not referenced but written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What was exported.

    Attributes
    ----------
    path : Path
        The project, as a DAW opens it.
    tracks, returns : int
        How many there are.
    told : tuple of str
        What the project does not hold as the plan has it, one line each.
    """

    path: Path
    tracks: int
    returns: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of project: its host, and what writes it.

    Attributes
    ----------
    host : Host
        What it holds.
    place : callable
        Takes the path that was asked for; returns the project's path and the folder of its audio, None where the audio
        lies in the project.
    within : callable
        Takes the same path; returns the folder of the audio as the project names it.
    write : callable
        Takes the project's path, the project and the folder of its audio.
    """

    host: Host
    place: Callable[[Path], tuple[Path, Path | None]]
    within: Callable[[Path], PurePosixPath]
    write: Callable[[Path, Project, Path], None]


FORMATS: Mapping[str, Format] = {
    ".dawproject": Format(
        DAWPROJECT, lambda path: (path, None), lambda path: PurePosixPath("audio"), write_dawproject
    ),
    ".rpp": Format(
        REAPER,
        lambda path: (path, media_folder(path)),
        lambda path: PurePosixPath(media_folder(path).name),
        write_reaper,
    ),
    ".ardour": Format(
        ARDOUR,
        lambda path: (session_file(path), ardour_audio(path)),
        lambda path: PurePosixPath("interchange") / path.stem / "audiofiles",
        write_ardour,
    ),
}


def format_of(path: Path) -> Format:
    """Return the format that a name's ending says; `ParameterError` where it says none."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise ParameterError(
            f"{path} cannot be exported: its name must end in .dawproject, .rpp (REAPER) or .ardour"
        )
    return found


def export_plan(
    song: Song,
    mix_plan: MixPlan,
    path: str | os.PathLike[str],
    *,
    reverb: ReverbWay | None = None,
    print_effects: Printing = "needed",
    reference_audio: bool = False,
    sample_rate: int | None = None,
    roles: Mapping[str, str] | None = None,
    engine: str = "native",
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ExportReport:
    """Write a plan and its song as a project that a DAW opens.

    Parameters
    ----------
    song
        As for `mixrules.mix`.
    mix_plan : MixPlan
        What to export; its stems must be those of the song.
    path : path
        Where the project goes; its ending says the format.
    reverb : {"ir", "track", "none"}, optional
        How a reverb travels: as the impulse response of its room for the host's convolver, as a rendered track, or not
        at all. By default as the format carries it best.
    print_effects : {"needed", "all", "none"}
        Which effects are rendered into the tracks: those that the format does not hold (with all that come before them
        in the strip), all of them, or none; then what is not held is left out.
    reference_audio : bool
        Whether stems that stay as they are remain where they are, and the project points to their files. Only for a
        folder of stems; what was resampled, padded or joined when it was read is written anew.
    sample_rate, roles, engine, threads
        As for `mixrules.mix`.
    overwrite : bool
        Whether a project that is there already is replaced.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    ExportReport
        Where it is, and what it does not hold.

    Raises
    ------
    ParameterError
        If the name's ending says no format, or a choice is none.
    PlanError
        If the plan is for other stems, or names a plug-in that the engine cannot host.
    AudioFileError
        If a file is there already, or cannot be written; nothing half-written is left.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems, starting_plan
    >>> rng = np.random.default_rng(0)
    >>> stems = Stems.from_arrays({"vocals": 0.1 * rng.standard_normal((44_100, 1))}, 44_100)
    >>> quieter = starting_plan(stems).replace_stem("vocals", gain_db=-6.0)
    >>> report = export_plan(stems, quieter, "song.dawproject")
    >>> report.tracks, report.returns
    (1, 0)
    """
    path = as_path(path)
    require_callable(progress, name="progress")
    stems = as_stems(song, sample_rate=sample_rate, roles=roles, threads=threads)
    folder = as_path(song, name="song") if isinstance(song, str | os.PathLike) else None
    return export_stems(
        stems,
        mix_plan,
        path,
        folder=folder,
        reverb=reverb,
        print_effects=print_effects,
        reference_audio=reference_audio,
        engine=engine,
        threads=threads,
        overwrite=overwrite,
        progress=progress,
    )


def export_stems(
    stems: Stems,
    mix_plan: MixPlan,
    path: Path,
    *,
    folder: Path | None,
    reverb: ReverbWay | None,
    print_effects: Printing,
    reference_audio: bool,
    engine: str,
    threads: int | None,
    overwrite: bool,
    progress: Progress | None,
    source: str = "the plan",
) -> ExportReport:
    """Do as `export_plan`, with stems that were read from `folder`; `source` is what an error calls the plan."""
    chosen = format_of(path)
    if reverb is not None:
        require_known(reverb, REVERB_WAYS, what="way of a reverb")
    require_known(print_effects, PRINTINGS, what="choice of print_effects")
    processors = load_engine(engine)
    mix_plan, stems = fitted(mix_plan, stems, processors, source=source)
    originals = _originals(stems, folder, path) if as_bool(reference_audio, "reference_audio") else {}
    wishes = Wishes(reverb=reverb or chosen.host.reverb, printing=print_effects, originals=originals)
    renderer = Renderer(stems, processors, threads=threads)
    project_path, audio_folder = chosen.place(path)
    require_free(path, overwrite=overwrite)
    make_folder(project_path.parent)
    check_writable(project_path)
    within = chosen.within(path)
    if audio_folder is not None:
        with written_together():
            project, told = build_project(
                renderer, mix_plan, chosen.host, wishes, audio_folder, within, progress=progress
            )
            chosen.write(project_path, project, audio_folder)
    else:
        temporary = private_folder("export")
        try:
            project, told = build_project(
                renderer, mix_plan, chosen.host, wishes, temporary.path, within, progress=progress
            )
            chosen.write(project_path, project, temporary.path)
        finally:
            temporary.remove()
    if reference_audio:
        written = [track.strip.name for track in project.tracks if not track.audio.is_external]
        if written:
            told.append(f"written anew, not referenced: {listed_briefly(written)}")
    return ExportReport(
        path=project_path, tracks=len(project.tracks), returns=len(project.returns), told=tuple(told)
    )


def require_free(path: Path, *, overwrite: bool) -> None:
    """Raise `ParameterError` where a project, or the folder of its audio, is there already and may not be replaced."""
    for there in format_of(path).place(path):
        if there is not None and there.exists() and not overwrite:
            raise ParameterError(
                f"{there} exists already: name another project, or replace it with --force (in Python overwrite=True)"
            )


def _originals(stems: Stems, folder: Path | None, project: Path) -> dict[str, Path]:
    """Return the files of the stems that are as they were read, as a project names them."""
    if folder is None or not folder.is_dir():
        return {}
    found = {}
    for stem in stems:
        file = folder / stem.file_name if stem.file_name else None
        if file is None or stem.notes or file.suffix.lower() not in _PLAYED or not file.is_file():
            continue
        absolute, beside = file.resolve(), project.parent.resolve()
        found[stem.name] = absolute.relative_to(beside) if beside in absolute.parents else absolute
    return found
