"""A plan as a REAPER project, read back by the library `rpp`: routing, faders, pans, rides, and the plug-ins' states."""

from __future__ import annotations

import base64
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rpp
import soundfile
from synthetic import RATE

from export.full_plan import BANDS, COMPRESSOR, held_plan, lacking_plan, song
from mixrules import MasterPlan, MixPlan, Stems, export_plan, render, starting_plan
from mixrules.export.reaper.plugin_states import bandwidth_octaves
from mixrules.processors import CompressorParams, EqBand, EqualizerParams, PanParams


def loaded(path: Path) -> Any:
    return rpp.loads(path.read_text(encoding="utf-8"))


def tracks(project: Any) -> dict[str, Any]:
    return {value(each, "NAME")[0]: each for each in project.findall("TRACK")}


def value(element: Any, name: str) -> list[str]:
    """The fields of a line."""
    found = next(each for each in element if isinstance(each, list) and each[0] == name)
    return [str(field) for field in found[1:]]


def state(element: Any, name: str) -> tuple[bytes, bytes]:
    """Header and data of a plug-in's state."""
    (plugin,) = [each for each in element.iter("VST") if str(each.attrib[0]) == f"VST: {name} (Cockos)"]
    lines = [line for line in plugin.children if isinstance(line, str)]
    return base64.b64decode(lines[0]), base64.b64decode("".join(lines[1:-1]))


def exported(stems: Stems, mix_plan: MixPlan, folder: Path, **choices: Any) -> Path:
    return export_plan(stems, mix_plan, folder / "a song.rpp", **choices).path


def test_the_project_is_read_by_a_library_and_names_files_that_are_there(tmp_path: Path) -> None:
    stems = song()
    path = exported(stems, held_plan(stems), tmp_path)
    project = loaded(path)
    assert project.tag == "REAPER_PROJECT"
    assert list(tracks(project)) == ["Lead Vóx", "guitars / 左", "bass", "shaker", "Reverb room"]
    for name, each in tracks(project).items():
        item = each.find("ITEM")
        file = tmp_path / value(item.find("SOURCE"), "FILE")[0]
        info = soundfile.info(file)
        assert float(value(item, "LENGTH")[0]) == pytest.approx(info.frames / RATE)
        assert info.samplerate == RATE, name
    assert value(project, "SAMPLERATE") == [str(RATE), "1", "0"]


def test_faders_balances_and_polarity_give_the_mix(tmp_path: Path) -> None:
    """A track's sound: item volume, polarity, fader, and a balance that turns down one side only (pan law 0 dB)."""
    stems = song()
    plan = held_plan(stems)
    plan = plan.replace(
        master=MasterPlan(),
        reverbs=(),
        stems=tuple(
            type(strip)(
                name=strip.name,
                gain_db=strip.gain_db,
                pan=strip.pan,
                input_gain_db=strip.input_gain_db,
                mute=strip.mute,
                invert_polarity=strip.name == "bass",
            )
            for strip in plan.stems
        ),
    )
    path = exported(stems, plan, tmp_path)
    mixed = np.zeros((stems.samples, 2))
    for each in tracks(loaded(path)).values():
        item = each.find("ITEM")
        audio, _ = soundfile.read(tmp_path / value(item.find("SOURCE"), "FILE")[0], always_2d=True)
        fader, position = (float(field) for field in value(each, "VOLPAN")[:2])
        sides = np.array([min(1.0, 1.0 - position), min(1.0, 1.0 + position)])
        sign = -1.0 if value(each, "IPHASE") == ["1"] else 1.0
        if value(each, "MUTESOLO")[0] == "0":
            mixed += sign * float(value(item, "VOLPAN")[0]) * fader * sides * audio
    np.testing.assert_allclose(mixed, render(stems, plan), atol=1e-6)


@pytest.mark.parametrize("position", [-1.0, -0.37, 0.0, 0.81, 1.0])
@pytest.mark.parametrize("law_db", [-3.0, -4.5, -6.0])
@pytest.mark.parametrize("name", ["bass", "guitars / 左"])
def test_every_pan_is_a_balance_and_a_gain(name: str, law_db: float, position: float, tmp_path: Path) -> None:
    stems = song(0.2)
    plan = starting_plan(stems).replace_stem(name, pan=PanParams(pan=position, pan_law_db=law_db))
    each = tracks(loaded(exported(stems, plan, tmp_path)))[name]
    fader, balance = (float(field) for field in value(each, "VOLPAN")[:2])
    sides = fader * np.array([min(1.0, 1.0 - balance), min(1.0, 1.0 + balance)])
    from mixrules.processors import pan

    channels = stems[name].channels
    expected = pan(np.ones((1, channels)), RATE, PanParams(pan=position, pan_law_db=law_db))[0]
    np.testing.assert_allclose(sides, expected, atol=1e-9)


def test_a_ride_is_an_envelope_under_the_fader(tmp_path: Path) -> None:
    stems = song()
    plan = held_plan(stems)
    envelope = tracks(loaded(exported(stems, plan, tmp_path)))["Lead Vóx"].find("VOLENV2")
    points = [[float(field) for field in each[1:3]] for each in envelope if each[0] == "PT"]
    times_s, gains = np.array(points).T
    for point in plan.stem("Lead Vóx").automation:
        assert 20 * np.log10(np.interp(point.time_s, times_s, gains)) == pytest.approx(point.gain_db)
    # Between them the lines bend by less than can be heard.
    at_s = np.linspace(0.5, 1.75, 200)
    straight_db = np.interp(at_s, [0.5, 1.75], [-4.2, 1.1])
    np.testing.assert_allclose(20 * np.log10(np.interp(at_s, times_s, gains)), straight_db, atol=0.004)


def test_sends_are_receives_of_the_return_after_the_fader(tmp_path: Path) -> None:
    stems = song()
    path = exported(stems, held_plan(stems), tmp_path, reverb="ir")
    room = tracks(loaded(path))["Reverb room"]
    received = [each[1:5] for each in room if isinstance(each, list) and each[0] == "AUXRECV"]
    assert [(str(each[0]), str(each[1])) for each in received] == [("0", "0"), ("1", "0")]
    assert 20 * math.log10(float(received[0][2])) == pytest.approx(-11.3)
    assert [file.name for file in (tmp_path / "a song_audio").glob("impulse*")]


def test_the_equaliser_is_a_reaeq(tmp_path: Path) -> None:
    stems = song(0.2)
    header, data = state(tracks(loaded(exported(stems, held_plan(stems), tmp_path)))["Lead Vóx"], "ReaEQ")
    assert (header[:4], len(header)) == (b"qeer", 60)
    assert struct.unpack_from("<I", header, 48)[0] == len(data)
    version, count = struct.unpack_from("<ii", data)
    assert (version, count) == (33, 3)
    kinds = {"high_pass": 4, "peaking": 8, "high_shelf": 1}
    for number, band in enumerate(BANDS.bands):
        kind, on, hertz, gain, octaves, _ = struct.unpack_from("<iidddB", data, 8 + 33 * number)
        assert (kind, on, hertz) == (kinds[band.kind], 1, band.frequency_hz)
        assert 20 * math.log10(gain) == pytest.approx(band.gain_db)
        assert 1 / (2 * math.sinh(math.log(2) / 2 * octaves)) == pytest.approx(band.q)


def test_a_bandwidth_of_one_octave_is_a_quality_factor_of_root_two() -> None:
    assert bandwidth_octaves(math.sqrt(2.0)) == pytest.approx(1.0)


def test_the_compressor_is_a_reacomp(tmp_path: Path) -> None:
    stems = song(0.2)
    header, data = state(tracks(loaded(exported(stems, held_plan(stems), tmp_path)))["Lead Vóx"], "ReaComp")
    assert (header[:4], len(header), len(data)) == (b"mcer", 76, 92)
    assert data[:8] == bytes.fromhex("efbeadde0df0adde")
    values = struct.unpack_from("<21f", data, 8)
    assert 20 * math.log10(values[0]) == pytest.approx(COMPRESSOR.threshold_db, abs=1e-4)
    assert 1 + 99 * values[1] == pytest.approx(COMPRESSOR.ratio, abs=1e-4)
    assert (500 * values[2], 5000 * values[3]) == (pytest.approx(12.0), pytest.approx(140.0))
    assert 20 * math.log10(values[11]) == pytest.approx(COMPRESSOR.makeup_db, abs=1e-4)
    assert (100 * values[13], 24 * values[14]) == (0.0, pytest.approx(6.0))


def test_the_master_has_its_gain_before_its_limiter(tmp_path: Path) -> None:
    stems = song(0.2)
    project = loaded(exported(stems, held_plan(stems), tmp_path))
    chain = project.find("MASTERFXLIST")
    kinds = [str(each.attrib[0]) for each in chain.children if not isinstance(each, (list, str))]
    assert kinds == ["VST: ReaEQ (Cockos)", "utility/volume", "VST: ReaLimit (Cockos)"]
    _, data = state(chain, "ReaLimit")
    assert struct.unpack_from("<dd", data, 8) == (-1.0, -1.0)
    (script,) = chain.iter("JS")
    slider = float(str(script.children[0]).strip("[]'").split()[0].strip("',"))
    assert 20 * math.log10(2 ** (slider / 6)) == pytest.approx(3.21)


def test_what_lies_outside_of_the_plug_ins_ranges_is_rendered(tmp_path: Path) -> None:
    stems = song(0.2)
    narrow = EqualizerParams(bands=(EqBand(frequency_hz=15.0, gain_db=1.0),))
    plan = starting_plan(stems).replace_stem("bass", equalizer=narrow)
    plan = plan.replace_stem("shaker", compressor=CompressorParams(makeup_db=9.0))
    told = export_plan(stems, plan, tmp_path / "a.rpp").told
    assert any("outside of ReaEQ's ranges of bass" in line for line in told)
    assert any("outside of ReaComp's ranges of shaker" in line for line in told)
    project = loaded(tmp_path / "a.rpp")
    assert not list(project.iter("VST"))


def test_what_a_masters_plug_ins_cannot_be_set_to_is_said(tmp_path: Path) -> None:
    stems = song(0.2)
    equalizer = EqualizerParams(bands=(EqBand(frequency_hz=15.0, gain_db=1.0),))
    plan = starting_plan(stems).replace(
        master=MasterPlan(equalizer=equalizer, compressor=CompressorParams(makeup_db=9.0))
    )
    told = export_plan(stems, plan, tmp_path / "a.rpp").told
    assert sum(line.startswith("master: ") and "nearest that it takes" in line for line in told) == 2
    chain = loaded(tmp_path / "a.rpp").find("MASTERFXLIST")
    assert struct.unpack_from("<d", state(chain, "ReaEQ")[1], 16) == (20.0,)
    makeup = struct.unpack_from("<21f", state(chain, "ReaComp")[1], 8)[11]
    assert 20 * math.log10(makeup) == pytest.approx(6.0, abs=1e-4)


def test_decisions_are_notes_and_odd_names_are_quoted(tmp_path: Path) -> None:
    names = ['say "hi"', "it's", "both \" and '", "all \" ' `", "> <TRACK", "plain", "日本語 🎸"]
    arrays = {name: np.full((100, 1), 0.1) for name in names}
    stems = Stems.from_arrays(arrays, RATE)
    read = tracks(loaded(exported(stems, starting_plan(stems), tmp_path)))
    assert set(read) == {name.replace("`", "'") if '"' in name and "'" in name else name for name in names}
    other = song(0.2)
    item = tracks(loaded(export_plan(other, held_plan(other), tmp_path / "b.rpp").path))["Lead Vóx"].find(
        "ITEM"
    )
    assert "level: vocal up" in str(item.find("NOTES").children)


def test_what_is_not_held_is_said(tmp_path: Path) -> None:
    stems = song()
    told = export_plan(stems, lacking_plan(stems), tmp_path / "a.rpp").told
    assert "rendered into the track: the de-esser of Lead Vóx, which a REAPER project does not hold" in told
    assert any("were not compared with ours" in line for line in told)
    assert not any("polarity" in line for line in told)  # a switch of the track
