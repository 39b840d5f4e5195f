"""One gain for the songs of an album, read by libebur128."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pyebur128
import pytest
from reference_meters import libebur128
from synthetic import RATE, Samples, clicks, noise

from mixrules import Stems, render
from mixrules.decision import Decision
from mixrules.loudness import LoudnessMeter
from mixrules.mixplan import MasterPlan
from mixrules.rules.album_gain import AlbumGain, SongSum, album_gain, with_album_gain
from mixrules.rules.master import LimitSettings, NormaliseSettings
from mixrules.session import Session

LIMIT = LimitSettings(
    target_lufs=-30.0,
    ceiling_dbtp=-1.0,
    max_corrections=4,
    close_lu=0.02,
    reached_lu=0.1,
    max_limiting_db=3.0,
    limiter_margin_db=0.02,
    lookahead_ms=2.0,
    release_ms=80.0,
)
TOO_LOUD = dataclasses.replace(LIMIT, target_lufs=-8.0)
NORMALISE = NormaliseSettings(
    target_lufs=-8.0, ceiling_dbtp=-1.0, max_corrections=4, close_lu=0.02, reached_lu=0.1
)


def stereo(audio: Samples, gain: float = 1.0) -> Samples:
    return (gain * np.repeat(audio[:, None], 2, axis=1)).astype(np.float32)


LOUD, SOFT = stereo(noise(3.0, 100, 5000)), stereo(noise(3.0, 100, 5000, seed=1), 0.4)
PEAKS = stereo(clicks(3.0, 60), 2.0)
"""Two songs that are steady, and one whose peaks are far above its loudness."""


def summed(song: str, audio: Samples) -> SongSum:
    """What the sum of a song measures."""
    meter = LoudnessMeter(RATE, audio.shape[1])
    meter.update(audio)
    return SongSum(song=song, energies=meter.block_energies(), true_peak_dbtp=meter.result().true_peak_dbtp)


def together_lufs(*songs: Samples) -> float:
    """Loudness of several songs as of one programme, by libebur128."""
    states = []
    for audio in songs:
        state = pyebur128.R128State(audio.shape[1], RATE, pyebur128.MeasurementMode.MODE_I)
        state.add_frames(np.ascontiguousarray(audio, np.float64).ravel(), audio.shape[0])
        states.append(state)
    return float(pyebur128.get_loudness_global_multiple(states))


def scaled(gain: AlbumGain, *songs: Samples) -> list[Samples]:
    return [audio * 10.0 ** (gain.gain_db / 20.0) for audio in songs]


def decided(
    audio: Samples, settings: NormaliseSettings, album: AlbumGain
) -> tuple[Decision, MasterPlan, Samples]:
    """What a song gets, its master and its mix."""
    session = Session(Stems.from_arrays({"piano": audio}, RATE))
    session.apply(with_album_gain(session, settings, album))
    (decision,) = session.plan.decisions
    return decision, session.plan.master, render(session.stems, session.plan)


def test_the_album_reaches_the_target_together() -> None:
    gain = album_gain("Blue", [summed("loud", LOUD), summed("soft", SOFT)], LIMIT)
    before_lufs = together_lufs(LOUD, SOFT)
    assert gain.before_lufs == pytest.approx(before_lufs, abs=0.01)
    assert gain.gain_db == pytest.approx(-30.0 - before_lufs, abs=0.03)
    assert together_lufs(*scaled(gain, LOUD, SOFT)) == pytest.approx(gain.reached_lufs, abs=0.01)
    assert gain.reached_lufs == pytest.approx(-30.0, abs=0.02)
    assert (gain.songs, gain.held_back_by) == (2, "")


@pytest.mark.parametrize(("settings", "most_dbtp"), [(TOO_LOUD, 2.0), (NORMALISE, -1.0)])
def test_the_highest_peak_keeps_the_album_quieter_than_the_target(
    settings: NormaliseSettings, most_dbtp: float
) -> None:
    gain = album_gain("Blue", [summed("soft", SOFT), summed("peaks", PEAKS), summed("loud", LOUD)], settings)
    assert gain.held_back_by == "peaks"
    assert gain.gain_db == pytest.approx(most_dbtp - libebur128(PEAKS, RATE).true_peak_dbtp, abs=0.1)
    reached_lufs = together_lufs(*scaled(gain, LOUD, SOFT, PEAKS))
    assert gain.reached_lufs == pytest.approx(reached_lufs, abs=0.01)
    assert reached_lufs < -9.0
    # The others would have reached it.
    assert not album_gain("Blue", [summed("loud", LOUD)], TOO_LOUD).held_back_by


def test_a_song_of_an_album_that_is_held_back_says_by_which() -> None:
    album = album_gain("Blue", [summed("soft", SOFT), summed("peaks", PEAKS)], TOO_LOUD)
    decision, master, audio = decided(SOFT, TOO_LOUD, album)
    assert master == MasterPlan(gain_db=album.gain_db)
    assert libebur128(audio, RATE).integrated_lufs == pytest.approx(decision.statements[0].stated, abs=0.02)
    short_lu = -8.0 - album.reached_lufs
    assert decision.sentence.endswith(
        f"by that gain the album reaches {album.reached_lufs:.1f} LUFS, {short_lu:.1f} LU under the target of -8 LUFS: "
        "more would need over 3 dB of limiting in peaks."
    )
    decision, master, audio = decided(PEAKS, TOO_LOUD, album)
    assert master.gain_db == album.gain_db
    assert master.limiter is not None
    assert libebur128(audio, RATE).true_peak_dbtp == pytest.approx(-1.0, abs=0.05)
    assert (
        " dB, the gain of all 2 songs of the album Blue, 3.0 dB of limiting, and reaches "
        in decision.sentence
    )


def test_without_a_limiter_the_ceiling_is_what_holds_it_back() -> None:
    album = album_gain("", [summed("peaks", PEAKS)], NORMALISE)
    decision, master, audio = decided(PEAKS, NORMALISE, album)
    assert master == MasterPlan(gain_db=album.gain_db)
    assert libebur128(audio, RATE).true_peak_dbtp == pytest.approx(-1.0, abs=0.05)
    assert "the gain of the only song of the album, and reaches " in decision.sentence
    assert decision.sentence.endswith(": more gain would pass -1 dBTP in peaks.")


def test_an_album_under_the_gate_gets_no_gain() -> None:
    quiet = SOFT * np.float32(1e-4)
    album = album_gain("Blue", [summed("one", quiet), summed("two", np.zeros_like(quiet))], LIMIT)
    assert (album.gain_db, album.before_lufs, album.reached_lufs) == (0.0, -math.inf, -math.inf)
    decision, master, _ = decided(quiet, LIMIT, album)
    assert master == MasterPlan()
    assert decision.sentence == "The mix gets no gain: the album Blue is too quiet to have a loudness."


def test_a_song_under_the_gate_gets_the_gain_of_its_album_and_states_no_loudness() -> None:
    quiet = SOFT * np.float32(1e-4)
    album = album_gain("Blue", [summed("loud", LOUD), summed("quiet", quiet)], LIMIT)
    assert album.gain_db == album_gain("Blue", [summed("loud", LOUD)], LIMIT).gain_db
    decision, master, _ = decided(quiet, LIMIT, album)
    assert master.gain_db == album.gain_db
    assert [statement.kind for statement in decision.statements] == ["mix_true_peak_dbtp"]
