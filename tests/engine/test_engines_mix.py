"""The demo song up to its break through both engines: the same decisions, nearly the same mix, and a true report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from statement_checks import assert_true

from mixrules.cli import main
from mixrules.demo.composition import BEATS_A_BAR, SECONDS_A_BEAT
from mixrules.files import read_audio, write_audio
from mixrules.loudness import integrated_loudness, measure
from mixrules.mix_result import MixResult
from mixrules.mixer import mix, render
from mixrules.mixplan import MasterPlan
from mixrules.stems import Stems

RATE = 44_100
BARS = 10


@pytest.fixture(scope="module")
def song(demo_song: dict[str, np.ndarray]) -> Stems:
    """Intro, verse and chorus."""
    samples = round(BARS * BEATS_A_BAR * SECONDS_A_BEAT * RATE)
    return Stems.from_arrays({name: audio[:samples] for name, audio in demo_song.items()}, RATE)


@pytest.fixture(scope="module")
def folder(song: Stems, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    for stem in song:
        write_audio(folder / f"{stem.name}.wav", stem.audio, RATE, subtype="PCM_24")
    return folder


@pytest.fixture(scope="module")
def native(song: Stems) -> MixResult:
    return mix(song)


@pytest.fixture(scope="module")
def hosted(song: Stems) -> MixResult:
    return mix(song, engine="pedalboard")


def test_every_stem_is_as_loud_in_both(native: MixResult, hosted: MixResult) -> None:
    for name, audio in native.stems.items():
        ours, theirs = integrated_loudness(audio, RATE), integrated_loudness(hosted.stems[name], RATE)
        assert theirs == pytest.approx(ours, abs=0.2), name


def test_both_obey_the_ceiling(native: MixResult, hosted: MixResult) -> None:
    for result in (native, hosted):
        limiter = result.plan.master.limiter
        assert limiter is not None
        assert result.loudness.true_peak_dbtp <= limiter.ceiling_dbtp


def test_the_report_of_the_second_engine_is_true(song: Stems, hosted: MixResult) -> None:
    statements = [s for d in hosted.plan.decisions if not d.superseded for s in d.statements]
    assert len(statements) > 10
    assert_true(hosted.plan)
    kinds = {s.kind for s in statements if s.holds}
    assert {"stem_loudness_range_lu", "reverb_t60_s", "mix_integrated_lufs", "mix_true_peak_dbtp"} <= kinds


def test_one_plan_sounds_alike_in_both(song: Stems, native: MixResult) -> None:
    audio = render(song, native.plan, engine="pedalboard")
    assert len(audio) == len(native.audio)
    assert measure(audio, RATE).integrated_lufs == pytest.approx(native.loudness.integrated_lufs, abs=1.0)
    # Without compressors and limiters, where the two engines are different by design, there is
    # next to nothing between them.
    plan = native.plan.replace(master=MasterPlan())
    for stem in plan.stems:
        plan = plan.replace_stem(stem.name, compressor=None, limiter=None)
    ours = render(song, plan)
    theirs = render(song, plan, engine="pedalboard")
    difference = 10.0 * np.log10(
        np.mean((ours - theirs).astype(float) ** 2) / np.mean(ours.astype(float) ** 2)
    )
    assert difference < -60.0


def test_the_same_mix_twice(song: Stems, hosted: MixResult) -> None:
    again = mix(song, engine="pedalboard")
    np.testing.assert_array_equal(again.audio, hosted.audio)
    assert again.plan == hosted.plan
    np.testing.assert_array_equal(render(song, hosted.plan, engine="pedalboard"), hosted.audio)


def test_the_command_line_takes_the_engine(
    tmp_path: Path, folder: Path, hosted: MixResult, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.wav", tmp_path / "second.wav"
    for arguments in (
        ["mix", str(folder), "-o", str(first), "--engine", "pedalboard"],
        [
            "render",
            str(folder),
            str(tmp_path / "first.plan.json"),
            "-o",
            str(second),
            "--engine",
            "pedalboard",
        ],
    ):
        with pytest.raises(SystemExit) as done:
            main(arguments)
        assert done.value.code == 0, capsys.readouterr().err
    assert first.read_bytes() == second.read_bytes()
    audio = read_audio(first).audio
    assert measure(audio, RATE).integrated_lufs == pytest.approx(hosted.loudness.integrated_lufs, abs=0.01)
