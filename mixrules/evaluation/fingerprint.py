"""Fingerprints: a hash of everything that a result depends on, so that what is finished is kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence

import numpy as np

from mixrules.errors import AudioFileError
from mixrules.files.hashing import add_content
from mixrules.ruleset import RuleSet
from mixrules.stems import Stems
from mixrules.stems.song_description import AudioPart
from mixrules.systems import Song, System
from mixrules.systems.finding import find_mix, find_plan
from mixrules.systems.system import rules_of


def text_hash(*parts: object) -> str:
    """Return a short hash of some texts, numbers or plain structures."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode() + b"\0")
    return digest.hexdigest()[:32]


def stems_hash(stems: Stems) -> str:
    """Return a hash of every stem's name, role and samples, and of the rate."""
    digest = hashlib.sha256(str(stems.sample_rate).encode())
    for stem in stems:
        digest.update(f"\0{stem.name}\0{stem.role}\0{stem.audio.shape}\0".encode())
        digest.update(np.asarray(stem.audio).tobytes())
    return digest.hexdigest()[:32]


def song_hash(song: Song) -> str:
    """Return a hash of a song's stems, and of what its data set says of which belong to the vocal."""
    stems = stems_hash(song.stems)
    return text_hash(stems, sorted(song.vocal.items())) if song.vocal else stems


def file_hash(path: str | os.PathLike[str]) -> str:
    """Return a hash of a file's bytes; fails with `AudioFileError`."""
    digest = hashlib.sha256()
    add_content(digest, path)
    return digest.hexdigest()[:32]


def parts_hash(parts: Sequence[AudioPart]) -> str:
    """Return a hash of audio that is summed: its files, streams and channels; fails with `AudioFileError`."""
    files = {part.path: "" for part in parts}
    for path in files:
        if not path.is_file():
            raise AudioFileError(f"{path} does not exist")
        files[path] = file_hash(path)
    said = [(files[part.path], part.stream, part.channel) for part in parts]
    return said[0][0] if said == [(said[0][0], None, None)] else text_hash(said)


def rules_hash(rules: RuleSet) -> str:
    """Return a hash of a rule set's chain and the values of its constants."""
    chain = [str(step) for step in rules.chain]
    return text_hash(chain, [(name, constant.value) for name, constant in rules.constants.items()])


def system_hash(system: System, song: Song, *, seed: int) -> str:
    """Return a hash of what a system's mix of a song depends on, besides the stems.

    Parameters
    ----------
    system : System
        Who.
    song : Song
        Of what.
    seed : int
        What chance is drawn from.

    Returns
    -------
    str

    Raises
    ------
    AudioFileError
        If a plan or a finished mix is not there.
    """
    if system.kind == "preset":
        return rules_hash(rules_of(system.name))
    if system.kind == "plans":
        return file_hash(find_plan(system, song))
    if system.kind in ("human", "audio"):
        return parts_hash(find_mix(system, song))
    if system.kind == "matched":
        return text_hash(system.kind, parts_hash(find_mix(system, song)))
    return text_hash(system.kind, seed if system.kind == "random" else None)
