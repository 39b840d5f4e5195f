"""Figures of a song: one scale for all stems, units on every axis, any name, the same bytes again."""

from __future__ import annotations

import dataclasses
import itertools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import song_examples
from song_examples import EQ
from synthetic import RATE

from mixrules import Stems, report, starting_plan
from mixrules._support import installed
from mixrules.errors import MissingPackageError, MixrulesError, ParameterError
from mixrules.report import MeasuredSong
from mixrules.report import figure_style as style
from mixrules.report.song.figures.masking import frequency_ranges
from mixrules.report.song.figures.saving import save_figure
from mixrules.report.song.figures.sheets import FIGURES, song_figure

OF_STEM = (
    report.draw_loudness,
    report.draw_spectrum,
    report.draw_waveforms,
    report.draw_eq,
    report.draw_compressor,
    report.draw_gain_reduction,
    report.draw_masking,
)
OF_SONG = (
    report.draw_loudness,
    report.draw_spectrum,
    report.draw_waveforms,
    report.draw_gain_reduction,
    report.draw_masking,
    report.draw_reverb,
    report.draw_pan,
)
UNITS = ("(LUFS)", "(dB)", "(dBFS)", "(Hz)", "(s)", "(%)", "(min:s)", "%")
ODD_NAMES = ("<script>alert(1)</script>", "two\nlines", "a \"quote\" & 'one' $x_1$ 鼓 \x1b[31m", "x" * 300)


@pytest.fixture(scope="module")
def song() -> MeasuredSong:
    return song_examples.song()


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def stems_of(song: MeasuredSong) -> list[str]:
    return [stem.name for stem in song.stems]


@pytest.mark.parametrize("draw", OF_STEM, ids=lambda draw: draw.__name__)
def test_all_stems_have_one_scale_and_units(song: MeasuredSong, draw: Callable[..., Any]) -> None:
    drawn = [draw(song, name) for name in stems_of(song)]
    assert len({axes.get_xlim() for axes in drawn}) == 1
    if draw is not report.draw_masking:
        assert len({axes.get_ylim() for axes in drawn}) == 1
    for axes in drawn:
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert any(unit in label for unit in UNITS), label
    seconds = {tuple(other.get_ylim() for other in axes.figure.axes if other is not axes) for axes in drawn}
    assert len(seconds - {()}) <= 1


@pytest.mark.parametrize("draw", OF_SONG, ids=lambda draw: draw.__name__)
def test_the_whole_is_drawn_into_the_axes_that_are_given(
    song: MeasuredSong, draw: Callable[..., Any]
) -> None:
    _, (axes,) = style.panels(1, 1, width=3.0, height=2.0)
    assert draw(song, axes=axes) is axes
    assert axes.has_data() or axes.texts


@pytest.mark.parametrize("draw", [*OF_STEM, report.draw_reverb], ids=lambda draw: draw.__name__)
def test_who_is_not_there_is_told(song: MeasuredSong, draw: Callable[..., Any]) -> None:
    with pytest.raises(ParameterError, match=r"there is no (stem|reverb) 'organ'"):
        draw(song, "organ")


def test_lines_are_told_apart_without_colour(song: MeasuredSong) -> None:
    for axes in (report.draw_loudness(song), report.draw_spectrum(song, "guitar")):
        shown = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert len({(line.get_linestyle(), line._dash_pattern[1] is None) for line in shown}) >= 2
        patterns = {str(line._dash_pattern) for line in shown}
        assert len(patterns) == len(shown)
    sounds = {str(n): song.whole_after for n in range(4)}
    patterns = {str(line._dash_pattern) for line in report.draw_spectra(sounds).lines}
    assert len(patterns) == 4


def test_an_equaliser_is_drawn_as_measured_with_the_bands_that_were_decided(song: MeasuredSong) -> None:
    axes = report.draw_eq(song, "guitar")
    eq = song.stem("guitar").eq
    assert eq is not None
    curve = next(line for line in axes.lines if line.get_label() == "EQ")
    assert curve.get_ydata() == pytest.approx(np.maximum(eq.gain_db, -60.0))
    circles = next(line for line in axes.lines if line.get_marker() == "o")
    assert circles.get_xdata() == pytest.approx([band.frequency_hz for band in EQ.bands])
    low, high = axes.get_ylim()
    assert low == -high
    flat = report.draw_eq(song, "bass")
    assert any(line.get_label() == "EQ: flat" for line in flat.lines)


def test_a_compressor_is_drawn_with_threshold_and_levels(song: MeasuredSong) -> None:
    axes = report.draw_compressor(song, "vocals")
    compressor = song.stem("vocals").compressor
    assert compressor is not None
    labels = [text.get_text() for text in axes.get_legend().texts]
    assert labels == ["4.0:1", "threshold −24.0 dBFS"]
    levels = axes.figure.axes[1]
    assert levels.patches[0].get_data().values == pytest.approx(100 * compressor.histogram_share)
    assert len(report.draw_compressor(song, "bass").lines) == 1


def test_gain_is_drawn_downwards(song: MeasuredSong) -> None:
    axes = report.draw_gain_reduction(song, "drums")
    labels = [text.get_text() for text in axes.get_legend().texts]
    limiter = song.stem("drums").limiter
    assert limiter is not None
    assert labels == [f"limiter, −{limiter.reduction.most_db:.1f} dB", "automation"]
    lows = [np.nanmin(line.get_ydata()) for line in axes.lines]
    assert min(lows) == pytest.approx(-limiter.reduction.most_db)
    assert axes.get_ylim()[0] <= min(lows)


def test_masking_is_written_into_its_cells(song: MeasuredSong) -> None:
    after = song.masking_after
    assert after is not None
    axes = report.draw_masking(song)
    percent = 100 * after.hidden_by.sum(axis=0)
    written = {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text() for text in axes.texts
    }
    for row, column in itertools.product(range(4), range(4)):
        if row != column and percent[row, column] >= 5.0:
            assert written[row, column] == f"{percent[row, column]:.0f}"
        else:
            assert (row, column) not in written
    assert frequency_ranges(after)[:3] == ["20–63", "63–125", "125–250"]
    assert [label.get_text() for label in axes.get_xticklabels()] == [*after.names, "all others"]
    with pytest.raises(ParameterError, match="there is no moment 'now'"):
        report.draw_masking(song, when="now")


def test_the_plan_is_drawn_at_a_glance(song: MeasuredSong) -> None:
    faders, pans, sends, words = report.draw_plan(song)
    assert [label.get_text() for label in faders.get_yticklabels()] == stems_of(song)
    dots = [line.get_xdata()[0] for line in pans.lines if line.get_marker() == "o"]
    assert dots == [stem.pan.pan for stem in song.stems]
    assert sends.lines[0].get_xdata() == pytest.approx([-12.0])
    said = dict(zip(stems_of(song), (text.get_text() for text in words.texts), strict=True))
    assert said["vocals"] == "comp 4.0:1"
    assert said["guitar"] == "EQ ×3, de-esser"
    assert said["drums"].startswith("limit ")
    assert said["drums"].endswith(", automation")
    with pytest.raises(ParameterError, match="four axes"):
        report.draw_plan(song, axes=[faders])


@pytest.mark.parametrize(
    ("name", "kind", "begins"),
    [
        *((f"{kind}.svg", kind, b"<?xml") for kind in ("loudness", "waveform", "compressor")),
        ("plan.pdf", "plan", b"%PDF"),
        ("masking.png", "masking", b"\x89PNG"),
    ],
)
def test_a_figure_is_a_file_with_the_same_bytes_again(
    song: MeasuredSong, name: str, kind: str, begins: bytes, tmp_path: Path
) -> None:
    files = [tmp_path / folder / name for folder in ("first", "second")]
    for path in files:
        save_figure(song_figure(kind, song), path)
    first, second = (path.read_bytes() for path in files)
    assert first == second
    assert first.startswith(begins)


def test_a_figure_of_one_stem_is_small(song: MeasuredSong) -> None:
    for draw in OF_STEM:
        with style.figure_style():
            axes = draw(song, "vocals")
            assert len(style.svg_of(axes.figure, text=True)) < 45_000, draw.__name__


def test_stems_are_picked_for_small_multiples(song: MeasuredSong) -> None:
    def headings(figure: Any) -> list[str]:
        return [title for axes in figure.axes if (title := axes.get_title(loc="left"))]

    assert headings(song_figure("spectrum", song)) == ["all stems", *stems_of(song)]
    assert headings(song_figure("spectrum", song, ["bass"])) == ["bass"]
    assert headings(song_figure("compressor", song)) == ["vocals", "vocals"]
    assert headings(song_figure("gain", song)) == ["vocals", "drums", "master"]
    assert headings(song_figure("gain", song, ["bass"])) == ["bass"]
    assert headings(song_figure("reverb", song)) == ["room"]
    assert headings(song_figure("masking", song)) == ["as given", "in the mix"]
    assert headings(song_figure("masking", song, ["bass"])) == ["bass, as given", "bass, in the mix"]
    for kind in ("plan", "pan", "reverb"):
        with pytest.raises(ParameterError, match="leave --stem out"):
            song_figure(kind, song, ["bass"])


def test_any_name_is_shown_and_escaped(song: MeasuredSong) -> None:
    names = dict(zip(stems_of(song), ODD_NAMES, strict=True))

    def renamed(masking: Any) -> Any:
        return dataclasses.replace(masking, names=tuple(names[name] for name in masking.names))

    odd = dataclasses.replace(
        song,
        stems=tuple(dataclasses.replace(stem, name=names[stem.name]) for stem in song.stems),
        masking_before=renamed(song.masking_before),
        masking_after=renamed(song.masking_after),
    )
    for kind in ("eq", "compressor", "masking", "plan", "pan"):
        with style.figure_style():
            svg = style.svg_of(song_figure(kind, odd), text=True)
        assert ElementTree.fromstring(svg).tag.endswith("svg")
        assert "<script>" not in svg
    sounds = {name: song.whole_after for name in ODD_NAMES}
    with style.figure_style():
        assert "<script>" not in style.svg_of(report.draw_loudness(sounds).figure, text=True)


def shown_in_legend(axes: Any) -> list[str]:
    return [text.get_text().strip() for text in axes.get_legend().get_texts()]


@pytest.mark.parametrize("name", ["_a.wav", "__", "_nolegend_"])
def test_a_name_that_begins_with_an_underscore_stands_in_the_legend(song: MeasuredSong, name: str) -> None:
    sounds = {name: song.whole_before, "b": song.whole_after}
    assert shown_in_legend(report.draw_spectra(sounds)) == [name, "b"]
    first, second = shown_in_legend(report.draw_loudness(sounds))
    assert first.startswith(f"{name} ")
    assert second.startswith("b ")


def test_reverbs_are_named_where_there_are_several(song: MeasuredSong) -> None:
    assert report.draw_plan(song)[2].get_legend() is None
    (room,) = song.reverbs
    buses = tuple(dataclasses.replace(room, name=name) for name in ("_plate", "two\nlines", "not used"))
    sends = tuple(
        dataclasses.replace(next(send for stem in song.stems for send in stem.sends), bus=bus.name)
        for bus in buses[:2]
    )
    first, *others = song.stems
    several = dataclasses.replace(
        song, reverbs=buses, stems=(dataclasses.replace(first, sends=sends), *others)
    )
    assert shown_in_legend(report.draw_plan(several)[2]) == ["_plate", r"two\nlines"]


def test_a_de_esser_of_several_bands_stands_in_the_legend_once(song: MeasuredSong) -> None:
    eq = song.stem("guitar").eq
    assert eq is not None
    (band,) = eq.dynamic_bands
    eq = dataclasses.replace(eq, dynamic_bands=(band, dataclasses.replace(band, frequency_hz=9000.0)))
    stems = tuple(dataclasses.replace(each, eq=eq) if each.name == "guitar" else each for each in song.stems)
    axes = report.draw_eq(dataclasses.replace(song, stems=stems), "guitar")
    assert len([patch for patch in axes.patches if patch.get_hatch()]) == 2
    assert shown_in_legend(axes).count("turned down while loud") == 1


def test_a_song_of_which_nothing_is_left_can_be_drawn() -> None:
    tone = 0.1 * np.sin(np.arange(RATE) / 9.0)[:, None]
    stems = Stems.from_arrays({"bass": tone, "vocals": np.zeros_like(tone)}, RATE)
    plan = starting_plan(stems).replace_stem("bass", mute=True)
    measured = report.measure_song(stems, plan)
    for kind in FIGURES:
        if kind in ("compressor", "reverb", "eq", "gain"):
            with pytest.raises(ParameterError, match="nothing to draw"):
                song_figure(kind, measured)
        else:
            with style.figure_style():
                assert style.svg_of(song_figure(kind, measured))
    for stem in ("bass", "vocals"):
        for draw in OF_STEM:
            assert draw(measured, stem).figure is not None
    with style.figure_style():
        assert style.svg_of(report.draw_reverb(measured).figure)


def test_what_no_figure_can_be_is_refused(
    song: MeasuredSong, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = song_figure("pan", song)
    for name, error in (("a.jpg", ParameterError), ("a", ParameterError), ("a.svg/b.svg", MixrulesError)):
        (tmp_path / "a.svg").touch()
        with pytest.raises(error):
            save_figure(figure, tmp_path / name)
    monkeypatch.setattr(installed, "is_installed", lambda package: False)
    with pytest.raises(MissingPackageError, match=r"pip install 'mixrules\[report\]'"):
        save_figure(figure, tmp_path / "b.svg")
