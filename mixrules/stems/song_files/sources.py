"""Which files of a song are stems, their names and their roles.

This reads file names, ``stems.toml``, the first bytes of files whose names say nothing, time references and, for a
``.stem.mp4``, the list of streams; `Source.read` reads the audio later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from mixrules._support.text_encoding import shown
from mixrules.errors import AudioFileError, MixrulesError, StemsError
from mixrules.files import READABLE, AudioData, cannot_read, read_audio
from mixrules.stems.file_extensions import STEM_FILE_EXTENSIONS
from mixrules.stems.left_out import IS_MIXTURE, doubtful_accompaniment, note_of, why_left_out
from mixrules.stems.roles import RoleGuess, guess_roles, require_role
from mixrules.stems.song_files.archives import Unpacked, archived_title, unpack_archive
from mixrules.stems.song_files.duplicates import copies
from mixrules.stems.song_files.file_kinds import (
    file_kind,
    is_archive,
    is_stem_file,
)
from mixrules.stems.song_files.folder_scan import FoundFile, natural_order
from mixrules.stems.song_files.layout import NAME_ONE, SongLayout, song_layout
from mixrules.stems.song_files.separated import covered_by_parts, overlapping_models
from mixrules.stems.song_files.stems_toml import TOML_NAME, StemsToml
from mixrules.stems.song_files.time_alignment import starts_s
from mixrules.stems.stem_names import first_names, matching_file, stem_names

_REASONS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Source:
    """One stem to be read.

    Attributes
    ----------
    name : str
        The stem's name.
    file_name : str
        Its file within the song's folder, with ``/``, or its stream.
    guess : RoleGuess
        Its role.
    read : callable
        Reads it.
    path : Path or None
        The file, if that holds this stem alone.
    start_s : float
        How much later than the song it starts, in seconds, by its file's time reference.
    """

    name: str
    file_name: str
    guess: RoleGuess
    read: Callable[[], AudioData]
    path: Path | None = None
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class StemSources:
    """The stems of a song before they are read.

    `unpacked` is the temporary folder of a song that came in an archive: the files are there while it is referenced.
    """

    sources: tuple[Source, ...]
    title: str
    notes: tuple[str, ...]
    mixture_path: Path | None = None
    unpacked: Unpacked | None = None


def find_sources(path: Path, roles: Mapping[str, str]) -> StemSources:
    """Return the stems at `path`: a folder, an archive of one, or a ``.stem.mp4``; `roles` are the caller's."""
    for key, role in roles.items():
        require_role(role, name=f"the role of {key!r}:")
    try:
        if path.is_dir():
            return _from_folder(path, roles)
        if not path.exists():
            raise AudioFileError(
                f"{shown(str(path))} does not exist, {_nearest(path)}a folder of stems is needed"
            )
        if (title := archived_title(path)) is not None:
            return _from_archive(path, title, roles)
    except MixrulesError:
        raise
    except OSError as error:
        raise cannot_read(path, error) from error
    if is_stem_file(path):
        return _from_stem_file(path, roles, StemsToml(), ())
    if is_archive(path):
        raise StemsError(
            f"{path} is an archive that is not read, unpack it and name its folder (.zip and .tar are read)"
        )
    also = ""
    if path.is_file() and file_kind(path).kind == "stem":
        folder = path.parent if path.parent.name else path.absolute().parent
        also = f": it is one stem, name the folder of all of them ({folder})"
    raise AudioFileError(f"{path} is a file, a folder of stems (or a .stem.mp4 file) is needed{also}")


def _nearest(path: Path) -> str:
    """Return a hint at the file above a path that goes through it as if it were a folder."""
    above = next((parent for parent in path.parents if parent.is_file()), None)
    return f"{above} is a file, " if above else ""


def _from_archive(path: Path, title: str, roles: Mapping[str, str]) -> StemSources:
    unpacked = unpack_archive(path)
    try:
        song = _from_folder(unpacked.path, roles)
    except (StemsError, AudioFileError) as error:
        text = str(error).replace(str(unpacked.path), str(path))
        several, named, _ = text.partition(NAME_ONE)  # what is to be named or mixed then lies in the archive
        text = f"{several}: unpack it{NAME_ONE.replace(':', ' and', 1)}" if named else text
        raise type(error)(text) from error
    notes = (
        f"stems read from the archive {shown(path.name)}",
        *_left_out_notes(unpacked.left_out),
        *song.notes,
    )
    # Nothing outside needs the mixture, and its file goes with the folder.
    return replace(song, title=shown(title), notes=notes, mixture_path=None, unpacked=unpacked)


def _from_folder(folder: Path, roles: Mapping[str, str]) -> StemSources:
    layout = song_layout(folder)
    files = sorted(layout.stems, key=lambda file: natural_order(file.name))
    notes = [*layout.notes, *_left_out_notes(layout.left_out)]
    guesses = _guesses(files, layout.base)
    if len(layout.stem_files) == 1 and all(guess.role == "mixture" for guess in guesses.values()):
        notes += _left_out_notes({file.name: IS_MIXTURE for file in files})
        return _from_stem_file(layout.stem_files[0].path, roles, layout.stems_toml, tuple(notes))
    if not files:
        raise StemsError(_nothing_there(folder, layout))
    notes += _left_out_notes(
        {file.name: "the folder holds stems as files of their own" for file in layout.stem_files}
    )
    readers = {file.name: _reader(file.path) for file in files}
    paths = {file.name: file.path for file in files}
    chosen = _choose(readers, guesses, folder, roles, layout, paths)
    used = {source.file_name for source in chosen.sources}
    notes += [f"{shown(file.name)}: {file.note}" for file in files if file.note and file.name in used]
    starts, start_notes = starts_s({source.file_name: paths[source.file_name] for source in chosen.sources})
    sources = tuple(
        replace(source, path=paths[source.file_name], start_s=starts.get(source.file_name, 0.0))
        for source in chosen.sources
    )
    mixture_path = paths[chosen.mixture] if chosen.mixture else None
    title = shown(folder.resolve().name)
    return StemSources(sources, title, (*notes, *chosen.notes, *start_notes), mixture_path)


def _from_stem_file(
    path: Path, roles: Mapping[str, str], stems_toml: StemsToml, notes: tuple[str, ...]
) -> StemSources:
    from mixrules.stems.song_files.stem_mp4 import stem_readers

    readers = stem_readers(path)
    layout = SongLayout("", [], [], {}, [], stems_toml)
    chosen = _choose(readers, guess_roles(list(readers)), path, roles, layout, {})
    title = shown(path.name[: -len(STEM_FILE_EXTENSIONS[0])])
    notes = (*notes, f"stems read from {shown(path.name)}", *chosen.notes)
    return StemSources(chosen.sources, title, notes, path)


def _guesses(files: Sequence[FoundFile], base: str) -> dict[str, RoleGuess]:
    """Guess each file's role from its path within the folder that holds the stems."""
    within = {file.name: file.name.removeprefix(f"{base}/") for file in files}
    by_path = guess_roles(list(within.values()))
    return {name: by_path[path] for name, path in within.items()}


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The stems among a song's files, the first mixture, and notes on what was left out."""

    sources: tuple[Source, ...]
    mixture: str | None
    notes: list[str]


def _choose(
    readers: Mapping[str, Callable[[], AudioData]],
    guesses: Mapping[str, RoleGuess],
    path: Path,
    roles: Mapping[str, str],
    layout: SongLayout,
    paths: Mapping[str, Path],
) -> _Chosen:
    """Sort a song's files (or streams) into stems and what is left out."""
    toml, files = layout.stems_toml, list(readers)
    notes = [f"{toml.path.name} used"] if toml.path else []
    notes += toml.unused_notes(files, layout.left_out)
    given = {file: (role, TOML_NAME) for file, role in toml.roles_of_files(files, layout.left_out).items()}
    given |= {matching_file(key, files, str(path)): (role, "the caller") for key, role in roles.items()}
    guesses = dict(guesses) | {
        file: RoleGuess(role, 1.0, f"given by {who}") for file, (role, who) in given.items()
    }
    ignored = toml.ignored_files(files, layout.left_out)
    # A file with a plan beside it is a mix made by this package, whatever its name.
    ours = {name for name, file in paths.items() if file.with_suffix(".plan.json").is_file()}
    mixtures = [name for name in files if guesses[name].role == "mixture" or name in ours]
    mixture = next((name for name in mixtures if name not in ignored), None)

    left_out = {name: why for name in files if (why := why_left_out(guesses[name].role))}
    left_out |= dict.fromkeys(ours, "it is a mix of ours, its plan lies beside it")
    left_out |= dict.fromkeys(ignored, f"{TOML_NAME} ignores it")
    kept = [name for name in files if name not in left_out]
    wrong = overlapping_models(kept) if paths else ""
    if wrong:
        raise StemsError(f"{path}: {wrong}")
    # What has a role of its own is wanted, copy or not.
    guessed = [name for name in kept if name not in given]
    left_out |= copies({name: paths[name] for name in guessed if name in paths})
    left_out |= covered_by_parts({name: guesses[name].role for name in guessed if name not in left_out})
    kept = [name for name in kept if name not in left_out]
    notes += _left_out_notes(left_out)
    if not kept:
        raise StemsError(
            f"{path} holds no stem besides what is left out ({_reasons(layout.left_out | left_out)}), "
            "at least one is needed"
        )

    within = {name: name.removeprefix(f"{layout.base}/") for name in kept}
    by_folder = [within[name] for name in kept if "/" in within[name] and _says_nothing(within[name])]
    names, name_notes = stem_names(list(within.values()), where=str(path), by_folder=by_folder)
    doubtful = doubtful_accompaniment({name: guesses[name].role for name in kept})
    if doubtful:
        notes.append(f"{shown(doubtful)} may hold the other stems already: if so, ignore it in {TOML_NAME}")
    sources = tuple(Source(names[within[name]], name, guesses[name], readers[name]) for name in kept)
    return _Chosen(sources, mixture, [*notes, *name_notes])


def _says_nothing(path: str) -> bool:
    """Return whether a file's own name has no role while its path has one."""
    name = PurePosixPath(path).name
    return guess_roles([name])[name].role == "unknown" != guess_roles([path])[path].role


def _nothing_there(folder: Path, layout: SongLayout) -> str:
    """Return the message where a folder holds no audio file that could be a stem."""
    if len(layout.stem_files) > 1:
        names = first_names([file.name for file in layout.stem_files])
        return f"{folder} holds {len(layout.stem_files)} songs ({names}), name one of the files"
    there = f" (only {_reasons(layout.left_out)})" if layout.left_out else ""
    folders = sum(each.is_dir() for each in folder.iterdir())
    nor = (
        f", nor {'does the folder' if folders == 1 else f'do the {folders} folders'} in it" if folders else ""
    )
    return f"{folder} holds no audio{there}{nor}, one {READABLE} file a stem is needed"


def _reasons(left_out: Mapping[str, str]) -> str:
    """Return what is left out and why for a message: folders first, which may hold the stems, and no long list."""
    names = sorted(left_out, key=lambda name: (not name.endswith("/"), natural_order(name)))
    more = f" and {len(names) - _REASONS_SHOWN} more" if len(names) > _REASONS_SHOWN else ""
    return ", ".join(f"{shown(name)}: {left_out[name]}" for name in names[:_REASONS_SHOWN]) + more


def _left_out_notes(left_out: Mapping[str, str]) -> list[str]:
    return [note_of(name, left_out[name]) for name in sorted(left_out, key=natural_order)]


def _reader(path: Path) -> Callable[[], AudioData]:
    return lambda: read_audio(path, channels_max=2)
