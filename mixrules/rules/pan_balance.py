"""Left against right by power: who goes to which side, and who comes nearer to the centre where one side outweighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from mixrules.analysis import Spectrum, power_db
from mixrules.processors import PanParams, db_to_gain, pan
from mixrules.session import Session

_BISECTIONS = 20

Powers = npt.NDArray[np.float64]


class SideBalance:
    """The power of left and right, of the whole and of each range, for places to be tried.

    Parameters
    ----------
    session : Session
        The song, its faders as they stand.
    range_edges_hz : sequence of float
        Where one range ends and the next begins.
    pan_law_db : float
        The pan law.
    heard_from_db : float
        A range whose level against the whole is lower does not count.
    """

    def __init__(
        self, session: Session, range_edges_hz: Sequence[float], pan_law_db: float, heard_from_db: float
    ) -> None:
        names = [stem.name for stem in session.active]
        spectra = session.spectra(names)
        self._pan_law_db, self._sample_rate = pan_law_db, session.sample_rate
        self._powers = {name: _in_ranges(session, name, spectra[name], range_edges_hz) for name in names}
        self._as_given_db = {
            name: session.scan(name).left_to_right_db for name in names if not session.scan(name).is_mono
        }
        total = sum(self._powers.values(), np.zeros(len(range_edges_hz) + 2))
        self._counts = total > db_to_gain(heard_from_db) ** 2 * total[0]

    def power(self, name: str) -> float:
        """Return the power of a stem at its fader."""
        return float(self._powers[name][0])

    def leans_db(self, places: Mapping[str, float]) -> Powers:
        """Return left over right in dB, of the whole and then of each range; 0 where there is next to nothing."""
        left = np.zeros(self._counts.size)
        right = np.zeros(self._counts.size)
        for name, powers in self._powers.items():
            shares = self._shares(name, places.get(name, 0.0))
            left += shares[0] * powers
            right += shares[1] * powers
        tiny = np.finfo(float).tiny
        difference = power_db(np.maximum(left, tiny)) - power_db(np.maximum(right, tiny))
        return np.where(self._counts, difference, 0.0)

    def lean_db(self, places: Mapping[str, float]) -> float:
        """Return the largest lean, of the whole or of a range, either way."""
        return float(np.abs(self.leans_db(places)).max())

    def swapped(
        self, places: Mapping[str, float], couples: Sequence[tuple[str, str]], from_db: float
    ) -> dict[str, float]:
        """Return the places with those couples exchanged that stand better the other way, by `from_db` at least.

        The heaviest couple first.
        """
        placed = dict(places)
        for one, other in sorted(
            couples, key=lambda couple: -abs(self.power(couple[0]) - self.power(couple[1]))
        ):
            exchanged = placed | {one: placed[other], other: placed[one]}
            if self.lean_db(exchanged) < self.lean_db(placed) - from_db:
                placed = exchanged
        return placed

    def drawn_in(
        self, places: Mapping[str, float], movable: Sequence[tuple[str, ...]], most_db: float
    ) -> dict[str, float]:
        """Return the places with stems nearer to the centre until no side outweighs the other by more than `most_db`.

        The strongest of the heavier side is drawn in first, no further than it needs; stems of one place move together.
        """
        placed = dict(places)
        left_over = [names for names in movable if placed[names[0]]]
        while left_over:
            leans_db = self.leans_db(placed)
            worst = int(np.argmax(np.abs(leans_db)))
            if abs(leans_db[worst]) <= most_db:
                break
            heavier = -1.0 if leans_db[worst] > 0.0 else 1.0
            on_side = [names for names in left_over if placed[names[0]] * heavier > 0.0]
            if not on_side:
                break
            names = max(on_side, key=lambda each: self._power_in(each, worst))
            left_over.remove(names)
            share = self._share(placed, names, worst, most_db)
            placed |= {name: share * placed[name] for name in names}
        return placed

    def _share(
        self, places: Mapping[str, float], names: Sequence[str], range_number: int, most_db: float
    ) -> float:
        """Return how much of their way to the side stems may keep."""
        low, high = 0.0, 1.0
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2.0
            moved = {**places, **{name: middle * places[name] for name in names}}
            if abs(self.leans_db(moved)[range_number]) <= most_db:
                low = middle
            else:
                high = middle
        return low

    def _power_in(self, names: Sequence[str], range_number: int) -> float:
        return float(sum(self._powers[name][range_number] for name in names))

    def _shares(self, name: str, place: float) -> Powers:
        """Return the shares of a stem's power that go left and right."""
        if name in self._as_given_db:
            left = 1.0 / (1.0 + db_to_gain(-self._as_given_db[name]) ** 2)
            return np.asarray([left, 1.0 - left])
        gains = pan(np.ones((1, 1)), self._sample_rate, PanParams(pan=place, pan_law_db=self._pan_law_db))[0]
        return np.asarray(gains**2)


def _in_ranges(session: Session, name: str, spectrum: Spectrum, range_edges_hz: Sequence[float]) -> Powers:
    """Return a stem's power at its fader: all of it, and in each range."""
    fader = db_to_gain(session.plan.stem(name).gain_db) ** 2
    powers = np.asarray(spectrum.powers) * fader
    of_range = np.searchsorted(range_edges_hz, spectrum.bands.centers_hz, side="right")
    parts = np.bincount(of_range, weights=powers, minlength=len(range_edges_hz) + 1)
    return np.concatenate([[parts.sum()], parts])
