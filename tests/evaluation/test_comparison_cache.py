"""What is kept of a comparison is believed only where it is what was written."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from mixrules.errors import AudioFileError
from mixrules.evaluation.comparison_cache import (
    make_report_folder,
    own_path,
    read_reference,
    read_result,
    write_reference,
    write_result,
)
from mixrules.evaluation.comparison_results import ReferenceBalance, Result
from mixrules.evaluation.vetoes import VETOES, VetoResult
from mixrules.files.own_documents import COMPARISON_CACHE, is_comparison

FILES = ("audio/one/none.ogg", "plans/none/one.plan.json")
MEASURES = ("side_to_mid_error_db", "masked_share", "mean_smr_db")
RESULT = Result(
    song="one",
    system="none",
    values={"side_to_mid_error_db": 1.25, "masked_share": math.nan, "mean_smr_db": -3e-7},
    lufs=-math.inf,
    audio=FILES[0],
    notes=("säte",),
    vetoes={name: VetoResult(value=math.nan, fires=False) for name in VETOES}
    | {"rumble": VetoResult(value=-20.5, fires=True, stems=("Gesäng",))},
)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    output = tmp_path / "report"
    make_report_folder(output)
    for name in FILES:
        own_path(output, name).write_text(name)
    write_result(output, "key", RESULT, FILES)
    return output


def read(output: Path, **changes: object) -> Result | None:
    wanted: dict[str, object] = {"song": "one", "system": "none", "measures": MEASURES, "files": FILES}
    return read_result(output, "key", **(wanted | changes))  # type: ignore[arg-type]


def same(found: Result | None) -> bool:
    return found is not None and repr(found) == repr(RESULT)


def entry(output: Path) -> Path:
    return output / COMPARISON_CACHE / "key.json"


def test_what_was_kept_is_read(report: Path) -> None:
    assert same(read(report))
    assert is_comparison(report)
    for off_sum_lu in (None, 5.9e-6):
        known = ReferenceBalance(levels={"vocal": -3.5, "bass": -7.25}, off_sum_lu=off_sum_lu)
        write_reference(report, "levels", "one", known)
        assert read_reference(report, "levels", "one") == known
    assert read_reference(report, "levels", "two") is None
    assert read_reference(report, "key", "one") is None
    assert read_result(report, "levels", song="one", system="none", measures=MEASURES, files=FILES) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"song": "two"},
        {"system": "equal"},
        {"measures": (*MEASURES, "t60")},
        {"measures": MEASURES[:2]},
        {"files": FILES[:1]},
        {"files": ("audio/one/none.ogg", "plans/none/two.plan.json")},
    ],
)
def test_another_ones_entry_is_not_believed(report: Path, changes: dict[str, object]) -> None:
    assert read(report, **changes) is None


CONTENTS = {
    "empty": b"",
    "not text": b"\xff\xfe\x00",
    "cut": b'{"checksum": "',
    "null": b"null",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "deep objects": b'{"kept":' * 50_000,
    "long": b'"' + b"x" * 5_000_000 + b'"',
    "a huge number": b'{"checksum": "x", "kept": ' + b"9" * 6000 + b"}",
    "no number": b'{"checksum": "x", "kept": {"song": "one", "values": {"a": 1e999}}}',
    "wrong types": b'{"checksum": 1, "kept": {"song": 1, "system": [], "values": "x"}}',
}


@pytest.mark.parametrize("case", CONTENTS)
def test_an_entry_of_another_kind_is_not_believed(report: Path, case: str) -> None:
    entry(report).write_bytes(CONTENTS[case])
    assert read(report) is None
    assert read_reference(report, "key", "one") is None
    entry(report).unlink()
    entry(report).mkdir()
    assert read(report) is None


@pytest.mark.parametrize(
    "name", ["../../secret", "/etc/hostname", "audio/one/../../../secret", "audio/two/x.ogg"]
)
def test_no_path_is_taken_from_an_entry(report: Path, name: str) -> None:
    (report.parent / "secret").write_text("secret")
    document = json.loads(entry(report).read_text())
    digest = document["kept"]["files"].pop(FILES[0])
    document["kept"]["files"] = {name: digest} | document["kept"]["files"]
    entry(report).write_text(json.dumps(document))
    assert read(report) is None


def test_what_an_entry_vouches_for_must_be_complete_and_no_link(report: Path) -> None:
    secret = report.parent / "secret"
    for name in FILES:
        path, text = report / name, (report / name).read_text()
        path.write_text(text[:-1])
        assert read(report) is None
        path.unlink()
        assert read(report) is None
        secret.write_text(text)
        path.symlink_to(secret)
        assert read(report) is None
        with pytest.raises(AudioFileError, match="leads elsewhere by a link"):
            own_path(report, name)
        path.unlink()
        path.write_text(text)
        assert same(read(report))
    moved = report.parent / "moved"
    (report / "audio").rename(moved)
    (report / "audio").symlink_to(moved)
    assert read(report) is None


def test_a_cache_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / COMPARISON_CACHE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AudioFileError, match="leads elsewhere by a link"):
        make_report_folder(tmp_path / "report")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_to_an_entry_the_result_is_the_same_or_made_again(report: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole = entry(report).read_bytes()
    for _ in range(100):
        data = bytearray(whole)
        for _ in range(rng.integers(1, 4)):
            at = int(rng.integers(len(data)))
            match rng.integers(4):
                case 0:
                    data[at] = int(rng.integers(256))
                case 1:
                    data[at] ^= 1 << int(rng.integers(8))
                case 2:
                    del data[at : at + int(rng.integers(1, 40))]
                case _:
                    data[at:at] = rng.choice([b"0", b"9" * 400, b'"', b"null", b"[" * 2000, b"\xff", b"-"])
            if not data:
                break
        entry(report).write_bytes(data)
        found = read(report)
        assert found is None or same(found)
