"""A left and a right are one stereo stem: by their names, in memory and on the disk, and apart again for a plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixrules import MixPlan, Stems, load_stems, mix, plan, render
from mixrules.errors import PlanError
from mixrules.stems.pairs import StereoPair, find_pairs

RATE = 22_050
RNG = np.random.default_rng(0)


def noise(seconds: float = 1.0, channels: int = 1, gain: float = 0.05) -> np.ndarray:
    return RNG.normal(0.0, gain, (round(seconds * RATE), channels)).astype(np.float32)


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("OH L", "OH R", "OH"),
        ("OH_L", "OH_R", "OH"),
        ("OHL", "OHR", "OH"),
        ("ohl", "ohr", "oh"),
        ("Gtr.L", "Gtr.R", "Gtr"),
        ("GtrL", "GtrR", "Gtr"),
        ("Keys Left", "Keys Right", "Keys"),
        ("KeysLeft", "KeysRight", "Keys"),
        ("Piano-L", "Piano-R", "Piano"),
        ("Room (L)", "Room (R)", "Room"),
        ("L OH", "R OH", "OH"),
        ("gtr l", "GTR R", "gtr"),
        ("OH L-01", "OH R-01", "OH-01"),
        ("Synth(L)_bip", "Synth(R)_bip", "Synth_bip"),
        ("05 OH L", "06 OH R", "05 OH"),
        ("Gtr 2 L", "Gtr 2 R", "Gtr 2"),
        ("Overheads links", "Overheads rechts", "Overheads"),
        ("Guitarra izq", "Guitarra der", "Guitarra"),
        ("Chitarra sx", "Chitarra dx", "Chitarra"),
        ("Guitare gauche", "Guitare droite", "Guitare"),
        ("Гитара левая", "Гитара правая", "Гитара"),
        ("ギター左", "ギター右", "ギター"),
        ("U\u0308ber L", "\u00dcber R", "\u00dcber"),
        ("L", "R", "L R"),
        ("Гитара левый", "Гитара правый", "Гитара"),
        ("Guitar venstre", "Guitar højre", "Guitar"),
        ("Hand Claps L", "Hand Claps R", "Hand Claps"),
        ("Main Vox L", "Main Vox R", "Main Vox"),
        ("Main L", "Main R", "Main"),
        ("Left Hand Mic L", "Left Hand Mic R", "Left Hand Mic"),
    ],
)
def test_names_of_a_pair(left: str, right: str, joined: str) -> None:
    for names in ((left, right), (right, left)):
        assert find_pairs(dict.fromkeys(names, "drums")) == {joined: (left, right)}


@pytest.mark.parametrize(
    "names",
    [
        ("OH L",),
        ("OH L", "OH C"),
        ("OH L", "Room R"),
        ("OH L", "OH_L", "OH R"),  # which of the two lefts?
        ("Vocal", "Vocar"),
        ("Tal", "Tar"),
        ("Piano LH", "Piano RH"),  # hands
        ("Piano Left Hand", "Piano Right Hand"),
        ("Piano LeftHand", "Piano RightHand"),
        ("Marimba Hand Left", "Marimba Hand Right"),
        ("Piano mano izquierda", "Piano mano derecha"),
        ("Piano main gauche", "Piano main droite"),
        ("Piano mano sinistra", "Piano mano destra"),
        ("Piano mão esquerda", "Piano mão direita"),
        ("Рояль левая рука", "Рояль правая рука"),
        ("Klavier linke Hand", "Klavier rechte Hand"),
        ("Gtr 1", "Gtr 2"),
        ("Solo", "Sor"),
    ],
)
def test_names_of_no_pair(names: tuple[str, ...]) -> None:
    assert find_pairs(dict.fromkeys(names, "unknown")) == {}


def test_numbered_pairs_keep_apart_and_roles_must_agree() -> None:
    numbered = ["1 Gtr L", "1 Gtr R", "2 Gtr L", "2 Gtr R"]
    assert list(find_pairs(dict.fromkeys(numbered, "guitar"))) == ["1 Gtr", "2 Gtr"]
    assert find_pairs({"OH L": "drums", "OH R": "cymbals"}) == {}
    centre = find_pairs(dict.fromkeys(("OH L", "OH C", "OH R"), "drums"))
    assert centre == {"OH": ("OH L", "OH R")}


def test_arrays_are_joined_at_their_levels() -> None:
    left, right = noise(1.0), noise(0.5, gain=0.2)
    given = {"Lead Vox": noise(), "OH R": right, "OH L": left}
    stems = Stems.from_arrays(given, RATE)
    assert stems.names == ("Lead Vox", "OH")
    assert stems["OH"].role == "drums"
    np.testing.assert_array_equal(stems["OH"].audio[:, :1], left)
    np.testing.assert_array_equal(stems["OH"].audio[: len(right), 1:], right)
    assert not stems["OH"].audio[len(right) :, 1].any()
    assert stems.notes[0] == "OH L and OH R joined to the stereo stem OH"
    assert "OH R: padded" in stems.notes[1]
    apart = Stems.from_arrays(given, RATE, join_pairs=False)
    assert apart.names == ("Lead Vox", "OH R", "OH L")


def test_stereo_stems_and_a_name_that_is_taken() -> None:
    given = {"OH L": noise(channels=2), "OH R": noise(channels=2)}
    assert Stems.from_arrays(given, RATE).names == ("OH L", "OH R")
    given = {"OH": noise(channels=2), "OH L": noise(), "OH R": noise()}
    assert Stems.from_arrays(given, RATE).names == ("OH", "OH L + OH R")


def test_roles_of_a_pair_by_either_name() -> None:
    given = {"Thing L": noise(), "Thing R": noise()}
    assert Stems.from_arrays(given, RATE)["Thing"].role == "unknown"
    assert Stems.from_arrays(given, RATE, roles={"Thing": "keys"})["Thing"].role == "keys"
    both = {"Thing L": "keys", "Thing R": "keys"}
    assert Stems.from_arrays(given, RATE, roles=both)["Thing"].role == "keys"
    assert Stems.from_arrays(given, RATE).with_roles({"Thing R": "keys"})["Thing"].role == "keys"


def test_overheads_fill_the_stereo_image() -> None:
    result = mix({"OH L": noise(3.0), "OH R": noise(3.0), "Lead Vox": noise(3.0)}, sample_rate=RATE)
    assert [strip.name for strip in result.plan.stems] == ["OH", "Lead Vox"]
    sides = result.stems["OH"]
    assert abs(np.corrcoef(sides[:, 0], sides[:, 1])[0, 1]) < 0.1
    assert "OH L and OH R joined to the stereo stem OH" in result.plan.notes


def song_folder(folder: Path) -> Path:
    folder.mkdir()
    for name, seconds in (("OH L", 1.0), ("OH R", 0.7), ("Lead Vox", 1.0)):
        soundfile.write(folder / f"{name}.wav", noise(seconds), RATE, subtype="FLOAT")
    return folder


@pytest.mark.parametrize("hold_mib", [448.0, 0.0], ids=["in memory", "on the disk"])
def test_a_folder(tmp_path: Path, hold_mib: float) -> None:
    folder = song_folder(tmp_path / "song")
    stems = load_stems(folder, hold_mib=hold_mib)
    assert stems.names == ("Lead Vox", "OH")
    assert stems["OH"].file_name is None
    assert stems["OH"].file_names == ("OH L.wav", "OH R.wav")
    assert isinstance(stems["OH"].audio, StereoPair) == (hold_mib == 0.0)
    assert "OH L and OH R joined to the stereo stem OH" in stems.notes
    assert "1 mono and 1 stereo stems are mixed together" in stems.notes
    held = load_stems(folder)
    np.testing.assert_array_equal(np.asarray(stems["OH"].audio), held["OH"].audio)
    np.testing.assert_array_equal(stems["OH"].read(100, 200), held["OH"].read(100, 200))
    assert load_stems(folder, join_pairs=False).names == ("Lead Vox", "OH L", "OH R")


@pytest.mark.parametrize("hold_mib", [448.0, 0.0], ids=["in memory", "on the disk"])
def test_a_plan_that_names_the_halves_still_renders(tmp_path: Path, hold_mib: float) -> None:
    folder = song_folder(tmp_path / "song")
    apart = load_stems(folder, join_pairs=False)
    of_halves = plan(apart)
    assert [strip.name for strip in of_halves.stems] == ["Lead Vox", "OH L", "OH R"]
    joined = load_stems(folder, hold_mib=hold_mib)
    np.testing.assert_array_equal(render(joined, of_halves), render(apart, of_halves))
    again = mix(joined, mix_plan=of_halves)
    assert all(s.holds for d in again.plan.decisions for s in d.statements)
    assert plan(joined, start=of_halves).stem("OH L").role == "drums"
    of_pair = plan(joined)
    assert [strip.name for strip in of_pair.stems] == ["Lead Vox", "OH"]
    with pytest.raises(PlanError, match="OH"):
        render(apart, of_pair)


def test_a_plan_that_names_one_half_fits_nothing() -> None:
    stems = Stems.from_arrays({"OH L": noise(), "OH R": noise()}, RATE)
    half = MixPlan(stems=tuple(s for s in plan(stems.named_as(["OH L", "OH R"])).stems if s.name == "OH L"))
    with pytest.raises(PlanError, match="the plan has OH L"):
        render(stems, half)
