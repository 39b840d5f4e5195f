"""The share of right roles on the labelled list of names in tests/stems.

    python tests/share_of_roles.py           print the shares by part, habit and language
    python tests/share_of_roles.py --wrong   print also each name that is guessed wrong
    python tests/share_of_roles.py --record  write the shares to shares_of_roles.csv as "after", and docs/stems.md's table

``labelled_names.csv`` holds a name, its role, the habit and the language that it stands for, the song
whose other names it is guessed with (empty: alone), its part, and where the name or word was read ("own":
written by us). The part ``seen`` was written before the vocabulary was extended and then used to extend
it. The part ``held out`` was not: ``shares_of_roles.csv`` holds its share when it was first measured
("first"), before what was wrong was mended. "before" is the share before the vocabulary was extended.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mixrules.stems.roles import guess_role, guess_roles

LISTS = Path(__file__).resolve().parent / "stems"
NAMES = LISTS / "labelled_names.csv"
SHARES = LISTS / "shares_of_roles.csv"
PAGE = LISTS.parent.parent / "docs" / "stems.md"
BEGIN, END = "<!-- shares of right roles -->\n", "<!-- end -->\n"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A name of the list."""

    name: str
    role: str
    habit: str
    language: str
    song: str
    part: str
    source: str


def labelled_names() -> list[Labelled]:
    """Return the list."""
    with NAMES.open(encoding="utf-8", newline="") as lines:
        return [Labelled(**row) for row in csv.DictReader(lines)]


def guesses(names: list[Labelled]) -> dict[Labelled, str]:
    """Return the role guessed for each name, alone or with the other names of its song."""
    songs: dict[tuple[str, str], list[Labelled]] = defaultdict(list)
    for one in names:
        songs[one.language, one.song].append(one)
    found = {}
    for (_, song), members in songs.items():
        if song:
            together = guess_roles([one.name for one in members])
            found.update({one: together[one.name].role for one in members})
        else:
            found.update({one: guess_role(one.name).role for one in members})
    return found


def shares(found: dict[Labelled, str]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return right and all names by (part, kind, value), kind being all, habit or language."""
    counts: dict[tuple[str, str, str], list[bool]] = defaultdict(list)
    keys: tuple[Callable[[Labelled], tuple[str, str]], ...] = (
        lambda one: ("all", ""),
        lambda one: ("habit", one.habit),
        lambda one: ("language", one.language),
    )
    for one, role in found.items():
        for key in keys:
            counts[(one.part, *key(one))].append(role == one.role)
    return {key: (sum(right), len(right)) for key, right in sorted(counts.items())}


def recorded() -> dict[tuple[str, str, str], dict[str, str]]:
    """Return the shares in ``shares_of_roles.csv``."""
    if not SHARES.exists():
        return {}
    with SHARES.open(encoding="utf-8", newline="") as lines:
        return {(row["part"], row["kind"], row["value"]): row for row in csv.DictReader(lines)}


def record(now: dict[tuple[str, str, str], tuple[int, int]], column: str) -> None:
    """Write the shares of right roles in per cent as `column` (before, first or after), keeping the others."""
    old = recorded()
    with SHARES.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("part", "kind", "value", "names", "before", "first", "after"))
        for key, (right, names) in now.items():
            kept = {"before": "", "first": "", "after": "", **old.get(key, {})}
            kept[column] = f"{100 * right / names:.1f}"
            table.writerow((*key, names, kept["before"], kept["first"], kept["after"]))


def docs_table() -> str:
    """Return the recorded shares by part and habit as a table for the documentation."""
    lines = ["| names | number | before, % | first measured, % | now, % |", "|---|---|---|---|---|"]
    for (part, kind, value), row in recorded().items():
        if kind != "language":
            what = "all" if kind == "all" else value
            lines.append(
                f"| {part}: {what} | {row['names']} | {row['before']} | {row['first']} | {row['after']} |"
            )
    return "\n".join(lines) + "\n"


def page_with(table: str) -> str:
    """Return docs/stems.md with `table` between its marks."""
    text = PAGE.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    return head + BEGIN + table + END + rest.partition(END)[2]


def main() -> int:
    """Print or record the shares."""
    found = guesses(labelled_names())
    now = shares(found)
    if "--record" in sys.argv[1:]:
        record(now, "after")
        PAGE.write_text(page_with(docs_table()), encoding="utf-8")
    for (part, kind, value), (right, names) in now.items():
        print(f"{part:9} {kind:9} {value:14} {right:5} of {names:5}  {100 * right / names:5.1f} %")
    if "--wrong" in sys.argv[1:]:
        for one, role in found.items():
            if role != one.role:
                print(f"{one.part} {one.habit} {one.language}: {one.name!r} is {one.role}, guessed {role}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
