"""Decisions that say the same of several stems are read once; what was measured, or holds for one, stays by itself."""

from __future__ import annotations

from mixrules.report.song.decisions import DecisionRow, grouped_rows


def row(stem: str, said: str, rule: str = "eq", checked: str = "") -> DecisionRow:
    return DecisionRow(rule, stem, said if stem == "mix" else f"{stem}: {said}", checked)


def test_alike_rows_are_one() -> None:
    rows = [
        row("bass", "no EQ, as it hides no other stem."),
        row("drums", "-2.0 dB at 500 Hz, which makes room for keys."),
        row("keys", "no EQ, as it hides no other stem."),
        row("pads", "no EQ, as it hides no other stem."),
        row("keys", "no reverb, as the rule keeps bass dry.", "reverb"),
        row("mix", "The mix keeps its tone.", "tone"),
    ]
    assert [each.sentence for each in grouped_rows(rows)] == [
        "bass, keys and pads: no EQ, as each hides no other stem.",
        "drums: -2.0 dB at 500 Hz, which makes room for keys.",
        "keys: no reverb, as the rule keeps bass dry.",
        "The mix keeps its tone.",
    ]


def test_other_rules_numbers_and_promises_are_apart() -> None:
    rows = [
        row("bass", "as usual.", "pan"),
        row("keys", "as usual.", "width"),
        row("bass", "fader at -1.0 dB.", "level", "level -20.00 ✓ -20.00 LUFS"),
        row("keys", "fader at -1.0 dB.", "level", "level -20.00 ✓ -20.00 LUFS"),
        row("vocals", "fader at -2.0 dB.", "level"),
    ]
    assert grouped_rows(rows) == rows
    assert grouped_rows([]) == []
