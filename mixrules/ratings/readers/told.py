"""What was left out of a file, gathered by reason, so that a thousand cells of one kind are one line."""

from __future__ import annotations

_SHOWN = 3


class Told:
    """Gathers what is left out and where, and says it in a sentence for each reason."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], list[str]] = {}

    def add(self, reason: str, where: str = "", unit: str = "") -> None:
        """Gather one.

        Parameters
        ----------
        reason : str
            Why it is left out.
        where : str
            Its line or cell.
        unit : str
            What it is one of, in the plural; empty for that of `sentences`.
        """
        self._places.setdefault((reason, unit), []).append(where)

    def __bool__(self) -> bool:
        return bool(self._places)

    def sentences(self, unit: str = "answers") -> list[str]:
        """Return a sentence for each reason: how many, why, and the first places.

        Parameters
        ----------
        unit : str
            What they are, in the plural.
        """
        said = []
        for (reason, own), places in self._places.items():
            shown = ", ".join([place for place in places if place][:_SHOWN])
            more = f" and {len(places) - _SHOWN} more" if shown and len(places) > _SHOWN else ""
            what = own or unit
            what = what.removesuffix("s") if len(places) == 1 else what
            said.append(f"{len(places)} {what} left out: {reason}" + (f" ({shown}{more})" if shown else ""))
        return said

    def why(self, unit: str = "answers") -> str:
        """Return all sentences behind a semicolon, or nothing."""
        return "".join(f"; {sentence}" for sentence in self.sentences(unit))
