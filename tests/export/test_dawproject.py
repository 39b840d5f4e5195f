"""A plan as a DAWproject: the schema, the audio, what is held, and that the tracks add up to the mix."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import real_songs
import soundfile
from synthetic import RATE

from export.full_plan import held_plan, lacking_plan, project_xml, song, track
from mixrules import MasterPlan, MixPlan, Stems, export_plan, plan, render, starting_plan
from mixrules.errors import AudioFileError, ParameterError, PlanError
from mixrules.export.project import Printing, ReverbWay
from mixrules.processors import PanParams

SCHEMA = Path(
    os.environ.get("MIXRULES_DAWPROJECT_SCHEMA") or real_songs.FOLDER.parent / "schemas" / "Project.xsd"
)
# The order of elements that the schema asks for, of all that is written: it is alphabetical after the common ones.
ORDER = {
    "Project": ["Application", "Transport", "Structure", "Arrangement"],
    "Channel": ["Devices", "Mute", "Pan", "Sends", "Volume"],
    "Equalizer": ["Enabled", "Band", "InputGain"],
    "Band": ["Freq", "Gain", "Q", "Enabled"],
    "Compressor": ["Enabled", "Attack", "AutoMakeup", "OutputGain", "Ratio", "Release", "Threshold"],
    "Limiter": ["Enabled", "Attack", "InputGain", "Release", "Threshold"],
    "Points": ["Target", "RealPoint"],
}


def exported(
    stems: Stems,
    mix_plan: MixPlan,
    folder: Path,
    *,
    reverb: ReverbWay = "track",
    printing: Printing = "needed",
) -> Path:
    path = folder / "a song.dawproject"
    report = export_plan(stems, mix_plan, path, reverb=reverb, print_effects=printing)
    assert report.path == path
    return path


def audio_of(path: Path, name: str) -> tuple[npt.NDArray[np.float32], int]:
    """What a track plays, by the file that its clip names."""
    root = project_xml(path)
    lane = next(
        each
        for each in root.iterfind("Arrangement/Lanes/Lanes")
        if each.get("track") == track(root, name).get("id")
    )
    file = lane.find("Clips/Clip/Audio/File")
    assert file is not None
    with zipfile.ZipFile(path) as archive:
        content = io.BytesIO(archive.read(file.get("path", "")))
    audio, rate = soundfile.read(content, dtype="float32", always_2d=True)
    return audio, rate


@pytest.mark.parametrize("printing", ["needed", "all", "none"])
@pytest.mark.parametrize("reverb", ["ir", "track", "none"])
def test_the_project_is_valid_by_the_official_schema(
    reverb: ReverbWay, printing: Printing, tmp_path: Path
) -> None:
    from lxml import etree

    if not SCHEMA.is_file():
        pytest.skip(f"no schema at {SCHEMA}: set MIXRULES_DAWPROJECT_SCHEMA to DAWproject's Project.xsd")
    stems = song()
    path = exported(stems, lacking_plan(stems), tmp_path, reverb=reverb, printing=printing)
    with zipfile.ZipFile(path) as archive:
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(archive.read("project.xml")))


def test_elements_stand_in_the_order_of_the_schema_and_identifiers_are_known(tmp_path: Path) -> None:
    stems = song()
    root = project_xml(exported(stems, held_plan(stems), tmp_path, reverb="ir"))
    for tag, order in ORDER.items():
        found = list(root.iter(tag))
        assert found, tag
        for element in found:
            places = [order.index(child.tag) for child in element]
            assert places == sorted(places)
    identifiers = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(identifiers) == len(set(identifiers))
    named = {each.get(name) for each in root.iter() for name in ("destination", "parameter", "track")} - {
        None
    }
    assert named <= set(identifiers)


def test_settings_stand_there_in_the_units_that_bitwig_writes(tmp_path: Path) -> None:
    stems = song()
    root = project_xml(exported(stems, held_plan(stems), tmp_path))
    channel = track(root, "Lead Vóx").find("Channel")
    assert channel is not None

    def value(path: str, unit: str) -> float:
        element = channel.find(path)
        assert element is not None
        assert element.get("unit") == unit
        return float(element.get("value", ""))

    assert value("Volume", "linear") == pytest.approx(10 ** (-3.284712 / 20))
    assert value("Pan", "normalized") == 0.5
    # A above middle C is semitone 69; a ratio of 2.8 takes away 64.3 % of what is above the threshold.
    semitones = 69 + 12 * np.log2(81.3 / 440.0)
    assert value("Devices/Equalizer/Band/Freq", "semitones") == pytest.approx(semitones)
    assert value("Devices/Compressor/Ratio", "percent") == pytest.approx(100 * (1 - 1 / 2.8))
    assert value("Devices/Compressor/Attack", "seconds") == 0.012
    assert value("Devices/Compressor/OutputGain", "decibel") == 1.3
    assert track(root, "Lead Vóx").get("comment") == "level: vocal up"
    assert track(root, "Lead Vóx").get("color") != track(root, "bass").get("color")


def test_stems_that_stay_as_they_are_are_in_the_archive_sample_for_sample(tmp_path: Path) -> None:
    stems = song()
    path = exported(stems, held_plan(stems), tmp_path)
    for stem in stems:
        audio, rate = audio_of(path, stem.name)
        assert rate == RATE
        assert audio.shape == stem.audio.shape
        np.testing.assert_allclose(audio, stem.audio, atol=2.0**-23)  # 24 bits


@pytest.mark.parametrize("printing", ["needed", "all"])
def test_the_tracks_with_their_settings_add_up_to_the_mix(printing: Printing, tmp_path: Path) -> None:
    """The audio of the project and its settings, rendered by themselves, give the mix: nothing is lost on the way."""
    stems = song()
    whole = lacking_plan(stems).replace(master=MasterPlan())
    path = exported(stems, whole, tmp_path, printing=printing)
    root = project_xml(path)
    names = [each.get("name", "") for each in root.iter("Track")]
    arrays = {name: audio_of(path, name)[0] for name in names if name != "Master"}
    held = Stems.from_arrays(arrays, RATE, roles=dict.fromkeys(arrays, "other"))
    from mixrules.export.building import Wishes, held_strips
    from mixrules.export.dawproject.host import DAWPROJECT

    strips = held_strips(whole, DAWPROJECT, Wishes(reverb="track", printing=printing))
    again = starting_plan(held)
    for name, each in strips.items():
        again = again.replace(
            stems=tuple(each.strip if strip.name == name else strip for strip in again.stems)
        )
    mixed, expected = render(held, again), render(stems, whole)
    difference = np.zeros((max(len(mixed), len(expected)), 2))
    difference[: len(mixed)] += mixed
    difference[: len(expected)] -= expected
    # 24 bits of the stems, and a reverb that is fed once.
    assert np.abs(difference).max() < 1e-6
    assert np.abs(expected).max() > 0.1


def test_a_reverb_travels_as_the_response_of_its_room(tmp_path: Path) -> None:
    from mixrules.processors import impulse_response

    stems = song()
    mix_plan = held_plan(stems)
    path = exported(stems, mix_plan, tmp_path, reverb="ir")
    with zipfile.ZipFile(path) as archive:
        (name,) = [each for each in archive.namelist() if "impulse response" in each]
        audio, _ = soundfile.read(io.BytesIO(archive.read(name)), dtype="float32")
    np.testing.assert_allclose(audio, impulse_response(RATE, mix_plan.reverb("room")), atol=1e-6)
    root = project_xml(path)
    send = track(root, "Lead Vóx").find("Channel/Sends/Send")
    room = track(root, "Reverb room").find("Channel")
    assert send is not None
    assert room is not None
    assert (send.get("destination"), room.get("role")) == (room.get("id"), "effect")


def test_what_is_not_held_is_said_in_one_line_each(tmp_path: Path) -> None:
    stems = song()
    told = export_plan(stems, lacking_plan(stems), tmp_path / "a.dawproject").told
    assert "rendered into the track: the de-esser of Lead Vóx, which a DAWproject does not hold" in told
    assert "rendered into the track: the polarity of bass, which a DAWproject does not hold" in told
    left = export_plan(stems, lacking_plan(stems), tmp_path / "b.dawproject", print_effects="none").told
    assert "left out: the stereo width of guitars / 左, which a DAWproject does not hold" in left
    assert not any("\n" in line for line in (*told, *left))


def test_a_muted_stem_sends_nothing_and_stays_muted(tmp_path: Path) -> None:
    stems = song()
    root = project_xml(exported(stems, held_plan(stems), tmp_path))
    mute = track(root, "shaker").find("Channel/Mute")
    assert mute is not None
    assert mute.get("value") == "true"


@pytest.mark.parametrize("rate", [8000, 48_000, 96_000])
def test_any_sample_rate(rate: int, tmp_path: Path) -> None:
    stems = song(0.5, rate)
    mix_plan = starting_plan(stems).replace_stem("bass", pan=PanParams(pan=1.0))
    assert audio_of(exported(stems, mix_plan, tmp_path), "bass")[1] == rate


def test_sixty_tracks_with_names_that_differ_in_case_alone(tmp_path: Path) -> None:
    names = [f"Take {number}" for number in range(29)] + [f"take {number}" for number in range(29)]
    arrays = {name: np.full((200, 1), 0.1, np.float32) for name in [*names, "con", "a/b\\c:d*e?f.wav "]}
    stems = Stems.from_arrays(arrays, RATE, join_pairs=False)
    path = exported(stems, starting_plan(stems), tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = [name.casefold() for name in archive.namelist() if name.startswith("audio/")]
    assert len(files) == len(set(files)) == 60
    assert len(list(project_xml(path).iter("Track"))) == 61


def test_one_sample_and_silence(tmp_path: Path) -> None:
    stems = Stems.from_arrays({"a": np.zeros((1, 1)), "b": np.full((1, 2), 0.5)}, RATE)
    path = exported(stems, starting_plan(stems), tmp_path)
    assert audio_of(path, "a")[0].shape == (1, 1)


def test_audio_may_stay_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "my stems"
    folder.mkdir()
    for name in ("vocals", "bass"):
        soundfile.write(folder / f"{name}.wav", np.full(4000, 0.1), RATE)
    stems = Stems.from_arrays({name: np.full((4000, 1), 0.1) for name in ("bass", "vocals")}, RATE)
    path = tmp_path / "song.dawproject"
    report = export_plan(folder, starting_plan(stems), path, reference_audio=True)
    files = [file for file in project_xml(path).iter("File")]
    assert {file.get("path") for file in files} == {"my stems/bass.wav", "my stems/vocals.wav"}
    assert {file.get("external") for file in files} == {"true"}
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".wav")]
    assert not any("written anew" in line for line in report.told)


def test_the_same_project_has_the_same_bytes(tmp_path: Path) -> None:
    stems = song(0.5)
    first, second = tmp_path / "1.dawproject", tmp_path / "2.dawproject"
    for path in (first, second):
        export_plan(stems, held_plan(stems), path)
    assert first.read_bytes() == second.read_bytes()


def test_a_project_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    stems = song(0.2)
    path = tmp_path / "song.dawproject"
    path.write_text("mine")
    with pytest.raises(ParameterError, match="exists already"):
        export_plan(stems, starting_plan(stems), path)
    assert path.read_text() == "mine"
    export_plan(stems, starting_plan(stems), path, overwrite=True)
    assert zipfile.is_zipfile(path)


def test_bad_arguments_are_one_line(tmp_path: Path) -> None:
    stems = song(0.2)
    with pytest.raises(
        ParameterError, match=r"song\.als cannot be exported: its name must end in \.dawproject,"
    ):
        export_plan(stems, starting_plan(stems), tmp_path / "song.als")
    with pytest.raises(ParameterError, match="reverb"):
        export_plan(stems, starting_plan(stems), tmp_path / "a.dawproject", reverb="wet")  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="is for other stems"):
        export_plan(stems, MixPlan(stems=()), tmp_path / "a.dawproject")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(AudioFileError):
        export_plan(stems, starting_plan(stems), blocked / "a.dawproject")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]


def test_the_tempo_is_the_one_that_was_measured(tmp_path: Path) -> None:
    from synthetic import clicks

    stems = Stems.from_arrays({"drums": clicks(8.0, 100.0)[:, np.newaxis]}, RATE)
    tempo = project_xml(exported(stems, starting_plan(stems), tmp_path)).find("Transport/Tempo")
    assert tempo is not None
    assert float(tempo.get("value", "")) == pytest.approx(100.0, rel=0.01)


def test_a_plan_by_the_rules_is_exported_with_its_sentences(make_band: object, tmp_path: Path) -> None:
    stems = Stems.from_arrays(make_band(4.0), RATE)  # type: ignore[operator]
    decided = plan(stems)
    root = project_xml(exported(stems, decided, tmp_path))
    for decision in decided.decisions:
        if decision.stem and not decision.superseded:
            assert decision.sentence in (track(root, decision.stem).get("comment") or "")
