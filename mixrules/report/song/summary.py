"""A mix on one screen: a row for each stem, a line for what was done to the whole, and what the mix measures.

Made of the plan's parameters, not of the rules' sentences, which `mixrules mix --explain` prints. Everything is plain
text: what was asked for in a terminal 80 columns wide reads the same in a pipe.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mixrules._support.wording import signed
from mixrules.errors import in_one_line
from mixrules.loudness import Loudness
from mixrules.mixplan import MixPlan
from mixrules.plan_edits import edits
from mixrules.reference.said import RULE as LIKE
from mixrules.report.song.decisions import checks_held, failed_statements
from mixrules.report.song.strip_words import (
    INSPECTION,
    Treatment,
    amount,
    equalizer_in_words,
    fader_in_words,
    is_left_alone,
    place_in_words,
    ratio_in_words,
    treatments,
)

MOST_STEMS = 20
"""Of more stems those that changed most get a row."""

_NARROWEST, _WIDEST = 60, 160
_LONGEST_NAME, _SHORTEST_NAME = 24, 6
_LEAST_ROOM = 20  # columns for what was done
_ROWS_OF_FEW = 9  # so many rows may a few stems take together, two each at most
_GAP = "  "
_NOTHING = "nothing else"
_LIMITING = "limiting"


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]
    done: Sequence[Treatment]
    otherwise: str


def stem_rows(plan: MixPlan, *, width: int = 80) -> list[str]:
    """Return what changed, a line for each stem: name, role, fader, place, and what else was done.

    Parameters
    ----------
    plan : MixPlan
        Rendered or not.
    width : int
        Columns; less than 60 count as 60.

    Returns
    -------
    list of str
        A head and the rows, at most two for a stem, and one where stems are many; of more than 20 stems lead vocals and
        those that changed most, and how many there are besides.
    """
    from rich.cells import cell_len

    width = min(max(width, _NARROWEST), _WIDEST)
    edited = {edit.owner for edit in edits(plan)}
    stems = list(plan.stems)
    left_out = 0
    if len(stems) > MOST_STEMS + 1:
        # A lead vocal is always looked for.
        most = sorted(stems, key=lambda strip: (strip.role != "vocal", -amount(strip, plan.decisions)))
        shown = {strip.name for strip in most[:MOST_STEMS]}
        left_out = len(stems) - MOST_STEMS
        stems = [strip for strip in stems if strip.name in shown]
    rows = [_Row(("stem", "role", "fader", "where"), (), "what was done")]
    for strip in stems:
        # What a decision measured of a stem is not so any more once the stem was edited.
        done = treatments(strip, () if strip.name in edited else plan.decisions)
        otherwise = _NOTHING if abs(strip.gain_db) >= 0.05 or strip.pan.pan else "left as it is"
        if is_left_alone(strip, plan.decisions):
            otherwise = "silent or muted, left alone"
        cells = strip.name, strip.role.replace("_", " "), fader_in_words(strip), place_in_words(strip)
        rows.append(_Row(tuple(map(in_one_line, cells)), done, otherwise))
    widths = [max(cell_len(row.cells[column]) for row in rows) for column in range(4)]
    widths[0] = min(widths[0], _LONGEST_NAME)
    room = width - sum(widths) - 4 * len(_GAP)
    for column in (0, 1):  # names, then roles
        shorter = max(min(_LEAST_ROOM - room, widths[column] - _SHORTEST_NAME), 0)
        widths[column], room = widths[column] - shorter, room + shorter
    told = [_told(row, room, lines=2) for row in rows]
    if sum(map(len, told)) - 1 > max(_ROWS_OF_FEW, len(stems)):
        told = [_told(row, room, lines=1) for row in rows]
    lines = []
    for row, texts in zip(rows, told, strict=True):
        begin = _GAP.join(
            _cell(cell, columns, right=column == 2)
            for column, (cell, columns) in enumerate(zip(row.cells, widths, strict=True))
        )
        lines.append(f"{begin}{_GAP}{texts[0]}")
        lines += [f"{' ' * (width - room)}{text}" for text in texts[1:]]
    if left_out:
        lines.append(f"and {left_out} more, which changed less")
    return lines


def mix_rows(plan: MixPlan) -> list[str]:
    """Return what was done to the whole, a line each: room, tone, master; nothing of what is not used."""
    lines = [f"like: {in_one_line(each.sentence)}" for each in plan.decisions if each.rule == LIKE]
    if plan.reverbs:
        rooms = " and ".join(f"{bus.params.t60_s:.1f} s" for bus in plan.reverbs[:3])
        sending = [strip for strip in plan.stems if strip.sends and not strip.mute]
        whose = sending[0].name if len(sending) == 1 else f"{len(sending)} stems"
        lines.append(f"room: decays in {rooms}, for {in_one_line(whose)}")
    master = plan.master
    if tone := equalizer_in_words(master.equalizer):
        lines.append(f"tone: {tone}")
    done = [f"{signed(master.gain_db)} dB"] if abs(master.gain_db) >= 0.05 else []
    if master.compressor is not None and master.compressor.ratio > 1.0:
        done.append(f"compressed {ratio_in_words(master.compressor)}")
    if master.plugins:
        done.append(f"{len(master.plugins)} plug-in{'s' if len(master.plugins) > 1 else ''}")
    if master.limiter is not None:
        by_db = None if edits(plan) else limiting_db(plan)  # every edit upstream changes what a limiter meets
        by = "" if by_db is None else f" {by_db:.1f} dB"
        done.append(f"peaks limited{by}, to {master.limiter.ceiling_dbtp:.1f} dBTP")
    if done:
        lines.append(f"master: {', '.join(done)}")
    return lines


def limiting_db(plan: MixPlan) -> float | None:
    """Return by how much the master's limiter turns the highest peak down; None where the plan does not say."""
    measured = [
        each.value
        for decision in plan.decisions
        if decision.rule == "master" and not decision.stem and not decision.superseded
        for each in decision.measured
        if each.name == _LIMITING
    ]
    return measured[-1] if measured else None


def notices(plan: MixPlan) -> list[str]:
    """Return what one ought to know: the plan's notes, each once, what is wrong with a stem, a lead vocal missing."""
    said = list(dict.fromkeys(plan.notes))
    said += [
        decision.sentence
        for decision in plan.decisions
        if decision.rule == INSPECTION and not is_left_alone(plan.stem(decision.stem), plan.decisions)
    ]
    if plan.decisions and not has_vocal(plan):
        said.append("no stem is known as the lead vocal; if one is, --role FILE=vocal says so")
    return said


def has_vocal(plan: MixPlan) -> bool:
    """Return whether a stem is a lead vocal that can be heard."""
    return any(
        strip.role == "vocal" and not strip.mute and not is_left_alone(strip, plan.decisions)
        for strip in plan.stems
    )


def check_rows(plan: MixPlan) -> list[str]:
    """Return the verdict of the checks in one line, and a line for each that failed; nothing where none was made."""
    held, made = checks_held(plan)
    if plan.result is None or not made:
        return []
    failed = failed_statements(plan)
    verdict = f"{held} of {made} checks on the rendered audio hold"
    return [f"checks: {verdict}{', these do not:' if failed else ''}", *(f"  {line}" for line in failed)]


def loudness_row(loudness: Loudness) -> str:
    """Return what the mix measures, in one line."""
    defined = math.isfinite(loudness.loudness_range_lu)
    range_lu = f"{loudness.loudness_range_lu:.1f} LU" if defined else "not defined"
    return (
        f"mix: {loudness.integrated_lufs:.1f} LUFS, loudness range {range_lu}, "
        f"true peak {loudness.true_peak_dbtp:.1f} dBTP, {loudness.duration_s:.1f} s"
    )


def _told(row: _Row, room: int, *, lines: int) -> list[str]:
    """Return what was done in so many lines: at length where it fits, else the longest words shorter, one by one."""
    from rich.cells import cell_len

    if not row.done:
        return [_cut(row.otherwise, room)]
    forms = [list(map(in_one_line, treatment.forms)) for treatment in row.done]
    while True:
        wrapped = _wrapped(list(dict.fromkeys(each[0] for each in forms)), room)
        if len(wrapped) <= lines and max(map(cell_len, wrapped)) <= room:
            return wrapped
        longest = max(
            (each for each in forms if len(each) > 1), key=lambda each: cell_len(each[0]), default=None
        )
        if longest is None:
            return [_cut(text, room) for text in (*wrapped[: lines - 1], " ".join(wrapped[lines - 1 :]))]
        del longest[0]


def _wrapped(texts: Sequence[str], room: int) -> list[str]:
    """Return texts in lines that end after a comma; one that is longer than a line stays whole."""
    from rich.cells import cell_len

    lines: list[str] = []
    for number, text in enumerate(texts, start=1):
        piece = text if number == len(texts) else f"{text},"
        if lines and cell_len(lines[-1]) + 1 + cell_len(piece) <= room:
            lines[-1] += f" {piece}"
        else:
            lines.append(piece)
    return lines


def _cell(text: str, columns: int, *, right: bool) -> str:
    """Return a text in so many columns of a terminal, where some characters take two."""
    from rich.cells import cell_len

    text = _cut(text, columns)
    space = " " * (columns - cell_len(text))
    return space + text if right else text + space


def _cut(text: str, columns: int) -> str:
    """Return a text in at most so many columns; of a longer one its beginning and end."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= columns:
        return text
    end = (columns - 1) // 2
    return (
        set_cell_size(text, columns - 1 - end).rstrip() + "…" + set_cell_size(text[::-1], end).rstrip()[::-1]
    )
