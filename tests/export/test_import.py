"""A DAWproject back into a plan: exact where nothing changed, a decision for what did, safe with others' files."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import pytest
from cli_runner import Run  # noqa: TC002

from export.full_plan import COMPRESSOR, held_plan, lacking_plan, parameter, saved_again, song, track
from mixrules import MixPlan, StemPlan, export_plan, import_plan, plan, render
from mixrules.errors import AudioFileError, ParameterError, PlanError
from mixrules.export.project import Printing, ReverbWay
from mixrules.plan_edits import edits
from mixrules.processors import EqBand, PanParams

PERSONS_OWN = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Project version="1.0">
  <Application name="Some DAW" version="5.1"/>
  <Transport><Tempo unit="bpm" value="120.0" id="id0"/></Transport>
  <Structure>
    <Track contentType="tracks" id="g0" name="Rhythm">
      <Channel role="submix" id="c0"><Volume unit="linear" value="0.5" id="v0"/></Channel>
      <Track contentType="audio" id="t1" name="Kick In">
        <Channel audioChannels="2" destination="c0" role="regular" solo="false" id="c1">
          <Devices>
            <Equalizer deviceName="EQ" deviceRole="audioFX">
              <Band type="bell" order="0">
                <Freq unit="hertz" value="60.0"/><Gain unit="decibel" value="3.0"/><Q unit="linear" value="1.2"/>
              </Band>
              <Band type="notch" order="1"><Freq unit="hertz" value="400.0"/></Band>
              <Band type="bell" order="2">
                <Freq unit="semitones" value="81.0"/><Gain unit="decibel" value="-2.0"/>
                <Enabled value="false"/>
              </Band>
              <OutputGain unit="decibel" value="-1.5"/>
            </Equalizer>
            <Compressor deviceName="Comp" deviceRole="audioFX">
              <InputGain unit="decibel" value="2.0"/><Ratio unit="percent" value="75.0"/>
              <Threshold unit="decibel" value="-20.0"/>
            </Compressor>
            <ClapPlugin deviceName="Surge XT" deviceRole="audioFX"><State path="plugins/a.clap-preset"/></ClapPlugin>
          </Devices>
          <Mute value="false"/>
          <Pan max="1.000000" min="0.000000" unit="normalized" value="0.250000"/>
          <Volume max="2.000000" min="0.000000" unit="linear" value="0.501187" id="v1"/>
        </Channel>
      </Track>
    </Track>
    <Track contentType="audio" id="t2" name="Lead Vox">
      <Channel role="regular" id="c2">
        <Mute value="true"/>
        <Volume unit="decibel" value="-inf"/>
      </Channel>
    </Track>
    <Track contentType="audio notes" id="t3" name="Master">
      <Channel role="master" id="c3"><Volume unit="linear" value="1.0"/></Channel>
    </Track>
  </Structure>
  <Arrangement>
    <Lanes timeUnit="beats">
      <Lanes track="t1">
        <Clips><Clip time="4.0" duration="8.0"/></Clips>
        <Points unit="linear"><Target parameter="v1"/>
          <RealPoint time="0.0" value="0.501187"/><RealPoint time="4.0" value="1.0"/>
        </Points>
      </Lanes>
    </Lanes>
  </Arrangement>
</Project>
"""


def archive(path: Path, project: str | bytes, **others: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.xml", project)
        for name, content in others.items():
            file.writestr(name, content)
    return path


def nothing(root: Element) -> None:
    """Change nothing."""


@pytest.mark.parametrize("keeps_plan", [True, False])
@pytest.mark.parametrize("printing", ["needed", "all", "none"])
@pytest.mark.parametrize("reverb", ["ir", "track"])
def test_what_nobody_changed_comes_back_exactly(
    reverb: ReverbWay, printing: Printing, keeps_plan: bool, tmp_path: Path
) -> None:
    """Also where the DAW has rounded all numbers to six decimals, and dropped the plan."""
    stems = song(0.5)
    original = lacking_plan(stems)
    path = tmp_path / "song.dawproject"
    export_plan(stems, original, path, reverb=reverb, print_effects=printing)
    again = saved_again(path, tmp_path / "again.dawproject", nothing, keeps_plan=keeps_plan)
    for project in (path, again):
        report = import_plan(project, start=None if project == path or keeps_plan else original)
        assert report.edited == ()
        assert report.plan == original


def test_without_any_plan_the_settings_that_a_project_holds_come_back_to_the_last_digit(
    tmp_path: Path,
) -> None:
    stems = song(0.5)
    original = held_plan(stems)
    path = tmp_path / "song.dawproject"
    export_plan(stems, original, path, reverb="ir")
    bare = tmp_path / "bare.dawproject"
    with zipfile.ZipFile(path) as old:
        archive(bare, old.read("project.xml"))
    report = import_plan(bare)
    assert any("every setting is the project's own" in line for line in report.told)
    for strip in original.stems:
        found = report.plan.stem(strip.name)
        # What a project does not hold: the knee, and which room the sends go to.
        knee = (
            None
            if found.compressor is None
            else dataclasses.replace(found.compressor, knee_db=COMPRESSOR.knee_db)
        )
        assert (found.equalizer, knee, found.limiter) == (strip.equalizer, strip.compressor, strip.limiter)
        assert found.gain_db == pytest.approx(strip.gain_db, abs=1e-12)
        assert found.input_gain_db == strip.input_gain_db
        assert (found.pan, found.mute) == (strip.pan, strip.mute)
    assert report.plan.stem("Lead Vóx").gain_db == -3.284712
    assert report.plan.master.limiter == original.master.limiter
    assert report.plan.master.gain_db == original.master.gain_db


def edit_everything(root: Element) -> None:
    parameter(root, "Lead Vóx", "Volume").set("value", "0.794328")
    parameter(root, "bass", "Pan").set("value", "0.500000")
    parameter(root, "shaker", "Mute").set("value", "false")
    parameter(root, "Lead Vóx", "Devices/Compressor/Threshold").set("value", "-30.000000")
    parameter(root, "Lead Vóx", "Devices/Equalizer/Band[2]/Gain").set("value", "-4.000000")
    parameter(root, "Lead Vóx", "Sends/Send/Volume").set("value", "0.100000")


def test_what_a_daw_changed_is_a_decision_that_says_so(tmp_path: Path) -> None:
    stems = song(0.5)
    original = held_plan(stems)
    path = tmp_path / "song.dawproject"
    export_plan(stems, original, path, reverb="ir")
    report = import_plan(saved_again(path, tmp_path / "edited.dawproject", edit_everything), start=original)
    edited = report.plan
    assert edited.stem("Lead Vóx").gain_db == pytest.approx(-2.0, abs=1e-4)
    assert edited.stem("bass").pan == PanParams(pan=0.0)
    assert not edited.stem("shaker").mute
    assert edited.stem("Lead Vóx").compressor == dataclasses.replace(COMPRESSOR, threshold_db=-30.0)
    assert edited.stem("Lead Vóx").equalizer.bands[1].gain_db == -4.0
    (send,) = edited.stem("Lead Vóx").sends
    assert send.to == "room"
    assert send.level_db == pytest.approx(-20.0)
    # What was not touched is the plan's to the last digit.
    assert edited.stem("guitars / 左") == original.stem("guitars / 左")
    assert edited.stem("Lead Vóx").automation == original.stem("Lead Vóx").automation
    decisions = [each for each in edited.decisions if each.rule == "daw"]
    assert {(each.stem, *each.parameters) for each in decisions} == {
        *(("Lead Vóx", field) for field in ("gain_db", "compressor", "equalizer", "sends")),
        ("bass", "pan"),
        ("shaker", "mute"),
    }
    assert all(each.sentence.startswith("edited in DAW (mixrules ") for each in decisions)
    unaccounted = {(each.owner, each.field) for each in edits(edited)}
    assert unaccounted <= {(each.owner, each.field) for each in edits(original)}
    assert MixPlan.from_json(edited.to_json()) == edited
    assert len(render(stems, edited))


def test_an_eq_on_top_of_a_rendered_one_is_added_and_a_compressor_left_out(tmp_path: Path) -> None:
    stems = song(0.5)
    # The compressor of another stem tells how the project was written.
    original = lacking_plan(stems).replace_stem("shaker", compressor=COMPRESSOR)
    path = tmp_path / "song.dawproject"
    export_plan(stems, original, path, print_effects="all")

    def edit(root: Element) -> None:
        channel = track(root, "Lead Vóx").find("Channel")
        assert channel is not None
        devices = Element("Devices")
        band = SubElement(SubElement(devices, "Equalizer"), "Band", {"type": "bell"})
        SubElement(band, "Freq", {"unit": "hertz", "value": "1000"})
        SubElement(band, "Gain", {"unit": "decibel", "value": "2"})
        SubElement(band, "Q", {"unit": "linear", "value": "1"})
        SubElement(devices, "Compressor")
        channel.insert(0, devices)

    report = import_plan(saved_again(path, tmp_path / "edited.dawproject", edit), start=original)
    added = EqBand(frequency_hz=1000.0, gain_db=2.0, q=1.0)
    assert report.plan.stem("Lead Vóx").equalizer.bands == (*original.stem("Lead Vóx").equalizer.bands, added)
    assert report.plan.stem("Lead Vóx").compressor == COMPRESSOR
    assert "Lead Vóx: its compressor in the DAW comes on top of one that is rendered: left out" in report.told


def test_a_ride_that_was_drawn_in_the_daw(tmp_path: Path) -> None:
    stems = song(0.5)
    path = tmp_path / "song.dawproject"
    export_plan(stems, held_plan(stems), path)

    def edit(root: Element) -> None:
        (points,) = root.iter("Points")
        for point in points.findall("RealPoint")[1:]:
            points.remove(point)
        SubElement(points, "RealPoint", {"time": "1.0", "value": f"{10 ** (-9.284712 / 20):.9f}"})

    report = import_plan(saved_again(path, tmp_path / "edited.dawproject", edit), start=held_plan(stems))
    first, last = report.plan.stem("Lead Vóx").automation
    assert (first.time_s, last.time_s) == (0.25, 1.0)
    assert first.gain_db == pytest.approx(0.0, abs=1e-4)
    assert last.gain_db == pytest.approx(-6.0, abs=1e-4)


def test_a_track_that_is_gone_is_muted_and_a_new_one_is_told(tmp_path: Path) -> None:
    stems = song(0.5)
    path = tmp_path / "song.dawproject"
    export_plan(stems, held_plan(stems), path)
    edited = saved_again(
        path, tmp_path / "edited.dawproject", lambda root: track(root, "bass").set("name", "Bass DI")
    )
    report = import_plan(edited, start=held_plan(stems))
    assert report.plan.stem("bass").mute
    assert "bass: there is no track of that name: muted" in report.told
    assert "Bass DI: the plan has no such stem: left out" in report.told


def test_promises_that_an_edit_concerns_are_dropped(
    make_band: Callable[[float], object], tmp_path: Path
) -> None:
    from mixrules import Stems

    stems = Stems.from_arrays(make_band(4.0), 22_050)  # type: ignore[arg-type]
    decided = plan(stems)
    assert any(each.statements and "vocals" in each.statements[0].stems for each in decided.decisions)
    path = tmp_path / "song.dawproject"
    export_plan(stems, decided, path)
    edited = saved_again(
        path, tmp_path / "e.dawproject", lambda root: parameter(root, "vocals", "Volume").set("value", "0.01")
    )
    report = import_plan(edited, start=decided)
    assert report.plan.stem("vocals").gain_db == pytest.approx(-40.0)
    left = [
        s
        for each in report.plan.decisions
        for s in each.statements
        if s.kind == "level" or "vocals" in s.stems
    ]
    assert not [s for s in left if s.kind in ("level", "loudness", "lufs")]


@pytest.mark.parametrize(
    ("path", "setting"),
    [
        ("Volume", "volume"),
        ("Pan", "pan"),
        ("Devices/Compressor/Ratio", "ratio"),
        ("Sends/Send/Volume", "volume"),
    ],
)
def test_what_has_an_unknown_unit_is_told_and_stays_as_it_was(
    path: str, setting: str, tmp_path: Path
) -> None:
    stems = song(0.5)
    whole = held_plan(stems)
    name = "Lead Vóx"
    export_plan(stems, whole, tmp_path / "a.dawproject", reverb="ir")

    def edit(root: Element) -> None:
        parameter(root, name, path).set("unit", "furlong")

    report = import_plan(saved_again(tmp_path / "a.dawproject", tmp_path / "b.dawproject", edit), start=whole)
    assert report.plan == whole
    assert f"{name}: {setting} is left out: its unit is 'furlong'" in report.told


def test_a_plan_for_other_stems_is_refused(tmp_path: Path) -> None:
    stems = song(0.2)
    export_plan(stems, held_plan(stems), tmp_path / "a.dawproject")
    other = MixPlan(stems=(StemPlan(name="tuba"),))
    with pytest.raises(PlanError, match=r"no track of .*a\.dawproject is a stem of the plan \(tuba\)"):
        import_plan(tmp_path / "a.dawproject", start=other)


def test_a_project_by_a_person_becomes_a_plan(tmp_path: Path) -> None:
    report = import_plan(archive(tmp_path / "theirs.dawproject", PERSONS_OWN))
    kick, vocal = report.plan.stems
    assert (kick.name, kick.role, vocal.role) == ("Kick In", "kick", "vocal")
    assert kick.gain_db == pytest.approx(-6.0, abs=1e-3)
    assert (kick.pan.pan, kick.input_gain_db) == (-0.5, -1.5)
    assert kick.equalizer.bands == (EqBand(frequency_hz=60.0, gain_db=3.0, q=1.2),)
    assert kick.compressor is not None
    assert (kick.compressor.threshold_db, kick.compressor.ratio, kick.compressor.makeup_db) == (
        -22.0,
        4.0,
        2.0,
    )
    assert [point.time_s for point in kick.automation] == [0.0, 2.0]  # four beats at 120
    assert kick.automation[1].gain_db == pytest.approx(6.0, abs=1e-3)
    assert (vocal.mute, vocal.gain_db) == (True, -144.0)
    assert set(report.told) >= {
        "Kick In: an equaliser band of the type 'notch' is left out",
        "Kick In: the device 'Surge XT' is left out",
        "Kick In: its clips were cut or moved, which no plan holds",
        "Rhythm: the settings of a group are left out",
    }
    assert report.plan.made_by == "Some DAW 5.1"


def _with_entry(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("project.xml", PERSONS_OWN)
        file.writestr(name, "x")
    return path


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../b", "..\\x", "C:\\x", "C:x"])
def test_a_file_that_leads_out_of_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="leads out of the archive"):
        import_plan(_with_entry(tmp_path / "bad.dawproject", name))
    text = PERSONS_OWN.replace("plugins/a.clap-preset", name)
    with pytest.raises(PlanError, match="leads out of the archive"):
        import_plan(archive(tmp_path / "bad.dawproject", text))


def test_a_bomb_is_bounded(tmp_path: Path) -> None:
    space = archive(tmp_path / "space.dawproject", b"<Project>" + b" " * (64 << 20) + b"</Project>")
    assert space.stat().st_size < 100_000
    with pytest.raises(PlanError, match="larger than 32 MiB"):
        import_plan(space)
    tags = archive(tmp_path / "tags.dawproject", b"<Project>" + b"<a/>" * 2_000_001 + b"</Project>")
    with pytest.raises(PlanError, match="more than 2000000 tags"):
        import_plan(tags)


def test_an_archive_of_very_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.dawproject"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(20_001):
            file.writestr(str(number), "")
    with pytest.raises(PlanError, match="20001 files"):
        import_plan(path)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE Project [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_off(doctype: str, tmp_path: Path) -> None:
    text = PERSONS_OWN.split("\n", 1)[1]
    with pytest.raises(PlanError, match="declares a DTD or entities"):
        import_plan(archive(tmp_path / "bad.dawproject", f"{doctype}{text}"))


def test_deep_nesting_ends_in_one_line(tmp_path: Path) -> None:
    deep = "<Track>" * 100_000 + "</Track>" * 100_000
    path = archive(tmp_path / "deep.dawproject", f"<Project><Structure>{deep}</Structure></Project>")
    with pytest.raises(PlanError, match="no audio tracks"):
        import_plan(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('value="-20.0"', 'value="loud"', "track 'Kick In': 'loud' is no number"),
        ('value="-20.0"', 'value="nan"', "no finite number"),
        ('value="-20.0"', 'value="-500"', "threshold_db must be"),
        ('value="60.0"', 'value="0"', "frequency_hz must be above 0"),
        ('name="Lead Vox"', 'name="Kick In"', "has two tracks 'Kick In'"),
        ("<Project ", "<Projekt ", "no XML"),
        ("Structure>", "Struktur>", "no audio tracks"),
    ],
)
def test_what_no_plan_can_hold_is_one_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "bad.dawproject", PERSONS_OWN.replace(old, new))
    with pytest.raises(PlanError, match=said) as raised:
        import_plan(path)
    assert "\n" not in str(raised.value)


def test_what_is_no_dawproject_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "x.dawproject"
    with pytest.raises(AudioFileError, match="does not exist"):
        import_plan(path)
    for content in (b"", b"PK", b"RIFF" * 100):
        path.write_bytes(content)
        with pytest.raises(PlanError, match="no DAWproject"):
            import_plan(path)
    archive(tmp_path / "whole.dawproject", PERSONS_OWN)
    path.write_bytes((tmp_path / "whole.dawproject").read_bytes()[:-30])
    with pytest.raises(PlanError, match="whole"):
        import_plan(path)
    with pytest.raises(ParameterError, match=r"x\.als cannot be imported: a DAWproject is needed"):
        import_plan(tmp_path / "x.als")
    with pytest.raises(AudioFileError):
        import_plan(tmp_path / "folder.dawproject" / "x.dawproject")


def test_the_commands_there_and_back(run: Run, tmp_path: Path) -> None:
    import soundfile

    folder = tmp_path / "my song"
    folder.mkdir()
    stems = song(0.5)
    for stem in stems:
        soundfile.write(folder / f"{stem.name.replace('/', '_')}.wav", stem.audio, stems.sample_rate)
    assert run("plan", folder, "-o", "mix.plan.json", "-q").returncode == 0
    done = run("export", folder, "mix.plan.json", "-o", "out/my song.dawproject")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("wrote out/my song.dawproject: 4 tracks")
    assert run("export", folder, "mix.plan.json", "-o", "out/my song.dawproject").returncode == 2
    done = run("import", "out/my song.dawproject", "-o", "edited.plan.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing was changed" in done.stdout
    assert (tmp_path / "edited.plan.json").read_text() == (tmp_path / "mix.plan.json").read_text()
    done = run("import", "mix.plan.json", "-o", "e.plan.json")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
