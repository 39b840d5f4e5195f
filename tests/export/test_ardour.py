"""A plan as an Ardour session: its XML, its files, and, where Ardour is installed, what it renders."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, parse

import numpy as np
import pytest
import soundfile
from ardour_residuals import TOOLS, compared
from synthetic import RATE

from export.full_plan import BANDS, held_plan, lacking_plan, song
from mixrules import MasterPlan, MixPlan, Stems, export_plan, starting_plan
from mixrules.export.ardour.panning import ardour_pan
from mixrules.processors import (
    CompressorParams,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    pan,
)

SUPERCLOCK = 282_240_000


def exported(stems: Stems, mix_plan: MixPlan, folder: Path, **choices: Any) -> Path:
    path = export_plan(stems, mix_plan, folder / "a song.ardour", **choices).path
    assert path == folder / "a song_ardour" / "a song.ardour"
    return path


def routes(path: Path) -> dict[str, Element]:
    return {each.get("name", ""): each for each in parse(path).iterfind("Routes/Route")}


def control(route: Element, name: str) -> float:
    found = next(each for each in route.iter("Controllable") if each.get("name") == name)
    return float(found.get("value", ""))


def plugins(route: Element) -> list[tuple[str, dict[str, float]]]:
    found = []
    for each in route.iterfind("Processor"):
        if each.get("type") == "lv2":
            ports = {
                port.get("symbol", ""): float(port.get("value", "")) for port in each.iterfind("lv2/Port")
            }
            found.append((each.get("unique-id", ""), ports))
    return found


def test_every_track_plays_its_file_from_the_start(tmp_path: Path) -> None:
    stems = song()
    path = exported(stems, held_plan(stems), tmp_path, reverb="track")
    session = parse(path).getroot()
    folder = path.parent / "interchange" / "a song" / "audiofiles"
    sources = {each.get("id"): each for each in session.iterfind("Sources/Source")}
    lists = {each.get("id"): each for each in session.iterfind("Playlists/Playlist")}
    names = [*(stem.name.replace("/", "-") for stem in stems), "Reverb room", "Master"]
    assert sorted(routes(path)) == sorted(names)
    for name, route in routes(path).items():
        if name == "Master":
            continue
        (region,) = lists[route.get("audio-playlist")].findall("Region")
        channels = int(region.get("channels", ""))
        files = {sources[region.get(f"source-{place}")].get("name") for place in range(channels)}
        (file,) = files
        info = soundfile.info(folder / str(file))
        assert info.channels == channels
        assert region.get("length") == f"a{info.frames * SUPERCLOCK // RATE}@a0"
        assert region.get("fade-in-active") == "0"


def test_identifiers_are_unique_and_connections_lead_to_the_master(tmp_path: Path) -> None:
    stems = song()
    session = parse(exported(stems, held_plan(stems), tmp_path)).getroot()
    identifiers = [each.get("id") for each in session.iter() if each.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert int(session.get("id-counter", "")) > max(int(str(each)) for each in identifiers)
    for route in session.iterfind("Routes/Route"):
        outputs = [each.get("other") for each in route.iterfind("IO[@direction='Output']/Port/Connection")]
        if route.get("name") == "Master":
            assert outputs == ["system:playback_1", "system:playback_2"]
        else:
            assert outputs == ["Master/audio_in 1", "Master/audio_in 2"]


@pytest.mark.parametrize("position", [-1.0, -0.37, 0.0, 0.81, 1.0])
@pytest.mark.parametrize("law_db", [-3.0, -4.5, -6.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_ardours_panners_give_our_pan(channels: int, law_db: float, position: float) -> None:
    """By the formulas of its sources: a parabola for mono, a balance for stereo."""
    params = PanParams(pan=position, pan_law_db=law_db)
    azimuth, gain_db = ardour_pan(params, channels)
    if channels == 1:
        scale = 2.0 - 4.0 * 10.0 ** (-3.0 / 20.0)
        sides = [side * (scale * side + 1.0 - scale) for side in (1.0 - azimuth, azimuth)]
    else:
        sides = [min(1.0, 2.0 - 2.0 * azimuth), min(1.0, 2.0 * azimuth)]
    expected = pan(np.ones((1, channels)), RATE, params)[0]
    np.testing.assert_allclose(np.array(sides) * 10 ** (gain_db / 20), expected, atol=1e-6)


def test_settings_are_those_of_the_plan(tmp_path: Path) -> None:
    stems = song()
    plan = held_plan(stems)
    tracks = routes(exported(stems, plan, tmp_path))
    voice = tracks["Lead Vóx"]
    assert 20 * np.log10(control(voice, "trimcontrol")) == pytest.approx(-1.7)
    assert control(voice, "gaincontrol") == pytest.approx(10 ** (-3.284712 / 20), rel=0.002)
    (equalizer, ports), (compressor, settings) = plugins(voice)
    assert equalizer.endswith("para_equalizer_x16_mono")
    assert compressor == "urn:ardour:a-comp"
    assert (settings["rat"], settings["att"], settings["rel"]) == (2.8, 1.2, 140.0)
    assert 6.0 * settings["kn"] + 0.01 == pytest.approx(6.0)  # the width of its knee, as its source has it
    assert [ports[f"ft_{number}"] for number in range(3)] == [2.0, 1.0, 3.0]
    assert [ports[f"f_{number}"] for number in range(3)] == [band.frequency_hz for band in BANDS.bands]
    assert {ports[f"fm_{number}"] for number in range(3)} == {6.0}
    (limiter, settings) = plugins(tracks["Master"])[1]
    assert limiter == "http://gareus.org/oss/lv2/dpl#stereo"
    assert (settings["gain"], settings["threshold"], settings["truepeak"]) == (3.21, -1.0, 1.0)
    mute = tracks["shaker"].find("MuteMaster")
    comment = voice.find("Comment")
    assert mute is not None
    assert comment is not None
    assert (mute.get("muted"), comment.text) == ("1", "level: vocal up")


def test_a_send_goes_to_the_bus_with_the_response_of_the_room(tmp_path: Path) -> None:
    from mixrules.processors import impulse_response

    stems = song()
    plan = held_plan(stems)
    path = exported(stems, plan, tmp_path)
    tracks = routes(path)
    send = next(each for each in tracks["Lead Vóx"].iterfind("Processor") if each.get("type") == "intsend")
    assert send.get("target") == tracks["Reverb room"].get("id")
    (convolver,) = [each for each in tracks["Reverb room"].iterfind("Processor") if each.get("type") == "lv2"]
    state = path.parent / "plugins" / str(convolver.get("id")) / "state1"
    assert {each.name for each in state.iterdir()} >= {"manifest.ttl", "state.ttl"}
    (response,) = state.glob("*.wav")
    audio, _ = soundfile.read(response, dtype="float32")
    expected = impulse_response(RATE, plan.reverb("room"))
    # Left and right each go to both sides at half: a true-stereo response.
    doubled = 0.5 * np.concatenate([expected, expected], axis=1)
    np.testing.assert_allclose(audio[: len(expected)], doubled, atol=1e-6)
    assert len(audio) % 16_384 == 0
    assert not audio[len(expected) :].any()


def test_what_lies_outside_of_the_plug_ins_ranges_is_rendered(tmp_path: Path) -> None:
    stems = song(0.2)
    low = EqualizerParams(bands=(EqBand(frequency_hz=5.0, gain_db=1.0),))
    plan = starting_plan(stems).replace_stem("bass", equalizer=low)
    plan = plan.replace_stem("shaker", compressor=CompressorParams(knee_db=50.0))
    plan = plan.replace_stem("Lead Vóx", limiter=LimiterParams(ceiling_dbtp=-20.0))
    told = export_plan(stems, plan, tmp_path / "a.ardour").told
    for name in ("bass", "shaker", "Lead Vóx"):
        assert any(line.startswith("rendered into the track") and f" of {name}," in line for line in told)


def test_an_equaliser_of_many_bands_is_two(tmp_path: Path) -> None:
    stems = song(0.2)
    many = EqualizerParams(bands=tuple(EqBand(frequency_hz=100.0 * k, gain_db=1.0) for k in range(1, 18)))
    route = routes(exported(stems, starting_plan(stems).replace_stem("bass", equalizer=many), tmp_path))[
        "bass"
    ]
    found = [
        ports[f"f_{number}"] for _, ports in plugins(route) for number in range(16) if f"f_{number}" in ports
    ]
    assert found == [band.frequency_hz for band in many.bands]


@pytest.mark.parametrize(
    ("gain_db", "ceiling_dbtp"), [(40.0, -1.0), (-14.0, -1.0), (3.0, -24.0), (120.0, 0.0)]
)
def test_the_masters_limiter_beyond_its_ranges_is_held_by_gains_around_it(
    gain_db: float, ceiling_dbtp: float, tmp_path: Path
) -> None:
    stems = song(0.2)
    limiter = LimiterParams(ceiling_dbtp=ceiling_dbtp, release_ms=2000.0)
    plan = starting_plan(stems).replace(master=MasterPlan(gain_db=gain_db, limiter=limiter))
    report = export_plan(stems, plan, tmp_path / "a.ardour")
    master = routes(report.path)["Master"]
    *gains, (_, limiting) = plugins(master)
    before_db = limiting["gain"] + sum(20 * np.log10(ports["g_in"] * ports["g_out"]) for _, ports in gains)
    after_db = 20 * np.log10(control(master, "gaincontrol"))
    assert -10.0 <= limiting["gain"] <= 30.0
    assert -10.0 <= limiting["threshold"] <= 0.0
    assert all(0.0 < ports[name] <= 10.0 for _, ports in gains for name in ("g_in", "g_out"))
    assert before_db + after_db == pytest.approx(gain_db, abs=1e-6)
    assert limiting["threshold"] + after_db == pytest.approx(ceiling_dbtp, abs=1e-6)
    assert limiting["release"] == 1.0
    assert (
        "master: a limiter setting outside of its plug-in's ranges: set to the nearest that it takes"
        in report.told
    )


def test_what_a_masters_plug_ins_cannot_be_set_to_is_said(tmp_path: Path) -> None:
    stems = song(0.2)
    band = EqBand(kind="high_pass", frequency_hz=5.0)
    master = MasterPlan(equalizer=EqualizerParams(bands=(band,)), compressor=CompressorParams(ratio=50.0))
    plan = starting_plan(stems).replace(master=master)
    report = export_plan(stems, plan, tmp_path / "a.ardour")
    (_, equalizer), (_, compressor) = plugins(routes(report.path)["Master"])
    assert (equalizer["f_0"], compressor["rat"]) == (10.0, 20.0)
    assert sum("set to the nearest that it takes" in line for line in report.told) == 2


def test_a_fader_above_its_end_goes_on_in_an_equalisers_gains(tmp_path: Path) -> None:
    stems = song(0.2)
    points = (GainPoint(time_s=0.0, gain_db=4.0), GainPoint(time_s=0.1, gain_db=-1.0))
    plan = starting_plan(stems).replace_stem("guitars / 左", gain_db=10.0, automation=points)
    route = routes(exported(stems, plan, tmp_path))["guitars - 左"]
    ((_, ports),) = plugins(route)
    louder_db = 20 * np.log10(ports["g_in"] * ports["g_out"])
    ride = [float(line.split()[1]) for line in next(route.iter("events")).text.splitlines()]  # type: ignore[union-attr]
    assert max(ride) <= 10 ** (6.0 / 20) + 1e-9
    assert louder_db + 20 * np.log10(ride[0]) == pytest.approx(14.0)
    assert louder_db + 20 * np.log10(control(route, "gaincontrol")) == pytest.approx(10.0)


def test_names_that_ardour_cannot_hold_are_changed(tmp_path: Path) -> None:
    arrays = {name: np.full((100, 1), 0.1) for name in ("Master", "a:b", "a-b", "日本語 🎸")}
    stems = Stems.from_arrays(arrays, RATE, roles=dict.fromkeys(arrays, "other"))
    names = set(routes(exported(stems, starting_plan(stems), tmp_path)))
    assert names == {"Master", "Master 2", "a-b", "a-b 2", "日本語 🎸"}


def test_ardour_renders_faders_pans_and_routing_as_we_do(tmp_path: Path) -> None:
    """Rides are apart: Ardour moves its faders a little behind their lines."""
    if not any(map(shutil.which, TOOLS)):
        pytest.skip(f"Ardour is not installed: {' or '.join(TOOLS)} renders its sessions")
    stems = song(2.0, 44_100)
    plan = lacking_plan(stems).replace(master=MasterPlan(gain_db=-2.0))
    plan = plan.replace_stem("Lead Vóx", automation=())
    assert compared(stems, plan, print_effects="all", reverb="track") < -100.0
