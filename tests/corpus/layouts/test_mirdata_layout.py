"""Multitracks through mirdata itself: its loader of Slakh, with an index of two songs in place of the one on the web."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus.trees import parts_in, write

from mixrules.corpus.layouts import songs_of
from mixrules.errors import AudioFileError, MissingPackageError, ParameterError
from mixrules.stems.described_song import load_described, read_parts

STEMS = {
    "S00": ("bass", "{inst_class: Bass, is_drum: false}"),
    "S01": ("drums", "{inst_class: Drums, is_drum: true}"),
    "S02": ("other", "{inst_class: Reed, is_drum: false}"),
}


def slakh(root: Path) -> Path:
    """Write two songs as Slakh has them; return the index that mirdata has of them."""
    index: dict[str, object] = {"version": "2100-redux"}
    tracks: dict[str, object] = {}
    songs: dict[str, object] = {}
    for split, song in (("train", "Track00001"), ("omitted", "Track00002")):
        folder = f"slakh2100_flac_redux/{split}/{song}"
        metadata = [f"{folder}/metadata.yaml", ""]
        for stem, (part, _) in STEMS.items():
            write(root / folder / "stems" / f"{stem}.flac", part)
            audio = [f"{folder}/stems/{stem}.flac", ""]
            tracks[f"{song}-{stem}"] = {"audio": audio, "midi": [None, None], "metadata": metadata}
        tracks[f"{song}-S03"] = {"audio": [None, None], "midi": [None, None], "metadata": metadata}
        lines = ["stems:", *(f"  {stem}: {facts}" for stem, (_, facts) in STEMS.items())]
        (root / folder / "metadata.yaml").write_text("\n".join(lines))
        write(root / folder / "mix.flac", "bass", "drums", "other")
        songs[song] = {
            "tracks": [f"{song}-{stem}" for stem in (*STEMS, "S03")],
            "mix": [f"{folder}/mix.flac", ""],
            "midi": [None, None],
            "metadata": metadata,
        }
    path = root / "index.json"
    path.write_text(json.dumps(index | {"tracks": tracks, "multitracks": songs}))
    return path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    core = pytest.importorskip("mirdata.core")
    index = slakh(tmp_path)
    monkeypatch.setattr(core.Index, "get_path", lambda self: str(index))
    return tmp_path


def test_slakh_through_mirdata(root: Path) -> None:
    first, second = songs_of(root, "mirdata:slakh")
    assert [(song.song, song.split, song.problem) for song in (first, second)] == [
        ("Track00001", "train", ""),
        ("Track00002", "", ""),
    ]
    stems = load_described(first)
    assert {stem.name: (stem.role, parts_in(stem.audio[:], stems.sample_rate)) for stem in stems} == {
        "S00 Bass": ("bass", {"bass"}),
        "S01 Drums": ("drums", {"drums"}),
        "S02 Reed": ("winds", {"other"}),
    }
    mixture = read_parts(first.mixture)
    assert parts_in(mixture.audio, mixture.sample_rate) == {"bass", "drums", "other"}
    assert not any(first.is_vocal(stem.name, stem.role) for stem in stems)


def test_a_missing_file_is_a_problem_of_its_song(root: Path) -> None:
    (root / "slakh2100_flac_redux" / "train" / "Track00001" / "stems" / "S01.flac").unlink()
    assert [song.problem for song in songs_of(root, "mirdata:slakh")] == ["S01.flac is missing", ""]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("mirdata:slak", r"mirdata has no data set 'slak': .*did you mean slakh\?"),
        ("mirdata:slakh:9", "mirdata has no version '9' of slakh"),
        ("mirdata:ikala", "mirdata's ikala has no multitracks: a data set that has is needed"),
    ],
)
def test_what_mirdata_does_not_have(root: Path, name: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        list(songs_of(root, name))


def test_an_index_that_was_not_downloaded_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = pytest.importorskip("mirdata.core")
    monkeypatch.setattr(core.Index, "get_path", lambda self: str(tmp_path / "none.json"))
    with pytest.raises(AudioFileError, match=r"no index of slakh yet: python -c .*download\(\[\"index\"\]\)"):
        list(songs_of(tmp_path, "mirdata:slakh"))


def test_mirdata_is_asked_for_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="pip install mirdata"):
        list(songs_of(tmp_path, "mirdata:slakh"))
