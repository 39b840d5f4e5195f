"""The recipe of a mix: every parameter as a row of a table, and what it was made of and with."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixrules._support.version import __version__
from mixrules._support.wording import words_and_unit
from mixrules.files.hashing import add_content
from mixrules.mixplan import MasterPlan, MixPlan, ReverbBus, StemPlan
from mixrules.processors import CompressorParams, EqBand, LimiterParams
from mixrules.report.song.strip_words import place_in_words

_LIBRARIES = ("numpy", "scipy", "numba", "soundfile", "soxr", "pedalboard", "av")
"""What reads, resamples, renders or writes samples, where it is installed."""


@dataclass(frozen=True, slots=True)
class RecipeRow:
    """One channel of the mixer in words."""

    name: str
    role: str
    fader: str
    pan: str
    equalizer: tuple[str, ...]
    dynamics: tuple[str, ...]
    sends: tuple[str, ...]
    more: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the mix was made of, its size in bytes and the SHA-256 of its bytes."""

    name: str
    size: int
    sha256: str


def recipe_rows(plan: MixPlan) -> tuple[RecipeRow, ...]:
    """Return every stem's channel strip, the reverbs and the master as rows of a table."""
    return (
        *(_strip_row(stem) for stem in plan.stems),
        *(_reverb_row(bus) for bus in plan.reverbs),
        _master_row(plan.master),
    )


def input_files(paths: Sequence[Path]) -> tuple[InputFile, ...]:
    """Return files, named from the folder that holds them all on, with the hash of what they hold.

    Fails with `AudioFileError`.
    """
    found = []
    folder = os.path.commonpath([path.absolute().parent for path in paths]) if paths else ""
    for path in paths:
        digest = hashlib.sha256()
        add_content(digest, path)
        found.append(InputFile(os.path.relpath(path, folder), path.stat().st_size, digest.hexdigest()))
    return tuple(found)


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of this package, of Python and of the libraries that touch the samples."""
    from importlib.metadata import version

    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    installed = [name for name in _LIBRARIES if importlib.util.find_spec(name) is not None]
    return (("mixrules", __version__), ("Python", python), *((name, version(name)) for name in installed))


def _strip_row(stem: StemPlan) -> RecipeRow:
    more = [
        *(["muted"] if stem.mute else []),
        *(["polarity inverted"] if stem.invert_polarity else []),
        *(["polarity of the right inverted"] if stem.invert_right_polarity else []),
        *([f"input {stem.input_gain_db:+.1f} dB"] if stem.input_gain_db else []),
        *([_automation(stem)] if stem.automation else []),
        *(f"plug-in {plugin.plugin_name or plugin.path}" for plugin in stem.plugins),
        *([_fields(stem.width)] if stem.width is not None else []),
    ]
    return RecipeRow(
        name=stem.name,
        role=str(stem.role),
        fader=f"{stem.gain_db:+.1f} dB",
        pan=place_in_words(stem),
        equalizer=(
            *(_band(band) for band in stem.equalizer.bands),
            *(f"dynamic: {_fields(band)}" for band in stem.dynamic_equalizer),
        ),
        dynamics=_dynamics(stem.compressor, stem.limiter),
        sends=tuple(f"{send.to} {send.level_db:+.1f} dB" for send in stem.sends),
        more=tuple(more),
    )


def _reverb_row(bus: ReverbBus) -> RecipeRow:
    return RecipeRow(f"reverb “{bus.name}”", "", "", "", (), (), (), (_fields(bus.params),))


def _master_row(master: MasterPlan) -> RecipeRow:
    return RecipeRow(
        name="master",
        role="",
        fader=f"{master.gain_db:+.1f} dB",
        pan="",
        equalizer=tuple(_band(band) for band in master.equalizer.bands),
        dynamics=_dynamics(master.compressor, master.limiter),
        sends=(),
        more=tuple(f"plug-in {plugin.plugin_name or plugin.path}" for plugin in master.plugins),
    )


def _band(band: EqBand) -> str:
    gain = "" if band.kind in ("high_pass", "low_pass") else f" {band.gain_db:+.2f} dB"
    return f"{band.kind.replace('_', ' ')} {band.frequency_hz:.4g} Hz{gain}, Q {band.q:.3g}"


def _dynamics(compressor: CompressorParams | None, limiter: LimiterParams | None) -> tuple[str, ...]:
    return (
        *([f"compressor: {_fields(compressor)}"] if compressor is not None else []),
        *([f"limiter: {_fields(limiter)}"] if limiter is not None else []),
    )


def _automation(stem: StemPlan) -> str:
    gains = [point.gain_db for point in stem.automation]
    return f"gain over time: {len(gains)} points, {min(gains):+.1f} to {max(gains):+.1f} dB"


def _fields(params: Any) -> str:
    """Return the fields of parameters with their units, which are the ends of their names."""
    return ", ".join(_field(field.name, getattr(params, field.name)) for field in dataclasses.fields(params))


def _field(name: str, value: Any) -> str:
    words, unit = words_and_unit(name)
    shown = f"{value:.4g}" if isinstance(value, float) else str(value)
    return f"{words} {shown} {unit}".rstrip()
