from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from mixrules.corpus.tasks.same_songs import SongFacts, same_artist
from mixrules.corpus.tasks.settings import DatasetSettings
from mixrules.corpus.tasks.splits import divide
from mixrules.errors import ParameterError


def song(name: str, artist: str = "", split: str = "", **more: Any) -> SongFacts:
    return SongFacts(song=name, artist=artist, split=split, duration_s=60.0, vocal_to_backing_lu=0.0, **more)


def of_artists(count: int, artists: int) -> list[SongFacts]:
    return [song(f"s{i}", f"artist {i % artists}") for i in range(count)]


def settings(**changes: Any) -> DatasetSettings:
    return DatasetSettings(task="level", **changes)


def splits_of(songs: Sequence[SongFacts], **changes: Any) -> dict[str, str]:
    return divide(songs, settings(**changes)).splits


def test_artists_stay_together_and_shares_are_met() -> None:
    songs = of_artists(200, 50)
    splits = splits_of(songs, seed=3, shares=(0.7, 0.2, 0.1))
    by_artist: dict[str, set[str]] = {}
    for each in songs:
        by_artist.setdefault(each.artist, set()).add(splits[each.song])
    assert all(len(inside) == 1 for inside in by_artist.values())
    assert Counter(splits.values()) == {"train": 140, "validation": 40, "test": 20}


def test_an_artist_is_the_same_however_written() -> None:
    songs = [song("a", "Björk"), song("b", "  BJO\u0308RK "), song("c", "x"), song("d", "y"), song("e", "z")]
    for seed in range(10):
        splits = splits_of(songs, seed=seed)
        assert splits["a"] == splits["b"]


@pytest.mark.parametrize(
    ("artist", "same"),
    [
        ("The Beatles", "beatles"),
        ("Beatles, The", "beatles"),
        ("the  BEATLES", "beatles"),
        ("The The", "the"),
        ("The", "the"),
        ("Santana feat. Rob Thomas", "santana"),
        ("Santana (ft. Everlast)", "santana"),
        ("Santana, Featuring Everlast", "santana"),
        ("The Roots feat.Erykah Badu", "roots"),
        ("Little Feat", "little feat"),
        ("Defeater", "defeater"),
        ("Theo", "theo"),
    ],
)
def test_guests_and_articles_do_not_make_another_artist(artist: str, same: str) -> None:
    assert same_artist(artist) == same


def test_one_recording_or_title_is_in_one_split_and_recordings_are_named() -> None:
    others = [song(f"other {i}", f"artist {i}", integrated_lufs=(-20.0, -18.0, -16.0 - i)) for i in range(6)]
    levels = (-20.0, None, -17.5)
    songs = [
        song("a", "one", integrated_lufs=levels),
        song("b", "two", integrated_lufs=levels),
        song("c", "two"),
        song("d", title="Hey  Jude"),
        song("e", title="hey jude"),
        song("f", "three", title="Hey Jude"),
    ]
    apart = set()
    for seed in range(12):
        division = divide([*songs, *others], settings(seed=seed, shares=(0.4, 0.3, 0.3)))
        splits = division.splits
        assert splits["a"] == splits["b"] == splits["c"]
        assert splits["d"] == splits["e"]
        apart.add(splits["e"] == splits["f"])
        assert division.duplicates == [["a", "b"]]
    assert apart == {True, False}  # an artist who is known tells songs of one title from one another


def test_one_recording_in_two_official_splits_is_refused_or_dropped() -> None:
    songs = [song(f"a{i}", f"artist {i}", "train") for i in range(4)]
    songs += [song("b", "x", "train", integrated_lufs=(1.0,)), song("c", "y", "test", integrated_lufs=(1.0,))]
    with pytest.raises(ParameterError, match="has x in two splits"):
        divide(songs, settings(split="official"))
    assert "b" not in splits_of(songs, split="official", shared_artists="drop")


def test_the_division_depends_on_the_seed_and_not_on_the_order_of_the_songs() -> None:
    songs = of_artists(40, 40)
    assert splits_of(songs, seed=1) == splits_of(songs[::-1], seed=1)
    assert splits_of(songs, seed=1) != splits_of(songs, seed=2)


def test_three_songs_make_three_splits_and_two_do_not() -> None:
    assert sorted(splits_of([song("a"), song("b"), song("c")]).values()) == ["test", "train", "validation"]
    with pytest.raises(ParameterError, match="2 songs in 2 groups are too few for training, validation"):
        divide([song("a"), song("b")], settings())
    with pytest.raises(ParameterError, match="3 songs in 1 group are too few"):
        divide([song("a", "x"), song("b", "x"), song("c", "x")], settings())


def test_official_test_songs_and_their_artists_are_never_trained_with() -> None:
    songs = of_artists(40, 20)
    songs = [song(each.song, each.artist, "test" if i < 5 else "train") for i, each in enumerate(songs)]
    for seed in range(5):
        splits = splits_of(songs, seed=seed)
        # Of each of the five test songs there is another one by the artist.
        assert {name for name, own in splits.items() if own == "test"} >= {f"s{i}" for i in range(5)}
        assert all(splits[f"s{i + 20}"] == "test" for i in range(5))
        assert set(splits.values()) == {"train", "validation", "test"}
    ignored = splits_of(songs, seed=1, ignore_official=True)
    assert {ignored[f"s{i}"] for i in range(5)} != {"test"}


def test_official_validation_songs_are_never_trained_with() -> None:
    songs = [song("t", "x", "test"), song("v", "x", "validation")]
    songs += [song(f"v{i}", f"artist {i}", "validation") for i in range(6)]
    songs += [song(f"s{i}", f"artist {i}", "train") for i in range(5, 30)]
    for seed in range(5):
        splits = splits_of(songs, seed=seed, shares=(0.8, 0.1, 0.1))
        assert {name for name, own in splits.items() if own == "validation"} == {
            *(f"v{i}" for i in range(6)),
            "s5",
        }
        assert splits["v"] == splits["t"] == "test"
    ignored = splits_of(songs, seed=1, ignore_official=True)
    assert "train" in {ignored[f"v{i}"] for i in range(6)}


def test_official_splits_stay_and_validation_comes_from_training_by_artist() -> None:
    songs = [song(f"a{i}", f"artist {i // 2}", "train") for i in range(40)]
    songs += [song(f"b{i}", f"other {i}", "test") for i in range(20)]
    splits = splits_of(songs, split="official", seed=1, shares=(0.6, 0.2, 0.2))
    assert Counter(splits.values()) == {"train": 30, "validation": 10, "test": 20}
    assert all(splits[f"b{i}"] == "test" for i in range(20))
    assert all(splits[f"a{2 * i}"] == splits[f"a{2 * i + 1}"] for i in range(20))


def test_an_official_validation_split_is_taken_as_it_is() -> None:
    songs = [song("a", split="train"), song("b", split="validation"), song("c", split="test"), song("d")]
    division = divide(songs, settings(split="official"))
    assert division.splits == {"a": "train", "b": "validation", "c": "test"}
    assert division.left_out == {"of no official split": ["d"]}


def test_an_artist_in_two_official_splits_is_refused_dropped_or_accepted() -> None:
    songs = [song(f"a{i}", f"artist {i}", "train") for i in range(9)]
    songs += [song("b", "Artist 3", "test"), song("c", "else", "test")]
    with pytest.raises(ParameterError, match="has artist 3 in two splits: --shared-artists drop"):
        divide(songs, settings(split="official"))
    dropped = divide(songs, settings(split="official", shared_artists="drop"))
    assert dropped.left_out == {"of an artist of another split": ["a3"]}
    assert dropped.splits["b"] == "test"
    assert "a3" in splits_of(songs, split="official", shared_artists="keep")


def test_official_without_test_songs_or_with_one_artist_is_refused() -> None:
    with pytest.raises(ParameterError, match="no official test songs: --split songs"):
        divide([song("a", split="train"), song("b")], settings(split="official"))
    with pytest.raises(ParameterError, match="of 1 artist: validation songs are taken from them"):
        divide([song("a", split="train"), song("b", split="test")], settings(split="official"))


def test_smaller_fractions_are_within_larger_ones_and_leave_the_rest_as_it_is() -> None:
    songs = of_artists(80, 80)
    found = {f: splits_of(songs, seed=5, fraction=f) for f in (1.0, 0.5, 0.25, 0.001)}
    training = {f: {name for name, own in splits.items() if own == "train"} for f, splits in found.items()}
    assert [len(training[f]) for f in (1.0, 0.5, 0.25, 0.001)] == [64, 32, 16, 1]
    assert training[0.001] < training[0.25] < training[0.5] < training[1.0]
    rest = [{n: s for n, s in splits.items() if s != "train"} for splits in found.values()]
    assert rest.count(rest[0]) == 4
