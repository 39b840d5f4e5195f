"""What a song and its mix look like, as numbers: small arrays that figures and pages are made of.

All levels of sounds are those of the rendered audio. "Given" is a stem as it came, in the centre at a fader of 0 dB;
"after" is the stem as it sits in the mix, with its reverb and before the master.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Bands
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Values over time.

    Attributes
    ----------
    time_s : ndarray of float64, shape (points,)
        Seconds from the start.
    values : ndarray of float64, shape (points,)
        In the unit of what it is a trace of.
    """

    time_s: Floats
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """The lowest and the highest sample of every part of a sound, over all channels.

    Attributes
    ----------
    edges_s : ndarray of float64, shape (columns + 1,)
        Where each part begins, and where the last one ends, seconds.
    lowest, highest : ndarray of float32, shape (columns,)
        Linear; full scale is ±1. 0 where the sound has ended.
    """

    edges_s: Floats
    lowest: npt.NDArray[np.float32]
    highest: npt.NDArray[np.float32]

    @property
    def peaks(self) -> npt.NDArray[np.float32]:
        """The largest magnitude of each part, shape (columns,)."""
        return np.maximum(self.highest, -self.lowest)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoudnessPicture:
    """The loudness of one sound, over time and in all.

    Attributes
    ----------
    length_s : float
        How long it is, seconds.
    integrated_lufs, loudness_range_lu, true_peak_dbtp : float
        As `mixrules.measure` reads them.
    range_low_lufs, range_high_lufs : float
        The short-term loudnesses that the loudness range lies between: the 10th and the 95th percentile of EBU Tech
        3342. NaN where the range is.
    short_term, momentary : Trace
        LUFS, at the ends of their windows.
    """

    length_s: float
    integrated_lufs: float
    loudness_range_lu: float
    range_low_lufs: float
    range_high_lufs: float
    true_peak_dbtp: float
    short_term: Trace
    momentary: Trace


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoundPicture(LoudnessPicture):
    """What one sound measures.

    Attributes
    ----------
    bands : Bands
        Of the spectrum: a sixth of an octave each.
    spectrum_db : ndarray of float64, shape (bands,)
        Mean level in each of them, dB below a mean square of 1 of the mono sum; -inf for silence.
    waveform : Waveform
        Lowest and highest samples over time.
    side_to_mid_db : float
        Power of side over mid; -inf for mono.
    left_to_right_db : float
        Power of left over right; ±inf where one side is silent.
    correlation : float
        Of left and right: 1 for mono, 0 where they have nothing in common or one is silent.
    """

    bands: Bands
    spectrum_db: Floats
    waveform: Waveform
    side_to_mid_db: float
    left_to_right_db: float
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class GainReduction:
    """By how much a processor turned a sound down, column by column.

    Attributes
    ----------
    time_s : ndarray of float64, shape (columns,)
        The middle of each column, seconds.
    highest_db, mean_db : ndarray of float64, shape (columns,)
        The largest and the mean reduction there, dB, at least 0; NaN where nothing sounds.
    """

    time_s: Floats
    highest_db: Floats
    mean_db: Floats

    @property
    def most_db(self) -> float:
        """The largest reduction of all; 0 where nothing sounds."""
        return float(np.nanmax(self.highest_db, initial=0.0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecidedBand:
    """A band of an equaliser, and the rule that asked for it.

    Attributes
    ----------
    band : EqBand
        The filter.
    rule : str
        The rule; empty where no decision names it.
    makes_room_for : tuple of str
        The stems that it makes room for, where the decision says so.
    """

    band: EqBand
    rule: str
    makes_room_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EqPicture:
    """An equaliser.

    Attributes
    ----------
    frequency_hz, gain_db : ndarray of float64, shape (points,)
        The response of all its filters together.
    bands : tuple of DecidedBand
        The filters.
    dynamic_bands : tuple of DynamicEqBand
        The bands of the dynamic equaliser, which the response leaves out.
    """

    frequency_hz: Floats
    gain_db: Floats
    bands: tuple[DecidedBand, ...]
    dynamic_bands: tuple[DynamicEqBand, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CompressorPicture:
    """A compressor at work.

    Attributes
    ----------
    params : CompressorParams
        Its settings.
    level_dbfs, output_dbfs : ndarray of float64, shape (points,)
        The static curve, without make-up gain.
    histogram_edges_dbfs : ndarray of float64, shape (bins + 1,)
        Levels at its detector.
    histogram_share : ndarray of float64, shape (bins,)
        Share of the time in which the highest sample of 2 ms has such a level, of the time in which it is above the
        lowest edge.
    reduction : GainReduction
        Over time.
    range_before_lu, range_after_lu : float
        The loudness range of what goes in and of what comes out.
    """

    params: CompressorParams
    level_dbfs: Floats
    output_dbfs: Floats
    histogram_edges_dbfs: Floats
    histogram_share: Floats
    reduction: GainReduction
    range_before_lu: float
    range_after_lu: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LimiterPicture:
    """A limiter at work: its settings, and its gain reduction over time."""

    params: LimiterParams
    reduction: GainReduction


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPicture:
    """How much of a stem goes to a reverb.

    Attributes
    ----------
    bus : str
        The reverb.
    level_db : float
        The send.
    to_dry_lu : float
        How loud the reverb of the stem is against the stem without it; NaN where that cannot be measured.
    """

    bus: str
    level_db: float
    to_dry_lu: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTarget:
    """The level that a decision states.

    Attributes
    ----------
    kind : str
        "stem_integrated_lufs", "group_integrated_lufs" (of `stems` together) or "vocal_to_backing_lu".
    stems : tuple of str
        Whose level it is.
    stated, measured : float
        LUFS, or LU against the backing; NaN where it was not measured.
    """

    kind: str
    stems: tuple[str, ...]
    stated: float
    measured: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StemPicture:
    """One stem, as it was given and as it sits in the mix.

    Attributes
    ----------
    name, role, role_reason : str
        What it is, and how that is known.
    role_confidence : float
        0 to 1.
    instrument : str
        The instrument that it is one part of; empty where it is alone.
    silent, muted : bool
        Whether every sample is zero; whether the plan leaves it out.
    given, after : SoundPicture
        Before and after.
    others_given_db, others_after_db : ndarray of float64, shape (bands,)
        Spectra of everything else, powers of the other stems added up; as `SoundPicture.spectrum_db`.
    target : LevelTarget or None
        The level that the plan states for it.
    input_gain_db, gain_db : float
        Trim and fader.
    eq : EqPicture or None
    compressor : CompressorPicture or None
    limiter : LimiterPicture or None
    automation : Trace or None
        The gain that was written, dB.
    pan : PanParams
    width : WidthParams or None
    sends : tuple of SendPicture
    """

    name: str
    role: str
    role_reason: str
    role_confidence: float
    instrument: str
    silent: bool
    muted: bool
    given: SoundPicture
    after: SoundPicture
    others_given_db: Floats
    others_after_db: Floats
    target: LevelTarget | None
    input_gain_db: float
    gain_db: float
    eq: EqPicture | None
    compressor: CompressorPicture | None
    limiter: LimiterPicture | None
    automation: Trace | None
    pan: PanParams
    width: WidthParams | None
    sends: tuple[SendPicture, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReverbPicture:
    """A reverb bus, measured on what the engine makes of one impulse.

    Attributes
    ----------
    name : str
    params : ReverbParams
    decay : Trace
        The energy that is still to come in the octave about 1 kHz, dB below that at the start (Schroeder's backward
        integration).
    t60_asked_s, t60_measured_s : float
        Decay time at 1 kHz; NaN where nothing was asked or nothing can be measured.
    tempo_bpm : float
        The tempo that the decay was chosen by; NaN where no decision names one.
    """

    name: str
    params: ReverbParams
    decay: Trace
    t60_asked_s: float
    t60_measured_s: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MasterPicture:
    """What happens to the sum.

    Attributes
    ----------
    gain_db : float
    eq : EqPicture or None
    limiter : LimiterPicture or None
    target_lufs, ceiling_dbtp : float
        What the plan's decisions state of the mix; NaN where they state nothing.
    """

    gain_db: float
    eq: EqPicture | None
    limiter: LimiterPicture | None
    target_lufs: float
    ceiling_dbtp: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskingPicture:
    """Which stem hides which, in which frequencies.

    A moment of a stem in a band one ERB wide is hidden by another stem that is more than 6 dB above it there. Each
    counts by its power to 0.3, about as loud as it sounds.

    Attributes
    ----------
    names : tuple of str
        The stems.
    low_hz, high_hz : tuple of float
        The bands.
    weight : ndarray of float64, shape (bands, hidden)
        How much of each stem lies in each band, as shares of the stem.
    hidden_by : ndarray of float64, shape (bands, hidden, hiding)
        Which share of each stem, of all of it, each other stem alone hides in each band.
    hidden : ndarray of float64, shape (bands, hidden)
        The same for all other stems together.
    """

    names: tuple[str, ...]
    low_hz: tuple[float, ...]
    high_hz: tuple[float, ...]
    weight: Floats
    hidden_by: Floats
    hidden: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeasuredSong:
    """A song and its mix.

    Attributes
    ----------
    title : str
    sample_rate : int
        Hz.
    given_s, duration_s : float
        Length of the stems, and of the mix with its reverb, seconds.
    bands : Bands
        Of all spectra: a sixth of an octave each.
    whole_before, whole_after : SoundPicture
        The sum of the stems as given, and the finished mix.
    stems : tuple of StemPicture
    reverbs : tuple of ReverbPicture
    master : MasterPicture
    masking_before, masking_after : MaskingPicture or None
        None where fewer than two stems sound.
    """

    title: str
    sample_rate: int
    given_s: float
    duration_s: float
    bands: Bands
    whole_before: SoundPicture
    whole_after: SoundPicture
    stems: tuple[StemPicture, ...]
    reverbs: tuple[ReverbPicture, ...]
    master: MasterPicture
    masking_before: MaskingPicture | None
    masking_after: MaskingPicture | None

    def stem(self, name: str) -> StemPicture:
        """Return the picture of one stem.

        Raises
        ------
        ParameterError
            If the song has no such stem.
        """
        from mixrules._support.arguments import require_known

        names = [stem.name for stem in self.stems]
        return self.stems[names.index(require_known(name, names, what="stem"))]
