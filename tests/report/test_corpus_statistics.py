"""The statistics of a corpus beside pandas and duckdb: clusters by song, splits, nulls, batches, a corpus of one song."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import stats
from truth_tables import ROLES, write_truth

from mixrules.errors import AudioFileError, ParameterError
from mixrules.report.corpus import columns
from mixrules.report.corpus import series as corpus_series
from mixrules.report.corpus.description import CorpusDescription, describe_corpora
from mixrules.report.corpus.statistics import BOOTSTRAP_SONGS, Settings, Statistic
from mixrules.statistics import bootstrap_mean, holm

FAST = Settings(resamples=0)
SONGS = 31


def without_some(table: str, row: dict[str, Any]) -> None:
    """Leave out what a silent vocal would: its loudness, and that of every fifth snippet."""
    if row["song"].endswith("Song 004"):
        row["vocal_to_backing_lu"] = None
    if table == "snippets" and row["snippet"] % 5 == 0:
        row["crest_factor_db"] = None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "truth"
    write_truth(path, SONGS, snippets=7, shift_lu=6.0, parts=3, change=without_some)
    return path


@pytest.fixture(scope="module")
def described(folder: Path) -> Iterator[CorpusDescription]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns, "_ROWS_AT_ONCE", 50)
        yield describe_corpora([folder], Settings(resamples=100))[0]


def row(described: CorpusDescription, **wanted: str) -> Statistic:
    (found,) = (r for r in described.statistics if all(getattr(r, k) == v for k, v in wanted.items()))
    return found


def rows_of(sql: str) -> list[tuple[Any, ...]]:
    return list(duckdb.connect().execute(sql).fetchall())


def query(folder: Path, table: str, what: str, where: str) -> tuple[Any, ...]:
    (found,) = rows_of(f"SELECT {what} FROM '{folder}/{table}/*.parquet' WHERE {where}")
    return tuple(found)


@pytest.mark.parametrize(
    "column", ["vocal_to_backing_lu", "integrated_lufs", "tempo_bpm", "zero_crossing_rate"]
)
@pytest.mark.parametrize("split", ["", "train", "test"])
def test_a_value_a_song(described: CorpusDescription, folder: Path, column: str, split: str) -> None:
    found = row(described, measure=column, of="songs", signal="mix", split=split)
    expected = query(
        folder,
        "stems",
        f"count({column}), count(*) - count({column}), avg({column}), stddev_samp({column}), min({column}), "
        f"quantile_cont({column}, [0.05, 0.5, 0.95]), max({column})",
        "signal = 'mix'" + (f" AND split = '{split}'" if split else ""),
    )
    count, missing, mean, sd, low, quantiles, high = expected
    assert (found.songs, found.values, found.missing) == (count, count, missing)
    assert (found.mean, found.sd, found.minimum, found.maximum) == pytest.approx(
        (mean, sd, low, high), rel=1e-6
    )
    assert [found.q05, found.median, found.q95] == pytest.approx(quantiles, rel=1e-6)
    assert found.mean_low < found.mean < found.mean_high


def test_snippets_are_counted_and_their_mean_is_over_songs(
    described: CorpusDescription, folder: Path
) -> None:
    found = row(described, measure="crest_factor_db", of="snippets", signal="backing")
    table = f"'{folder}/snippets/*.parquet'"
    means = rows_of(
        f"SELECT avg(crest_factor_db) FROM {table} WHERE signal = 'backing' GROUP BY song ORDER BY song"
    )
    count, missing, sd, median = query(
        folder,
        "snippets",
        "count(crest_factor_db), count(*) - count(crest_factor_db), stddev_samp(crest_factor_db), "
        "median(crest_factor_db)",
        "signal = 'backing'",
    )
    assert (found.songs, found.values, found.missing) == (SONGS, count, missing)
    assert missing == SONGS * 2
    assert found.sd == pytest.approx(sd, rel=1e-6)
    assert found.median == pytest.approx(median, rel=0.005)
    own = np.array(means)[:, 0]
    assert found.mean == pytest.approx(own.mean(), rel=1e-6)
    # By song: that of single snippets would be a third as wide.
    width = found.mean_high - found.mean_low
    assert width == pytest.approx(2 * 1.96 * own.std(ddof=1) / math.sqrt(SONGS), rel=0.35)


def test_the_interval_is_over_songs_where_they_differ(tmp_path: Path) -> None:
    """Many snippets of few songs: the interval is as wide as the songs' means say, not as so many snippets would."""
    write_truth(tmp_path / "t", 8, snippets=60, splits=())
    (described,) = describe_corpora([tmp_path / "t"], Settings(resamples=100))
    found = row(described, measure="vocal_to_backing_lu", of="snippets")
    series = described.find("vocal_to_backing_lu", "mix", "snippets")
    assert series is not None
    expected = bootstrap_mean(series.song_means, resamples=100)
    assert (found.mean_low, found.mean_high) == pytest.approx((expected.low, expected.high))
    assert found.mean_high - found.mean_low > 3 * 1.96 * found.sd / math.sqrt(found.values)


def test_stems_are_put_together_by_role(described: CorpusDescription, folder: Path) -> None:
    for role in ROLES.values():
        found = row(described, measure="to_mix_lu", of="stems", role=role)
        (mean,) = query(folder, "stems", "avg(to_mix_lu)", f"signal = 'stem' AND role = '{role}'")
        assert found.mean == pytest.approx(mean, rel=1e-6)
        assert found.songs == SONGS


def test_several_stems_of_a_role_count_as_one_song(tmp_path: Path) -> None:
    def same_role(table: str, row: dict[str, Any]) -> None:
        row["role"] = "drums" if row["role"] else ""

    stems, _ = write_truth(tmp_path / "t", 4, snippets=1, change=same_role)
    (described,) = describe_corpora([tmp_path / "t"], FAST)
    found = row(described, measure="to_mix_lu", of="stems", role="drums")
    by_song: dict[str, list[float]] = {}
    for each in stems:
        if each["signal"] == "stem":
            by_song.setdefault(each["song"], []).append(each["to_mix_lu"])
    assert (found.songs, found.values) == (4, 16)
    assert found.mean == pytest.approx(np.mean([np.mean(v) for v in by_song.values()]), rel=1e-6)


def test_spectra_are_relative_to_the_sum_of_their_bands(described: CorpusDescription, folder: Path) -> None:
    levels = np.array(rows_of(f"SELECT octave_db FROM '{folder}/stems/*.parquet' WHERE signal = 'mix'"))[:, 0]
    relative = levels - 10 * np.log10((10 ** (levels / 10)).sum(axis=1, keepdims=True))
    (found,) = (b for b in described.spectra if b.spectrum.column == "octave_db" and b.signal == "mix")
    assert [r.median for r in found.rows] == pytest.approx(np.median(relative, axis=0), abs=1e-4)
    assert [r.q95 for r in found.rows] == pytest.approx(np.quantile(relative, 0.95, axis=0), abs=1e-4)


def test_a_shift_between_splits_is_found_and_corrected_for_all_measures(described: CorpusDescription) -> None:
    first = described.shifts[0]
    series = described.find("vocal_to_backing_lu", "mix", "songs")
    assert series is not None
    samples = [series.song_means[described.tables.splits == name] for name in ("train", "test")]
    expected = stats.mannwhitneyu(*(s[np.isfinite(s)] for s in samples))
    assert first.measure.column == "vocal_to_backing_lu"
    assert first.p == pytest.approx(expected.pvalue)
    assert first.p_holm == pytest.approx(holm([s.p for s in described.shifts])[0])
    assert first.p_holm < 0.01
    assert first.delta < -0.8
    assert "medians train" in first.sentence


def test_three_splits_are_compared_together(tmp_path: Path) -> None:
    write_truth(tmp_path / "t", 18, snippets=1, splits=("train", "validation", "test"), shift_lu=9.0)
    (described,) = describe_corpora([tmp_path / "t"], FAST)
    assert described.tables.split_names() == ["train", "validation", "test"]
    first = described.shifts[0]
    assert first.measure.column == "vocal_to_backing_lu"
    assert math.isnan(first.delta)
    assert list(first.songs.values()) == [6, 6, 6]


def test_songs_that_stand_out_are_named(tmp_path: Path) -> None:
    def broken(table: str, row: dict[str, Any]) -> None:
        if row["song"] == "train/Song 003":
            row["vocal_to_backing_lu"] = -34.0
            row["true_peak_dbtp"] = 40.0

    write_truth(tmp_path / "t", 20, snippets=1, change=broken)
    (described,) = describe_corpora([tmp_path / "t"], FAST)
    first = described.outliers[0]
    assert (first.song, first.measure.column, first.beyond_bounds) == (
        *("train/Song 003", "vocal_to_backing_lu", True),
    )
    own = {o.measure.column for o in described.outliers if o.song == "train/Song 003"}
    assert {"vocal_to_backing_lu", "true_peak_dbtp"} <= own
    wide = Settings(resamples=0, level_bounds_lu=(-90.0, 90.0), most_z=1e9)
    assert not describe_corpora([tmp_path / "t"], wide)[0].outliers


def test_many_songs_have_an_interval_of_standard_errors(tmp_path: Path) -> None:
    count = BOOTSTRAP_SONGS + 1
    write_truth(tmp_path / "t", count, snippets=0, splits=())
    tables = corpus_series.open_corpus(tmp_path / "t")
    assert len(tables.songs) == count
    from mixrules.report.corpus.statistics import series_statistics

    series = [s for s in tables.series() if s.measure.column == "tempo_bpm"]
    (found,) = series_statistics(tables, "t", series, Settings())
    values = series[0].song_means
    low, high = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert (found.mean_low, found.mean_high) == pytest.approx((low, high))


def test_one_song_has_values_and_no_interval(tmp_path: Path) -> None:
    write_truth(tmp_path / "t", 1, snippets=2)
    (described,) = describe_corpora([tmp_path / "t"], FAST)
    found = row(described, measure="tempo_bpm", of="songs", split="")
    assert found.mean == found.median == found.minimum
    assert math.isnan(found.mean_low)
    assert not described.shifts
    assert not [o for o in described.outliers if not o.beyond_bounds]


def test_what_failed_is_read_from_the_ledger_the_last_line_counts(tmp_path: Path) -> None:
    write_truth(tmp_path / "t", 3, snippets=1)
    lines = [
        b'{"song": "a", "reason": "no stems"}',
        b'{"song": "b", "reason": "cut short"}',
        b'{"song": "b"}',
        b'{"song": "c", "reas',
    ]
    (tmp_path / "t" / "ledger.jsonl").write_bytes(b"\n".join(lines))
    assert describe_corpora([tmp_path / "t"], FAST)[0].failed == {"a": "no stems"}


def test_names_tell_folders_apart(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_truth(tmp_path / name / "truth", 2, snippets=1)
    folders = [tmp_path / name / "truth" for name in ("one", "two")]
    assert [d.name for d in describe_corpora(folders, FAST)] == ["one/truth", "two/truth"]
    with pytest.raises(ParameterError, match="twice"):
        describe_corpora([folders[0], folders[0] / "." / ".." / "truth"], FAST)
    with pytest.raises(AudioFileError):
        describe_corpora([tmp_path], FAST)
