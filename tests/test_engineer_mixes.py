"""benchmarks/engineer_mixes.py and its tables: what can be known without mixing a song."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engineer_mixes
import numpy as np
import order_experiment
import pytest
from engineer_spread import z_values
from engineer_tables import DISTANCES, ablation_table, distance_table, halves, veto_table, whole

import mixrules
from mixrules import Stems, plan, presets
from mixrules.decision import Decision
from mixrules.mixplan import MixPlan, StemPlan

RATE = 44_100


def row(song: str, system: str, value: float, *, scramble_db: float = 8.0, **more: Any) -> dict[str, Any]:
    return {
        **{"song": song, "system": system, "scramble_db": scramble_db, "source": "MIDI", "lufs": -14.0},
        **{"roles": {"bass": "bass"}, "levels_lu": {"bass": -9.5}, "acted_on": {}, "rules_acting": {}},
        **{"vetoes": {"rumble": False}, "values": dict.fromkeys(DISTANCES, value)},
        **more,
    }


def test_halves_are_every_other_song_by_name() -> None:
    rows = [row(song, system, 1.0) for song in ("d", "a", "c", "b") for system in ("none", "default")]
    assert halves(rows) == {"work": {"a", "c"}, "report": {"b", "d"}}


def test_the_last_run_counts_and_what_no_fader_changes_stands_for_every_scramble() -> None:
    rows = [
        *(row("a", "equal", 1.0), row("a", "default", 5.0), row("a", "default", 2.0)),
        row("a", "none", 3.0, scramble_db=20.0),
    ]
    found = {(r["system"], r["scramble_db"]): r["values"]["log_mel_distance_db"] for r in whole(rows)}
    assert found == {("equal", 8.0): 1.0, ("equal", 20.0): 1.0, ("default", 8.0): 2.0, ("none", 20.0): 3.0}


def test_a_difference_of_every_song_is_one_and_chance_is_a_tie() -> None:
    songs = [f"song {number:02}" for number in range(12)]
    chance = np.random.default_rng(1).normal(0.0, 1.0, 12)
    rows = [
        *(row(song, "default", 2.0 + 0.01 * n) for n, song in enumerate(songs)),
        *(row(song, "before", 3.0 + 0.02 * n) for n, song in enumerate(songs)),
        *(row(song, "equal", 2.0 + 0.01 * n + float(chance[n])) for n, song in enumerate(songs)),
    ]
    cells = next(line.split(" | ") for line in distance_table(rows, 8.0).splitlines() if "log mel" in line)
    assert "nearer, p" in cells[-2]
    assert cells[-2].startswith("-1.05")
    assert "tie" in cells[-1]


def test_levels_at_the_human_means_have_no_deviation() -> None:
    roles = {"v": "vocal", "b": "bass", "k": "kick", "s": "snare"}
    found = dict(z_values({"levels_lu": {"v": -2.7, "b": -9.5, "k": -13.2, "s": -10.6}, "roles": roles}))
    assert [found[role] for role in ("vocal", "bass", "kick", "snare")] == pytest.approx([0.0, 0.0, 0.0, 1.0])
    # Two sources against their mean: guitars 1.8 above it, pianos as far below.
    found = dict(z_values({"levels_lu": {"g": -4.0, "p": -7.6}, "roles": {"g": "guitar", "p": "piano"}}))
    assert found == pytest.approx({"guitar": (1.8 - 2.6) / 5.1, "piano": (-1.8 - 1.8) / 2.7})


def test_a_kit_is_one_source_however_many_pieces_it_has() -> None:
    roles = {"k": "kick", "s": "snare", "g": "guitar"}
    found = dict(z_values({"levels_lu": {"k": -10.0, "s": -10.0, "g": -10.0}, "roles": roles}))
    assert found["kit"] == pytest.approx(10.0 * np.log10(2.0) / 2.0 / 5.7)


def test_a_rule_acts_where_it_sets_what_was_not_set_before() -> None:
    def decided(rule: str, stem: str, **parameters: Any) -> Decision:
        return Decision(rule=rule, sentence="so", source="ours", stem=stem, parameters=parameters)

    mixed = MixPlan(
        sample_rate=RATE,
        stems=(StemPlan(name="a"), StemPlan(name="b")),
        decisions=(
            decided("level", "a", gain_db=3.0),
            decided("level", "b", gain_db=0.0),
            decided("again", "a", gain_db=3.0),
            decided("idle", "a"),
        ),
    )
    assert engineer_mixes.rules_acting(mixed) == {"level": 1, "again": 0, "idle": 0}


def test_rules_act_on_no_more_stems_than_there_are() -> None:
    noise = np.random.default_rng(0).normal(0.0, 0.05, (4 * RATE, 3)).astype(np.float32)
    stems = Stems.from_arrays({n: noise[:, i] for i, n in enumerate(("vocals", "bass", "guitar"))}, RATE)
    found = engineer_mixes.rules_acting(plan(stems))
    assert found["level"] == 3
    assert set(found) <= set(presets.load("default").rules)
    assert max(found.values()) <= 4  # three stems and the mix


def test_ablation_is_over_the_songs_where_the_rule_acts() -> None:
    songs = [f"song {number}" for number in range(6)]
    acting = {"eq": 1}
    rows = [
        row(song, "default", 1.0, rules_acting=acting if n < 4 else {}) for n, song in enumerate(songs)
    ] + [row(song, "default-without-eq", 1.5 if n < 4 else 9.0) for n, song in enumerate(songs)]
    for r in rows:
        r["values"]["masked_share"] = 0.2
    line = ablation_table(rows).splitlines()[-1]
    assert "| eq | 4 of 6 | 67% |" in line
    assert "**+0.50 (+0.50 to +0.50)**" in line
    assert "9" not in line.replace("95", "")


def test_vetoes_are_counted_with_and_without_the_loudness() -> None:
    rows = [
        row("a", "none", 1.0, vetoes={"rumble": False, "loudness_missed": True}),
        row("b", "none", 1.0, vetoes={"rumble": True, "loudness_missed": True}),
    ]
    table = veto_table(rows)
    assert "| rumble | 50% |" in table
    assert "| **no veto** | 0% |" in table
    assert "| **no veto but the loudness** | 50% |" in table


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "rules").mkdir()
    file = tmp_path / "rules" / "one.py"
    file.write_text("def f():\n    return 1\n", encoding="utf-8")
    monkeypatch.setattr(mixrules, "__file__", str(tmp_path / "__init__.py"))
    engineer_mixes.code_of.cache_clear()
    yield file
    engineer_mixes.code_of.cache_clear()


def test_rows_are_run_anew_for_other_code_and_not_for_other_words(package: Path) -> None:
    before = engineer_mixes.code_of(())
    package.write_text(
        '"""Words."""\n\ndef f():\n    """Say one."""\n    return 1  # one\n', encoding="utf-8"
    )
    engineer_mixes.code_of.cache_clear()
    assert engineer_mixes.code_of(()) == before
    package.write_text("def f():\n    return 2\n", encoding="utf-8")
    engineer_mixes.code_of.cache_clear()
    assert engineer_mixes.code_of(()) != before


def test_rows_are_known_by_what_made_them() -> None:
    system = "default"
    rows = [{"song": "a", "scramble_db": 4.0, "system": system, "rules": "of old", "code": "of old"}]
    for whatever_code, known in ((False, False), (True, True)):
        key = engineer_mixes.key("a", 4.0, system, whatever_code)
        assert (key in engineer_mixes.done_in(rows, whatever_code)) is known
    own = {"rules": order_experiment.fingerprint(system), "code": engineer_mixes.code_behind(system)}
    assert engineer_mixes.key("a", 4.0, system, False) in engineer_mixes.done_in([{**rows[0], **own}], False)


def test_sources_are_read_from_the_songs_truth(tmp_path: Path) -> None:
    (tmp_path / "_truth").mkdir()
    references = tmp_path / "_references"
    for song, source in (("one", "lmms demo"), ("two", "midi")):
        (tmp_path / "_truth" / f"{song}.json").write_text(f'{{"source": "{source}"}}', encoding="utf-8")
    found = [engineer_mixes.source_of(tmp_path / song, references) for song in ("one", "two", "three")]
    assert found == ["LMMS", "MIDI", "recorded"]
    assert engineer_mixes.source_of(tmp_path / "one", None) == "recorded"
