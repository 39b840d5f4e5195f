"""The figure of a match: a bar a process, spectra of mix and remainder, and an equaliser a stem that has one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mixed_songs import write_songs

from mixrules import Stems, load_stems
from mixrules.cli.match import command
from mixrules.matching import Match, match
from mixrules.mixplan import ReverbBus, Send
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, ReverbParams, equalize
from mixrules.report.song.figures.matched import match_figure
from mixrules.report.song.match_curves import match_curves


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songs(tmp_path_factory.mktemp("songs")) / "one"


def test_a_figure_of_a_ladder_and_of_what_is_left(song: Path, tmp_path: Path) -> None:

    stems = load_stems(song)
    found = match(stems, song / "mixture.wav")
    ladder, spectra, *_ = match_figure(stems, found).axes
    assert [bar.get_width() for bar in ladder.patches] == [rung.residual_db for rung in found.rungs]
    mix, _, left = (np.asarray(line.get_ydata()) for line in spectra.lines)
    assert mix.max() == pytest.approx(0.0)
    assert np.all(left <= mix + 0.1)
    assert spectra.get_ylim()[0] < left.max()


def test_stems_with_sends_and_compressors_are_drawn(song: Path) -> None:

    stems = load_stems(song)
    found = match(stems, song / "mixture.wav")
    plan = found.plan.replace(reverbs=(ReverbBus(name="hall", params=ReverbParams(t60_s=1.0)),))
    for name in stems.names:
        plan = plan.replace_stem(
            name, sends=(Send(to="hall", level_db=-12.0),), compressor=CompressorParams(threshold_db=-60.0)
        )
    curves = match_curves(stems, dataclasses.replace(found, plan=plan))
    assert [each.name for each in curves.stems] == [strip.name for strip in plan.stems if not strip.mute]
    assert all(np.nanmin(each.gain_used_db) < -3.0 for each in curves.stems)


def test_the_command_writes_it_and_refuses_what_is_no_figure(song: Path, tmp_path: Path) -> None:
    def run(figure: Path) -> int:
        words = [
            str(song),
            "--mix",
            str(song / "mixture.wav"),
            "-o",
            str(tmp_path / "a.plan.json"),
            "-q",
        ]
        return int(CliRunner().invoke(command, [*words, "--force", "--plot", str(figure)]).exit_code)

    assert run(tmp_path / "match.svg") == 0
    assert (tmp_path / "match.svg").read_text().lstrip().startswith("<")
    assert run(tmp_path / "match.txt") != 0


@pytest.fixture(scope="module")
def stepped() -> tuple[Stems, Match]:
    """Return a song whose guitar, under a bell of 6 dB, falls by 6 dB at 2 s, and a match of the mix's first 4 s."""
    rng = np.random.default_rng(0)
    stems = {name: 0.1 * rng.standard_normal((6 * 44_100, 1)) for name in ("guitar", "bass")}
    bell = EqualizerParams(bands=(EqBand(frequency_hz=1000.0, gain_db=6.0, q=1.0),))
    guitar = (
        equalize(stems["guitar"], 44_100, bell)
        * np.where(np.arange(6 * 44_100) < 2 * 44_100, 1.0, 0.5)[:, None]
    )
    mix = np.repeat(guitar + stems["bass"], 2, axis=1)[: 4 * 44_100]
    song = Stems.from_arrays(stems, 44_100)
    return song, match(song, mix)


def test_gains_over_time_and_frequency_are_those_of_the_mix(stepped: tuple[Stems, Match]) -> None:
    curves = match_curves(*stepped)
    guitar = next(each for each in curves.stems if each.name == "guitar")
    early, late = (
        float(np.nanmedian(guitar.gain_found_db[(curves.time_s > first) & (curves.time_s < last)]))
        for first, last in ((0.2, 1.8), (2.2, 3.8))
    )
    assert early - late == pytest.approx(20.0 * np.log10(2.0), abs=0.3)
    at = [int(np.argmin(np.abs(np.log(curves.frequencies_hz / hz)))) for hz in (1000.0, 100.0)]
    assert guitar.eq_found_db[at[0]] - guitar.eq_found_db[at[1]] == pytest.approx(6.0, abs=1.0)


def test_what_the_mix_does_not_cover_is_not_drawn(stepped: tuple[Stems, Match]) -> None:
    stems, found = stepped
    assert match_curves(stems, found).time_s.max() < 4.0
    _, spectra, *_ = match_figure(stems, found).axes
    mix, _, left = (10.0 ** (np.asarray(line.get_ydata()) / 10.0) for line in spectra.lines)
    assert 10.0 * np.log10(left.sum() / mix.sum()) == pytest.approx(found.rungs[-1].residual_db, abs=1.5)
