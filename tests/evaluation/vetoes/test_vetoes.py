"""Every veto fires on a song that was built to have its fault, and not on its mended twin."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest
from synthetic import RATE, clicks, noise

from mixrules.evaluation import Rendition
from mixrules.evaluation.vetoes import VETOES, HeardMix, vetoes_of
from mixrules.loudness import integrated_loudness
from mixrules.mixplan import MixPlan, ReverbBus, Send, starting_plan
from mixrules.processors import ReverbParams
from mixrules.stems import Stems

Audio = npt.NDArray[np.float32]
SECONDS = 6.0
TIMES = np.arange(round(SECONDS * RATE)) / RATE


def gain(audio: npt.NDArray[np.floating], db: float) -> Audio:
    return np.asarray(audio * 10.0 ** (db / 20.0), np.float32)


def sine(hz: float, peak: float = 0.1) -> Audio:
    return np.asarray(peak * np.sin(2.0 * np.pi * hz * TIMES), np.float32)


def stereo(left: Audio, right: Audio) -> Audio:
    return np.stack([left, right], axis=1)


def heard(
    given: Mapping[str, Audio],
    in_mix: Mapping[str, Audio] | None = None,
    *,
    plan: MixPlan | None = None,
    target_lufs: float | None = None,
    audio: Audio | None = None,
    join_pairs: bool = True,
) -> HeardMix:
    """A mix that is the sum of its stems, or the audio given."""
    stems = Stems.from_arrays(given, RATE, join_pairs=join_pairs)
    placed = {
        stem.name: np.broadcast_to(
            (in_mix or {}).get(stem.name, stem.audio).reshape(stems.samples, -1), (stems.samples, 2)
        )
        for stem in stems
    }
    whole = np.sum(list(placed.values()), axis=0) if audio is None else audio
    vocals = tuple(stem.name for stem in stems if stem.role == "vocal")
    return HeardMix(Rendition(whole, RATE, placed, vocals), stems, plan, target_lufs)


VOCALS = noise(SECONDS, 200, 5000, seed=1)
KEYS = noise(SECONDS, 200, 8000, seed=2)
BASS = noise(SECONDS, 40, 150, seed=3)
DRUMS = clicks(SECONDS, 120, seed=4)
BAND = {"vocals": VOCALS, "keys": gain(KEYS, -6.0), "bass": BASS, "drums": DRUMS}


def masked(mended: bool) -> HeardMix:
    return heard({"vocals": gain(VOCALS, 0.0 if mended else -12.0), "keys": KEYS})


def drowned(mended: bool) -> HeardMix:
    rise = np.where((TIMES > 2.0) & (TIMES < 5.5), 0.0 if mended else 14.0, 0.0)
    return heard({"vocals": VOCALS, "keys": np.asarray(KEYS * 10.0 ** (rise / 20.0), np.float32)})


def unheard(mended: bool) -> HeardMix:
    return heard({"piano": gain(KEYS, 0.0 if mended else -20.0), "guitar": noise(SECONDS, 100, 9000, seed=5)})


def support(mended: bool) -> HeardMix:
    return heard({**BAND, "vocals double": gain(VOCALS, -3.0 if mended else 3.0)})


def twice(mended: bool) -> HeardMix:
    kick = gain(DRUMS, 0.0)
    level_db = integrated_loudness(BASS, RATE) - integrated_loudness(kick, RATE)
    kick_in, kick_out = gain(kick, level_db), gain(kick, level_db)
    if mended:
        kick_in, kick_out = gain(kick_in, -6.0), gain(kick_out, -6.0)
    return heard({"Kick In": kick_in, "Kick Out": kick_out, "bass": BASS, "keys": gain(KEYS, -5.0)})


def clash(mended: bool) -> HeardMix:
    beats = (TIMES % 0.5 < 0.2).astype(np.float32)
    bass = sine(100.0 if mended else 62.0, 0.1)
    return heard({"kick": sine(60.0, 0.1) * beats, "bass": bass, "keys": KEYS})


def rumble(mended: bool) -> HeardMix:
    return heard({**BAND, "guitar": VOCALS + (0.0 if mended else 1.0) * sine(25.0, 0.06)})


def resonance(mended: bool) -> HeardMix:
    return heard({**BAND, "guitar": VOCALS + (0.0 if mended else 1.0) * sine(3100.0, 0.3)})


def sibilance(mended: bool) -> HeardMix:
    hiss = noise(SECONDS, 5000, 9500, seed=6) * (TIMES % 1.0 < 0.15)
    return heard({**BAND, "vocals": noise(SECONDS, 200, 3000, seed=1) + gain(hiss, -6.0 if mended else 6.0)})


def headroom(mended: bool) -> HeardMix:
    snare = np.zeros_like(KEYS)
    snare[RATE // 2 :: RATE] = 0.4 if mended else 3.0
    return heard({**BAND, "snare": snare}, target_lufs=-14.0)


def loudness(mended: bool) -> HeardMix:
    mix = heard(BAND)
    short_lu = -14.0 - mix.rendition.integrated_lufs() - (0.3 if mended else 0.7)
    return heard(BAND, audio=gain(mix.audio, short_lu), target_lufs=-14.0)


def lean(mended: bool) -> HeardMix:
    audio = heard(BAND).audio.copy()
    audio[:, 0] = gain(audio[:, 0], 2.5 if mended else 3.5)
    return heard(BAND, audio=audio)


def mono(mended: bool) -> HeardMix:
    right = noise(SECONDS, 200, 5000, seed=9)
    return heard(
        BAND, audio=stereo(VOCALS, gain(right, -2.0) + gain(VOCALS, -6.0) * (1.0 if mended else -1.0))
    )


def pair(mended: bool) -> HeardMix:
    left, right = KEYS, noise(SECONDS, 200, 8000, seed=8)
    together = stereo(left + 0.7 * right, right + 0.7 * left)
    return heard(
        {"vocals": VOCALS, "Gtr L": left, "Gtr R": right},
        {"Gtr": stereo(left, right) if mended else together},
    )


def fog(mended: bool) -> HeardMix:
    rap = {"vocals": clicks(SECONDS, 330), "keys": KEYS}
    plan = starting_plan(Stems.from_arrays(rap, RATE))
    plan = plan.replace(reverbs=(ReverbBus(name="room", params=ReverbParams(t60_s=0.4 if mended else 2.4)),))
    return heard(rap, plan=plan.replace_stem("vocals", sends=(Send(to="room", level_db=-10.0),)))


def hum(mended: bool) -> HeardMix:
    playing = (TIMES < 3.0).astype(np.float32)
    given = {name: audio * playing for name, audio in BAND.items()}
    given["vocals"] = given["vocals"] + gain(noise(SECONDS, 100, 9000, seed=7), -60.0 if mended else -35.0)
    return heard(given)


def click(mended: bool) -> HeardMix:
    audio = heard(BAND).audio.copy()
    start = 0.2 * np.cos(2.0 * np.pi * 80.0 * TIMES[: RATE // 10])
    audio[: start.size] = start[:, np.newaxis]
    if mended:
        rise = np.linspace(0.0, 1.0, 100)[:, np.newaxis]
        audio[:100] *= rise
        audio[-100:] *= rise[::-1]
    return heard(BAND, audio=audio)


FAULTS: dict[str, Callable[[bool], HeardMix]] = {
    "lead_vocal_masked": masked,
    "lead_vocal_drowned": drowned,
    "unheard_part": unheard,
    "support_above_lead": support,
    "counted_twice": twice,
    "kick_bass_clash": clash,
    "rumble": rumble,
    "resonance": resonance,
    "sibilance": sibilance,
    "headroom_eaten": headroom,
    "loudness_missed": loudness,
    "stereo_lean": lean,
    "mono_loss": mono,
    "pair_not_apart": pair,
    "reverb_over_notes": fog,
    "noise_in_pauses": hum,
    "click_at_an_end": click,
}
STEMS = {
    "unheard_part": ("piano",),
    "support_above_lead": ("vocals double",),
    "counted_twice": ("Kick In", "Kick Out"),
    "rumble": ("guitar",),
    "sibilance": ("vocals",),
    "headroom_eaten": ("snare",),
    "pair_not_apart": ("Gtr",),
    "reverb_over_notes": ("vocals",),
}


def test_every_veto_has_a_song_with_its_fault() -> None:
    assert set(FAULTS) == set(VETOES)
    assert all(name == veto.name for name, veto in VETOES.items())


@pytest.mark.parametrize("name", FAULTS)
def test_a_veto_fires_on_its_fault_and_not_on_the_mended_song(name: str) -> None:
    veto = VETOES[name]
    fault, mended = veto.of(FAULTS[name](False)), veto.of(FAULTS[name](True))
    assert fault.fires, fault
    assert not mended.fires, mended
    assert math.isfinite(mended.value) or name == "pair_not_apart"
    assert fault.stems == STEMS.get(name, ())


def test_a_good_mix_is_sent_back_by_no_line() -> None:
    fired = {name for name, line in vetoes_of(heard(BAND)).items() if line.fires}
    assert fired == set()
