"""What was chosen, done and measured while the stimuli of a test were made. Never served: it names conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from mixrules._support.version import __version__
from mixrules.files.tables.writing import csv_text
from mixrules.listening.format.documents import json_of
from mixrules.listening.format.key import Key
from mixrules.listening.making.blinding import public_seed
from mixrules.listening.making.matching import CEILING_DBTP
from mixrules.listening.making.request import StimuliRequest

_COLUMNS = (
    "page",
    "repeat_of",
    "song",
    "condition",
    "stimulus_id",
    "file",
    "start_s",
    "seconds",
    "sample_rate",
    "gain_db",
    "integrated_lufs",
    "pyloudnorm_lufs",
    "true_peak_dbtp",
    "plan",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StimulusReport:
    """One stimulus: its condition, what was done to it, and what its file measures."""

    condition: str
    id: str
    file: str
    gain_db: float
    integrated_lufs: float
    pyloudnorm_lufs: float
    true_peak_dbtp: float
    plan: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SongReport:
    """One song: which excerpt and why, its loudness, and its stimuli."""

    song: str
    sample_rate: int
    start_s: float
    seconds: float
    why: str
    target_lufs: float
    lowered_db: float
    highest_peaks: str
    notes: tuple[str, ...]
    stimuli: tuple[StimulusReport, ...]

    @property
    def spread_lu(self) -> float:
        """How far apart in loudness the written files are."""
        lufs = [stimulus.integrated_lufs for stimulus in self.stimuli]
        return max(lufs) - min(lufs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StimuliReport:
    """A whole test.

    Parameters
    ----------
    test_id : str
        The test.
    seed : int
        What random mixes, ids and orders were drawn from. Keep it from listeners.
    page_seed : int
        What the page knows.
    target_lufs, ceiling_dbtp : float
        What was asked for.
    conditions : mapping of str to str
        Each condition's name to what kind of system it is.
    songs : tuple of SongReport
        In the order given.
    left_out : mapping of str to str
        Songs that could not be used, and why.
    made_by : str
        The program.
    format
        What the file is.
    """

    format: Literal["mixrules-stimuli-report"] = "mixrules-stimuli-report"
    made_by: str = f"mixrules {__version__}"
    test_id: str
    seed: int
    page_seed: int
    target_lufs: float
    ceiling_dbtp: float = CEILING_DBTP
    conditions: dict[str, str]
    songs: tuple[SongReport, ...]
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        request: StimuliRequest,
        test_id: str,
        songs: tuple[SongReport, ...],
        *,
        left_out: Mapping[str, str],
    ) -> Self:
        """Return the report on what was made of `request`."""
        return cls(
            test_id=test_id,
            seed=request.seed,
            page_seed=public_seed(request.seed),
            target_lufs=request.target_lufs,
            conditions={system.name: system.kind for system in request.systems}
            | dict.fromkeys(request.anchors(), "anchor"),
            songs=songs,
            left_out=dict(left_out),
        )

    @property
    def spread_lu(self) -> float:
        """The largest spread of loudness within a song."""
        return max(song.spread_lu for song in self.songs)

    @property
    def highest_dbtp(self) -> float:
        """The highest true peak of all files."""
        return max(stimulus.true_peak_dbtp for song in self.songs for stimulus in song.stimuli)

    def to_json(self) -> str:
        """Return the report as indented JSON."""
        return json_of(self)


def stimuli_csv(report: StimuliReport, key: Key) -> str:
    """Return a table with a row for each stimulus of each page, as CSV with a head.

    Parameters
    ----------
    report : StimuliReport
        What was measured.
    key : Key
        On which page each stimulus is.

    Returns
    -------
    str
    """
    measured = {s.id: (song, s) for song in report.songs for s in song.stimuli}
    rows: list[dict[str, Any]] = []
    for page in key.pages:
        for stimulus in page.stimuli:
            song, found = measured[stimulus.id]
            rows.append(
                {
                    "page": page.id,
                    "repeat_of": page.repeat_of or "",
                    "song": page.song,
                    "condition": stimulus.condition,
                    "stimulus_id": stimulus.id,
                    "file": found.file,
                    "start_s": f"{song.start_s:.4f}",
                    "seconds": f"{song.seconds:g}",
                    "sample_rate": song.sample_rate,
                    "gain_db": f"{found.gain_db:.4f}",
                    "integrated_lufs": f"{found.integrated_lufs:.4f}",
                    "pyloudnorm_lufs": f"{found.pyloudnorm_lufs:.4f}",
                    "true_peak_dbtp": f"{found.true_peak_dbtp:.4f}",
                    "plan": found.plan or "",
                }
            )
    return csv_text(rows, _COLUMNS)
