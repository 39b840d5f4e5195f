from __future__ import annotations

import copy
import dataclasses
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixrules.corpus.tasks.settings import TASKS, DatasetSettings, make_task
from mixrules.errors import AudioFileError, MixrulesError, ParameterError
from mixrules.learning.model_files.model_description import ModelDescription
from mixrules.learning.model_files.model_file import open_model
from mixrules.learning.network.switches import switches_of

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")
for package in ("onnx", "onnxruntime"):
    pytest.importorskip(package, reason=f"{package} is not installed: make test-deep has it")

from mixrules.learning.model_files import onnx_export  # noqa: E402
from mixrules.learning.model_files.onnx_export import write_model  # noqa: E402
from mixrules.learning.network.mel_network import MelInput, MelNetwork  # noqa: E402


def network_for(task: str, kind: str = "corrected", *, levels: str = "given", width: int = 8) -> MelNetwork:
    """Return a network whose normalisation has seen some blocks and whose answers are not about 0."""
    outputs = len(make_task(DatasetSettings(task=task)).outputs)
    torch.manual_seed(len(task))
    offset, scale = np.linspace(-5.0, 5.0, outputs), np.linspace(1.0, 9.0, outputs)
    network = MelNetwork(
        outputs, switches=switches_of(kind, task), levels=levels, width=width, offset=offset, scale=scale
    )
    rng = np.random.default_rng(1)
    with torch.no_grad():
        for _ in range(3):
            network(torch.from_numpy(10.0 ** rng.uniform(-6, 2, (8, 2, 128, 64))).float())
    return network


def odd_blocks(scale: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return blocks of power: usual ones, ones without a backing, without a vocal, without anything, with gaps."""
    rng = np.random.default_rng(2)
    mel = (scale * rng.exponential(size=(6, 2, 128, 64)) * 10.0 ** rng.uniform(-4, 0, (6, 2, 128, 1))).astype(
        np.float32
    )
    mel[1, 0] = mel[2, 1] = mel[3] = 0.0
    mel[4, :, :, 10:] = 0.0
    mel[5, :, 64:] = 0.0
    return mel


@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize("kind", ["corrected", "faithful"])
@pytest.mark.parametrize("task", TASKS)
def test_onnxruntime_answers_as_torch_does(task: str, kind: str, levels: str, tmp_path: Path) -> None:
    network = network_for(task, kind, levels=levels)
    write_model(network, ModelDescription(task=task), tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    network.eval()
    for scale in (1e-30, 1e-6, 1.0, 1e6, 1e30):
        mel = odd_blocks(scale)
        with torch.no_grad():
            expected = network(torch.from_numpy(mel)).numpy()
        np.testing.assert_allclose(model.answers(mel), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize("switch", ["power_input", "time_normalization"])
def test_each_switch_of_the_input_is_in_the_file(switch: str, levels: str, tmp_path: Path) -> None:
    switches = switches_of("corrected", "level").changed(on=[switch])
    torch.manual_seed(0)
    network = MelNetwork(1, switches=switches, levels=levels).eval()
    write_model(network, ModelDescription(task="level"), tmp_path / "model.onnx")
    mel = odd_blocks(1.0)
    with torch.no_grad():
        expected = network(torch.from_numpy(mel)).numpy()
    np.testing.assert_allclose(open_model(tmp_path / "model.onnx").answers(mel), expected, rtol=1e-4)


@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize(
    "on", [(), ("power_input",), ("time_normalization",), ("power_input", "time_normalization")]
)
def test_a_gain_on_the_vocal_moves_the_answers_of_a_file_that_reads_the_level_alone(
    on: tuple[str, ...], levels: str, tmp_path: Path
) -> None:
    switches = switches_of("corrected", "level").changed(on=on)
    torch.manual_seed(0)
    network = MelNetwork(1, switches=switches, levels=levels, scale=[10.0]).eval()
    description = ModelDescription(task="level", switches=switches.on(), levels=levels)
    write_model(network, description, tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    mel = 10.0 ** np.random.default_rng(3).uniform(-4.0, 3.0, (4, 2, 128, 64))
    louder = mel * np.array([1.0, 10.0])[:, np.newaxis, np.newaxis]
    moved = float(np.abs(model.answers(louder) - model.answers(mel)).max())
    assert (moved > 1e-3) == model.description.reads_level
    assert moved > 1e-3 or moved < 1e-4


def test_the_same_network_gives_the_same_bytes_and_stays_as_it_is(tmp_path: Path) -> None:
    network = network_for("eq", width=4)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    description = ModelDescription(task="eq", network="corrected", versions={"b": "1", "a": "2"})
    in_training = copy.deepcopy(network).to(memory_format=torch.channels_last)  # as a training holds it
    digests = set()
    for own, versions in ((network, {"b": "1", "a": "2"}), (in_training, {"a": "2", "b": "1"})):
        write_model(own, dataclasses.replace(description, versions=versions), tmp_path / "model.onnx")
        digests.add(hashlib.sha256((tmp_path / "model.onnx").read_bytes()).hexdigest())
    assert len(digests) == 1
    assert open_model(tmp_path / "model.onnx").description == description
    assert network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_the_file_holds_what_was_learnt_by_its_names(tmp_path: Path) -> None:
    import onnx

    network = network_for("eq")
    write_model(network, ModelDescription(task="eq"), tmp_path / "model.onnx")
    held = {
        tensor.name: onnx.numpy_helper.to_array(tensor)
        for tensor in onnx.load(tmp_path / "model.onnx").graph.initializer
    }
    assert sum(held[name].size for name, _ in network.named_parameters()) == 31_617
    for name, value in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(held[name], value.numpy())


def test_the_answer_for_a_block_does_not_depend_on_its_neighbours(tmp_path: Path) -> None:
    write_model(network_for("eq"), ModelDescription(task="eq"), tmp_path / "model.onnx")
    model = open_model(tmp_path / "model.onnx")
    mel = np.tile(odd_blocks(1.0), (12, 1, 1, 1))
    one_by_one = np.concatenate([model.answers(block[np.newaxis]) for block in mel])
    np.testing.assert_allclose(model.answers(mel), one_by_one, rtol=1e-5, atol=1e-5)


def test_another_number_of_outputs_and_nan_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with pytest.raises(ParameterError, match="the network has 9 outputs, task level has 1"):
        write_model(network_for("eq"), ModelDescription(task="level"), path)
    network = network_for("level")
    with torch.no_grad():
        network.linear.bias[0] = float("nan")
    with pytest.raises(ParameterError, match=r"NaN or infinity in linear\.bias: it is not written"):
        write_model(network, ModelDescription(task="level"), path)
    network = network_for("level")
    network.features[2] = torch.nn.GELU()
    with pytest.raises(ParameterError, match=r"features\.2 is a layer GELU, which is not exported"):
        write_model(network, ModelDescription(task="level"), path)
    assert not path.exists()


def test_a_network_that_computes_something_else_is_not_written(tmp_path: Path) -> None:
    class Louder(MelInput):
        def forward(self, mel: Any) -> Any:
            return super().forward(mel) + 0.1

    network = network_for("level")
    network.input = Louder(network.input.switches, "given")
    with pytest.raises(MixrulesError, match=r"onnxruntime .* answers otherwise than torch .*, by up to 0"):
        write_model(network, ModelDescription(task="level"), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_an_older_file_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"older")
    network, description = network_for("level"), ModelDescription(task="level")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.write_bytes", full)
        with pytest.raises(AudioFileError, match=r"model\.onnx cannot be written: the disk is full"):
            write_model(network, description, path)
    assert [each.name for each in tmp_path.iterdir()] == ["model.onnx"]
    assert path.read_bytes() == b"older"
    with pytest.raises(AudioFileError, match="does not exist"):
        write_model(network, description, tmp_path / "gone" / "model.onnx")


def test_without_onnxruntime_a_model_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, description = network_for("level"), ModelDescription(task="level")
    write_model(network, description, tmp_path / "checked.onnx")
    monkeypatch.setattr(onnx_export, "is_installed", lambda package: False)
    write_model(network, description, tmp_path / "unchecked.onnx")
    assert (tmp_path / "checked.onnx").read_bytes() == (tmp_path / "unchecked.onnx").read_bytes()
