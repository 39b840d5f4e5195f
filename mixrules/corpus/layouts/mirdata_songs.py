"""The multitracks of mirdata's own loaders (Bittner et al. 2019, ISMIR), such as ``mirdata:slakh``.

What mirdata says is taken over: a multitrack's tracks are the stems, its mix is the mixture, its split the split.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from mixrules._support.arguments import known_names
from mixrules._support.installed import require_installed
from mixrules.corpus.layouts.layout import Layout, problem_of_missing
from mixrules.corpus.layouts.yaml_files import read_yaml
from mixrules.errors import AudioFileError, ParameterError
from mixrules.stems.song_description import AudioPart, SongDescription, StemDescription

PREFIX = "mirdata:"
_SPLITS = ("train", "validation", "test")
# Families of General MIDI that no name of an instrument tells.
_ROLES = {
    **{"Drums": "drums", "Pipe": "winds", "Reed": "winds", "Ensemble": "strings"},
    **{"Chromatic Percussion": "keys", "Organ": "keys", "Ethnic": "other", "Sound Effects": "effects"},
}
_MIXES = ("mix_path", "audio_path", "audio_stm_path")


def songs(root: Path, dataset: str, version: str = "default") -> Iterator[SongDescription]:
    """Yield the multitracks of a data set of mirdata's that lies in a folder."""
    found = _opened(root, dataset, version)
    try:
        names = found.mtrack_ids
    except (FileNotFoundError, OSError) as error:
        raise AudioFileError(
            f"mirdata has no index of {dataset} yet: python -c 'import mirdata; "
            f'mirdata.initialize("{dataset}", version="{version}").download(["index"])\''
        ) from error
    for name in names:
        try:
            yield _song(name, found.multitrack(name))
        except Exception as error:  # each of its loaders reads files of its own and raises what comes
            why = " ".join(str(error).split())
            yield SongDescription(
                song=name, title=name, problem=f"mirdata cannot read it ({type(error).__name__}: {why})"
            )


def layout_of(name: str) -> Layout:
    """Return the layout ``mirdata:DATASET`` or ``mirdata:DATASET:VERSION``."""
    dataset, _, version = name.removeprefix(PREFIX).partition(":")
    return Layout(
        name=name,
        title=f"{dataset} of mirdata",
        source="Bittner et al. 2019 (ISMIR), mirdata",
        tree=f"the folder of {dataset} as mirdata has it",
        songs=partial(songs, dataset=dataset, version=version or "default"),
    )


def _opened(root: Path, dataset: str, version: str) -> Any:
    require_installed("mirdata", what=f"the layout {PREFIX}{dataset}")
    import mirdata

    known = mirdata.list_datasets()
    if dataset not in known:
        raise ParameterError(f"mirdata has no data set {dataset!r}: {known_names(dataset, known)}")
    try:
        opened = mirdata.initialize(dataset, data_home=str(root), version=version)
    except ValueError as error:
        raise ParameterError(f"mirdata has no version {version!r} of {dataset}: {error}") from error
    if opened._multitrack_class is None:
        raise ParameterError(
            f"mirdata's {dataset} has no multitracks: a data set that has is needed, such as slakh"
        )
    return opened


def _song(name: str, found: Any) -> SongDescription:
    stems, missing = [], []
    metadata = _stem_metadata(getattr(found, "metadata_path", None))
    for track_id, track in found.tracks.items():
        own = track_id.removeprefix(name).strip("-_ ") or track_id
        paths = _paths(track)
        missing += [os.path.basename(path) for path in paths if not os.path.exists(path)]
        if paths:
            instrument = _instrument(track, metadata.get(own))
            stems.append(
                StemDescription(
                    name=f"{own} {instrument}".rstrip(),
                    role=_ROLES.get(instrument, ""),
                    parts=tuple(AudioPart(path=Path(path)) for path in paths),
                )
            )
    mix = next((path for attribute in _MIXES if (path := getattr(found, attribute, None))), None)
    missing += [os.path.basename(mix)] if mix and not os.path.exists(mix) else []
    split = str(getattr(found, "split", "") or "")
    return SongDescription(
        song=name,
        title=str(getattr(found, "title", "") or name),
        artist=str(getattr(found, "artist", "") or ""),
        split=split if split in _SPLITS else "",
        stems=tuple(stems),
        mixture=() if mix is None else (AudioPart(path=Path(mix)),),
        problem=problem_of_missing(missing) or ("" if stems else "mirdata names no audio of its tracks"),
    )


def _stem_metadata(path: str | None) -> dict[str, Any]:
    """Return what a song's YAML says of its stems: Slakh's tracks would each read it again, which takes minutes."""
    if not path or not path.endswith(".yaml") or not os.path.exists(path):
        return {}
    data = read_yaml(Path(path))
    stems = data.get("stems")
    return stems if isinstance(stems, dict) else {}


def _instrument(track: Any, metadata: Any) -> str:
    """Return what a track plays, from which its role is guessed; empty where that is not said."""
    if isinstance(metadata, dict):
        return "Drums" if metadata.get("is_drum") else str(metadata.get("inst_class") or "")
    instrument = getattr(track, "instrument", None)
    return instrument if isinstance(instrument, str) else ""


def _paths(track: Any) -> list[str]:
    several = getattr(track, "audio_paths", None)
    if several:
        return [path for path in several if path]
    one = (getattr(track, name, None) for name in ("audio_path", "audio_dyn_path", "audio_hsm_path"))
    return [path for path in one if path][:1]
