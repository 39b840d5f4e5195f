"""The second engine: the same plan with pedalboard's processors, and a host for plug-ins.

pedalboard is under the GPLv3 and is imported inside the functions of this file and nowhere else.
docs/engines.md says what differs from the native engine. Sources: Bristow-Johnson's cookbook for
the second-order pass filters; JUCE's `dsp::BallisticsFilter` for the compressor's time constants.
"""

from __future__ import annotations

import functools
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from mixrules import processors
from mixrules._support.installed import require_installed
from mixrules._support.validation import Audio, as_audio, require_sample_rate
from mixrules.engine.base import ImmediateProcessor, Processor, Signal
from mixrules.engine.floating_point import kept_floating_point_mode
from mixrules.engine.hosted_plugin import HostedPlugin, one_line, process
from mixrules.engine.whole import WholeProcessor
from mixrules.errors import ParameterError, PlanError
from mixrules.loudness import true_peak
from mixrules.mixplan import PluginInsert
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
    apply_gain,
    biquad_coefficients,
    impulse_response,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pedalboard

_TIME_FACTOR = (
    2.0 * math.pi
)  # JUCE's coefficient is exp(-2 pi / (rate time)): its time is 2 pi time constants
_QUIET = np.float32(1e-9)  # -180 dBFS: where a gain can still be read as output over input
_LIMITER_PASSES = 6
_LIMITER_STEP_DB = 0.01


class PedalboardEngine:
    """Renders with pedalboard's processors, hosts VST3 plug-ins (and Audio Units on macOS).

    Everything runs in float32 and on whole signals. One instance keeps the plug-ins that it has loaded.
    """

    name = "pedalboard"
    hosts_plugins = True
    parallel = False  # a plug-in is one instance with one state

    def __init__(self) -> None:
        require_installed(
            "pedalboard", what="the engine 'pedalboard'", instead=", or use the engine 'native'"
        )
        self._hosted: dict[Hashable, HostedPlugin] = {}

    def equalizer(self, signal: Signal, params: EqualizerParams) -> Processor:
        """Return an equaliser made of JUCE's filters."""
        filters = [f for band in params.bands for f in _band_filters(band, signal.sample_rate)]
        return WholeProcessor(
            signal, lambda audio: _run(filters, audio, signal.sample_rate) if filters else audio
        )

    def dynamic_equalizer(self, signal: Signal, bands: Sequence[DynamicEqBand]) -> Processor:
        """Return a dynamic equaliser: the native engine's, since pedalboard has none."""
        stream = processors.DynamicEqualizerStream(signal.sample_rate, signal.channels, bands)
        return ImmediateProcessor(stream.process)

    def compressor(self, signal: Signal, params: CompressorParams) -> Processor:
        """Return a compressor, channels linked; its knee is hard whatever `params` say."""
        return WholeProcessor(signal, lambda audio: _compressed(audio, signal.sample_rate, params))

    def automation(self, signal: Signal, points: Sequence[GainPoint]) -> Processor:
        """Return a gain over time: the native engine's, since pedalboard's gain is constant."""
        return ImmediateProcessor(processors.AutomationStream(signal.sample_rate, points).process)

    def pan(self, signal: Signal, params: PanParams) -> Processor:
        """Return a panner or a balance: two gains, the native engine's."""
        return ImmediateProcessor(lambda block: processors.pan(block, signal.sample_rate, params))

    def width(self, signal: Signal, params: WidthParams) -> Processor:
        """Return what changes the width of a stereo signal: the native engine's, since pedalboard has none."""
        return ImmediateProcessor(processors.WidthStream(signal.sample_rate, params).process)

    def reverb(self, signal: Signal, params: ReverbParams, *, after: processors.Sections = ()) -> Processor:
        """Return a reverb without the dry sound: pedalboard's convolver with the room that the plan describes.

        pedalboard's own reverb (Freeverb) cannot render a plan: no decay below 0.6 s, no pre-delay, no
        decay by frequency.
        """
        response = impulse_response(require_sample_rate(signal.sample_rate), params)
        reverb = WholeProcessor(signal, lambda audio: _convolved(audio, signal.sample_rate, response))
        return _Filtered(reverb, after) if after else reverb

    def limiter(self, signal: Signal, params: LimiterParams, *, input_gain_db: float = 0.0) -> Processor:
        """Return a limiter with a gain before it; what is below the ceiling everywhere only gets the gain.

        pedalboard's limiter promises its ceiling for samples only, so the true peak of the result is
        measured, and where it stands out the limiter runs again with a lower ceiling.
        """
        import pedalboard

        if not hasattr(pedalboard, "BrickwallLimiter"):
            # The older Limiter raises what is quiet and has no ceiling but full scale.
            raise ParameterError("the limiter of the engine 'pedalboard' needs pedalboard 0.9.26 or later")
        gain = np.float32(processors.db_to_gain(input_gain_db))
        return WholeProcessor(signal, lambda audio: _limited(audio * gain, signal.sample_rate, params))

    def plugin(self, signal: Signal, insert: PluginInsert, replaced: CompressorParams | None) -> Processor:
        """Return a plug-in, driven by the compressor it replaces where there is one.

        A plug-in with `from_params` in the place of a compressor that the plan does not have is left
        out: there is nothing to drive it with. The number of channels stays: a mono stem goes into
        both channels of a stereo plug-in and comes out as their mean; a stereo stem goes through a mono
        plug-in channel by channel, which no longer links them.

        Raises
        ------
        PlanError
            If the plug-in cannot be loaded, or a parameter is unknown or out of range.
        """
        if insert.from_params and replaced is None:
            return ImmediateProcessor(lambda block: block)
        rate = require_sample_rate(signal.sample_rate)
        hosted = self._load(insert)

        def process(audio: Audio) -> Audio:
            # Set anew for each signal: inserts that differ in what drives them share an instance.
            for name, value in insert.parameters.items():
                hosted.set(name, value)
            for name, field in insert.from_params.items():
                hosted.set(name, getattr(replaced, field), source=field)
            return hosted.process(audio, rate)

        return WholeProcessor(signal, process)

    def _load(self, insert: PluginInsert) -> HostedPlugin:
        # Inserts that set other parameters get other instances: nothing stays behind from one to the next.
        key = (insert.path, insert.plugin_name, frozenset(insert.parameters.items()), *insert.from_params)
        if key not in self._hosted:
            self._hosted[key] = HostedPlugin(_load_plugin(insert), insert.path)
        return self._hosted[key]


class _Filtered:
    """A processor with biquads after it."""

    def __init__(self, processor: Processor, sections: processors.Sections) -> None:
        self._processor = processor
        self._filter = processors.BiquadStream(sections, channels=2)

    def process(self, block: Audio) -> Audio:
        return self._filter.process(self._processor.process(block))

    def flush(self) -> Audio:
        return self._filter.process(self._processor.flush())


def _compressed(audio: Audio, sample_rate: int, params: CompressorParams) -> Audio:
    """Return compressed audio.

    pedalboard's compressor knows one channel: it is run on the loudest channel of each sample, and
    its gain, output over input, is applied to all. Times become time constants, and the threshold
    is lowered by what the detector falls short of a sine's peak, so that a steady sine comes out
    as the static curve says.
    """
    import pedalboard

    release_ms = max(params.release_ms, params.attack_ms)
    compressor = pedalboard.Compressor(
        threshold_db=params.threshold_db + _sine_reading_db(params.attack_ms, release_ms),
        ratio=params.ratio,
        attack_ms=params.attack_ms * _TIME_FACTOR,
        release_ms=release_ms * _TIME_FACTOR,
    )
    detector = np.maximum(np.abs(audio).max(axis=1, keepdims=True).astype(np.float32), _QUIET)
    gain = _run([compressor], detector, sample_rate) / detector
    compressed: Audio = audio * gain
    if params.makeup_db == 0:
        return compressed
    return _run([pedalboard.Gain(gain_db=params.makeup_db)], compressed, sample_rate)


def _convolved(audio: Audio, sample_rate: int, response: Audio) -> Audio:
    """Return what a room makes of the mean of the channels, as many samples as went in."""
    import pedalboard

    mono = np.repeat(audio.mean(axis=1, keepdims=True), 2, axis=1)
    # JUCE scales a response so that its louder channel has an energy of 1/64, summed in float32 one sample
    # after the other. Undone here with the same sum, which is up to 0.006 dB from the true one.
    energy = float(np.cumsum(np.square(response), axis=0, dtype=np.float32)[-1].max())
    room = pedalboard.Convolution(np.ascontiguousarray(response.T), mix=1.0, sample_rate=sample_rate)
    return _run([room, pedalboard.Gain(gain_db=10.0 * math.log10(64.0 * energy))], mono, sample_rate)


def _limited(audio: Audio, sample_rate: int, params: LimiterParams) -> Audio:
    """Return audio whose true peak is at most the ceiling."""
    import pedalboard

    out, ceiling_db = audio.copy(), params.ceiling_dbtp
    over_db = true_peak(out, sample_rate) - params.ceiling_dbtp
    for _ in range(_LIMITER_PASSES):
        if over_db <= 0:
            return out
        limiter = pedalboard.BrickwallLimiter(
            ceiling_db=ceiling_db,
            release_ms=params.release_ms,
            lookahead_ms=params.lookahead_ms,
            true_peak=True,
        )
        out = _run([limiter], audio, sample_rate)
        over_db = true_peak(out, sample_rate) - params.ceiling_dbtp
        ceiling_db -= over_db + _LIMITER_STEP_DB
    return apply_gain(out, -over_db - _LIMITER_STEP_DB) if over_db > 0 else out


def _run(plugins: Sequence[pedalboard.Plugin], audio: Audio, sample_rate: int) -> Audio:
    """Run `audio` through some of pedalboard's processors."""
    import pedalboard

    return process(pedalboard.Chain(list(plugins)), as_audio(audio), require_sample_rate(sample_rate))


def _band_filters(band: EqBand, sample_rate: int) -> list[pedalboard.Plugin]:
    """Return the filters that make one band; none for one that changes nothing.

    pedalboard's pass filters are of first order. Two of them and a peak at the same frequency make
    the second order: with s = j f / f0, s^2 / (s + 1)^2 times (s^2 + 2 s + 1) / (s^2 + s / Q + 1), which is
    a peaking filter of amplitude A^2 = 2 Q and quality factor A / 2; the bilinear transform keeps that.
    """
    import pedalboard

    biquad_coefficients(band, sample_rate)  # refuses a frequency that the sample rate does not hold
    frequency_hz, gain_db, q = band.frequency_hz, band.gain_db, band.q
    if band.kind in ("high_pass", "low_pass"):
        amplitude = math.sqrt(2.0 * q)
        single = pedalboard.HighpassFilter if band.kind == "high_pass" else pedalboard.LowpassFilter
        peak = pedalboard.PeakFilter(frequency_hz, 40.0 * math.log10(amplitude), amplitude / 2.0)
        return [single(frequency_hz), single(frequency_hz), peak]
    if gain_db == 0:
        return []
    if band.kind == "peaking":
        return [pedalboard.PeakFilter(frequency_hz, gain_db, q)]
    if band.kind == "low_shelf":
        return [pedalboard.LowShelfFilter(frequency_hz, gain_db, q)]
    return [pedalboard.HighShelfFilter(frequency_hz, gain_db, q)]


@functools.lru_cache(maxsize=256)
def _sine_reading_db(attack_ms: float, release_ms: float) -> float:
    """Return what a one-pole attack and release reads of a rectified sine, in dB below its peak.

    It settles where what it gains in the attacks is what it loses in the releases:
    mean(max(|x| - e, 0)) / attack = mean(max(e - |x|, 0)) / release. Times long against the period.
    """
    if attack_ms == 0:
        return 0.0
    rectified = np.sin(np.linspace(0.0, 0.5 * np.pi, 2001))
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        gained = np.maximum(rectified - middle, 0.0).mean() / attack_ms
        lost = np.maximum(middle - rectified, 0.0).mean() / release_ms
        low, high = (middle, high) if gained > lost else (low, middle)
    return 20.0 * math.log10(middle)


def _load_plugin(insert: PluginInsert) -> Any:
    """Load a plug-in, or say in one line why it cannot be."""
    from pedalboard import load_plugin

    path = os.path.expanduser(insert.path)
    if not os.path.exists(path):
        raise PlanError(f"there is no plug-in {insert.path}: name a VST3 (or, on macOS, an Audio Unit)")
    try:
        with kept_floating_point_mode():
            plugin: Any = load_plugin(path, plugin_name=insert.plugin_name or None)
    except (ImportError, ValueError, RuntimeError) as error:
        raise PlanError(f"the plug-in {insert.path} cannot be loaded: {one_line(error)}") from None
    if insert.plugin_name and plugin.name != insert.plugin_name:
        # With a single plug-in in the file the name is not looked at.
        raise PlanError(f"{insert.path} holds no plug-in {insert.plugin_name!r}: it holds {plugin.name!r}")
    if not plugin.is_effect:
        raise PlanError(f"the plug-in {insert.path} is an instrument: only effects are accepted")
    return plugin
