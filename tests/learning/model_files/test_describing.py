from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx_files import MEL, write_onnx

from mixrules.errors import AudioFileError, MissingPackageError, ParameterError
from mixrules.learning.model_files.describing import describe_model
from mixrules.learning.model_files.model_description import METADATA_KEY, ModelDescription
from mixrules.learning.model_files.model_file import open_model

for package in ("onnx", "onnxruntime"):
    pytest.importorskip(package, reason=f"{package} is not installed: make test-deep has it")


def test_a_described_file_is_opened_like_ours(rng: np.random.Generator, tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "mine.onnx", outputs=9, factor=2.0, metadata={"author": "me"})
    model = describe_model(path, task="eq", name="my equaliser", medians=[0.0] * 9)
    assert (model.name, model.description.task, model.description.network) == ("my equaliser", "eq", "")
    assert model.description.medians == (0.0,) * 9
    again = open_model(path)
    assert again.description == model.description
    mel = rng.exponential(size=(3, 2, 128, 64)).astype(np.float32)
    np.testing.assert_allclose(
        again.answers(mel), np.tile(2.0 * mel.mean(axis=(1, 2, 3))[:, np.newaxis], 9), rtol=1e-5
    )
    import onnx

    props = {prop.key: prop.value for prop in onnx.load(path).metadata_props}
    assert props == {"author": "me", METADATA_KEY: model.description.in_json()}


def test_a_description_can_be_given_anew_but_ours_stays(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "mine.onnx")
    describe_model(path, task="level")
    assert describe_model(path, task="compression", name="range").description.task == "compression"
    ours = {METADATA_KEY: ModelDescription(task="level", network="corrected").in_json()}
    write_onnx(path, metadata=ours)
    before = path.read_bytes()
    with pytest.raises(
        AudioFileError, match="was written by mixrules train, with a description for task level"
    ):
        describe_model(path, task="level", name="mine")
    assert path.read_bytes() == before


def test_a_name_that_is_no_text_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = write_onnx(tmp_path / "mine.onnx")
    before = path.read_bytes()
    with pytest.raises(ParameterError, match=r"^name must be a text, got 3$"):
        describe_model(path, task="level", name=3)  # type: ignore[arg-type]
    assert path.read_bytes() == before


def test_weights_in_a_file_of_their_own_stay_there(tmp_path: Path) -> None:
    import onnx

    path = write_onnx(tmp_path / "mine.onnx", outputs=9, factor=2.0)
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="mine.data", size_threshold=60)
    weights = (tmp_path / "mine.data").read_bytes()
    model = describe_model(path, task="eq")
    assert (tmp_path / "mine.data").read_bytes() == weights
    assert {each.name for each in tmp_path.iterdir()} == {"mine.onnx", "mine.data"}
    np.testing.assert_allclose(model.answers(np.ones((1, *MEL[1:]), np.float32)), np.full((1, 9), 2.0))
    (tmp_path / "mine.data").unlink()
    with pytest.raises(AudioFileError, match=r"mine\.onnx is not an ONNX file that onnxruntime .* can open"):
        open_model(path)


@pytest.mark.parametrize(
    ("made", "asked", "error", "message"),
    [
        ({}, {"task": "loudness"}, ParameterError, "there is no task 'loudness'"),
        (
            {},
            {"task": "level", "medians": [1.0, 2.0]},
            ParameterError,
            "medians must be a finite number for each of 1",
        ),
        (
            {},
            {"task": "level", "medians": 3.0},
            ParameterError,
            "medians must be a finite number for each of 1",
        ),
        ({}, {"task": "level", "levels": "seen"}, ParameterError, "there is no choice for levels 'seen'"),
        ({}, {"task": "eq"}, AudioFileError, r"task eq needs tensor\(float\) of shape \(blocks, 9\)"),
        (
            {"shape": ("blocks", 2, 64, 128)},
            {"task": "level"},
            AudioFileError,
            r"mel blocks are tensor\(float\) of",
        ),
        (
            {"factor": float("nan")},
            {"task": "level"},
            AudioFileError,
            "answers nan for vocal_to_backing_lu of block 0",
        ),
        (
            {"metadata": {METADATA_KEY: '{"format": "mixrules-model", "format_version": 9}'}},
            {"task": "level"},
            AudioFileError,
            "is of version 9 of mixrules-model, this mixrules reads 1",
        ),
    ],
)
def test_what_cannot_be_used_is_not_described(
    made: dict[str, Any], asked: dict[str, Any], error: type[Exception], message: str, tmp_path: Path
) -> None:
    path = write_onnx(tmp_path / "mine.onnx", **made)
    before = path.read_bytes()
    with pytest.raises(error, match=message):
        describe_model(path, **asked)
    assert path.read_bytes() == before


def test_a_file_that_is_none_and_a_missing_package_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "text.onnx").write_text("a model")
    with pytest.raises(AudioFileError, match=r"text\.onnx is not an ONNX file"):
        describe_model(tmp_path / "text.onnx", task="level")
    monkeypatch.setattr("mixrules._support.installed.is_installed", lambda package: package != "onnx")
    with pytest.raises(MissingPackageError, match=r"needs onnx, .* pip install 'mixrules\[deep\]'"):
        describe_model(tmp_path / "text.onnx", task="level")


def own_network(torch: Any, *, pooled: bool = False) -> Any:
    """Return a network as somebody else would write it: dB in, bands as features, a hidden layer."""

    class Mine(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.layers = torch.nn.Sequential(
                torch.nn.Linear(256, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)
            )

        def forward(self, mel: Any) -> Any:
            bands_db = (10.0 * torch.log10(mel + 1e-9)).mean(dim=3).flatten(1)
            answers = 6.0 * self.layers(bands_db / 40.0) - 3.0
            return answers.mean(dim=0, keepdim=True) if pooled else answers

    torch.manual_seed(0)
    return Mine().eval()


def exported(torch: Any, network: Any, path: Path, *, blocks: int, free: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (torch.rand(blocks, *MEL[1:]),),
            str(path),
            input_names=["mel"],
            dynamic_axes={"mel": {0: "blocks"}} if free else {},
            dynamo=False,
        )


@pytest.mark.parametrize("free", [True, False])
def test_a_network_of_ones_own_from_torch_works(free: bool, rng: np.random.Generator, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
    network = own_network(torch)
    exported(torch, network, tmp_path / "mine.onnx", blocks=2 if free else 1, free=free)
    model = describe_model(tmp_path / "mine.onnx", task="level", medians=[-2.5])
    mel = rng.exponential(size=(40, 2, 128, 64)).astype(np.float32)
    mel[3] = 0.0
    with torch.no_grad():
        expected = network(torch.from_numpy(mel)).numpy()
    np.testing.assert_allclose(model.answers(mel), expected, rtol=1e-4)
    assert model.name == "mine.onnx"


def test_a_network_that_averages_over_blocks_is_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
    exported(torch, own_network(torch, pooled=True), tmp_path / "mine.onnx", blocks=2, free=True)
    with pytest.raises(AudioFileError, match=r"answers in shape \(1, 1\), \(3, 1\) is needed"):
        describe_model(tmp_path / "mine.onnx", task="level")
