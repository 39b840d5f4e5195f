"""The columns: as their page lists them, as Arrow has them, and the reader that wants them."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixrules.corpus.extraction import (
    COLUMNS,
    KEYS,
    PARAMETERS,
    SNIPPETS,
    STEMS,
    VERSION,
    arrow_schema,
    read_truth,
)
from mixrules.corpus.work.place import LocalPlace
from mixrules.corpus.work.run_document import RunDocument, claim
from mixrules.errors import AudioFileError

PAGE = Path(__file__).parents[3] / "docs" / "ground-truth.md"
_ROW = re.compile(r"^\| `(\w+)` \| (\S+) \| (.*?) \| (.+) \|$", re.MULTILINE)


def section(title: str) -> list[tuple[str, ...]]:
    text = PAGE.read_text(encoding="utf-8")
    return _ROW.findall(text.split(f"## {title}\n")[1].split("\n## ")[0])


def test_the_page_lists_the_columns_as_they_are() -> None:
    rows = {name: [(c.name, c.type, c.unit, c.meaning) for c in COLUMNS[name]] for name in (STEMS, SNIPPETS)}
    both = section("Columns of both tables")
    assert both == [row for row in rows[STEMS] if row in rows[SNIPPETS]]
    assert section("Columns of `stems`") == [row for row in rows[STEMS] if row not in both]
    assert section("Columns of `snippets`") == [row for row in rows[SNIPPETS] if row not in both]
    assert f"now {VERSION})" in PAGE.read_text(encoding="utf-8")


def test_the_page_lists_what_is_found_by_matching() -> None:
    rows = [(c.name, c.type, c.unit, c.meaning) for c in COLUMNS[PARAMETERS]]
    listed = section("Columns of `parameters`")
    assert listed == [row for row in rows if row in listed]
    assert {row[0] for row in rows} - {row[0] for row in listed} == {
        *(
            "song",
            "title",
            "artist",
            "album",
            "split",
            "signal",
            "stem",
            "role",
            "part",
            "files",
            "mix_source",
        ),
        *("sample_rate", "channels"),
    }


@pytest.mark.parametrize("name", [STEMS, SNIPPETS, PARAMETERS])
def test_names_carry_their_units(name: str) -> None:
    suffixes = {
        "LUFS": "_lufs",
        "LU": "_lu",
        "dBTP": "_dbtp",
        "dB": "_db",
        "dBFS": "_db",
        "Hz²": "_hz2",
        "s": "_s",
    }
    for column in COLUMNS[name]:
        if column.unit in suffixes and column.name != "spectral_flux":
            assert column.name.endswith(suffixes[column.unit]), column.name
        assert column.meaning.endswith(".")
    assert len({column.name for column in COLUMNS[name]}) == len(COLUMNS[name])
    assert set(KEYS[name]) <= {column.name for column in COLUMNS[name]}


def test_bands_are_lists_of_a_fixed_length() -> None:
    schema = arrow_schema(SNIPPETS)
    assert schema.field("octave_db").type == pa.list_(pa.float32(), 9)
    assert schema.field("third_octave_to_backing_db").type == pa.list_(pa.float32(), 31)


def put(
    folder: Path, *, kind: str = "truth", metadata: dict[bytes, bytes] | None = None, drop: str = ""
) -> None:
    """Write a folder of two tables without rows."""
    document = RunDocument(kind=kind, version="0", root="songs", layout="folders", settings={})
    claim(LocalPlace(folder), document)
    for name in (STEMS, SNIPPETS):
        table = arrow_schema(name).empty_table()
        table = table.drop_columns([drop]) if drop else table
        (folder / name).mkdir()
        pq.write_table(
            table.replace_schema_metadata(metadata or table.schema.metadata),
            folder / name / "part-00000.parquet",
        )


def test_the_reader_opens_both_tables(tmp_path: Path) -> None:
    put(tmp_path)
    truth = read_truth(tmp_path)
    assert truth.run.root == "songs"
    assert truth.snippets.to_table(columns=["song"]).num_rows == 0


def test_a_table_of_ones_own_may_stand_beside_them(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / "matched").mkdir()
    pq.write_table(pa.table({"song": ["a"], "eq_db": [1.5]}), tmp_path / "matched" / "part-00000.parquet")
    truth = read_truth(tmp_path)
    assert truth.table("matched").to_table().to_pylist() == [{"song": "a", "eq_db": 1.5}]
    with pytest.raises(AudioFileError, match="nothing holds no table"):
        truth.table("nothing")


@pytest.mark.parametrize(
    ("made", "match"),
    [
        ({"kind": "mixes"}, "holds mixes, ground truth is needed"),
        ({"metadata": {b"mixrules_truth_version": b"99"}}, "is of version 99, version 1 is needed"),
        ({"metadata": {b"other": b"1"}}, "is of version none"),
        ({"drop": "tempo_bpm"}, "has no column tempo_bpm"),
    ],
)
def test_what_is_something_else_is_refused(tmp_path: Path, made: dict[str, object], match: str) -> None:
    put(tmp_path, **made)  # type: ignore[arg-type]
    with pytest.raises(AudioFileError, match=match):
        read_truth(tmp_path)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    put(tmp_path)
    (tmp_path / STEMS / "part-00000.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(AudioFileError, match="stems cannot be read as a table"):
        read_truth(tmp_path)
