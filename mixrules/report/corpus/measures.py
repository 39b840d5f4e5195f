"""What a description of a corpus shows: which columns of the ground truth, of which signals, under which names."""

from __future__ import annotations

from dataclasses import dataclass

from mixrules.corpus.extraction.schema import COLUMNS, SNIPPETS, STEMS
from mixrules.report.page_frame import fixed, readable

SONGS = "songs"
"""One value a song, beside `STEMS`, one a stem, and `SNIPPETS`, one a snippet."""
_ALL = ("vocal", "backing", "mix")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A column that is described.

    Attributes
    ----------
    column : str
        Its name in the tables.
    label : str
        What a reader calls it.
    signals : tuple of str
        Whose it is: rows of which signals are read.
    tables : tuple of str
        ``"songs"`` and ``"snippets"``: where it is read; ``"stems"`` for one value a stem, by role.
    logarithmic : bool
        Whether its axis is.
    """

    column: str
    label: str
    signals: tuple[str, ...] = _ALL
    tables: tuple[str, ...] = (SONGS,)
    logarithmic: bool = False

    @property
    def unit(self) -> str:
        """Its unit, as the tables say."""
        columns = (*COLUMNS[STEMS], *COLUMNS[SNIPPETS])
        return next(column.unit for column in columns if column.name == self.column)

    @property
    def axis_label(self) -> str:
        """What its axis says."""
        return f"{self.label} ({self.unit_in_words})" if self.unit else self.label

    def label_of(self, signal: str) -> str:
        """Return what a reader calls it in a sentence: with the signal where it is measured of several."""
        return f"{self.label} of the {signal}" if len(self.signals) > 1 else self.label

    def shown(self, value: float) -> str:
        """Return a value as in a sentence: levels to a tenth."""
        return fixed(value, 1) if self.unit.startswith(("LU", "dB")) else readable(value)

    @property
    def unit_in_words(self) -> str:
        """Its unit, as it is read aloud."""
        return {"1/min": "beats per minute", "1/s": "per second"}.get(self.unit, self.unit)


_BOTH = (SONGS, SNIPPETS)
MEASURES = (
    Measure(
        column="vocal_to_backing_lu",
        label="vocal to backing",
        signals=("mix",),
        tables=_BOTH,
    ),
    Measure(column="to_mix_lu", label="level against the mix", signals=("vocal", "backing")),
    Measure(column="to_mix_lu", label="level against the mix", signals=("stem",), tables=(STEMS,)),
    Measure(column="integrated_lufs", label="integrated loudness"),
    Measure(column="short_term_lufs", label="short-term loudness", tables=(SNIPPETS,)),
    Measure(column="loudness_range_lu", label="loudness range"),
    Measure(column="true_peak_dbtp", label="true peak"),
    Measure(column="crest_factor_db", label="crest factor", tables=_BOTH),
    Measure(column="side_to_mid_db", label="side to mid", tables=_BOTH),
    Measure(column="tempo_bpm", label="tempo", signals=("mix",)),
    Measure(column="beat_density_per_s", label="beats", signals=("mix",)),
    Measure(column="onset_density_per_s", label="onsets", tables=_BOTH),
    Measure(column="chord_change_density_per_s", label="chord changes", tables=_BOTH),
    Measure(column="spectral_flux", label="spectral flux", tables=_BOTH),
    Measure(column="spectral_centroid_hz", label="spectral centroid", tables=_BOTH),
    Measure(
        column="spectral_centroid_variance_hz2", label="variance of the spectral centroid", logarithmic=True
    ),
    Measure(column="zero_crossing_rate", label="zero-crossing rate", tables=_BOTH),
    Measure(column="decay_s", label="decay time", signals=("stem",), tables=(STEMS,)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """A column of band levels that is described.

    Attributes
    ----------
    column : str
        Its name in the tables.
    label : str
        What a reader calls it.
    relative : bool
        Whether each spectrum is shown relative to the sum of its bands, so that songs of different loudness compare.
    signals : tuple of str
        Whose it is.
    by_role : bool
        Whether the roles of stems are shown too.
    """

    column: str
    label: str
    relative: bool
    signals: tuple[str, ...]
    by_role: bool


SPECTRA = (
    Spectrum(column="octave_db", label="octave bands", relative=True, signals=_ALL, by_role=True),
    Spectrum(column="third_octave_db", label="third-octave bands", relative=True, signals=_ALL, by_role=True),
    Spectrum(
        column="octave_to_backing_db",
        label="vocal minus backing, octave bands",
        relative=False,
        signals=("vocal",),
        by_role=False,
    ),
    Spectrum(
        column="third_octave_to_backing_db",
        label="vocal minus backing, third-octave bands",
        relative=False,
        signals=("vocal",),
        by_role=False,
    ),
)


def measure_of(column: str) -> Measure:
    """Return the first measure that a column holds."""
    return next(measure for measure in MEASURES if measure.column == column)
