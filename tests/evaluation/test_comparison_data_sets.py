"""Comparisons of the songs of data sets, as their layouts describe them."""

from __future__ import annotations

import csv
import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest
from corpus.trees import MUSDB_SONGS, build

from mixrules.corpus.catalogue import Catalogue
from mixrules.errors import ParameterError
from mixrules.evaluation.comparison import compare
from mixrules.evaluation.comparison_results import Comparison
from mixrules.evaluation.comparison_tables import write_tables
from mixrules.evaluation.fingerprint import parts_hash
from mixrules.evaluation.summary import summarise
from mixrules.stems.song_description import AudioPart, SongDescription
from mixrules.systems import parse_systems


def compared(songs: Any, output: Path, systems: str = "none,human", **options: Any) -> Comparison:
    settings: dict[str, Any] = {"groups": ("balance",), "excerpt_s": 0.0, "constants": False} | options
    return compare(songs, parse_systems(systems), parse_systems("human")[0], output, **settings)


@pytest.fixture(scope="module")
def musdb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("musdb18hq", tmp_path_factory.mktemp("musdb"))


@pytest.mark.parametrize("layout", ["musdb18hq", "musdb18", "moisesdb", "mir1k", "ikala"])
def test_the_plain_sum_of_the_stems_is_the_mixture(layout: str, tmp_path: Path) -> None:
    """Whatever the mixture is: a file, a stream, a sum of tracks or of channels."""
    if layout == "musdb18":
        pytest.importorskip("av", reason="PyAV is not installed")
    songs = list(Catalogue(build(layout, tmp_path / "set"), layout))[:2]
    found = compared(songs, tmp_path / "report", "none,equal")
    assert found.left_out == ()
    assert found.songs == tuple(song.song.rpartition("/")[2] for song in songs)
    none, equal = (found.values(system, "stem_balance_error_lu") for system in ("none", "equal"))
    assert none == pytest.approx([0.0, 0.0], abs=0.05)
    if layout != "ikala":  # of two stems that are equally loud nothing is moved
        assert found.values("none", "vocal_to_backing_error_lu") == pytest.approx([0.0, 0.0], abs=0.05)
    assert len(equal) == 2


def test_the_table_says_what_the_data_set_says(musdb: Path, tmp_path: Path) -> None:
    found = compared(Catalogue(musdb, "musdb18hq"), tmp_path, "none", excerpt_s=0.5)
    write_tables(found, summarise(found), tmp_path)
    rows = list(csv.DictReader((tmp_path / "values.csv").read_text(encoding="utf-8").splitlines()))
    about = {
        row["song_in_data_set"]: (row["song"], row["title"], row["artist"], row["split"]) for row in rows
    }
    assert set(about) == set(MUSDB_SONGS)
    assert about["test/AM Contra - Heart Peripheral"] == (
        *("AM Contra - Heart Peripheral", "Heart Peripheral", "AM Contra", "test"),
    )
    for song in found.songs:
        assert (tmp_path / "plans" / "none" / f"{song}.plan.json").is_file()
        assert (tmp_path / "audio" / song / "none.ogg").is_file()


def test_a_song_is_the_same_by_its_folder_and_by_its_data_set(musdb: Path, tmp_path: Path) -> None:
    """It is called the same, gets the same random mix, and the plan of either is found by the other."""
    by_folder = compared(sorted((musdb / "test").iterdir()), tmp_path / "a", "random")
    test_songs = [song for song in Catalogue(musdb, "musdb18hq") if song.split == "test"]
    by_layout = compared(test_songs, tmp_path / "b", f"random,mine={tmp_path / 'a' / 'plans' / 'random'}")
    assert by_layout.songs == by_folder.songs
    assert by_folder.described == {}
    for system in ("random", "mine"):
        assert by_layout.values(system, "stem_balance_error_lu") == pytest.approx(
            by_folder.values("random", "stem_balance_error_lu"), abs=1e-4
        )
    assert compared(test_songs, tmp_path / "b", "random").cached == len(test_songs)


def test_songs_of_one_last_name_are_two_songs(musdb: Path, tmp_path: Path) -> None:
    one, other = list(Catalogue(musdb, "musdb18hq"))[:2]
    songs = [dataclasses.replace(one, song="a/Tune"), dataclasses.replace(other, song="b/Tune")]
    found = compared(songs, tmp_path, "none")
    assert found.songs == ("a/Tune", "b/Tune")
    assert (tmp_path / "plans" / "none" / "b" / "Tune.plan.json").is_file()
    again = compared(songs, tmp_path / "again", f"mine={tmp_path / 'plans' / 'none'}")
    assert again.left_out == ()
    with pytest.raises(ParameterError, match="several are called a/Tune"):
        compared([songs[0], songs[0]], tmp_path)


def test_songs_with_a_problem_are_left_out(musdb: Path, tmp_path: Path) -> None:
    shutil.copytree(musdb, tmp_path / "set")
    (tmp_path / "set" / MUSDB_SONGS[1] / "bass.wav").unlink()
    (tmp_path / "set" / MUSDB_SONGS[2] / "mixture.wav").write_bytes(b"RIFF")
    songs = [*Catalogue(tmp_path / "set", "musdb18hq"), SongDescription(song="../up")]
    found = compared(songs, tmp_path / "report", workers=2)
    assert len(found.songs) == len(MUSDB_SONGS) - 2
    reasons = {gone.song: gone.reason for gone in found.left_out}
    missing, damaged = (song.rpartition("/")[2] for song in MUSDB_SONGS[1:3])
    assert "bass" in reasons[missing]
    assert "mixture.wav" in reasons[damaged]
    assert "files cannot have its name" in reasons["up"]


def test_what_the_data_set_calls_the_vocal_is_the_vocal(musdb: Path, tmp_path: Path) -> None:
    song = next(iter(Catalogue(musdb, "musdb18hq")))
    stems = tuple(dataclasses.replace(stem, vocal=stem.name == "bass") for stem in song.stems)
    levels = [
        compared([described], tmp_path, "equal").values("equal", "vocal_to_backing_difference_lu")[0]
        for described in (song, dataclasses.replace(song, stems=stems))
    ]
    assert abs(levels[0] - levels[1]) > 1.0  # and the first result was not taken for the second's


def test_a_page_has_the_titles_of_songs_whose_names_do_not_say_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jinja2", reason="jinja2 is not installed")
    from mixrules.report.comparison.page import write_comparison_page

    monkeypatch.setattr("mixrules.report.comparison.page.distance_figures", lambda *_: {})
    song = next(iter(Catalogue(build("moisesdb", tmp_path / "set"), "moisesdb")))
    found = compared([song], tmp_path / "report", "none")
    (name,) = found.songs
    html = write_comparison_page(found, summarise(found), tmp_path / "report").read_text(encoding="utf-8")
    assert f"<summary>{name} ({song.title}, {song.artist})</summary>" in html
    named = dataclasses.replace(found, songs=("x",), described={"x": SongDescription(song="x", title="x")})
    assert named.label("x") == "x"
    assert named.label("y") == "y"


@pytest.mark.parametrize(
    ("output", "says"),
    [
        ("test", "is the folder of the songs"),
        ("test/AM Contra - Heart Peripheral", "holds files of the songs"),
    ],
)
def test_a_report_does_not_lie_among_the_songs(musdb: Path, output: str, says: str) -> None:
    before = sorted(musdb.rglob("*"))
    with pytest.raises(ParameterError, match=says):
        compared(Catalogue(musdb, "musdb18hq"), musdb / output)
    assert sorted(musdb.rglob("*")) == before


def test_a_mix_is_another_where_its_stream_its_channel_or_a_part_is(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    a, b = (AudioPart(path=tmp_path / name) for name in ("a", "b"))
    changed = [dataclasses.replace(a, stream=0), dataclasses.replace(a, channel=0)]
    hashes = {parts_hash(parts) for parts in ((a,), (b,), (a, b), (b, a), *((part,) for part in changed))}
    assert len(hashes) == 6
