"""What was done to each stem in a song's own mixture, found by matching a plan to it: the rows of `parameters`.

A song without a mixture of its own, or with one that cannot be matched, has its rows too; what would be found is null.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mixrules.corpus.extraction.schema import COLUMNS, OCTAVES_HZ, PARAMETERS
from mixrules.corpus.extraction.signals import SignalSet
from mixrules.corpus.extraction.tables import facts_of, table_of
from mixrules.errors import MixrulesError
from mixrules.processors import EqualizerParams, frequency_response, t60_at
from mixrules.stems.song_description import SongDescription

if TYPE_CHECKING:
    import pyarrow

    from mixrules.matching import Match
    from mixrules.mixplan import StemPlan

_BAND_POINTS = 16
_BANDS = "eq_octave_db"
_MID_HZ = (500.0, 1000.0)
_FACTS = ("muted", "eq_bands", "polarity_inverted", "right_polarity_inverted", "heard", "alike")
"""Columns that are no numbers with a fraction."""


def parameter_table(song: SongDescription, root: Path, signals: SignalSet) -> pyarrow.Table:
    """Return one row for each stem of a song, with what was done to it in the song's mixture.

    Parameters
    ----------
    song : SongDescription
        The song.
    root : Path
        The folder of the data set, which paths are relative to.
    signals : SignalSet
        Its signals.

    Returns
    -------
    pyarrow.Table
        The columns of ``parameters``, in the order of the stems.
    """
    import pyarrow as pa

    found = _matched(signals)
    names = [column.name for column in COLUMNS[PARAMETERS]]
    rows = []
    for signal in signals.signals:
        if signal.kind != "stem":
            continue
        values = {} if found is None else _strip(found, signal.stem, signals) | _of_song(found)
        facts = facts_of(song, root, signals, signal) | {name: values.get(name) for name in _FACTS}
        numbers = {name: _as_wide(values.get(name, math.nan), name) for name in names if name not in facts}
        rows.append(table_of(PARAMETERS, 1, facts, numbers))
    return pa.concat_tables(rows)


def _matched(signals: SignalSet) -> Match | None:
    if signals.mix_source != "file":
        return None
    from mixrules.matching import match

    try:
        return match(signals.stems, np.asarray(signals.sources[-1][:]), threads=1)
    except MixrulesError:  # whatever a mixture lacks, the song is measured all the same
        return None


def _as_wide(value: npt.ArrayLike, name: str) -> npt.NDArray[np.float64]:
    """Return a value as the one entry of its column: nine numbers where that has bands."""
    array = np.asarray(value, np.float64)
    return np.broadcast_to(array, (1, len(OCTAVES_HZ))) if name == _BANDS else array.reshape(1)


def _strip(found: Match, name: str, signals: SignalSet) -> dict[str, Any]:
    """Return what was found of a stem."""
    strip, level = found.plan.stem(name), found.levels[name]
    compressor = strip.compressor
    names = signals.stems.names
    return {
        "muted": strip.mute,
        "fader_db": math.nan if strip.mute else strip.gain_db,
        "polarity_inverted": strip.invert_polarity,
        "right_polarity_inverted": strip.invert_right_polarity,
        "pan": strip.pan.pan,
        "side_gain_db": _side_gain_db(strip, signals.stems[name].channels),
        "eq_bands": len(strip.equalizer.bands),
        "eq_octave_db": octave_response_db(strip.equalizer, signals.sample_rate),
        **{
            f"compressor_{field}": math.nan if compressor is None else getattr(compressor, field)
            for field in ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db")
        },
        "send_db": max((send.level_db for send in strip.sends), default=math.nan),
        "heard": level.heard,
        "level_interval_db": level.interval_db,
        "worth": level.worth,
        "alike": [names[other] for other in sorted({*level.like, *level.made_of})],
    }


def _side_gain_db(strip: StemPlan, channels: int) -> float:
    if channels == 1:
        return math.nan
    return 0.0 if strip.width is None else strip.width.side_gain_db


def octave_response_db(equalizer: EqualizerParams, sample_rate: int) -> npt.NDArray[np.float64]:
    """Return the mean power gain of an equaliser in the octave bands, dB; NaN for those above half the rate."""
    steps = (np.arange(_BAND_POINTS) + 0.5) / _BAND_POINTS - 0.5
    places_hz = np.asarray(OCTAVES_HZ)[:, None] * 2.0**steps
    inside = places_hz < sample_rate / 2.0
    response = frequency_response(equalizer, sample_rate, np.where(inside, places_hz, 1.0).ravel())
    power = np.where(inside, np.abs(response.reshape(places_hz.shape)) ** 2, 0.0)
    known = np.asarray(OCTAVES_HZ) < sample_rate / 2.0
    mean = power.sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    return np.where(known, 10.0 * np.log10(np.maximum(mean, 1e-30)), np.nan)


def _of_song(found: Match) -> dict[str, Any]:
    """Return what was found of the whole song."""
    plan, master = found.plan, found.plan.master
    rate = found.sample_rate
    return {
        "explained_share": found.explained_share,
        "offset_samples": found.alignment.offset_samples,
        "drift_ppm": found.alignment.drift_ppm,
        "t60_s": float(np.mean(t60_at(plan.reverbs[0].params, _MID_HZ, rate))) if plan.reverbs else math.nan,
        "master_gain_db": master.gain_db,
        "master_threshold_db": math.nan if master.compressor is None else master.compressor.threshold_db,
        "master_ratio": math.nan if master.compressor is None else master.compressor.ratio,
        "master_ceiling_dbtp": math.nan if master.limiter is None else master.limiter.ceiling_dbtp,
        **{f"residual_{rung.name.lower().replace(' ', '_')}_db": rung.residual_db for rung in found.rungs},
    }
