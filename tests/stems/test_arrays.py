"""Arrays get the care of a folder: what is left out, what is refused, and the words for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mixrules import Stems, mix
from mixrules.errors import AudioError, MixrulesError, ParameterError, StemsError

RATE = 22_050


def tone(seconds: float = 0.2, channels: int = 1) -> np.ndarray:
    samples = np.arange(round(seconds * RATE))
    return np.repeat(0.2 * np.sin(0.05 * samples)[:, None], channels, axis=1)


def refused(kind: type[MixrulesError], arrays: Any, *parts: str, **kwargs: Any) -> None:
    with pytest.raises(kind) as error:
        Stems.from_arrays(arrays, RATE, **kwargs)
    text = str(error.value)
    assert "\n" not in text
    for part in parts:
        assert part in text, text


@pytest.mark.parametrize("name", ["mix", "mixture", "Rough Mix", "master"])
def test_a_mixture_is_left_out(name: str) -> None:
    stems = Stems.from_arrays({"bass": tone(), name: tone(0.5, 2), "vocals": tone()}, RATE)
    assert stems.names == ("bass", "vocals")
    assert stems.notes == (f"{name} left out: it is a mixture",)
    assert stems.samples == len(tone())
    result = mix({"bass": tone(1.0), name: tone(1.0), "vocals": tone(1.0)}, sample_rate=RATE)
    assert [strip.name for strip in result.plan.stems] == ["bass", "vocals"]
    assert f"{name} left out: it is a mixture" in result.plan.notes


def test_a_guide_is_left_out() -> None:
    stems = Stems.from_arrays({"bass": tone(), "Click": tone()}, RATE)
    assert stems.names == ("bass",)
    assert stems.notes[0].startswith("Click left out: it is a guide")


def test_given_roles_decide_what_is_left_out() -> None:
    both = {"mix": tone(), "thing": tone()}
    assert Stems.from_arrays(both, RATE, {"mix": "other"}).names == ("mix", "thing")
    assert Stems.from_arrays(both | {"a": tone()}, RATE, {"thing": "mixture"}).names == ("a",)
    assert Stems.from_arrays(both | {"a": tone()}, RATE, {"thing": "guide"}).names == ("a",)
    with pytest.raises(StemsError, match="no stem 'mix', there are thing; mix left out: it is a mixture"):
        Stems.from_arrays(both, RATE).with_roles({"mix": "other"})


def test_nothing_left() -> None:
    refused(StemsError, {"mix": tone()}, "besides what is left out (mix)")
    refused(StemsError, {"a": np.zeros(9), "b": np.zeros(9)}, "every stem (a, b) is silent")
    refused(StemsError, {}, "no stems")


@pytest.mark.parametrize("name", [1, None, b"bass", ("a",), "", "  "])
def test_names_that_are_none(name: Any) -> None:
    refused(StemsError, {name: tone()}, "a stem's name must be text", repr(name))
    with pytest.raises(StemsError):
        mix({name: tone()}, sample_rate=RATE)


def test_one_name_in_two_spellings() -> None:
    refused(StemsError, {"M\u00e4dchen": tone(), "Ma\u0308dchen": tone()}, "several stems", "M\u00e4dchen")
    stems = Stems.from_arrays({"Ma\u0308dchen": tone()}, RATE, {"M\u00e4dchen": "vocal"})
    assert stems["Ma\u0308dchen"].role == "vocal"


@pytest.mark.parametrize(
    ("audio", "said"),
    [
        ((np.zeros(9), 44_100), "a tuple with 44100"),
        ([[0.1], [0.1, 0.2]], "cannot be made an array of samples"),
        ("vocals.wav", "load_stems reads files"),
        (None, "is None: pass an array"),
        (np.ones(9, bool), "bool samples"),
        (np.ones(9, np.int16), "audio / 32768"),
        (np.ones(9, complex), "an array of complex128"),
        (np.ones((2, 900)), "pass audio.T"),
        (np.ones((900, 3)), "at most 2"),
        (np.ones((3, 3, 3)), "shape (3, 3, 3)"),
        (np.float64(0.5), "shape ()"),
        (np.array([0.1, np.inf]), "inf at sample 1"),
    ],
)
def test_what_is_no_audio_names_the_stem(audio: Any, said: str) -> None:
    refused(AudioError, {"bass": tone(), "vocals": audio}, "'vocals'", said)


def test_odd_arguments() -> None:
    refused(StemsError, [tone()], "arrays by name", "got list")
    refused(ParameterError, {"a": tone()}, "'tuba' is not a role", roles={"a": "tuba"})
    refused(ParameterError, {"a": tone()}, "the key 3", roles={3: "bass"})


def test_an_accompaniment_beside_parts_is_left_out_or_doubted() -> None:
    parts = {name: tone() for name in ("vocals", "bass", "drums", "instrumental")}
    assert Stems.from_arrays(parts, RATE).notes == ("instrumental left out: drums and bass are parts of it",)
    parts = {name: tone() for name in ("vocals", "bass", "keys", "instrumental")}
    assert Stems.from_arrays(parts, RATE).notes == (
        "instrumental may hold the other stems already: if so, leave it out",
    )
    two = {name: tone() for name in ("vocals", "instrumental")}
    assert Stems.from_arrays(two, RATE).notes == ()


def test_notes_of_odd_names_are_one_line() -> None:
    arrays = {"vocals": tone(), "my\nclick": tone()}
    stems = Stems.from_arrays(arrays, RATE, {"my\nclick": "guide"})
    assert stems.notes == (r"my\nclick left out: it is a guide, no part of the song",)
    with pytest.raises(StemsError, match=r"my\\nclick left out: it is a guide") as error:
        stems.with_roles({"my\nclick": "keys"})
    assert "\n" not in str(error.value)
