"""`normalize`: files brought to a loudness."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mixrules._support.arguments import as_path, as_paths, require_callable, require_known
from mixrules._support.written_values import as_bool
from mixrules.errors import AudioFileError, MixrulesError, ParameterError
from mixrules.loudness.channels import ChannelWeights
from mixrules.normalization.batch import (
    ChannelOptions,
    FailedFile,
    NormalizedFile,
    Progress,
    album_refusal,
    normalize_each,
)
from mixrules.normalization.outputs import FORMATS, STANDARD_STREAM, OutputPlaces
from mixrules.normalization.targets import LoudnessTarget

DEFAULT_OUTPUT = "normalized"

PathLike = str | os.PathLike[str]


def normalize(
    files: PathLike | Sequence[PathLike],
    output: PathLike = DEFAULT_OUTPUT,
    *,
    target_lufs: float = -14.0,
    ceiling_dbtp: float = -1.0,
    limit_db: float = 0.0,
    album: bool = False,
    format: str | None = None,
    subtype: str | None = None,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> tuple[NormalizedFile, ...]:
    """Bring files to a loudness by a gain, under a true-peak ceiling, and measure what was written.

    Files are read in blocks and may be of any length. What is written keeps format, sample format, rate, channels and
    texts; MP3, m4a, Opus and films become FLAC unless another format is asked for. See ``docs/normalize.md``.

    Parameters
    ----------
    files : path-like or sequence of path-like
        The files.
    output : path-like
        The name of a file for one file, or a folder, which is made if it is missing and its name has no ending.
    target_lufs : float
        Integrated loudness to reach, -60 to 0.
    ceiling_dbtp : float
        The highest true peak, -60 to 0. Where the target would exceed it the gain is less, and `missed_lu` says by
        how much the target is missed.
    limit_db : float
        How far a true-peak limiter may reduce peaks to come nearer to the target, 0 to 24.
    album : bool
        Whether one gain is for all files, so that the differences between them stay; loudness is that of all files
        together, and the ceiling holds in each. Where one of them cannot be used, nothing is written.
    format : str, optional
        "wav", "flac", "aiff", "ogg", "mp3", "opus" or "m4a"; None keeps that of each file. The name of a single
        output decides by itself, and must not say otherwise.
    subtype : str, optional
        Sample format, such as "PCM_16", in capitals or not; None keeps that of each file.
    channel_weights, dual_mono
        As for `measure`.
    force : bool
        Whether files that are there may be replaced, the input itself too.
    dry_run : bool
        Whether gains are only computed, and nothing is written.
    progress : callable, optional
        Is told what is done, how much of it, and of how much.

    Returns
    -------
    tuple of NormalizedFile
        The gain of each file, its readings before and after, and by how much the target is missed.

    Raises
    ------
    AudioFileError
        If a file cannot be read or written, or has no loudness: silence, or nothing above -70 LUFS. All other files
        are written before it is raised, unless they are an album.
    ParameterError
        If an argument is out of range, or a file would be replaced.

    See Also
    --------
    normalize_audio : The same for an array.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> tone = 0.05 * np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> soundfile.write("quiet.wav", tone, 48_000)
    >>> (done,) = normalize("quiet.wav", "loud.wav", target_lufs=-16)
    >>> round(done.gain_db, 2), round(done.after.integrated_lufs, 2)
    (13.03, -16.0)
    """
    target = LoudnessTarget(target_lufs=target_lufs, ceiling_dbtp=ceiling_dbtp, limit_db=limit_db)
    require_callable(progress, name="progress")
    if hasattr(files, "__array__"):
        raise ParameterError("files must be paths, got an array: normalize_audio takes one")
    paths = as_paths(files, name="files")
    place = as_path(output, name="output")
    if place == STANDARD_STREAM:
        raise ParameterError("output '-' is standard output for the command alone: name a file or a folder")
    places = OutputPlaces(
        paths,
        place,
        format=None if format is None else require_known(format, FORMATS, what="format"),
        subtype=subtype,
        force=as_bool(force, "force") or as_bool(dry_run, "dry_run"),
    )
    outcomes = normalize_each(
        paths,
        places,
        target,
        ChannelOptions(channel_weights=channel_weights, dual_mono=as_bool(dual_mono, "dual_mono")),
        album=as_bool(album, "album"),
        dry_run=as_bool(dry_run, "dry_run"),
        progress=progress,
    )
    failed = [outcome for outcome in outcomes if isinstance(outcome, FailedFile)]
    if failed:
        raise _failure(failed, len(paths), nothing_written=len(outcomes) < len(paths))
    return tuple(outcome for outcome in outcomes if isinstance(outcome, NormalizedFile))


def _failure(failed: list[FailedFile], files: int, *, nothing_written: bool) -> Exception:
    first = failed[0].error
    if files == 1 or not isinstance(first, MixrulesError):
        return first
    reasons = "; ".join(str(each.error) for each in failed)
    kind = ParameterError if isinstance(first, ParameterError) else AudioFileError
    if nothing_written:
        return kind(f"{album_refusal(len(failed), files)}: {reasons}")
    return kind(f"{len(failed)} of {files} files are not normalised: {reasons}")
