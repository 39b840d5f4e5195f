"""Whole comparisons of small songs: what is nearest, what is kept, and what each file says."""

from __future__ import annotations

import csv
import json
import math
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from mixed_songs import GAINS_DB, write_songs
from synthetic import RATE, noise

from mixrules.corpus.layouts.song_folders import find_songs
from mixrules.errors import AudioFileError, MixrulesError, ParameterError
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_cautions import cautions
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.comparison_tables import write_tables
from mixrules.evaluation.constants import CONSTANTS
from mixrules.evaluation.summary import summarise
from mixrules.files import write_audio
from mixrules.report.comparison.page import write_comparison_page
from mixrules.systems import parse_systems

GROUPS = ("balance", "spectrum", "width")


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songs(tmp_path_factory.mktemp("songs"))


def compared(songs: Path, output: Path, systems: str = "none,equal,human", **options: Any) -> Comparison:
    human = parse_systems("human")[0]
    return compare(
        find_songs(songs).folders,
        parse_systems(systems),
        human,
        output,
        groups=GROUPS,
        excerpt_s=1.0,
        **options,
    )


def test_distances_of_gains_that_are_known(songs: Path, tmp_path: Path) -> None:
    found = compared(songs, tmp_path)
    assert found.systems == ("none", "equal", "human", *CONSTANTS)
    for song, value in zip(found.songs, found.values("none", "stem_balance_error_lu"), strict=True):
        gains = np.array(list(GAINS_DB[song].values()))
        assert value == pytest.approx(np.mean(np.abs(gains - gains.mean())), abs=0.05)
    for measure in ("stem_balance_error_lu", "octave_spectrum_distance_db", "log_mel_distance_db"):
        assert found.values("human", measure) == pytest.approx([0.0, 0.0], abs=1e-6)
    # Two songs of the same roles: the mean of both halves the distance that the other song alone leaves.
    mean, left_out = (np.array(found.values(name, "stem_balance_error_lu")) for name in CONSTANTS)
    assert mean == pytest.approx(left_out / 2, abs=0.05)


def test_what_is_finished_is_kept_and_what_changed_is_made_anew(songs: Path, tmp_path: Path) -> None:
    first = compared(songs, tmp_path)
    again = compared(songs, tmp_path)
    assert (first.cached, again.cached) == (0, len(again.results))
    for one, other in zip(first.results, again.results, strict=True):
        assert other.values == pytest.approx(one.values, nan_ok=True)
    (tmp_path / first.results[0].audio).unlink()
    next(iter((tmp_path / ".kept").glob("*.json"))).write_text("{ cut short")
    assert compared(songs, tmp_path).cached >= len(again.results) - 2
    # The two mixes by chance are another seed's.
    assert compared(songs, tmp_path, "none,random", seed=3).cached == 6
    assert compared(songs, tmp_path, "none,random", seed=4).cached == 6
    assert compared(songs, tmp_path, "none,random", seed=4).cached == 8


def test_two_songs_of_the_same_stems_are_two_songs(songs: Path, tmp_path: Path) -> None:
    shutil.copytree(songs / "one", tmp_path / "songs" / "one")
    shutil.copytree(songs / "one", tmp_path / "songs" / "another")
    found = compared(tmp_path / "songs", tmp_path)
    first, second = found.values("none", "stem_balance_error_lu")
    assert first == second > 1.0


def test_workers_find_the_same(songs: Path, tmp_path: Path) -> None:
    alone, together = compared(songs, tmp_path / "a"), compared(songs, tmp_path / "b", workers=2)
    for one, other in zip(alone.results, together.results, strict=True):
        assert (one.song, one.system) == (other.song, other.system)
        assert other.values == pytest.approx(one.values, nan_ok=True)


def test_the_files_and_the_page(songs: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    found = compared(songs, tmp_path)
    summary = summarise(found)
    written = {path.name for path in write_tables(found, summary, tmp_path)}
    assert written == {
        "values.csv",
        "summary.csv",
        "tests.csv",
        "vetoes.csv",
        "veto_counts.csv",
        "left_out.csv",
        "comparison.json",
        "values.parquet",
    }
    rows = list(csv.DictReader((tmp_path / "values.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == len(found.results) * len(found.measures)
    assert parquet.read_table(tmp_path / "values.parquet").num_rows == len(rows)
    document = json.loads((tmp_path / "comparison.json").read_text(encoding="utf-8"))
    assert document["measures"]["stem_balance_error_lu"]["unit"] == "LU"
    assert any("explains 100.0 %" in note for notes in document["notes"].values() for note in notes)

    html = write_comparison_page(found, summary, tmp_path).read_text(encoding="utf-8")
    assert html.count("data:audio/ogg;base64,") == len(found.results)
    assert "<svg" in html
    for elsewhere in ('src="http', 'href="http', "url("):
        assert elsewhere not in html.replace("url(#", "")
    linked = write_comparison_page(found, summary, tmp_path, audio="link").read_text(encoding="utf-8")
    assert "data:audio" not in linked
    assert 'src="audio/one/none.ogg"' in linked


def test_the_page_shows_names_as_text_and_is_the_same_on_every_run(songs: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    named = tmp_path / "songs" / "<b>one & $two$ #1"
    shutil.copytree(songs / "one", named)
    found = compared(tmp_path / "songs", tmp_path, "none,equal,human")
    pages = [
        write_comparison_page(found, summarise(found), tmp_path, audio="link").read_text(encoding="utf-8")
        for _ in range(2)
    ]
    assert pages[0] == pages[1]
    assert "<b>one" not in pages[0]
    assert "<summary>&lt;b&gt;one &amp; $two$ #1</summary>" in pages[0]
    (source, *_) = re.findall(r'<audio [^>]*src="([^"]*)"', pages[0])
    assert (tmp_path / unquote(source)).is_file()


def test_who_came_nearest(songs: Path, tmp_path: Path) -> None:
    summary = summarise(compared(songs, tmp_path))
    counts = {row.system: row.nearest for row in summary.rows if row.measure == "stem_balance_error_lu"}
    assert counts["human"] == 0
    assert sum(counts.values()) == 2
    (pair,) = [
        p
        for p in summary.pairs
        if (p.measure, p.first, p.second) == ("stem_balance_error_lu", "none", "equal")
    ]
    assert pair.test.wins + pair.test.losses == 2
    assert pair.p_holm >= pair.test.p


def test_a_reference_that_is_no_sum_of_the_stems_has_no_balance(songs: Path, tmp_path: Path) -> None:
    others = tmp_path / "human"
    others.mkdir()
    for seed, name in enumerate(GAINS_DB):
        write_audio(
            others / f"{name}.wav", np.repeat(noise(4.0, 50, 9000, seed=9 + seed)[:, None], 2, axis=1), RATE
        )
    human = parse_systems(f"human={others}")[0]
    found = compare(
        find_songs(songs).folders,
        parse_systems("none"),
        human,
        tmp_path / "out",
        groups=GROUPS,
        excerpt_s=0.0,
    )
    assert found.systems == ("none",)
    assert all(math.isnan(v) for v in found.values("none", "stem_balance_error_lu"))
    (caution,) = cautions(found)
    assert caution.startswith(
        "In every song no sum of the stems explains human (70 % of its power is needed)"
    )
    assert all(v > 1.0 for v in found.values("none", "octave_spectrum_distance_db"))


def test_songs_need_names_of_their_own(songs: Path, tmp_path: Path) -> None:
    human = parse_systems("human")[0]
    with pytest.raises(ParameterError, match="a name of its own"):
        compare([songs / "one", songs / "one"], parse_systems("none"), human, tmp_path)
    with pytest.raises(AudioFileError, match="no folder"):
        find_songs(songs / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(MixrulesError, match="is a file, not a folder"):
        compare([songs / "one"], parse_systems("none"), human, tmp_path / "file")
