from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_files import MEL, write_onnx

from mixrules.errors import AudioError, AudioFileError, MissingPackageError, ParameterError
from mixrules.learning.model_files.model_description import METADATA_KEY, ModelDescription
from mixrules.learning.model_files.model_file import open_model

for package in ("onnx", "onnxruntime"):
    pytest.importorskip(package, reason=f"{package} is not installed: make test-deep has it")

LEVEL = {METADATA_KEY: ModelDescription(task="level").in_json()}


def mel(rng: np.random.Generator, blocks: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    return rng.exponential(size=(blocks, 2, 128, 64)).astype(np.float32)


def test_a_model_answers_every_block_in_order(rng: np.random.Generator, tmp_path: Path) -> None:
    blocks = mel(rng, 75)
    expected = 3.0 * blocks.mean(axis=(1, 2, 3), dtype=np.float64)[:, np.newaxis]
    for number in ("blocks", 1):
        path = write_onnx(tmp_path / "mean.onnx", shape=(number, *MEL[1:]), factor=3.0, metadata=LEVEL)
        model = open_model(path)
        answers = model.answers(blocks)
        assert answers.dtype == np.float64
        np.testing.assert_allclose(answers, expected, rtol=1e-5)
        np.testing.assert_array_equal(model.answers(blocks.astype(np.float64)), answers)
        assert model.answers(blocks[:0]).shape == (0, 1)


def test_a_model_is_called_as_its_description_or_its_file_says(tmp_path: Path) -> None:
    assert open_model(write_onnx(tmp_path / "level v2.onnx", metadata=LEVEL)).name == "level v2.onnx"
    named = {METADATA_KEY: ModelDescription(task="level", name="mine").in_json()}
    assert open_model(os.fspath(write_onnx(tmp_path / "level.onnx", metadata=named))).name == "mine"


def test_a_model_goes_to_other_processes_and_to_threads(rng: np.random.Generator, tmp_path: Path) -> None:
    model = open_model(write_onnx(tmp_path / "mean.onnx", metadata=LEVEL))
    blocks = mel(rng, 40)
    expected = model.answers(blocks)
    again = pickle.loads(pickle.dumps(model))
    assert again.description == model.description
    np.testing.assert_array_equal(again.answers(blocks), expected)
    with ThreadPoolExecutor(4) as pool:
        for answers in pool.map(model.answers, [blocks] * 8):
            np.testing.assert_array_equal(answers, expected)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({"metadata": None}, "is an ONNX file without a description of mixrules: mixrules train writes it"),
        (
            {"shape": ("blocks", 2, 64, 128)},
            r"reads tensor\(float\) of shape \(blocks, 2, 64, 128\), mel blocks are",
        ),
        ({"shape": ("blocks", 1, 128, 64)}, r"of shape \(blocks, 1, 128, 64\), mel blocks are"),
        ({"shape": ("blocks", 2, 128)}, r"reads tensor\(float\) of shape \(blocks, 2, 128\), mel blocks are"),
        ({"shape": (4, 2, 128, 64)}, "reads 4 blocks at a time: export it with a free first axis, or for 1"),
        (
            {"double": True},
            r"reads tensor\(double\) of shape \(blocks, 2, 128, 64\), mel blocks are tensor\(float\)",
        ),
        (
            {"outputs": 9},
            r"answers tensor\(float\) of shape \(blocks, 9\), task level needs .* \(blocks, 1\)",
        ),
        ({"several": True}, "has 2 outputs, task level needs one"),
        (
            {
                "metadata": {
                    METADATA_KEY: LEVEL[METADATA_KEY].replace('"format_version":1', '"format_version":2')
                }
            },
            r"the description in .*model\.onnx is of version 2 of mixrules-model, this mixrules reads 1",
        ),
        (
            {"metadata": {METADATA_KEY: LEVEL[METADATA_KEY].replace("vocal_to_backing_lu", "gain_db")}},
            r"the description in .*model\.onnx: \$: outputs must be those of task level",
        ),
    ],
)
def test_a_network_of_another_kind_is_refused(made: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "model.onnx", **{"metadata": LEVEL, **made})
    with pytest.raises(AudioFileError, match=message) as raised:
        open_model(path)
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_file_that_is_no_onnx_file_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = write_onnx(tmp_path / "whole.onnx", metadata=LEVEL).read_bytes()
    for name, held in (("half.onnx", content[: len(content) // 2]), ("text.onnx", b"a model\nof mine\n" * 9)):
        (tmp_path / name).write_bytes(held)
        with pytest.raises(
            AudioFileError, match=f"{name} is not an ONNX file that onnxruntime .* can open: "
        ) as raised:
            open_model(tmp_path / name)
        assert "\n" not in str(raised.value)
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(AudioFileError, match=r"empty\.onnx is empty, an ONNX file is needed"):
        open_model(tmp_path / "empty.onnx")
    assert capfd.readouterr() == ("", "")


def test_a_path_that_is_no_file_is_refused(tmp_path: Path) -> None:
    file = write_onnx(tmp_path / "model.onnx", metadata=LEVEL)
    for path, message in (
        (tmp_path, "is a folder, a file is needed"),
        (tmp_path / "gone.onnx", "does not exist"),
        (file / "model.onnx", "cannot be read: not a directory"),
        (Path(os.devnull), "is a device or a pipe, an ONNX file is needed"),
    ):
        with pytest.raises(AudioFileError, match=message):
            open_model(path)
    with pytest.raises(ParameterError, match="path must be a path"):
        open_model(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (
            np.zeros((2, 128, 64), np.float32),
            r"mel is float32 of shape \(2, 128, 64\): pass an array of floats of shape",
        ),
        (np.zeros((1, 2, 64, 128), np.float32), r"of shape \(1, 2, 64, 128\)"),
        (np.zeros((1, 2, 128, 64), np.int64), "mel is int64"),
        ([0.0], "mel is list"),
        (np.full((2, 2, 128, 64), np.nan), "mel block 0 holds nan: power is finite and not negative"),
        (np.full((1, 2, 128, 64), 1e300), "mel block 0 holds inf"),
        (np.full((1, 2, 128, 64), -1.0), r"mel block 0 holds -1\.0"),
    ],
)
def test_what_is_no_mel_block_is_refused(blocks: Any, message: str, tmp_path: Path) -> None:
    model = open_model(write_onnx(tmp_path / "mean.onnx", metadata=LEVEL))
    with pytest.raises(AudioError, match=message):
        model.answers(blocks)


def test_an_answer_that_is_no_number_is_said_with_its_block(rng: np.random.Generator, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "mean.onnx", factor=3e38, metadata=LEVEL)
    blocks = mel(rng, 40)
    blocks[:35] *= 1e-6
    with pytest.raises(
        AudioFileError, match=r"answers inf for vocal_to_backing_lu of block 35: finite numbers"
    ):
        open_model(path).answers(blocks * np.float32(10.0))


def test_without_onnxruntime_one_line_names_the_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_onnx(tmp_path / "model.onnx", metadata=LEVEL)
    monkeypatch.setattr("mixrules._support.installed.is_installed", lambda package: package != "onnxruntime")
    with pytest.raises(MissingPackageError, match=r"needs onnxruntime, .* pip install 'mixrules\[predict\]'"):
        open_model(path)
