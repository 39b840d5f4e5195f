"""The figure of a match: a bar a process, spectra of mix and remainder, and an equaliser a stem that has one."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from mixed_songs import write_songs

from mixrules.cli.match import command


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songs(tmp_path_factory.mktemp("songs")) / "one"


def test_a_figure_of_a_ladder_and_of_what_is_left(song: Path, tmp_path: Path) -> None:
    from mixrules import load_stems
    from mixrules.matching import match
    from mixrules.report.song.figures.matched import match_figure

    stems = load_stems(song)
    found = match(stems, song / "mixture.wav")
    ladder, spectra, *_ = match_figure(stems, found).axes
    assert [bar.get_width() for bar in ladder.patches] == [rung.residual_db for rung in found.rungs]
    mix, _, left = (np.asarray(line.get_ydata()) for line in spectra.lines)
    assert mix.max() == pytest.approx(0.0)
    assert np.all(left <= mix + 0.1)
    assert spectra.get_ylim()[0] < left.max()


def test_stems_with_sends_and_compressors_are_drawn(song: Path) -> None:
    from mixrules import load_stems
    from mixrules.matching import match
    from mixrules.mixplan import ReverbBus, Send
    from mixrules.processors import CompressorParams, ReverbParams
    from mixrules.report.song.match_curves import match_curves

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
