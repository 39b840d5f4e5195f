"""Measure a song and its mix for figures and pages: every number on what the engine rendered.

Each stem passes once as it was given and once as it sits in the mix, block by block: a long song takes little more
memory than its tables of powers, 6 MB an hour and stem.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from mixrules._support.arguments import require_callable, require_instance, shown_value
from mixrules._support.validation import Audio, SlicedAudio
from mixrules.analysis import MaskingMatrix, decay_curve, erb_bands, spectrum_bands
from mixrules.analysis.level_scan import ENVELOPE_HOP_S, EnvelopeStream
from mixrules.engine import Mixdown, Renderer, SumAudio, load_engine
from mixrules.engine.source import BLOCK_SAMPLES
from mixrules.errors import ParameterError
from mixrules.loudness.channels import ChannelWeights
from mixrules.measurements import Measurements
from mixrules.metering.signal_layouts import signal_layout
from mixrules.metering.signals import ArrayOrPath, open_signal
from mixrules.mix_result import MixResult
from mixrules.mixplan import MasterPlan, MixPlan, starting_plan
from mixrules.plan_fitting import fitted
from mixrules.processors import t60_at
from mixrules.report.song.pictures import (
    Floats,
    LimiterPicture,
    MaskingPicture,
    MasterPicture,
    MeasuredSong,
    ReverbPicture,
    SoundPicture,
    Trace,
)
from mixrules.report.song.sound_meter import (
    COLUMNS,
    Sound,
    SoundStream,
    column_edges,
    measured_sound,
    reduction_between,
)
from mixrules.report.song.stem_meter import MeasuredStem, eq_picture, measure_stem, statements, stem_picture
from mixrules.statement_kinds import T60_STATED_AT_HZ
from mixrules.stems import Progress, Stems

MASKING_EDGES_HZ = (20.0, 63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 20_001.0)
"""Between which masking is told: octaves, the lowest and the highest wider."""


def measure_song(
    stems: Stems,
    mix: MixResult | MixPlan,
    *,
    engine: str = "native",
    threads: int | None = None,
    progress: Progress | None = None,
) -> MeasuredSong:
    """Measure what a song and its mix look like, for the figures of this package or for your own.

    Parameters
    ----------
    stems : Stems
        The song, as `mixrules.load_stems` reads it.
    mix : MixResult or MixPlan
        Its mix, or the plan of one; the plan is rendered.
    engine : str
        ``"native"`` or ``"pedalboard"``: the one that the mix was rendered with.
    threads : int, optional
        How many stems to work on at once; by default as many as there are cores. The result is the same.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    MeasuredSong
        Small arrays, whatever the song's length but for its loudness over time.

    Raises
    ------
    MixrulesError
        If the plan is for other stems, or an argument is none.

    Examples
    --------
    >>> import numpy as np
    >>> from mixrules import Stems, mix
    >>> rng = np.random.default_rng(0)
    >>> song = {name: 0.1 * rng.standard_normal((4 * 44_100, 1)) for name in ("vocals", "piano")}
    >>> stems = Stems.from_arrays(song, 44_100)
    >>> measured = measure_song(stems, mix(stems))
    >>> round(measured.whole_after.integrated_lufs, 1)
    -14.0
    >>> measured.stem("vocals").role
    'vocal'
    """
    require_instance(stems, Stems, name="stems")
    require_callable(progress, name="progress")
    plan = mix.plan if isinstance(mix, MixResult) else mix
    if not isinstance(plan, MixPlan):
        raise ParameterError(f"mix must be a MixResult or a MixPlan, got {shown_value(mix)}")
    processors = load_engine(engine)
    plan, stems = fitted(plan, stems, processors)
    return measured_song(plan, Measurements(Renderer(stems, processors, threads=threads)), progress=progress)


def measured_song(
    plan: MixPlan, measurements: Measurements, *, progress: Progress | None = None
) -> MeasuredSong:
    """Measure what a song looks like under a plan that fits its stems; see `measure_song`."""
    stems = measurements.stems
    mixdown = measurements.mixdown(plan, measure=False)
    edges = column_edges(mixdown.samples)
    tell = progress or _tell_nobody
    tell("measuring the mix", 0, 3)
    limiter = _master_limiter(mixdown, plan.master, stems.sample_rate)
    whole_after = _sound(mixdown.sliced(plan.master), stems.sample_rate, edges)
    tell("measuring the stems", 1, 3)
    found = _measured_stems(measurements.renderer, plan, edges)
    tell("measuring the stems as given", 2, 3)
    given = SumAudio(measurements.renderer, starting_plan(stems), stems.names)
    whole_before = _sound(given, stems.sample_rate, edges)
    tell("measuring", 3, 3)
    return MeasuredSong(
        title=stems.title or plan.title,
        sample_rate=stems.sample_rate,
        given_s=stems.duration_s,
        duration_s=mixdown.samples / stems.sample_rate,
        bands=spectrum_bands(stems.sample_rate),
        whole_before=whole_before,
        whole_after=whole_after,
        stems=tuple(
            stem_picture(stem, plan, found[stem.name], _others(found, stem.name), stems.sample_rate)
            for stem in stems
        ),
        reverbs=tuple(_reverb(plan, bus.name, measurements) for bus in plan.reverbs),
        master=_master(plan, limiter, stems.sample_rate),
        masking_before=_masking({name: each.given for name, each in found.items()}, stems.sample_rate),
        masking_after=_masking({name: each.after for name, each in found.items()}, stems.sample_rate),
    )


def measure_sound(
    audio: ArrayOrPath,
    sample_rate: int | None = None,
    *,
    channel_weights: ChannelWeights | None = None,
    dual_mono: bool = False,
) -> SoundPicture:
    """Measure what one sound looks like: a mix from elsewhere, a reference; in one pass over an array or a file.

    Parameters
    ----------
    audio, sample_rate, channel_weights, dual_mono
        As for `mixrules.measure`.

    Returns
    -------
    SoundPicture
        Its spectrum is in ``mixrules.analysis.spectrum_bands(sample_rate)``; of its waveform the peaks of each 100 ms.

    Raises
    ------
    AudioError, AudioFileError, ParameterError
        As by `mixrules.measure`.

    Examples
    --------
    >>> import numpy as np
    >>> tone = np.sin(2 * np.pi * 997 / 48_000 * np.arange(5 * 48_000))
    >>> round(measure_sound(tone, 48_000).integrated_lufs, 1)
    -3.0
    """
    with open_signal(audio, sample_rate) as signal:
        weights = signal_layout(signal, named=channel_weights, dual_mono=dual_mono).weights
        bands = spectrum_bands(signal.sample_rate)
        stream = SoundStream(signal.sample_rate, signal.channels, [bands], weights=weights)
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # samples whose squares are too large for any number
            for block in signal.blocks:
                stream.update(block)
            return stream.result().picture


class _SliceSource:
    """Audio that is read in slices, pulled in blocks."""

    def __init__(self, audio: SlicedAudio) -> None:
        self._audio = audio
        self._position = 0
        self.samples, self.channels = audio.shape

    def next(self, count: int) -> Audio:
        start, self._position = self._position, min(self._position + count, self.samples)
        return self._audio[start : self._position]


def _tell_nobody(what: str, done: int, total: int) -> None:
    pass


def _sound(audio: SlicedAudio, sample_rate: int, edges: npt.NDArray[np.int64]) -> SoundPicture:
    return measured_sound(
        lambda: _SliceSource(audio), sample_rate, [spectrum_bands(sample_rate)], edges
    ).picture


def _measured_stems(
    renderer: Renderer, plan: MixPlan, edges: npt.NDArray[np.int64]
) -> dict[str, MeasuredStem]:
    rate = renderer.stems.sample_rate
    sets = [spectrum_bands(rate), erb_bands().below(rate / 2)]
    return renderer.each(renderer.stems.names, lambda name: measure_stem(renderer, plan, name, sets, edges))


def _others(found: Mapping[str, MeasuredStem], name: str) -> tuple[Floats, Floats]:
    """Return the powers of all stems but one, added up, as given and in the mix."""
    apart = [each for other, each in found.items() if other != name]
    none = np.zeros_like(found[name].given.powers)
    return (
        sum((each.given.powers for each in apart), none),
        sum((each.after.powers for each in apart), none),
    )


def _master_limiter(mixdown: Mixdown, master: MasterPlan, sample_rate: int) -> LimiterPicture | None:
    """Return what the limiter of the master does, from the peaks before and after it."""
    if master.limiter is None:
        return None

    def peaks(master: MasterPlan) -> npt.NDArray[np.floating]:
        audio, stream = mixdown.sliced(master), EnvelopeStream(sample_rate, ENVELOPE_HOP_S)
        for start in range(0, len(audio), BLOCK_SAMPLES):
            stream.update(audio[start : start + BLOCK_SAMPLES])
        return stream.result()

    before, after = peaks(dataclasses.replace(master, limiter=None)), peaks(master)
    return LimiterPicture(params=master.limiter, reduction=reduction_between(before, after, ENVELOPE_HOP_S))


def _master(plan: MixPlan, limiter: LimiterPicture | None, sample_rate: int) -> MasterPicture:
    stated = {statement.kind: statement.stated for statement in statements(plan)}
    return MasterPicture(
        gain_db=plan.master.gain_db,
        eq=eq_picture(plan.master, plan.decisions, "", sample_rate),
        limiter=limiter,
        target_lufs=stated.get("mix_integrated_lufs", math.nan),
        ceiling_dbtp=stated.get("mix_true_peak_dbtp", math.nan),
    )


def _reverb(plan: MixPlan, bus: str, measurements: Measurements) -> ReverbPicture:
    """Return the picture of a reverb, from what the engine makes of one impulse."""
    params, rate = plan.reverb(bus), measurements.stems.sample_rate
    band_hz = T60_STATED_AT_HZ
    curve_db = decay_curve(
        measurements.renderer.reverb_response(plan, bus),
        rate,
        band_hz=band_hz,
        start_s=params.pre_delay_ms / 1000.0 + params.fade_in_s,
    )
    shown = np.unique(np.linspace(0, max(len(curve_db) - 1, 0), COLUMNS // 2).astype(np.int64))
    tempos = [
        quantity.value
        for decision in plan.decisions
        if not decision.superseded and any(each.bus == bus for each in decision.statements)
        for quantity in decision.measured
        if quantity.unit == "BPM" and quantity.value is not None
    ]
    return ReverbPicture(
        name=bus,
        params=params,
        decay=Trace(shown[: len(curve_db)] / rate, curve_db[shown[: len(curve_db)]]),
        t60_asked_s=float(t60_at(params, band_hz, rate)),
        t60_measured_s=measurements.decay_s(plan, bus, at_hz=band_hz),
        tempo_bpm=tempos[0] if tempos else math.nan,
    )


def _masking(sounds: Mapping[str, Sound], sample_rate: int) -> MaskingPicture | None:
    """Return who hides whom among the stems that sound; None where there is nobody else."""
    active = [name for name, sound in sounds.items() if math.isfinite(sound.picture.true_peak_dbtp)]
    if len(active) < 2:
        return None
    matrix = MaskingMatrix(erb_bands().below(sample_rate / 2), MASKING_EDGES_HZ)
    shares = matrix.measure([sounds[name].tables[0] for name in active])
    return MaskingPicture(
        names=tuple(active),
        low_hz=MASKING_EDGES_HZ[:-1],
        high_hz=MASKING_EDGES_HZ[1:],
        weight=shares.weight,
        hidden_by=shares.hidden_by,
        hidden=shares.hidden,
    )
