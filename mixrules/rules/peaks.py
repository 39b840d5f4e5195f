"""The rule of peaks: a stem whose peaks would make the master's limiter work too hard is limited in its own strip.

The master brings the mix to a loudness with so much limiting at most, which leaves its peaks a certain room above the
loudness. The peaks of the mix are predicted from those of the stems; where they do not fit, the highest come down first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from mixrules.analysis import PeakTrace, peak_db, summed_lufs, summed_peaks
from mixrules.decision import Decision, Quantity, Statement
from mixrules.processors import LimiterParams, db_to_gain, gain_to_db, pan
from mixrules.rules.support import treated_as
from mixrules.rules.wording import few_or_count
from mixrules.session import Session

RULE = "peaks"
_SOURCE = "ours; peak-to-loudness ratio: AES TD1008; true peak: ITU-R BS.1770-5 Annex 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakSettings:
    """The constants of ``peaks:in_strip``, and those of the master that say what it allows; see the presets."""

    target_lufs: float = field(metadata={"table": "master"})
    ceiling_dbtp: float = field(metadata={"table": "master"})
    max_limiting_db: float = field(metadata={"table": "master"})
    margin_db: float
    sum_exponent: float
    max_percussive_db: float
    max_other_db: float
    min_db: float
    percussive_roles: tuple[str, ...]
    percussive_ratio_db: float
    lookahead_ms: float
    release_ms: float
    lowest_ceiling_dbtp: float
    below_db: float
    exact_db: float
    tolerance_db: float

    @property
    def room_db(self) -> float:
        """How far the true peak of the mix may lie above its loudness."""
        return self.ceiling_dbtp + self.max_limiting_db - self.target_lufs


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Stem:
    """A stem in the mix: its course there, the gain of its peaks from strip to mix, and how far they may come down."""

    trace: PeakTrace
    gain_db: float
    channel_db: float
    percussive: bool
    most_db: float

    @property
    def highest_db(self) -> float:
        return gain_to_db(self.trace.highest)

    @property
    def ratio_db(self) -> float:
        """Peak to loudness."""
        return self.highest_db - self.trace.integrated_lufs

    def limited(self, level_db: float, release_ms: float) -> tuple[PeakTrace, float]:
        """Return it with no peak above a level, as far as it may, raised to its loudness again; and that level."""
        ceiling_db = max(level_db, self.highest_db - self.most_db)
        if self.highest_db <= ceiling_db:
            return self.trace, ceiling_db
        limited = self.trace.limited(db_to_gain(ceiling_db), release_ms)
        return limited.scaled(db_to_gain(self.trace.integrated_lufs - limited.integrated_lufs)), ceiling_db


def in_strip(session: Session, settings: PeakSettings) -> list[Decision]:
    """Limit the stems whose peaks would not let the mix become loud enough, the highest peaks first."""
    stems = _in_mix(session, settings)
    if not stems:
        return []
    ratio_db = _ratio_db([stem.trace for stem in stems.values()], settings)
    if not math.isfinite(ratio_db):
        return []
    if ratio_db <= settings.room_db - settings.margin_db:
        return [_mix_fits(ratio_db, settings)]
    level_db = _level_db(stems, settings)
    limited = {name: stem.limited(level_db, settings.release_ms) for name, stem in stems.items()}
    tamed = [name for name, stem in stems.items() if _acts(stem, limited[name][1], settings)]
    traces = [limited[name][0] if name in tamed else stem.trace for name, stem in stems.items()]
    decisions = [_tamed(name, stems[name], *limited[name], settings) for name in tamed]
    at_most = [
        name
        for name in tamed
        if stems[name].highest_db - limited[name][1] > stems[name].most_db - settings.exact_db
    ]
    return [*decisions, _mix(ratio_db, _ratio_db(traces, settings), tamed, at_most, settings)]


def stem_of_highest_peak(session: Session) -> str:
    """Return the stem that is highest where the peaks of all stems in the mix together are; empty where none has any."""
    traces = {stem.name: _after_fader(session, stem.name) for stem in session.active}
    if not any(trace.highest for trace in traces.values()):
        return ""
    hop = int(np.argmax(summed_peaks(list(traces.values()), 1.0)))
    return max(traces, key=lambda name: traces[name].peaks[hop : hop + 1].sum())


def _after_fader(session: Session, name: str) -> PeakTrace:
    """Return the trace of a stem in the mix, its limiter as it is predicted."""
    strip = session.plan.stem(name)
    trace = session.peak_trace(name, through="compressor")
    if strip.limiter is not None:
        trace = trace.limited(db_to_gain(strip.limiter.ceiling_dbtp), strip.limiter.release_ms)
    return trace.scaled(db_to_gain(strip.gain_db) * _channel_gain(session, name))


def _in_mix(session: Session, settings: PeakSettings) -> dict[str, _Stem]:
    def measured(name: str) -> _Stem:
        strip = session.plan.stem(name)
        trace = session.peak_trace(name, through="compressor")
        # The level rule comes once more: what has become quieter in its strip gets the loudness back that it had.
        had_lufs = session.scan(name).integrated_lufs + strip.input_gain_db + strip.gain_db
        fader_db = had_lufs - trace.integrated_lufs
        if not math.isfinite(fader_db):
            fader_db = strip.gain_db
        channel_db = gain_to_db(_channel_gain(session, name))
        gain_db = fader_db + channel_db
        in_mix = PeakTrace(
            trace.peaks * np.float32(db_to_gain(gain_db)), trace.energies.scaled(db_to_gain(fader_db))
        )
        ratio_db = gain_to_db(in_mix.highest) - in_mix.integrated_lufs
        percussive = (
            treated_as(session, name) in settings.percussive_roles or ratio_db >= settings.percussive_ratio_db
        )
        most_db = settings.max_percussive_db if percussive else settings.max_other_db
        return _Stem(
            trace=in_mix, gain_db=gain_db, channel_db=channel_db, percussive=percussive, most_db=most_db
        )

    return session.each([stem.name for stem in session.active], measured)


def _channel_gain(session: Session, name: str) -> float:
    """Return the gain of a stem in the louder channel, where the plan pans it."""
    one = np.ones((1, session.stems[name].channels), np.float32)
    return float(pan(one, session.sample_rate, session.plan.stem(name).pan).max())


def _ratio_db(traces: list[PeakTrace], settings: PeakSettings) -> float:
    """Predict the peak of the mix against its loudness."""
    return peak_db(summed_peaks(traces, settings.sum_exponent)) - summed_lufs(traces)


def _level_db(stems: Mapping[str, _Stem], settings: PeakSettings) -> float:
    """Find the highest level at which the peaks of the mix fit when no stem's pass it.

    Where none is, the lowest that the highest of the stems can be brought to: lower peaks of others would gain little.
    """
    high_db = max(stem.highest_db for stem in stems.values())
    low_db = max(stem.highest_db - stem.most_db for stem in stems.values()) - settings.below_db
    while high_db - low_db > settings.exact_db:
        middle_db = (high_db + low_db) / 2
        traces = [stem.limited(middle_db, settings.release_ms)[0] for stem in stems.values()]
        if _ratio_db(traces, settings) > settings.room_db - settings.margin_db:
            high_db = middle_db
        else:
            low_db = middle_db
    return low_db


def _acts(stem: _Stem, level_db: float, settings: PeakSettings) -> bool:
    ceiling_dbtp = level_db - stem.gain_db
    return (
        stem.highest_db - level_db >= settings.min_db and settings.lowest_ceiling_dbtp <= ceiling_dbtp <= 0.0
    )


def _tamed(name: str, stem: _Stem, after: PeakTrace, level_db: float, settings: PeakSettings) -> Decision:
    ceiling_dbtp = round(level_db - stem.gain_db, 2)
    down_db = stem.highest_db - level_db
    # In the strip, where a mono stem has not been shared out to two channels.
    after_db = gain_to_db(after.highest) - stem.channel_db - after.integrated_lufs
    most = (
        f", the most that the rule takes (peaks.{'max_percussive_db' if stem.percussive else 'max_other_db'})"
        if down_db > stem.most_db - settings.exact_db
        else ""
    )
    return Decision(
        rule=RULE,
        stem=name,
        source=_SOURCE,
        measured=(
            Quantity.of("peak to loudness in the mix before", stem.ratio_db, "dB"),
            Quantity.of("limiting of the highest peak", down_db, "dB"),
        ),
        threshold=f"peaks of the mix at most {settings.room_db:g} dB above its loudness",
        parameters={
            "limiter": LimiterParams(
                ceiling_dbtp=ceiling_dbtp, lookahead_ms=settings.lookahead_ms, release_ms=settings.release_ms
            )
        },
        sentence=(
            f"{name}: limiter at {ceiling_dbtp:.1f} dBTP, because its peaks are among the highest of the mix. The "
            f"highest comes down by {down_db:.1f} dB{most}."
        ),
        statements=(
            Statement(
                kind="stem_peak_to_loudness_db",
                stems=(name,),
                unit="dB",
                stated=round(after_db, 2),
                tolerance=settings.tolerance_db,
            ),
        ),
    )


def _mix_fits(ratio_db: float, settings: PeakSettings) -> Decision:
    side = "above" if ratio_db >= 0.0 else "below"
    return _about_mix(
        ratio_db,
        f"No stem needs a limiter: the peaks of the mix should lie {abs(ratio_db):.1f} dB {side} its loudness, and the "
        f"master has room for {settings.room_db:g} dB.",
        settings,
    )


def _mix(
    before_db: float, after_db: float, tamed: list[str], at_most: list[str], settings: PeakSettings
) -> Decision:
    aim_db = settings.room_db - settings.margin_db
    said = f"The peaks of the mix would lie {before_db:.1f} dB above its loudness; the aim is {aim_db:g} dB."
    if tamed:
        said += f" With {few_or_count(tamed)} limited it should be {after_db:.1f} dB."
    if after_db - aim_db > settings.exact_db:
        said += f" That is {after_db - aim_db:.1f} dB too much"
        if at_most:
            said += f", but {few_or_count(at_most)} would have to give up more than the rule takes"
        said += "."
    return _about_mix(before_db, said, settings)


def _about_mix(ratio_db: float, sentence: str, settings: PeakSettings) -> Decision:
    return Decision(
        rule=RULE,
        source=_SOURCE,
        measured=(Quantity.of("predicted peak to loudness of the mix", ratio_db, "dB"),),
        threshold=f"{settings.room_db:g} dB, less {settings.margin_db:g}",
        sentence=sentence,
    )
