"""The work of `mixrules batch`: a song's stems in, its mix and its plan out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules._support.json_values import defined
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.files import write_audio
from mixrules.mixer import mix
from mixrules.ruleset import RuleSet
from mixrules.stems.described_song import load_described
from mixrules.stems.song_description import SongDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixing:
    """Mixes a song by a rule set.

    Attributes
    ----------
    rules : RuleSet
        The rules.
    """

    rules: RuleSet

    kind = "mixes"
    songs_in_block = 1000

    def settings(self) -> Mapping[str, Any]:
        """Return the rules by name; the constants."""
        return {"rules": self.rules.name}

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory the mix takes at most."""
        return 1024.0

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Mix a song; write ``SONG.wav`` and ``SONG.plan.json``."""
        result = mix(load_described(song, threads=1), rules=self.rules, threads=1)
        names = (f"{song.song}.plan.json", f"{song.song}.wav")
        with place.writing(*names) as (plan, audio):
            result.plan.save(plan)
            write_audio(audio, result.to_write, result.sample_rate)
        values = {
            "integrated_lufs": defined(result.loudness.integrated_lufs),
            "loudness_range_lu": defined(result.loudness.loudness_range_lu),
            "true_peak_dbtp": defined(result.loudness.true_peak_dbtp),
        }
        return SongResult(values=values, outputs=names)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: every song's files stand for themselves."""
