"""Every veto fires on a song that was built to have its fault, and not on its mended twin."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pytest
from scipy.signal import fftconvolve
from synthetic import RATE, clicks, noise

from mixrules.analysis import left_at_next_note
from mixrules.errors import ParameterError
from mixrules.evaluation import Rendition
from mixrules.evaluation.vetoes import VETOES, HeardMix, VetoResult, vetoes_of
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


def test_sides_mono_and_target_are_what_powers_say() -> None:
    mix = heard(BAND, audio=stereo(VOCALS, gain(KEYS, -4.0)), target_lufs=-20.0)
    left, right = (np.mean(np.square(side, dtype=np.float64)) for side in mix.audio.T)
    mono = np.mean(np.square(mix.audio.sum(axis=1, dtype=np.float64))) / 2.0
    found = vetoes_of(mix)
    assert found["stereo_lean"].value == pytest.approx(10.0 * np.log10(left / right), abs=1e-4)
    assert found["mono_loss"].value == pytest.approx(10.0 * np.log10((left + right) / mono), abs=1e-4)
    assert found["loudness_missed"].value == pytest.approx(abs(integrated_loudness(mix.audio, RATE) + 20.0))


def test_a_silent_side_and_a_side_in_opposite_phase_are_far_but_finite() -> None:
    found = vetoes_of(heard(BAND, audio=stereo(VOCALS, np.zeros_like(VOCALS))))
    assert found["stereo_lean"] == VetoResult(value=200.0, fires=True)
    assert vetoes_of(heard(BAND, audio=stereo(VOCALS, -VOCALS)))["mono_loss"].fires


@pytest.mark.parametrize(("gap_s", "t60_s"), [(0.1, 2.0), (0.25, 1.2), (0.5, 0.6)])
def test_what_is_left_of_a_reverb_is_that_of_a_decay_fed_again_and_again(gap_s: float, t60_s: float) -> None:
    rate, gap = 10_000, round(gap_s * 10_000)
    feeds = np.zeros(rate * 8)
    feeds[::gap] = 1.0
    power = fftconvolve(feeds, 10.0 ** (-6.0 * np.arange(rate * 4) / rate / t60_s))[: feeds.size]
    last = power[-(feeds.size % gap) - gap : feeds.size - feeds.size % gap]
    assert left_at_next_note(gap_s, t60_s) == pytest.approx(last[-1] / last.mean(), rel=0.01)


def test_rumble_is_the_power_between_two_frequencies() -> None:
    mix = heard({"guitar": KEYS + sine(25.0, 0.02), "piano": VOCALS + sine(35.0, 0.02), "bass": BASS})
    total = np.mean(np.square(mix.audio, dtype=np.float64))
    found = VETOES["rumble"].function(mix)
    assert found["guitar"] == pytest.approx(10.0 * np.log10(0.02**2 / 2 / total), abs=0.2)
    assert found["piano"] < found["guitar"] - 20.0  # 35 Hz may be played
    assert "bass" not in found


def test_limiting_goes_on_the_account_of_the_stem_that_peaks() -> None:
    snare = np.zeros_like(KEYS)
    snare[RATE] = 0.9
    mix = heard({"keys": gain(KEYS, -20.0), "snare": snare}, target_lufs=-14.0)
    found = VETOES["headroom_eaten"].function(mix)
    gain_db = -14.0 - integrated_loudness(mix.audio, RATE)
    peaks = [20.0 * np.log10(np.abs(audio).max()) + gain_db + 1.0 for audio in (mix.audio, mix.stem("keys"))]
    assert found["snare"] == pytest.approx(peaks[0] - max(peaks[1], 0.0), abs=1e-3)
    assert VETOES["headroom_eaten"].of(heard({"keys": KEYS, "snare": snare})).value < 3.0


def test_the_words_of_a_name_and_the_sound_say_what_one_instrument_is() -> None:
    late = np.concatenate([np.zeros(round(0.004 * RATE), np.float32), KEYS])[: KEYS.size]
    one = heard({"Gtr clean": KEYS, "Gtr dirty": -late, "bass": gain(BASS, -12.0)})
    two = heard({"Gtr clean": KEYS, "Gtr dirty": VOCALS, "bass": gain(BASS, -12.0)})
    assert VETOES["counted_twice"].of(one).stems == ("Gtr clean", "Gtr dirty")
    assert math.isnan(VETOES["counted_twice"].of(two).value)


def test_a_pair_that_was_not_joined_is_looked_at_too() -> None:
    left, right = KEYS, noise(SECONDS, 200, 8000, seed=8)
    given = {"Gtr L": left, "Gtr R": right, "vocals": VOCALS}
    silence = np.zeros_like(left)
    apart = {"Gtr L": stereo(left, silence), "Gtr R": stereo(silence, right)}
    assert VETOES["pair_not_apart"].of(heard(given, join_pairs=False)).fires
    assert not VETOES["pair_not_apart"].of(heard(given, apart, join_pairs=False)).fires
    swapped = {"Gtr L": apart["Gtr L"][:, ::-1], "Gtr R": apart["Gtr R"][:, ::-1]}
    assert not VETOES["pair_not_apart"].of(heard(given, swapped, join_pairs=False)).fires


ODD: dict[str, tuple[dict[str, Audio], int]] = {
    "one sample": ({"vocals": np.full(1, 0.5, np.float32), "keys": np.full(1, 0.5, np.float32)}, RATE),
    "one stem": ({"vocals": VOCALS}, RATE),
    "silent vocal": ({"vocals": np.zeros_like(KEYS), "keys": KEYS}, RATE),
    "8 kHz": ({"vocals": VOCALS, "kick": DRUMS, "bass": BASS}, 8000),
    "192 kHz": ({"vocals": VOCALS, "kick": DRUMS, "bass": BASS}, 192_000),
    "short": ({name: audio[:200] for name, audio in BAND.items()}, RATE),
    "many": ({f"keys {i}": gain(KEYS[: RATE // 2], -i / 10) for i in range(40)}, RATE),
    "vocals alone": ({"vocals 1": VOCALS, "vocals 2": KEYS}, RATE),
}


@pytest.mark.parametrize("case", ODD)
def test_odd_songs_have_an_answer_to_every_line(case: str) -> None:
    arrays, rate = ODD[case]
    stems = Stems.from_arrays(arrays, rate)
    found = vetoes_of(HeardMix.of_plan(starting_plan(stems), stems))
    assert list(found) == list(VETOES)
    assert all(math.isnan(line.value) or abs(line.value) <= 200.0 for line in found.values())


def test_finished_audio_without_stems_and_silence_have_an_answer_too() -> None:
    stems = Stems.from_arrays(BAND, RATE)
    alone = vetoes_of(HeardMix(Rendition(VOCALS, RATE), stems))
    assert not math.isnan(alone["stereo_lean"].value)
    assert math.isnan(alone["unheard_part"].value)
    silent = vetoes_of(HeardMix(Rendition(np.zeros((RATE, 2), np.float32), RATE), stems, None, -14.0))
    assert not any(line.fires for line in silent.values())


def test_a_veto_is_refused_without_words_or_bound() -> None:
    with pytest.raises(ParameterError, match="a veto needs name, about, measured and source"):
        dataclasses.replace(VETOES["rumble"], source="")
    with pytest.raises(ParameterError, match="threshold must be a finite number"):
        dataclasses.replace(VETOES["rumble"], threshold=math.nan)
