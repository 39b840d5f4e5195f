"""Balances that are undone from a seed, references that are the plain sum, and who may be called nearest."""

from __future__ import annotations

import csv
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mixed_songs import write_songs
from synthetic import RATE, band

from mixrules import Stems
from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.errors import ParameterError
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_cautions import cautions, undone_sentence
from mixrules.evaluation.comparison_results import Comparison, Result
from mixrules.evaluation.comparison_tables import write_tables
from mixrules.evaluation.constants import CONSTANT_MEAN
from mixrules.evaluation.reference import matched_gains
from mixrules.evaluation.summary import best_means, summarise
from mixrules.evaluation.undone import Undo, undone
from mixrules.files import write_audio
from mixrules.systems import parse_systems

BALANCE = "stem_balance_error_lu"


def write_sums(top: Path) -> Path:
    """Write two songs whose human mix is the plain sum of the stems, as those of most data sets."""
    write_songs(top)
    for song in ("one", "two"):
        total = sum(stem[:, None] for stem in band(4.0).values())
        write_audio(top / song / "mixture.wav", np.repeat(0.2 * total, 2, axis=1), RATE)
    return top


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sums(tmp_path_factory.mktemp("sums"))


def compared(
    songs: Path, output: Path, systems: str = "none,equal,human", undo: Undo | None = None
) -> Comparison:
    return compare(
        find_songs(songs).folders,
        parse_systems(systems),
        parse_systems("human")[0],
        output,
        groups=("balance",),
        excerpt_s=0.0,
        undo=undo,
    )


def test_where_the_reference_is_the_plain_sum_none_is_not_called_nearest(sums: Path, tmp_path: Path) -> None:
    found = compared(sums, tmp_path)
    assert set(found.plain_sums) == {"one", "two"}
    # What the gains say is what the measure says of the plain sum.
    assert found.values("none", BALANCE) == pytest.approx(list(found.plain_sums.values()), abs=1e-3)
    assert not found.competes("none")
    summary = summarise(found)
    assert summary.row("none", BALANCE).nearest == 0
    assert "none" not in best_means(found, summary, BALANCE)[0]
    (caution,) = cautions(found)
    assert caution.startswith("In every song human is the plain sum of the stems")
    assert "--undo SEED" in caution
    write_tables(found, summary, tmp_path, cautions=[caution])
    document = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert document["cautions"] == [caution]
    assert document["reference_is_plain_sum"] == pytest.approx(found.plain_sums)
    assert document["undo"] is None
    assert not (tmp_path / "undone.csv").exists()
    assert compared(sums, tmp_path).plain_sums == found.plain_sums  # kept from the first run


def test_a_mix_with_a_balance_of_its_own_is_no_plain_sum(tmp_path: Path) -> None:
    found = compared(write_songs(tmp_path), tmp_path.with_name(f"{tmp_path.name}-report"))
    assert found.plain_sums == {}
    assert found.competes("none")
    assert cautions(found) == []


def test_undone_the_balance_has_to_be_found_again(sums: Path, tmp_path: Path) -> None:
    undo = Undo(seed=3, within_db=6.0)
    found = compared(sums, tmp_path, undo=undo)
    assert found.plain_sums == {}
    assert found.competes("none")
    assert cautions(found) == []
    for song, value in zip(found.songs, found.values("none", BALANCE), strict=True):
        gains_db = np.array(list(found.undone_db[song].values()))
        assert np.abs(gains_db).max() <= 6.0
        # The gains are all that lies between the plain sum of the undone stems and the mix.
        assert value == pytest.approx(np.mean(np.abs(gains_db - gains_db.mean())), abs=0.05)
    assert found.values("human", BALANCE) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found.undone_db["one"] != found.undone_db["two"]
    write_tables(found, summarise(found), tmp_path)
    rows = list(csv.DictReader((tmp_path / "undone.csv").read_text(encoding="utf-8").splitlines()))
    assert {(r["song"], r["stem"]): float(r["gain_db"]) for r in rows} == {
        (song, stem): gain_db for song, gains in found.undone_db.items() for stem, gain_db in gains.items()
    }
    document = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert document["undo"] == {"seed": 3, "within_db": 6.0}
    assert undone_sentence(found).endswith("every stem moved by a gain within ±6 dB, drawn from seed 3.")


def test_another_seed_is_another_balance_and_the_same_is_kept(sums: Path, tmp_path: Path) -> None:
    first = compared(sums, tmp_path, "none", Undo(seed=1))
    again = compared(sums, tmp_path, "none", Undo(seed=1))
    other = compared(sums, tmp_path, "none", Undo(seed=2))
    assert (again.cached, other.cached) == (len(again.results), 0)
    assert first.values("none", BALANCE) == again.values("none", BALANCE) != other.values("none", BALANCE)


def test_undone_stems_are_the_stems_with_gains() -> None:
    stems = Stems.from_arrays({name: audio[:, None] for name, audio in band(1.0).items()}, RATE)
    undo = Undo(seed=7)
    moved = undone(stems, "a song", undo)
    found = matched_gains(
        {stem.name: np.asarray(stem.audio) for stem in stems},
        np.repeat(sum(np.asarray(stem.audio, np.float64) for stem in moved), 2, axis=1),
    )
    assert found.gains_db == pytest.approx(undo.gains_db(stems, "a song"), abs=1e-3)
    assert undo.gains_db(stems, "a song") != undo.gains_db(stems, "another song")
    # A data set lists its stems in an order of its own.
    turned = replace(stems, stems=stems.stems[::-1])
    assert undo.gains_db(turned, "a song") == undo.gains_db(stems, "a song")


@pytest.mark.parametrize(
    "wrong", [{"seed": -1}, {"seed": 1, "within_db": math.nan}, {"seed": 1, "within_db": 61.0}]
)
def test_what_cannot_be_undone_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=r"^(seed|within_db) must be"):
        Undo(**wrong)  # type: ignore[arg-type]


def test_plans_for_other_levels_are_cautioned(sums: Path, tmp_path: Path) -> None:
    compared(sums, tmp_path / "first", "equal")
    shutil.copytree(tmp_path / "first" / "plans" / "equal", tmp_path / "mine")
    systems = parse_systems(f"none,mine={tmp_path / 'mine'}")
    found = compare(
        find_songs(sums).folders,
        systems,
        parse_systems("human")[0],
        tmp_path / "second",
        groups=("balance",),
        excerpt_s=0.0,
        undo=Undo(seed=1),
    )
    (caution,) = cautions(found, systems)
    assert caution.startswith("The plans of mine are applied to stems whose balance was undone")


def test_the_references_own_files_under_another_name_are_not_nearest(sums: Path, tmp_path: Path) -> None:
    folder = tmp_path / "same"
    folder.mkdir()
    for song in ("one", "two"):
        shutil.copy(sums / song / "mixture.wav", folder / f"{song}.wav")
    found = compared(sums, tmp_path / "report", f"equal,copy={folder}")
    assert not found.competes("copy")
    assert "copy: the same audio as human, not called nearest." in cautions(found)


def results_of(values: dict[str, list[float]]) -> Comparison:
    """Return a comparison of numbers alone."""
    songs = tuple(f"song {n}" for n in range(len(next(iter(values.values())))))
    return Comparison(
        songs=songs,
        systems=tuple(values),
        reference="human",
        groups=("balance",),
        results=tuple(
            Result(
                song=song,
                system=system,
                values=dict.fromkeys(MEASURES, math.nan) | {BALANCE: value},
                lufs=-14.0,
            )
            for system, given in values.items()
            for song, value in zip(songs, given, strict=True)
        ),
    )


MEASURES = (
    *(BALANCE, "vocal_to_backing_error_lu", "vocal_to_backing_difference_lu"),
    "vocal_to_backing_error_snippets_lu",
)


def test_a_tie_is_nobodys_win() -> None:
    found = results_of({"a": [1.0, 2.0, 3.0], "b": [1.0, 3.0, 2.0], "c": [5.0, 5.0, 5.0]})
    summary = summarise(found)
    assert [summary.row(system, BALANCE).nearest for system in "abc"] == [1, 1, 0]
    systems, mean = best_means(found, summary, BALANCE)
    assert systems == ("a", "b")
    assert mean == pytest.approx(2.0)


def test_one_system_alone_is_not_the_nearest_of_one() -> None:
    found = results_of({"a": [1.0, 2.0, 3.0], "human": [0.0, 0.0, 0.0]})
    summary = summarise(found)
    assert summary.row("a", BALANCE).nearest == 0
    assert best_means(found, summary, BALANCE)[0] == ()


def test_what_has_seen_the_answer_does_not_compete() -> None:
    found = results_of({"a": [2.0, 2.0], "b": [3.0, 3.0], CONSTANT_MEAN: [1.0, 1.0]})
    summary = summarise(found)
    assert best_means(found, summary, BALANCE)[0] == ("a",)
    assert summary.row(CONSTANT_MEAN, BALANCE).nearest == 0
    assert summary.row("a", BALANCE).nearest == 2


def test_the_reference_in_one_song_of_two_competes_in_none() -> None:
    found = results_of({"a": [2.0, 2.0], "b": [3.0, 3.0], "none": [0.0, 1.0]})
    results = tuple(replace(r, is_reference=(r.system, r.song) == ("none", "song 0")) for r in found.results)
    found = replace(found, results=results, plain_sums={"song 0": 1e-6})
    summary = summarise(found)
    assert summary.row("none", BALANCE).nearest == 1  # in the song that is not its own
    assert best_means(found, summary, BALANCE)[0] == ("a",)
    assert cautions(found)[0].startswith("In 1 of 2 songs human is the plain sum")


def test_a_note_of_a_page_is_told_once(sums: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="jinja2 is not installed")
    from mixrules.report.comparison.page import write_comparison_page

    found = compared(sums, tmp_path)
    known = cautions(found)
    html = write_comparison_page(found, summarise(found), tmp_path, cautions=known).read_text(
        encoding="utf-8"
    )
    assert html.count("<small>human: a sum of the stems explains 100.0 % of the mix&#39;s power") == len(
        found.songs
    )
    assert html.count('class="note"') == 1
    assert "There none wins by construction" in html
    best = [row for row in html.split("<tr") if 'class="best"' in row]
    assert best
    assert not any("<td>none" in row or "<td>human" in row for row in best)
    assert "<small>reference in 2 of 2 songs</small>" in html
