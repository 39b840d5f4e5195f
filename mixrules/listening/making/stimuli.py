"""The stimuli of a listening test: rendered, cut, matched in loudness, anonymised, checked, written.

Everything that can be checked is checked before anything is rendered. The folder appears when it is
complete, or not at all.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mixrules._support.installed import require_installed
from mixrules.errors import ListeningTestError
from mixrules.files import read_audio, write_audio, write_text_atomic
from mixrules.listening.exports import write_exports
from mixrules.listening.format.definition import DEFINITION_FILE
from mixrules.listening.format.definition_writing import definition_toml
from mixrules.listening.format.key import Key
from mixrules.listening.format.testfile import ListeningTest, Stimulus, Training, TrainingStimulus
from mixrules.listening.making.anchors import low_passed
from mixrules.listening.making.applying import write_definition_files
from mixrules.listening.making.blinding import arrange, audio_file, draw_ids, generator
from mixrules.listening.making.defining import define
from mixrules.listening.making.excerpt_choice import Excerpt, choose_excerpt, cut
from mixrules.listening.making.matching import CEILING_DBTP, MAX_SPREAD_LU, Matched, match_loudness
from mixrules.listening.making.output_folder import RATINGS, new_folder, require_free, restore_older
from mixrules.listening.making.preparation import PreparedSong, SongLeftOut, prepare, require_left
from mixrules.listening.making.request import StimuliRequest
from mixrules.listening.making.second_meter import Readings, require_agreement
from mixrules.listening.making.stimuli_report import SongReport, StimuliReport, StimulusReport, stimuli_csv
from mixrules.listening.making.training import good_and_bad, training_song
from mixrules.mixplan import MixPlan
from mixrules.stems import Progress
from mixrules.stems.song_description import SongDescription
from mixrules.systems import Song, SongSource, produce, song_sources

if TYPE_CHECKING:
    import numpy as np

_SUBTYPE = "PCM_24"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stimuli:
    """What was written.

    Attributes
    ----------
    folder : Path
        The test's folder.
    test : ListeningTest
        Its definition.
    key : Key
        Its key.
    report : StimuliReport
        What was chosen, done and measured.
    left_out : tuple of SongLeftOut
        Songs that could not be used, and why.
    """

    folder: Path
    test: ListeningTest
    key: Key
    report: StimuliReport
    left_out: tuple[SongLeftOut, ...] = ()


def make_stimuli(
    songs: Iterable[str | os.PathLike[str] | SongDescription | SongSource],
    output: str | os.PathLike[str],
    request: StimuliRequest,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Stimuli:
    """Make a listening test of songs in several conditions.

    A song that cannot be used costs itself: it is named in the result, and the test is made of the others.

    Parameters
    ----------
    songs : iterable of path-like, SongDescription or SongSource
        Folders of stems, or the songs of a data set: what a `Catalogue` yields, called as `song_sources` says.
    output : path
        The test's folder: new, or empty.
    request : StimuliRequest
        What is to be made.
    force : bool
        Replace a test that is there, unless it has ratings.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    Stimuli

    Raises
    ------
    MixrulesError
        If no song can be used, or the request does not fit the songs; nothing is written then.
    """
    require_installed("pyloudnorm", what="a listening test, whose stimuli are measured by a second meter,")
    output = Path(output)
    restore_older(output)
    require_free(output, force=force)
    prepared, left_out = prepare(song_sources(songs), request, progress=progress)
    asks = request.asks()
    practice = _practice(request) if asks.training else None
    rng = generator(request, [f"{song.name} {song.excerpt}" for song in prepared])
    ids = draw_ids([song.name for song in prepared], request.conditions(), rng)
    with new_folder(output, force=force) as building:
        (building / "site" / "audio").mkdir(parents=True)
        (building / RATINGS).mkdir()
        reports = []
        for number, song in enumerate(prepared):
            if progress is not None:
                progress(f"rendering {song.name}", number, len(prepared))
            try:
                mixes = _matched_mixes(song, request)
            except Exception as error:  # of any library: it costs this song
                left_out.append(SongLeftOut(song=song.name, error=error))
                continue
            names = {condition: ids[song.name, condition] for condition in request.conditions()}
            reports.append(_write_song(building, song, mixes, names, request))
        require_left(reports, left_out, request)
        used = {report.song for report in reports}
        ids = {(song, system): drawn for (song, system), drawn in ids.items() if song in used}
        training = None
        if practice is not None:
            if progress is not None:
                progress("rendering the training", len(prepared), len(prepared))
            training = _write_training(building, *practice, rng, request)
        made, key = arrange(ids, request, training, rng)
        test, key = define(made, key, asks, copy=_open_reference(building / "site", rng))
        gone = {song.song: song.reason for song in left_out}
        report = StimuliReport.of(request, test.test_id, tuple(reports), left_out=gone)
        write_definition_files(building, made, test, key)
        toml = definition_toml(asks, conditions=request.conditions())
        write_text_atomic(building / DEFINITION_FILE, toml)
        write_text_atomic(building / "stimuli.csv", stimuli_csv(report, key))
        write_text_atomic(building / "report.json", report.to_json())
        write_exports(building / "export", test, key, seconds=request.seconds, audio_url=request.audio_url)
    return Stimuli(folder=output, test=test, key=key, report=report, left_out=tuple(left_out))


def _practice(request: StimuliRequest) -> tuple[Song, Excerpt]:
    """Return the training's song and which seconds of it are heard."""
    song = training_song(request.training_song, sample_rate=request.sample_rate)
    seconds = min(request.seconds, song.stems.duration_s)
    return song, choose_excerpt(song.stems, seconds=seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mixes:
    """The mixes of a song by condition: their excerpts at one loudness, their plans and notes."""

    matched: Matched
    sample_rate: int
    plans: Mapping[str, MixPlan]
    notes: Mapping[str, tuple[str, ...]]


def _matched_mixes(song: PreparedSong, request: StimuliRequest) -> _Mixes:
    """Render the conditions of a song, cut and match them."""
    loaded = song.source.load(sample_rate=request.sample_rate)
    made = {system.name: produce(system, loaded, seed=request.seed) for system in request.systems}
    rate = loaded.stems.sample_rate
    mixes = {name: mix.audio for name, mix in made.items()}
    for name, cutoff_hz in request.anchors().items():
        mixes[name] = low_passed(mixes[str(request.reference)], rate, cutoff_hz)
    excerpts = {name: cut(audio, rate, song.excerpt) for name, audio in mixes.items()}
    return _Mixes(
        matched=match_loudness(excerpts, rate, target_lufs=request.target_lufs),
        sample_rate=rate,
        plans={name: mix.plan for name, mix in made.items() if mix.plan is not None},
        # A plan's notes are those of the song, and stand in its file.
        notes={name: mix.notes for name, mix in made.items() if mix.plan is None},
    )


def _write_song(
    building: Path, song: PreparedSong, mixes: _Mixes, ids: Mapping[str, str], request: StimuliRequest
) -> SongReport:
    """Write the mixes of a song, measure what was written, and save the plans."""
    matched, rate = mixes.matched, mixes.sample_rate
    files = {name: audio_file(ids[name], request.audio_format) for name in ids}
    readings = _write_matched(building / "site", files, matched, rate, song.name)
    return SongReport(
        song=song.name,
        sample_rate=rate,
        start_s=song.excerpt.start_s,
        seconds=song.excerpt.seconds,
        why=song.excerpt.reason,
        target_lufs=matched.target_lufs,
        lowered_db=matched.lowered_db,
        highest_peaks=matched.highest,
        notes=song.notes,
        stimuli=tuple(
            StimulusReport(
                condition=name,
                id=ids[name],
                file=f"site/{files[name]}",
                gain_db=matched.gains_db[name],
                integrated_lufs=readings[name].integrated_lufs,
                pyloudnorm_lufs=readings[name].pyloudnorm_lufs,
                true_peak_dbtp=readings[name].true_peak_dbtp,
                plan=_save_plan(building, song.name, name, mixes.plans.get(name)),
                notes=mixes.notes.get(name, ()),
            )
            for name in ids
        ),
    )


def _write_matched(
    site: Path, files: Mapping[str, str], matched: Matched, sample_rate: int, song: str
) -> dict[str, Readings]:
    """Write the stimuli and return what the files measure; fails unless they are as promised."""
    readings: dict[str, Readings] = {}
    shapes = set()
    for name, audio in matched.audio.items():
        path = site / files[name]
        write_audio(path, audio, sample_rate, subtype=_SUBTYPE)
        written = read_audio(path)
        shapes.add((written.audio.shape, written.sample_rate))
        readings[name] = Readings.of(written.audio, written.sample_rate)
    lufs = [read.integrated_lufs for read in readings.values()]
    spread_lu = max(lufs) - min(lufs)
    highest_dbtp = max(read.true_peak_dbtp for read in readings.values())
    if len(shapes) > 1 or spread_lu > MAX_SPREAD_LU or highest_dbtp > CEILING_DBTP:
        raise ListeningTestError(
            f"{song}: the written stimuli spread over {spread_lu:.3f} LU and peak at {highest_dbtp:.2f} dBTP in "
            f"{len(shapes)} shapes, at most {MAX_SPREAD_LU} LU, {CEILING_DBTP:g} dBTP and one shape are accepted"
        )
    require_agreement(song, readings)
    return readings


def _save_plan(building: Path, song: str, condition: str, plan: MixPlan | None) -> str | None:
    if plan is None:
        return None
    path = Path("plans") / song / f"{condition}.plan.json"
    (building / path).parent.mkdir(parents=True, exist_ok=True)
    plan.save(building / path)
    return path.as_posix()


def _write_training(
    building: Path, song: Song, excerpt: Excerpt, rng: np.random.Generator, request: StimuliRequest
) -> Training:
    """Write the training's two mixes, matched like the others."""
    mixes, bad = good_and_bad(song)
    rate = song.stems.sample_rate
    excerpts = {label: cut(audio, rate, excerpt) for label, audio in mixes.items()}
    matched = match_loudness(excerpts, rate, target_lufs=request.target_lufs)
    ids = {label: rng.bytes(8).hex() for label in excerpts}
    files = {label: audio_file(ids[label], request.audio_format) for label in excerpts}
    _write_matched(building / "site", files, matched, rate, f"training on {song.name}")
    _save_plan(building, "training", "bad", bad)
    return Training(
        stimuli=tuple(TrainingStimulus(id=ids[label], file=files[label], label=label) for label in excerpts),
    )


def _open_reference(site: Path, rng: np.random.Generator) -> Callable[[Stimulus], Stimulus]:
    """Return what copies the hidden reference under another name, from which nothing leads back."""

    def copied(hidden: Stimulus) -> Stimulus:
        name = rng.bytes(8).hex()
        twin = Stimulus(id=name, file=f"audio/{name}{Path(hidden.file).suffix}")
        shutil.copyfile(site / hidden.file, site / twin.file)
        return twin

    return copied
