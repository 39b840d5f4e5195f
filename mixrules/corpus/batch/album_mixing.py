"""Mixing a song with the gain of its album: the second of two steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mixrules.corpus.batch.album_gains import SongOfAlbum
from mixrules.corpus.batch.mixing import Mixing
from mixrules.corpus.work.place import Place
from mixrules.corpus.work.song_work import Record, SongResult
from mixrules.engine import Renderer, load_engine
from mixrules.errors import ParameterError
from mixrules.measurements import Measurements
from mixrules.mixer import finished
from mixrules.mixplan import MixPlan
from mixrules.plan_fitting import fitted
from mixrules.rules import RULES
from mixrules.rules.album_gain import with_album_gain
from mixrules.rules.master import RULE as MASTER
from mixrules.rules.master import NormaliseSettings
from mixrules.ruleset import RuleSet, Step, typed_settings
from mixrules.session import Session
from mixrules.stems.song_description import SongDescription

_OWN_MASTERS = (f"{MASTER}:normalise", f"{MASTER}:limit")


def master_settings(rules: RuleSet) -> NormaliseSettings:
    """Return the constants of the master rule that ends a chain; fails with `ParameterError` where none of ours does."""
    last = rules.chain[-1] if rules.chain else Step("")
    if str(last) not in _OWN_MASTERS or last.function is not None or rules.chain.count(last) > 1:
        raise ParameterError(
            f"one gain an album needs a chain that ends with {' or '.join(_OWN_MASTERS)}, that of rule set "
            f"{rules.name} ends with {last if rules.chain else 'nothing'}"
        )
    settings: NormaliseSettings = typed_settings(rules, MASTER, RULES[str(last)].settings_type)
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumMixing:
    """Mixes a song with the gain of its album.

    Attributes
    ----------
    mixing : Mixing
        How the songs are mixed.
    sums : Place
        Where `Summing` has put the plans before the master.
    """

    mixing: Mixing
    sums: Place

    kind = "mixes"
    songs_in_block = 0

    def settings(self) -> Mapping[str, Any]:
        """Return the settings of the mixes; what an album gets depends on its songs, see `also`."""
        return {**self.mixing.settings(), "album": True}

    def also(self, song: SongDescription) -> str:
        """Return the gain of the song's album, which depends on the others."""
        return repr(dataclasses.astuple(song.gain)) if isinstance(song, SongOfAlbum) else ""

    def needed_mib(self, song: SongDescription) -> float:
        """Return how much memory the mix takes at most."""
        return self.mixing.needed_mib(song)

    def do(self, song: SongDescription, place: Place) -> SongResult:
        """Master and render the plan of a song; write the mix and its plan."""
        if not isinstance(song, SongOfAlbum):
            raise ParameterError(
                f"{song.song} does not say the gain of its album: SongsWithGains gives it one"
            )
        processors = load_engine(self.mixing.engine)
        with self.sums.reading(f"{song.song}.plan.json") as path:
            plan = MixPlan.load(path)
        plan, stems = fitted(plan, self.mixing.stems(song), processors)
        session = Session(stems, plan, measurements=Measurements(Renderer(stems, processors, threads=1)))
        settings = master_settings(self.mixing.rules)
        session.apply(with_album_gain(session, settings, song.gain))
        return self.mixing.written(finished(session.plan, session.measurements), song, place)

    def finish_block(self, number: int, records: Sequence[Record], place: Place) -> None:
        """Do nothing: there are no blocks."""
