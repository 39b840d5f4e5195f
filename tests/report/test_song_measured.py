"""What a song and its mix look like, beside the same worked out on whole arrays, by scipy and by other meters."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
import reference_meters
import scipy.signal
import song_examples
from song_examples import COMPRESSOR, EQ, LIMITER, SECONDS
from synthetic import RATE

from mixrules import MixPlan, Stems, mix, render, short_term_loudness, starting_plan
from mixrules.analysis import erb_bands, masking, powers_in_sets, spectrum_bands
from mixrules.engine import Renderer, load_engine
from mixrules.errors import ParameterError, PlanError
from mixrules.processors import biquad_coefficients, gain_reduction_db
from mixrules.report import MeasuredSong, SoundPicture, measure_song, measure_sound
from mixrules.report.song.figures.stereo import half_width_of, place_of
from mixrules.report.song.sound_meter import BandPowerStream, column_edges, reduction_between


@pytest.fixture(scope="module")
def song() -> MeasuredSong:
    return song_examples.song()


def stem_after(name: str, through: str = "fader") -> np.ndarray[Any, Any]:
    renderer = Renderer(song_examples.stems(), load_engine("native"))
    return np.asarray(renderer.stem(song_examples.plan(), name, through=through))


def given_sum() -> np.ndarray[Any, Any]:
    """The stems as they are, mono ones by the constant-power law in the centre."""
    total = np.zeros((song_examples.stems().samples, 2))
    for stem in song_examples.stems():
        total += stem.audio if stem.channels == 2 else np.sqrt(0.5) * stem.audio
    return total


def test_the_whole_measures_what_another_meter_reads_on_the_rendered_mix(song: MeasuredSong) -> None:
    finished = render(song_examples.stems(), song_examples.plan())
    for picture, audio in ((song.whole_after, finished), (song.whole_before, given_sum())):
        reading = reference_meters.libebur128(np.asarray(audio, np.float64), RATE)
        assert picture.integrated_lufs == pytest.approx(reading.integrated_lufs, abs=0.01)
        assert picture.loudness_range_lu == pytest.approx(reading.loudness_range_lu, abs=0.05)
        assert picture.true_peak_dbtp == pytest.approx(reading.true_peak_dbtp, abs=0.02)
    assert song.duration_s == pytest.approx(len(finished) / RATE)


def test_short_term_loudness_is_that_of_the_meter_and_the_range_lies_between_its_ends(
    song: MeasuredSong,
) -> None:
    times_s, lufs = short_term_loudness(render(song_examples.stems(), song_examples.plan()), RATE)
    assert song.whole_after.short_term.time_s == pytest.approx(times_s)
    assert song.whole_after.short_term.values == pytest.approx(lufs, abs=1e-6)
    for picture in (song.whole_after, song.stem("vocals").given):
        ends = picture.range_high_lufs - picture.range_low_lufs
        assert ends == pytest.approx(picture.loudness_range_lu)
        assert picture.short_term.values.min() - 1e-6 <= picture.range_low_lufs
        assert picture.range_high_lufs <= picture.short_term.values.max() + 1e-6


@pytest.mark.parametrize("name", ["vocals", "drums", "bass", "guitar"])
def test_a_stem_measures_what_another_meter_reads_before_and_after(song: MeasuredSong, name: str) -> None:
    picture = song.stem(name)
    given = np.asarray(song_examples.stems()[name].audio, np.float64)
    for measured, audio in ((picture.given, given), (picture.after, stem_after(name).astype(np.float64))):
        assert measured.integrated_lufs == pytest.approx(
            reference_meters.libebur128(audio, RATE).integrated_lufs, abs=0.01
        )


@pytest.mark.parametrize("name", ["vocals", "guitar"])
def test_a_waveform_holds_the_lowest_and_highest_sample_of_each_part(song: MeasuredSong, name: str) -> None:
    for waveform, audio in (
        (song.stem(name).given.waveform, np.asarray(song_examples.stems()[name].audio)),
        (song.stem(name).after.waveform, stem_after(name)),
    ):
        edges = np.rint(waveform.edges_s * RATE).astype(int)
        assert len(waveform.lowest) == 600
        assert edges[-1] == round(song.duration_s * RATE)
        for column in range(0, 600, 7):
            part = audio[edges[column] : edges[column + 1]]
            expected = (part.min(), part.max()) if len(part) else (0.0, 0.0)
            assert (waveform.lowest[column], waveform.highest[column]) == expected
        assert waveform.peaks.max() == np.abs(audio).max()


def test_spectra_are_mean_powers_of_the_mono_sum_on_one_scale(song: MeasuredSong) -> None:
    bands = spectrum_bands(RATE)
    (powers,) = powers_in_sets(stem_after("guitar"), RATE, [bands])
    assert song.stem("guitar").after.spectrum_db == pytest.approx(
        10 * np.log10(powers.mean(axis=0)), abs=1e-4
    )
    # A mono stem that nothing is done to has one level before and after: it stands in the centre at -3 dB each side.
    plain = measure_song(song_examples.stems(), starting_plan(song_examples.stems()))
    for stem in plain.stems:
        assert stem.after.spectrum_db == pytest.approx(stem.given.spectrum_db, abs=1e-3)
        assert stem.after.integrated_lufs == pytest.approx(stem.given.integrated_lufs, abs=1e-6)


def test_everything_else_is_the_other_stems_added_up(song: MeasuredSong) -> None:
    powers = {stem.name: 10.0 ** (stem.after.spectrum_db / 10.0) for stem in song.stems}
    others = powers["drums"] + powers["bass"] + powers["guitar"]
    assert 10.0 ** (song.stem("vocals").others_after_db / 10.0) == pytest.approx(others)


def test_the_curve_of_an_equaliser_is_that_of_scipy(song: MeasuredSong) -> None:
    eq = song.stem("guitar").eq
    assert eq is not None
    sections = np.array([np.concatenate(biquad_coefficients(band, RATE)) for band in EQ.bands])
    _, response = scipy.signal.sosfreqz(sections, worN=2 * np.pi * eq.frequency_hz / RATE)
    assert eq.gain_db == pytest.approx(20 * np.log10(np.abs(response)), abs=1e-6)
    assert [each.rule for each in eq.bands] == ["tone", "eq", "eq"]
    assert [each.makes_room_for for each in eq.bands] == [(), ("vocals",), ()]
    assert [band.frequency_hz for band in eq.dynamic_bands] == [5000.0]


def test_the_static_curve_follows_its_definition(song: MeasuredSong) -> None:
    compressor = song.stem("vocals").compressor
    assert compressor is not None
    params = compressor.params
    level, out = compressor.level_dbfs, compressor.output_dbfs
    below, above = (
        level < params.threshold_db - params.knee_db / 2,
        level > params.threshold_db + params.knee_db / 2,
    )
    assert out[below] == pytest.approx(level[below])
    assert out[above] == pytest.approx(
        params.threshold_db + (level[above] - params.threshold_db) / params.ratio
    )
    at = int(np.argmin(np.abs(level - params.threshold_db)))
    assert level[at] - out[at] == pytest.approx((1 - 1 / params.ratio) * params.knee_db / 8)


def test_gain_reduction_is_that_of_the_processor(song: MeasuredSong) -> None:
    compressor = song.stem("vocals").compressor
    assert compressor is not None
    traced = gain_reduction_db(np.asarray(song_examples.stems()["vocals"].audio), RATE, COMPRESSOR)
    assert compressor.reduction.most_db == pytest.approx(traced.max(), abs=0.3)
    edges = np.append(compressor.reduction.time_s - SECONDS / 600, SECONDS)
    for column in range(5, 300, 13):
        part = traced[round(edges[column] * RATE) : round(edges[column + 1] * RATE)]
        assert compressor.reduction.highest_db[column] == pytest.approx(part.max(), abs=0.6)
        assert part.min() - 0.3 <= compressor.reduction.mean_db[column] <= part.max() + 0.3


def test_the_histogram_is_that_of_the_peaks_of_two_milliseconds(song: MeasuredSong) -> None:
    compressor = song.stem("vocals").compressor
    assert compressor is not None
    audio = np.abs(np.asarray(song_examples.stems()["vocals"].audio)[:, 0])
    starts = np.floor(np.arange(round(SECONDS / 0.002)) * 0.002 * RATE + 0.5).astype(int)
    levels = 20 * np.log10(np.maximum.reduceat(audio, starts))
    counts, _ = np.histogram(levels, compressor.histogram_edges_dbfs)
    assert compressor.histogram_share == pytest.approx(counts / counts.sum(), abs=1e-3)
    assert compressor.histogram_share.sum() == pytest.approx(1.0)


def test_ranges_are_those_of_what_goes_into_the_compressor_and_comes_out(song: MeasuredSong) -> None:
    compressor = song.stem("vocals").compressor
    assert compressor is not None
    for measured, through in (
        (compressor.range_before_lu, "dynamic_equalizer"),
        (compressor.range_after_lu, "compressor"),
    ):
        reading = reference_meters.libebur128(stem_after("vocals", through).astype(np.float64), RATE)
        assert measured == pytest.approx(reading.loudness_range_lu, abs=0.05)
    assert compressor.range_after_lu < compressor.range_before_lu


def test_a_limiter_turns_down_what_is_above_its_ceiling_and_nothing_else(song: MeasuredSong) -> None:
    limiter = song.stem("drums").limiter
    assert limiter is not None
    peak_db = 20 * np.log10(np.abs(np.asarray(song_examples.stems()["drums"].audio)).max())
    assert limiter.reduction.most_db == pytest.approx(peak_db - LIMITER.ceiling_dbtp, abs=0.7)
    between_beats = np.nan_to_num(limiter.reduction.highest_db) < 0.01
    assert 0.3 < between_beats.mean() < 0.99
    master = song.master.limiter
    assert master is not None
    assert master.reduction.most_db > 1.0


def test_automation_is_what_was_written(song: MeasuredSong) -> None:
    ride = song.stem("drums").automation
    assert ride is not None
    assert np.interp([0.5, 2.0, 5.0], ride.time_s, ride.values) == pytest.approx([0.0, -2.0, -4.0], abs=0.01)
    assert song.stem("vocals").automation is None


def test_a_reverb_decays_as_asked(song: MeasuredSong) -> None:
    (reverb,) = song.reverbs
    assert reverb.t60_asked_s == pytest.approx(1.2, rel=0.01)
    assert reverb.t60_measured_s == pytest.approx(1.2, rel=0.05)
    at_db = [reverb.decay.time_s[np.argmax(reverb.decay.values <= level)] for level in (-5.0, -35.0)]
    assert 2.0 * (at_db[1] - at_db[0]) == pytest.approx(reverb.t60_measured_s, rel=0.05)
    assert reverb.tempo_bpm == 120.0
    assert [send.bus for send in song.stem("vocals").sends] == ["room"]


def test_places_are_those_of_the_pan(song: MeasuredSong) -> None:
    assert place_of(song.stem("bass").after) == 1.0
    assert place_of(song.stem("bass").given) == place_of(song.stem("drums").after) == 0.0
    assert place_of(song.stem("guitar").after) < place_of(song.stem("guitar").given) < 0.0
    assert half_width_of(song.stem("bass").after) == 0.0
    assert half_width_of(song.stem("vocals").after) > 0.01  # its reverb
    wide = measure_sound(np.random.default_rng(0).standard_normal((RATE, 2)), RATE)
    assert half_width_of(wide) == pytest.approx(math.sqrt(0.5), abs=0.02)


def test_masking_is_that_of_the_rendered_stems(song: MeasuredSong) -> None:
    after = song.masking_after
    assert after is not None
    bands = erb_bands().below(RATE / 2)
    tables = {name: powers_in_sets(stem_after(name), RATE, [bands])[0] for name in after.names}
    blocks = min(map(len, tables.values()))
    for hidden, name in enumerate(after.names):
        for hiding, other in enumerate(after.names):
            if name != other:
                own, masker = (tables[each][:blocks] for each in (name, other))
                expected = masking(own, masker, bands, power_exponent=0.3).share_masked
                assert after.hidden_by[:, hidden, hiding].sum() == pytest.approx(expected, abs=0.01)
    assert after.weight.sum(axis=0) == pytest.approx(1.0)


def test_what_the_plan_states_is_there(song: MeasuredSong) -> None:
    target = song.stem("bass").target
    assert target is not None
    assert (target.kind, target.stated, math.isnan(target.measured)) == ("stem_integrated_lufs", -20.0, True)
    assert (song.master.target_lufs, song.master.ceiling_dbtp) == (-16.0, -1.0)
    assert song.stem("vocals").target is None


def test_one_thread_or_many_and_again_give_the_same_numbers(song: MeasuredSong) -> None:
    again = measure_song(song_examples.stems(), song_examples.plan(), threads=1)
    for one, other in zip(again.stems, song.stems, strict=True):
        assert np.array_equal(one.after.spectrum_db, other.after.spectrum_db)
        assert np.array_equal(one.after.waveform.lowest, other.after.waveform.lowest)
    assert again.masking_after is not None
    assert song.masking_after is not None
    assert np.array_equal(again.masking_after.hidden_by, song.masking_after.hidden_by)


def test_a_result_is_measured_as_its_plan(song: MeasuredSong) -> None:
    result = mix(song_examples.stems(), mix_plan=song_examples.plan())
    measured = measure_song(song_examples.stems(), result)
    assert measured.whole_after.integrated_lufs == song.whole_after.integrated_lufs
    send = measured.stem("vocals").sends[0]
    assert math.isnan(send.to_dry_lu)  # no decision states it


@pytest.mark.parametrize("length", [100, 4_000, 30 * 8_000 + 17, 70 * 8_000 + 3])
def test_powers_in_parts_are_those_of_the_whole(length: int, rng: np.random.Generator) -> None:
    audio = rng.standard_normal((length, 2)).astype(np.float32)
    sets = [spectrum_bands(8_000), erb_bands().below(4_000)]
    stream = BandPowerStream(8_000, sets)
    for part in np.array_split(audio, max(1, length // 9_001)):
        stream.update(part)
    for streamed, whole in zip(stream.result(), powers_in_sets(audio, 8_000, sets), strict=True):
        assert streamed == pytest.approx(whole, rel=2e-4)


def test_a_sound_that_cancels_out_in_mono_has_a_spectrum() -> None:
    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    song = Stems.from_arrays({"pad": np.stack([tone, -tone], axis=1), "bass": tone[:, None]}, RATE)
    measured = measure_song(song, starting_plan(song))
    strongest = np.argmax(measured.stem("pad").given.spectrum_db)
    assert measured.bands.low_hz[strongest] < 440 < measured.bands.high_hz[strongest]
    assert measured.stem("pad").given.correlation == pytest.approx(-1.0)


@pytest.mark.parametrize("rate", [8_000, 192_000])
@pytest.mark.parametrize("samples", [1, 700])
def test_short_stems_at_any_rate(rate: int, samples: int) -> None:
    song = Stems.from_arrays({"a": np.full((samples, 1), 0.5), "b": np.full((samples, 2), 0.1)}, rate)
    measured = measure_song(song, starting_plan(song))
    assert measured.stem("a").given.true_peak_dbtp >= 20 * math.log10(0.5)
    assert measured.stem("a").given.short_term.values.size == 0


def test_a_silent_and_a_muted_stem_and_one_alone() -> None:
    tone = 0.2 * np.sin(np.arange(2 * RATE) / 7.0)[:, None]
    song = Stems.from_arrays({"bass": tone, "vocals": np.zeros_like(tone), "pad": tone}, RATE)
    plan = starting_plan(song).replace_stem("pad", mute=True, compressor=COMPRESSOR, limiter=LIMITER)
    measured = measure_song(song, plan)
    assert measured.stem("vocals").silent
    assert measured.stem("pad").muted
    assert measured.stem("pad").compressor is None
    assert measured.stem("vocals").given.integrated_lufs == -math.inf
    assert measured.masking_before is not None
    assert measured.masking_before.names == ("bass", "pad")
    assert measured.masking_after is None
    alone = Stems.from_arrays({"bass": tone}, RATE)
    assert measure_song(alone, starting_plan(alone)).masking_before is None


def test_a_file_is_measured_as_its_samples(tmp_path: Any) -> None:
    from mixrules.files import write_audio

    audio = stem_after("guitar")
    write_audio(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    of_file, of_array = measure_sound(tmp_path / "a.wav"), measure_sound(audio, RATE)
    for field in dataclasses.fields(SoundPicture):
        one, other = getattr(of_file, field.name), getattr(of_array, field.name)
        if isinstance(one, float):
            assert one == pytest.approx(other, nan_ok=True), field.name
    assert of_file.spectrum_db == pytest.approx(of_array.spectrum_db)
    assert of_array.waveform.edges_s[-1] == of_array.length_s == pytest.approx(len(audio) / RATE)


def test_what_cannot_be_measured_is_refused(song: MeasuredSong) -> None:
    other = Stems.from_arrays({"other": np.full((100, 1), 0.1)}, RATE)
    with pytest.raises(PlanError, match="stems"):
        measure_song(song_examples.stems(), starting_plan(other))
    nothing: Any = None
    with pytest.raises(ParameterError, match="mix must be"):
        measure_song(song_examples.stems(), nothing)
    with pytest.raises(ParameterError, match="stems"):
        measure_song(nothing, MixPlan(stems=()))
    with pytest.raises(ParameterError, match="there is no stem 'organ'"):
        song.stem("organ")


def test_reduction_is_none_where_nothing_sounds() -> None:
    before = np.array([0.5, 0.5, 0.0, 0.0])
    found = reduction_between(before, np.array([0.25, 0.5, 0.0, 0.0]), 0.1, columns=2)
    assert found.highest_db[0] == pytest.approx(20 * math.log10(2))
    assert found.mean_db[0] == pytest.approx(10 * math.log10(2))
    assert np.isnan([found.highest_db[1], found.mean_db[1]]).all()
    assert found.time_s == pytest.approx([0.1, 0.3])
    assert reduction_between(before[:0], before[:0], 0.1).most_db == 0.0


def test_no_column_is_empty() -> None:
    for samples in (1, 5, 599, 600, 601, 10_000):
        edges = column_edges(samples)
        assert (np.diff(edges) > 0).all()
        assert (edges[0], edges[-1]) == (0, samples)
        assert len(edges) == min(samples, 600) + 1
