"""The vocabulary of stem names: every entry can match and means one role."""

from __future__ import annotations

from collections import defaultdict

import pytest

from mixrules.stems.roles import ROLES, guess_role
from mixrules.stems.roles.name_folding import fold, spellings
from mixrules.stems.roles.name_words import phrases
from mixrules.stems.roles.words import WORDS
from mixrules.stems.roles.words import qualifiers as q
from mixrules.stems.roles.words.decorations import MODELS

MODEL_NAMES = [
    "htdemucs",
    "htdemucs_ft",
    "htdemucs_6s",
    "hdemucs_mmi",
    "mdx",
    "mdx_extra",
    "mdx_extra_q",
    "mdx23c",
    "MDX23C-8KFFT-InstVoc_HQ_2",
    "bs_roformer",
    "mel_band_roformer",
    "model_bs_roformer_ep_317_sdr_12.9755",
    "BS-Roformer-Viperx-1297",
    "model_mel_band_roformer_ep_3005_sdr_11.4360",
    "melband_roformer_instvox_duality_v2",
    "mel_band_roformer_karaoke_aufr33_viperx_sdr_10.1956",
    "UVR-MDX-NET-Inst_HQ_3",
    "UVR-MDX-NET-Voc_FT",
    "UVR_MDXNET_KARA_2",
    "Kim_Vocal_2",
    "kim_inst",
    "spleeter",
    "spleeter_5stems",
    "demucs",
    "demucs_v4",
    "lalal.ai",
    "split_by_lalalai",
    "moises",
    "RX_10",
    "iZotope_RX",
    "Ultimate_Vocal_Remover",
    "5_HP-Karaoke-UVR",
    "UVR-DeNoise",
    "UVR-DeEcho-DeReverb",
    "scnet",
    "umxhq",
]


def _entries(text: str) -> list[str]:
    return [entry for entry in (e.strip() for e in text.replace("|", ",").split(",")) if entry]


@pytest.mark.parametrize("language", WORDS)
def test_every_entry_guesses_its_own_role(language: str) -> None:
    wrong = {
        (entry, role, guess_role(entry).role)
        for role, text in WORDS[language].items()
        for entry in _entries(text)
        if guess_role(entry).role != role
    }
    assert not wrong


def test_no_phrase_has_two_roles() -> None:
    roles: dict[str, set[str]] = defaultdict(set)
    for of_language in WORDS.values():
        for role, text in of_language.items():
            for entry in _entries(text):
                roles[fold(entry)].add(role)
    assert not {entry: found for entry, found in roles.items() if len(found) > 1}
    assert set().union(*roles.values()) <= set(ROLES)


def test_every_hint_alone_guesses_its_role() -> None:
    guesses = {word: guess_role(word) for word in q.WEAK}
    assert {word: guess.role for word, guess in guesses.items()} == {
        w: role for w, (role, _) in q.WEAK.items()
    }
    assert all(guess.confidence <= 0.8 for guess in guesses.values())


@pytest.mark.parametrize(
    ("words", "beside", "role"),
    [
        (q.DOUBLES, "Lead Vox {}", "support"),
        (q.DOUBLES, "Gtr {}", "guitar"),
        (q.RETURNS, "Snare {}", "support"),
        (q.RETURNS, "Vox {} L", "support"),
        (q.GUIDES | q.LONE_GUIDES, "Vox {}", "guide"),
        (q.BACKINGS - set(phrases()), "{} Vox", "backing_vocal"),
    ],
)
def test_every_qualifier_does_its_part(words: frozenset[str], beside: str, role: str) -> None:
    assert len(words) > 20
    assert not {word for word in words if guess_role(beside.format(word)).role != role}


def test_german_and_nordic_letters_have_two_spellings() -> None:
    assert spellings("Flöte") == {"flote", "floete"}
    assert spellings("sång") == {"sang", "saang"}
    assert spellings("große") == {"grosse"}
    assert spellings("Bläser") == {"blaser", "blaeser"}


def test_sounds_of_japanese_and_syllables_of_korean_stay_whole() -> None:
    # "ba" is no "ha" with an accent, and a syllable is no row of letters.
    assert fold("バス") != fold("ハス")
    assert len(fold("보컬")) == 2
    assert fold("ﾎﾞｰｶﾙ") == "ボーカル"


@pytest.mark.parametrize(
    "model",
    MODEL_NAMES,
)
def test_names_of_models_do_not_decide(model: str) -> None:
    assert MODELS.sub("", model).strip("_- ") == ""
    for stem, role in (("Drums", "drums"), ("Bass", "bass"), ("Vocals", "vocal"), ("Guitar", "guitar")):
        assert guess_role(f"Song_({stem})_{model}.wav").role == role
