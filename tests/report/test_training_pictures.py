"""Pictures of trainings: what is on them, one scale for what is compared, odd histories, and the same bytes again."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from training_examples import SNIPPETS, eq_outputs, history_of, results_of

from mixrules.errors import ParameterError
from mixrules.evaluation.predictions import read_table
from mixrules.learning.training.history import History, Spread
from mixrules.report.figure_style import figure_style
from mixrules.report.training import axes as axes_of
from mixrules.report.training.answers import answers_over_epochs, median_spread_percent, spread_percent
from mixrules.report.training.curves import learning_curves, marked_epoch
from mixrules.report.training.folder import draw_training
from mixrules.report.training.inputs import band_centers_hz, input_figure
from mixrules.report.training.scatter import SnippetAnswers, answer_against_truth, paired_answers
from mixrules.report.training.sweep import ErrorPoint, error_against_songs, sweep_curves

MIXED = (("t60_s", "s, decay"), ("low_cut_hz", "Hz, filter"))


def test_curves_show_every_epoch_the_constants_and_the_best_epoch() -> None:
    history = history_of(12)
    with figure_style():
        figure = learning_curves(history)
    loss, mae_song, mae_snippet, legend, rmse_song, rmse_snippet = figure.axes
    assert loss.lines[0].get_ydata().tolist() == [epoch.train_loss for epoch in history.epochs]
    for axis, by, error in (
        (mae_song, "song", "mae"),
        (mae_snippet, "snippet", "mae"),
        (rmse_song, "song", "rmse"),
        (rmse_snippet, "snippet", "rmse"),
    ):
        curve, mean, median, _, mark = axis.lines
        assert curve.get_ydata().tolist() == [getattr(getattr(e, f"by_{by}"), error) for e in history.epochs]
        constants = getattr(history, f"constants_by_{by}")
        assert mean.get_ydata()[0] == getattr(constants["mean"], error)
        assert median.get_ydata()[0] == getattr(constants["median"], error)
        best = marked_epoch(history)
        assert mark.get_xydata().tolist() == [[best.number, getattr(getattr(best, f"by_{by}"), error)]]
        assert axis.get_ylabel() == f"{error.upper()} (LU)"
    assert mae_song.get_ylim() == rmse_song.get_ylim()
    assert mae_snippet.get_ylim() == rmse_snippet.get_ylim()
    assert [text.get_text() for text in legend.get_legend().texts][-1] == f"best epoch {best.number}"


def test_the_epoch_that_was_kept_is_marked_where_it_is_not_the_best() -> None:
    history = history_of(12, noise=3.0)
    other = next(epoch.number for epoch in history.epochs if not epoch.best)
    assert marked_epoch(history).best
    assert marked_epoch(history, other).number == other
    with figure_style():
        figure = learning_curves(history, other)
    assert figure.axes[3].get_legend().texts[-1].get_text() == f"kept epoch {other}"


def test_an_epoch_far_off_does_not_set_the_scale_and_is_counted() -> None:
    history = history_of(12)
    first = history.epochs[0]
    broken = dataclasses.replace(first, by_song=dataclasses.replace(first.by_song, mae=1e4, rmse=2e4))
    with figure_style():
        figure = learning_curves(dataclasses.replace(history, epochs=(broken, *history.epochs[1:])))
    axis = figure.axes[1]
    assert axis.get_ylim()[1] < 20.0
    assert [text.get_text() for text in axis.texts] == ["1 epoch above ▴"]


@pytest.mark.parametrize(
    ("curves", "lines"),
    [([[1.0]], []), ([[0.0, 0.0]], []), ([[3.0, 3.0]], [3.0]), ([[1.8, 2.0]], [1.9]), ([], [2.0]), ([], [])],
)
def test_a_scale_of_errors_holds_curves_and_constants(curves: list[list[float]], lines: list[float]) -> None:
    low, high = axes_of.error_limits([np.array(curve) for curve in curves], lines)
    assert low < high
    assert all(low <= value <= high for value in [*itertools.chain(*curves), *lines])


def test_answers_have_bands_of_every_epoch_and_boxes_beside_the_truth() -> None:
    history = history_of(10)
    with figure_style():
        figure = answers_over_epochs(history)
    over, beside = figure.axes
    band = over.collections[0].get_paths()[0].vertices
    last = history.epochs[-1].answers[0]
    edges = band[band[:, 0] == 10.0, 1]
    assert {round(value, 9) for value in edges} == {round(last.quantiles[q], 9) for q in (0, 4)}
    box, truth = beside.patches
    assert truth.get_y() == pytest.approx(history.truth[0].quantiles[1])
    assert truth.get_y() + truth.get_height() == pytest.approx(history.truth[0].quantiles[3])
    assert box.get_y() == pytest.approx(marked_epoch(history).answers[0].quantiles[1])
    assert over.get_ylim() == beside.get_ylim()


@pytest.mark.parametrize(("outputs", "scales"), [(eq_outputs(10), 1), (MIXED, 2)])
def test_outputs_of_one_unit_share_a_scale(outputs: tuple[tuple[str, str], ...], scales: int) -> None:
    history = history_of(4, outputs=outputs)
    with figure_style():
        figure = answers_over_epochs(history)
    assert len(figure.axes) == 2 * len(outputs)
    assert len({axis.get_ylim() for axis in figure.axes}) == scales


def test_spread_is_in_percent_of_the_truth_and_not_defined_where_that_is_one_number() -> None:
    truth = Spread.of(np.array([[0.0], [2.0], [4.0]]))[0]
    assert spread_percent(Spread.of(np.array([[1.0], [2.0], [3.0]]))[0], truth) == pytest.approx(50.0)
    same = Spread.of(np.full((3, 1), 2.0))[0]
    assert spread_percent(same, truth) == 0.0
    assert math.isnan(spread_percent(truth, same))
    epoch = dataclasses.replace(history_of(1).epochs[0], answers=(truth,))
    assert math.isnan(median_spread_percent(epoch, (same,)))


@pytest.mark.parametrize(
    ("draw", "history"),
    [
        (learning_curves, lambda: history_of(1)),
        (answers_over_epochs, lambda: history_of(1, songs=1)),
        (answers_over_epochs, lambda: history_of(3, learnt=0.0, noise=0.0)),
        (answers_over_epochs, lambda: history_of(2, outputs=eq_outputs(10))),
        (learning_curves, lambda: history_of(1200)),
    ],
    ids=["one epoch", "one song", "one answer", "ten outputs", "many epochs"],
)
def test_odd_histories_are_drawn_and_their_text_is_within_the_picture(
    draw: Callable[[History], Any], history: Callable[[], History]
) -> None:
    with figure_style():
        figure = draw(history())
        figure.draw_without_rendering()
        boxes = [axis.get_tightbbox() for axis in figure.axes if axis.axison]
    width, height = figure.get_size_inches() * figure.dpi
    assert all(min(b.x0, b.y0, width - b.x1, height - b.y1) >= -0.5 for b in boxes)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))


def test_a_sweep_has_all_curves_on_one_scale_and_names_trainings_by_their_songs() -> None:
    histories = [history_of(9 - n, training_songs=40 >> n, learnt=0.9 - 0.2 * n) for n in range(3)]
    with figure_style():
        figure = sweep_curves(histories)
        twice = sweep_curves(
            [histories[0], dataclasses.replace(histories[1], training_songs=40, title="faithful")]
        )
    for axis in figure.axes:
        curves = [line.get_ydata() for line in axis.lines if len(line.get_ydata()) > 2]
        assert [len(curve) for curve in curves] == [7, 8, 9]
        assert max(axis.get_xlim()) >= 9.0
    legend = [text.get_text() for text in figure.legends[0].texts]
    assert legend[:3] == ["40 training songs", "20 training songs", "10 training songs"]
    named = [text.get_text() for text in twice.legends[0].texts]
    assert named[:2] == ["faithful (40)", "corrected (40)"]


def test_errors_stand_over_the_number_of_songs_with_their_intervals() -> None:
    points = [
        ErrorPoint(songs=songs, by=by, predictor=predictor, mae=mae, low=mae - 0.2, high=mae + 0.3)
        for by in ("song", "snippet")
        for songs, mae in ((5, 2.0), (40, 1.0))
        for predictor in ("network", "median")
    ]
    points.append(ErrorPoint(songs=20, by="song", predictor="network", mae=1.5))
    with figure_style():
        song, snippet = error_against_songs(points, "LU").axes
    curve = next(line for line in song.lines if len(line.get_ydata()) == 3)
    assert curve.get_ydata().tolist() == [2.0, 1.5, 1.0]
    bars = [line.get_ydata() for line in song.lines if len(set(line.get_xdata())) == 1]
    assert sorted(map(tuple, bars)) == [(0.8, 1.3), (0.8, 1.3), (1.8, 2.3), (1.8, 2.3)]
    assert song.get_ylim() == snippet.get_ylim()
    assert [tick.get_text() for tick in song.get_xticklabels()] == ["5", "20", "40"]


def _tested(songs: int = 4) -> SnippetAnswers:
    rng = np.random.default_rng(1)
    truth = rng.normal(0.0, 4.0, (songs * SNIPPETS, 1))
    names = tuple(f"song {number // SNIPPETS}" for number in range(len(truth)))
    return SnippetAnswers(songs=names, outputs=("level_lu",), answers=0.5 * truth, truth=truth)


def test_songs_are_means_of_their_snippets_and_lie_on_a_square_scale() -> None:
    tested = _tested()
    with figure_style():
        (axis,) = answer_against_truth(tested, {"level_lu": "LU"}, "mean", {"level_lu": 1.0}, "song").axes
        (snippets,) = answer_against_truth(tested, {"level_lu": "LU"}, "mean", {}, "snippet").axes
    songs = axis.lines[0]
    means = tested.truth.reshape(4, SNIPPETS).mean(axis=1)
    assert songs.get_xdata() == pytest.approx(means)
    assert songs.get_ydata() == pytest.approx(0.5 * means)
    assert axis.get_xlim() == axis.get_ylim()
    said = f"MAE by song {np.abs(0.5 * means).mean():.2f}, constant {np.abs(1.0 - means).mean():.2f} LU"
    assert axis.texts[0].get_text() == said
    assert len(snippets.lines[0].get_xdata()) == len(tested.songs)
    assert snippets.texts[0].get_text().startswith("MAE by snippet")


def test_answers_and_truth_are_paired_by_song_and_snippet(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("song,snippet,x,y\nB,0,1,9\nA,1,2,9\nA,0,3,9\n", "utf-8")
    (tmp_path / "t.csv").write_text("song,snippet,x\nA,0,30\nA,1,20\nB,0,10\nC,0,5\n", "utf-8")
    tested = paired_answers(read_table(tmp_path / "a.csv"), read_table(tmp_path / "t.csv"))
    assert tested.songs == ("A", "A", "B")
    assert tested.outputs == ("x",)
    assert tested.answers.ravel().tolist() == [3.0, 2.0, 1.0]
    assert tested.truth.ravel().tolist() == [30.0, 20.0, 10.0]


def test_the_picture_of_the_input_has_the_numbers_of_a_gain() -> None:
    before = np.random.default_rng(3).exponential(1.0, (2, 2, 128, 64))
    after = before.copy()
    after[:, 1, 40:60] *= 10.0**0.9
    drawn = input_figure(before, after)
    assert drawn.png.startswith(b"\x89PNG")
    read = re.findall(r"<!-- mean size (\S+) dB, read as (\S+) dB -->", drawn.svg)
    assert [size for size, _ in read] == ["1.4", "1.4"]  # 9 dB in 20 of 128 bands
    faithful, corrected = (float(left) for _, left in read)
    assert faithful < 1e-9
    assert 1.0 < corrected < 4.0
    with pytest.raises(ParameterError, match="mel blocks of one shape"):
        input_figure(before, after[:1])


def test_mel_bands_divide_the_mel_scale_equally_up_to_half_the_sample_rate() -> None:
    mels = 1127.0 * np.log1p(band_centers_hz() / 700.0)  # HTK's scale with the natural logarithm
    assert np.diff(mels) == pytest.approx(mels[0], rel=1e-3)
    assert 129 * mels[0] == pytest.approx(1127.0 * math.log1p(22_050 / 700.0), rel=1e-3)


def test_what_cannot_be_drawn_is_said_in_one_line(tmp_path: Path) -> None:
    history = history_of(2)
    with pytest.raises(ParameterError, match="without epochs"):
        draw_training(dataclasses.replace(history, epochs=()), None, tmp_path)
    with pytest.raises(ParameterError, match="without epochs"):
        draw_training([], None, tmp_path)
    with pytest.raises(ParameterError, match="2 trainings and 1 results"):
        draw_training([history, history], [results_of(history)[0]], tmp_path)
    assert list(tmp_path.iterdir()) == []
