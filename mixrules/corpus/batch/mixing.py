"""The work of `mixrules batch`: a song's stems in, its mix and its plan out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules._support.validation import require_sample_rate
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.engine import load_engine
from mixrules.errors import MixrulesError, ParameterError
from mixrules.files import write_audio, written_format
from mixrules.mix_result import MixResult
from mixrules.mixer import mix
from mixrules.ruleset import RuleSet
from mixrules.stems.described_song import load_described
from mixrules.stems.held_memory import held_mib
from mixrules.stems.loading import HOLD_MIB
from mixrules.stems.song_description import SongDescription
from mixrules.stems.stems import Stems

_BASE_MIB = 416.0
_TIMES_HELD = 1.35
_TIMES_STEMS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """Mixes a song by a rule set.

    Attributes
    ----------
    rules : RuleSet
        The rules.
    engine : str
        ``"native"`` or ``"pedalboard"``.
    sample_rate : int or None
        Hz to which stems are brought; None for the rate that most stems of a song have.
    audio_format : str
        The mixes' extension, ``"wav"`` or ``"flac"``; empty where only plans are to be written.
    subtype : str or None
        Sample format of the mixes, e.g. ``"PCM_16"``; None for 24 bits, or float where a mix passes full scale.
    """

    rules: RuleSet
    engine: str = "native"
    sample_rate: int | None = None
    audio_format: str = "wav"
    subtype: str | None = None

    kind = "mixes"
    songs_in_block = 0

    def __post_init__(self) -> None:
        load_engine(self.engine)
        if self.sample_rate is not None:
            require_sample_rate(self.sample_rate)
        if not self.audio_format:
            return
        kind, subtypes = written_format(f"mix.{self.audio_format}")
        if self.subtype is not None and self.subtype not in subtypes:
            raise ParameterError(f"{kind} takes {', '.join(subtypes)}, got {self.subtype!r}")

    def settings(self) -> Mapping[str, Any]:
        """Return the chain and every constant of the rules, and how mixes are rendered and written."""
        return {
            **rules_as_settings(self.rules),
            "engine": self.engine,
            "sample_rate": self.sample_rate,
            "format": self.audio_format,
            "subtype": self.subtype,
            "album": False,
        }

    def also(self, song: SongDescription) -> str:
        """Return nothing: a mix depends on no other song."""
        return ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory the mix takes at most.

        Notes
        -----
        416 MiB and 1.35 times what is held of the stems (`held_mib`): all up to 448 MiB, of a larger song nothing.
        With four stereo stems at 44.1 kHz ``benchmarks/bench_memory.py --threads 1`` finds 219 MiB where 8 MiB are held,
        333 for 81 and 755 for 404, some 208 MiB and 1.35 times what is held; so the margin is 200 MiB. Larger songs take
        up to 393 MiB, which is an hour of 24 stems (docs/performance.md). Where a header cannot be read the most that may
        be held is assumed. Another engine than the native one works on whole stems, and memory grows with the song:
        2 times all stems, where 1.6 were measured (673 MiB for 161 and 1153 for 484 MiB of stems).
        """
        in_blocks = self.engine == "native"
        most_held = HOLD_MIB if in_blocks else math.inf
        try:
            held = held_mib(song, sample_rate=self.sample_rate, hold_mib=most_held)
        except (MixrulesError, OSError):
            held = HOLD_MIB
        return _BASE_MIB + (_TIMES_HELD if in_blocks else _TIMES_STEMS) * held

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Mix a song; write ``SONG.wav`` and ``SONG.plan.json``."""
        result = mix(self.stems(song), rules=self.rules, engine=self.engine, threads=1)
        return self.written(result, song, place)

    def stems(self, song: SongDescription) -> Stems:
        """Load the stems of a song."""
        return load_described(song, sample_rate=self.sample_rate, threads=1)

    def written(self, result: MixResult, song: SongDescription, place: Place) -> SongResult:
        """Write a mix and its plan; return what it measures."""
        names = [f"{song.song}.plan.json"]
        if self.audio_format:
            names.append(f"{song.song}.{self.audio_format}")
        with place.writing(*names) as paths:
            result.plan.save(paths[0])
            if self.audio_format:
                write_audio(paths[1], result.to_write, result.sample_rate, subtype=self.subtype)
        return SongResult(values=measured(result), outputs=tuple(names))

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: there are no blocks, since the table is one of all songs."""


def rules_as_settings(rules: RuleSet) -> dict[str, Any]:
    """Return the name of a rule set, its chain and the values of its constants."""
    return {
        "rules": rules.name,
        "chain": [
            str(step)
            if step.function is None
            else f"{step} by {step.function.__module__}.{getattr(step.function, '__qualname__', step.function)}"
            for step in rules.chain
        ],
        "constants": {
            name: list(constant.value) if isinstance(constant.value, tuple) else constant.value
            for name, constant in rules.constants.items()
        },
    }


def measured(result: MixResult) -> dict[str, Any]:
    """Return what the table of mixes says of one."""
    statements = [
        (decision, statement)
        for decision in result.plan.decisions
        if not decision.superseded
        for statement in decision.statements
    ]
    return {
        "integrated_lufs": _rounded(result.loudness.integrated_lufs),
        "loudness_range_lu": _rounded(result.loudness.loudness_range_lu),
        "true_peak_dbtp": _rounded(result.loudness.true_peak_dbtp),
        "duration_s": _rounded(result.loudness.duration_s),
        "sample_rate": result.sample_rate,
        "stems": len(result.plan.stems),
        "statements": len(statements),
        "statements_held": sum(statement.holds is True for _, statement in statements),
        "not_held": "; ".join(
            f"{decision.rule}, {decision.stem or 'mix'}: {statement.note}"
            for decision, statement in statements
            if statement.note
        ),
        "notes": "; ".join(dict.fromkeys(result.plan.notes)),
    }


def _rounded(value: float) -> float | None:
    """Return a reading to four places, beyond which processors differ; None where it is not defined."""
    return round(value, 4) if math.isfinite(value) else None
