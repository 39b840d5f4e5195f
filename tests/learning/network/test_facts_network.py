"""The layers of the networks of likelian/Lab_spring2022 (2022): a test a fact, and what ours do instead."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make test-deep has it")

from mixrules.corpus.tasks.mel_blocks import BLOCK_SHAPE  # noqa: E402
from mixrules.learning.network.mel_inputs import mel_inputs  # noqa: E402
from mixrules.learning.network.mel_network import MelInput, MelNetwork, parameter_count  # noqa: E402
from mixrules.learning.network.switches import NAMES, Switches, switches_of  # noqa: E402
from mixrules.learning.training.settings import settings_for  # noqa: E402

Mel = npt.NDArray[np.float32]
CORRECTED, FAITHFUL = Switches(), switches_of("faithful", "level")
ONES = np.ones((1, *BLOCK_SHAPE), np.float32)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def mel(rng: np.random.Generator) -> Mel:
    """Power over seven decades, as music's."""
    return np.asarray(10.0 ** rng.uniform(-4.0, 3.0, (6, *BLOCK_SHAPE)), np.float32)


def read(mel: Mel, switches: Switches, levels: str = "given", *, training: bool = False) -> Mel:
    """Return what the first convolution reads, shape (blocks, 2, 64, 128)."""
    layer = MelInput(switches, levels)
    layer.train(training)
    return np.asarray(layer(torch.from_numpy(mel)))


def amplified(mel: Mel, powers: list[float]) -> Mel:
    """Return blocks whose channels have so many times the power."""
    return mel * np.array(powers, np.float32)[:, np.newaxis, np.newaxis]


def answers(network: MelNetwork, mel: Mel) -> npt.NDArray[np.float64]:
    network.eval()
    with torch.no_grad():
        return np.asarray(network(torch.from_numpy(mel)).double())


@pytest.mark.parametrize("switches", [CORRECTED, FAITHFUL])
def test_it_reads_64_frames_of_128_bands_of_backing_and_vocal(mel: Mel, switches: Switches) -> None:
    assert mel.shape[1:] == (2, 128, 64)
    inputs = read(mel, switches)
    assert inputs.shape[1:] == (2, 64, 128)
    np.testing.assert_allclose(inputs, mel_inputs(mel, switches).transpose(0, 1, 3, 2), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("task", "outputs", "parameters"),
    [
        ("level", 1, 25_465),
        ("compression", 1, 25_465),
        ("eq", 9, 31_617),
        ("reverb-2022", 10, 32_386),
    ],
)
@pytest.mark.parametrize("name", ["faithful", "corrected"])
def test_how_many_parameters_it_has(task: str, outputs: int, parameters: int, name: str) -> None:
    settings = settings_for(task, name)
    network = MelNetwork(outputs, switches=settings.switches, width=settings.width)
    assert parameter_count(network) == parameters
    # Four convolutions with biases, a scale and an offset for each of their channels, and a linear layer.
    pairs = zip((2, 8, 16, 32), (8, 16, 32, 64), strict=True)
    assert parameters == sum(9 * a * b + b + 2 * b for a, b in pairs) + 769 * outputs


def test_four_times_convolution_normalisation_relu_and_pooling() -> None:
    network = MelNetwork(1, switches=FAITHFUL)
    kinds = [torch.nn.Conv2d, torch.nn.BatchNorm2d, torch.nn.ReLU, torch.nn.MaxPool2d]
    assert [type(layer) for layer in network.features] == [*kinds * 4, torch.nn.Flatten]
    convolutions = list(network.features)[:16:4]
    assert [layer.out_channels for layer in convolutions] == [8, 16, 32, 64]
    for layer in convolutions:
        assert (layer.kernel_size, layer.stride, layer.padding) == ((3, 3), (1, 1), (0, 0))
    assert {layer.kernel_size for layer in list(network.features)[3:16:4]} == {2}


def test_768_features_come_to_the_last_layer_and_30_percent_are_left_out_in_training(mel: Mel) -> None:
    network = MelNetwork(1, switches=FAITHFUL).train()
    features = network.features(network.input(torch.from_numpy(mel)))
    assert features.shape == (6, 768)
    assert network.linear.in_features == 768
    assert network.dropout.p == 0.3
    kept = network.dropout(torch.ones(100, 768))
    assert float((kept == 0).double().mean()) == pytest.approx(0.3, abs=0.01)
    assert float(network.eval().dropout(torch.ones(10, 768)).min()) == 1.0


def test_every_band_of_every_channel_had_the_norm_1_over_the_64_frames(mel: Mel) -> None:
    inputs = read(mel, FAITHFUL)
    np.testing.assert_allclose(np.linalg.norm(inputs, axis=2), 1.0, rtol=1e-5)
    # torch.nn.functional.normalize: x / max(|x|, 1e-12), over dimension 1 of one block of shape (2, 64, 128).
    block = mel[0].transpose(0, 2, 1).astype(np.float64)
    norm = np.sqrt(np.sum(np.square(block), axis=1, keepdims=True))
    np.testing.assert_allclose(inputs[0], block / np.maximum(norm, 1e-12), rtol=1e-5)
    of_torch = torch.nn.functional.normalize(torch.from_numpy(mel[0].transpose(0, 2, 1).copy()))
    np.testing.assert_allclose(inputs[0], of_torch, rtol=1e-6)


def test_the_power_was_read_without_a_logarithm(mel: Mel) -> None:
    only_power = CORRECTED.changed(on=["power_input"])
    np.testing.assert_array_equal(read(mel, only_power), mel.transpose(0, 1, 3, 2))
    gain = np.float32(4.0)
    np.testing.assert_array_equal(read(gain * mel, only_power), gain * read(mel, only_power))


def test_in_training_each_channel_of_a_batch_met_a_gain_between_0_and_1() -> None:
    only_gains = CORRECTED.changed(on=["power_input", "random_channel_gains"])
    drawn = []
    for _ in range(200):
        inputs = read(np.repeat(ONES, 3, axis=0), only_gains, training=True)
        assert (inputs == inputs[:1, :, :1, :1]).all()  # one number a channel and batch
        drawn.append(inputs[0, :, 0, 0])
    gains = np.array(drawn)
    assert (gains >= 0.0).all()
    assert (gains < 1.0).all()
    np.testing.assert_allclose(gains.mean(axis=0), 0.5, atol=0.07)
    np.testing.assert_allclose(gains.std(axis=0), 1 / np.sqrt(12), atol=0.04)
    assert abs(np.mean(np.prod(gains - gains.mean(axis=0), axis=1))) < 0.2 / 12
    np.testing.assert_array_equal(read(ONES, only_gains), ONES.transpose(0, 1, 3, 2))


@pytest.mark.parametrize("training", [False, True])
def test_the_corrected_network_meets_no_random_gains(mel: Mel, training: bool) -> None:
    one, again = (read(mel, CORRECTED, training=training) for _ in range(2))
    np.testing.assert_array_equal(one, again)


def test_a_gain_on_the_vocal_could_not_be_seen_by_the_published_network(mel: Mel) -> None:
    louder = amplified(mel, [1.0, 100.0])
    network = MelNetwork(1, switches=FAITHFUL)
    np.testing.assert_allclose(answers(network, louder), answers(network, mel), atol=1e-5)


def test_the_corrected_network_reads_db(mel: Mel) -> None:
    inputs = read(mel, CORRECTED).astype(np.float64)
    relative_db = 10 * np.log10(mel / mel.mean(axis=(1, 2, 3), keepdims=True, dtype=np.float64))
    np.testing.assert_allclose(
        20 * inputs - 40, np.maximum(relative_db, -80).transpose(0, 1, 3, 2), atol=1e-4
    )


def test_one_gain_for_both_channels_leaves_their_difference(mel: Mel) -> None:
    louder = amplified(mel, [1.0, 4.0])
    given = 20.0 * (read(louder, CORRECTED) - read(mel, CORRECTED))
    # Where neither is at the floor.
    inside = (read(mel, CORRECTED) > -1.9) & (read(louder, CORRECTED) > -1.9)
    moved_db = [np.mean(given[:, channel][inside[:, channel]]) for channel in (0, 1)]
    assert moved_db[1] - moved_db[0] == pytest.approx(10 * np.log10(4.0), abs=0.01)
    network = MelNetwork(1, switches=CORRECTED)
    assert np.abs(answers(network, louder) - answers(network, mel)).min() > 1e-4


def test_a_gain_for_each_channel_hides_their_difference(mel: Mel) -> None:
    changed = amplified(mel, [0.01, 30.0])
    np.testing.assert_allclose(read(changed, CORRECTED, "hidden"), read(mel, CORRECTED, "hidden"), atol=1e-5)
    network = MelNetwork(1, switches=CORRECTED, levels="hidden")
    np.testing.assert_allclose(answers(network, changed), answers(network, mel), atol=1e-5)


INPUT_SWITCHES = ("power_input", "time_normalization", "random_channel_gains")


@pytest.mark.parametrize("on", [on for n in range(4) for on in itertools.combinations(INPUT_SWITCHES, n)])
def test_hidden_levels_are_hidden_whatever_the_old_ways(mel: Mel, on: tuple[str, ...]) -> None:
    switches = CORRECTED.changed(on=on)
    network = MelNetwork(1, switches=switches, levels="hidden", scale=[10.0])
    answered = answers(network, mel)
    assert np.ptp(answered) > 1e-3
    for gain_db in (-20.0, 6.0, 30.0):
        louder = amplified(mel, [1.0, 10.0 ** (gain_db / 10.0)])
        np.testing.assert_allclose(answers(network, louder), answered, atol=1e-4)
        same = (mel_inputs(louder, switches, "hidden"), mel_inputs(mel, switches, "hidden"))
        np.testing.assert_allclose(*same, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize("on", [on for n in range(3) for on in itertools.combinations(INPUT_SWITCHES[:2], n)])
def test_numpy_reads_what_torch_reads(mel: Mel, on: tuple[str, ...], levels: str) -> None:
    switches = CORRECTED.changed(on=on)
    mel[0, 1] = 0.0
    expected = mel_inputs(mel, switches, levels).transpose(0, 1, 3, 2)
    np.testing.assert_allclose(read(mel, switches, levels), expected, rtol=1e-5, atol=1e-5)


def test_power_with_hidden_levels_is_divided_by_the_mean_of_its_channel(mel: Mel) -> None:
    inputs = read(mel, CORRECTED.changed(on=["power_input"]), "hidden")
    np.testing.assert_allclose(inputs.mean(axis=(2, 3)), 1.0, rtol=1e-5)
    # The published norm over time hides the levels by itself: nothing else is done.
    np.testing.assert_array_equal(read(mel, FAITHFUL, "hidden"), read(mel, FAITHFUL, "given"))


@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize("gain", [1e-6, 0.5, 1e6])
def test_a_common_gain_changes_nothing(mel: Mel, levels: str, gain: float) -> None:
    changed = np.float32(gain) * mel
    np.testing.assert_allclose(read(changed, CORRECTED, levels), read(mel, CORRECTED, levels), atol=1e-5)


def test_the_mean_of_a_songs_answers_is_the_answer_to_its_mean_features(mel: Mel) -> None:
    network = MelNetwork(3, switches=CORRECTED, offset=[1.0, 2.0, 3.0], scale=[4.0, 5.0, 6.0]).eval()
    with torch.no_grad():
        features = network.features(network.input(torch.from_numpy(mel)))
        pooled = network.linear(features.mean(dim=0))
        answer = network.offset + network.scale * pooled
    np.testing.assert_allclose(answers(network, mel).mean(axis=0), answer, rtol=1e-5)


def test_answers_are_in_the_units_of_the_targets(mel: Mel) -> None:
    network = MelNetwork(1, switches=FAITHFUL, offset=[5.0], scale=[25.0])
    torch.nn.init.zeros_(network.linear.weight)
    torch.nn.init.constant_(network.linear.bias, 0.4)
    np.testing.assert_allclose(answers(network, mel), 15.0, rtol=1e-6)


def _odd_blocks() -> dict[str, Mel]:
    rng = np.random.default_rng(3)
    blocks = {name: np.asarray(rng.gamma(0.5, 1.0, (4, *BLOCK_SHAPE)), np.float32) for name in (
        "silent vocal", "silent backing", "silence", "half-silent", "one frame", "one band",
        "full scale", "far beyond full scale", "denormal",
    )}  # fmt: skip
    blocks["silent vocal"][:, 1] = 0.0
    blocks["silent backing"][:, 0] = 0.0
    blocks["silence"][:] = 0.0
    blocks["half-silent"][..., :32] = 0.0
    blocks["one frame"][..., 1:] = 0.0
    blocks["one band"][:, :, 1:] = 0.0
    blocks["full scale"][:] = 2048.0**2
    blocks["far beyond full scale"] *= np.float32(1e15)
    blocks["denormal"] *= np.float32(1e-40)
    return blocks


@pytest.mark.parametrize("name", _odd_blocks())
@pytest.mark.parametrize("levels", ["given", "hidden"])
@pytest.mark.parametrize("on", [(), ("power_input", "time_normalization"), ("time_normalization",), NAMES])
def test_odd_blocks_are_read_and_learnt_from_without_nan(name: str, levels: str, on: tuple[str, ...]) -> None:
    mel = _odd_blocks()[name]
    switches = CORRECTED.changed(on=on)
    if not switches.power_input:
        inputs = read(mel, switches, levels)
        assert np.abs(inputs).max() <= 5.0
    network = MelNetwork(1, switches=switches, levels=levels)
    assert np.isfinite(answers(network, mel)).all()
    network.train()
    network(torch.from_numpy(mel)).square().mean().backward()
    for parameter in network.parameters():
        assert parameter.grad is not None
        assert bool(torch.isfinite(parameter.grad).all())
    assert np.isfinite(answers(network, mel)).all()


@pytest.mark.parametrize("levels", ["given", "hidden"])
def test_every_parameter_is_reached_by_the_gradient(mel: Mel, levels: str) -> None:
    network = MelNetwork(2, switches=CORRECTED, levels=levels).train()
    network(torch.from_numpy(mel)).square().mean().backward()
    # But for the convolutions' biases, which the normalisation after each takes out again.
    learnt = {name: parameter.grad for name, parameter in network.named_parameters()}
    for name, gradient in learnt.items():
        if name.endswith("weight") or name == "linear.bias":
            assert gradient is not None
            assert float(gradient.abs().max()) > 0.0, name
