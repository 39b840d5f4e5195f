"""Names: Unicode's normal forms, case, folders, and what was meant."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from stem_folders import put, roles, song

from mixrules import starting_plan
from mixrules._support.text_encoding import decoded_text, encoding_by_mark, shown
from mixrules.errors import StemsError
from mixrules.stems import load_stems
from mixrules.stems.stem_names import matching_file

NFC, NFD = (unicodedata.normalize(form, "Mädchen") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("on_disk", [NFC, NFD])
@pytest.mark.parametrize("asked", [NFC, NFD])
def test_normal_forms_are_one_name(tmp_path: Path, on_disk: str, asked: str) -> None:
    song(tmp_path, f"{on_disk}.wav", "bass.wav")
    for key in (asked, f"{asked}.wav"):
        stems = load_stems(tmp_path, roles={key: "vocal"})
        assert roles(stems) == {"bass": "bass", NFC: "vocal"}
    assert stems[asked].role == "vocal"
    assert {stem.name for stem in starting_plan(stems).stems} == {"bass", NFC}
    (tmp_path / "stems.toml").write_text(
        f'ignore = ["bass.wav"]\n[roles]\n"{asked}" = "synth"', encoding="utf-8"
    )
    assert roles(load_stems(tmp_path)) == {NFC: "synth"}


def test_names_that_differ_in_spelling_alone_are_two_stems(tmp_path: Path) -> None:
    names = [f"{NFC}.wav", f"{NFD}.wav", "Bass.wav", "bass.wav"]
    song(tmp_path, *names)
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("this file system takes them for one")
    stems = load_stems(tmp_path)
    assert stems.names == ("Bass", "bass 2", NFC, f"{NFC} 2")
    assert sum("same name but for its spelling" in note for note in stems.notes) == 2
    assert load_stems(tmp_path, roles={"bass.wav": "keys"})["bass 2"].role == "keys"


def test_case_is_asked_about(tmp_path: Path) -> None:
    song(tmp_path, "Lead Vox.wav", "bass.wav")
    for key in ("lead vox", "LEAD VOX.WAV", "Lead Vix.wav"):
        with pytest.raises(StemsError, match=r"did you mean Lead Vox\.wav\?"):
            load_stems(tmp_path, roles={key: "vocal"})
    with pytest.raises(StemsError, match=r"did you mean Lead Vox\?"):
        load_stems(tmp_path)["lead vox"]


def test_keys_may_leave_out_folder_and_extension() -> None:
    files = ["Drums/Kick.wav", "Drums/Kick.flac", "Gtr/DI.wav", "Bass/DI.wav", "Vox/Lead.v2.wav"]
    for key, file in {
        "Drums/Kick.wav": "Drums/Kick.wav",
        "Drums\\Kick.wav": "Drums/Kick.wav",
        "Kick.flac": "Drums/Kick.flac",
        "Gtr/DI": "Gtr/DI.wav",
        "Bass DI": "Bass/DI.wav",
        "Lead.v2": "Vox/Lead.v2.wav",
    }.items():
        assert matching_file(key, files, "s") == file
    with pytest.raises(StemsError, match=r"Gtr/DI.wav or Bass/DI.wav, write the folder too"):
        matching_file("DI", files, "s")
    with pytest.raises(StemsError, match="write the extension too"):
        matching_file("Kick", files, "s")


def test_a_name_with_spaces_at_its_ends(tmp_path: Path) -> None:
    put(tmp_path / "a b" / " Lead  Vox .wav")
    put(tmp_path / "a b" / "ベース.wav")
    stems = load_stems(tmp_path / "a b", roles={"Lead  Vox": "vocal", "ベース.wav": "bass"})
    assert roles(stems) == {" Lead  Vox ": "vocal", "ベース": "bass"}


def test_a_name_is_shown_in_one_line_with_every_sign_to_be_seen() -> None:
    assert shown("Vox\u00a0Lead\u3000\n\x1b[31m\udcff.wav") == "Vox\\xa0Lead\\u3000\\n\\x1b[31m\\udcff.wav"
    assert shown("Гитара 左 (é).wav") == "Гитара 左 (é).wav"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_marks_of_other_encodings_are_told_and_read(encoding: str) -> None:
    data = "names".encode(encoding)
    assert encoding_by_mark(data) == encoding
    with pytest.raises(ValueError, match=f"^it is text in {encoding.upper()}, save it as UTF-8$"):
        decoded_text(data + b"\xff\xff")
