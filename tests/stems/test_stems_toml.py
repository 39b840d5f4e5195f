"""`stems.toml`: patterns, folders, and files that are not as they should be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stem_folders import left_out, roles, song

from mixrules.errors import MixrulesError, StemsError
from mixrules.stems import load_stems


def toml(folder: Path, text: str | bytes) -> Path:
    (folder / "stems.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(MixrulesError) as error:
        load_stems(folder)
    text = str(error.value)
    assert "\n" not in text
    assert "stems.toml" in text
    assert len(text) < 400
    return text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a = " + "[" * 100_000, "nested too deep"),
        ("[roles]\n" + ".".join(["a"] * 50_000) + " = 1", "line 2, column 1: a name has over 100 parts"),
        ("[roles]\n'bass.wav' = bass", "line 2, column 14: invalid value"),
        ("ignore = ['x.wav']\n\n[roles]\nbass = 'bass'\nbass = 'keys'", "a name stands twice"),
        ("[roles]\n'bass.wav' = " + "9" * 5000, "not TOML"),
        ("[roles]\n'bass.wav' = 0x" + "f" * 5000, "a int is not a role"),
        ("[roles]\n'bass.wav' = nan", "nan is not a role"),
        ("[roles]\n'bass.wav' = 1979-05-27", "is not a role"),
        ("[roles]\n'bass.wav' = true", "True is not a role"),
        ("[roles]\n'bass.wav' = ['bass']", "['bass'] is not a role"),
        ("[roles]\n'bass.wav' = '" + "x" * 5000 + "'", "is not a role"),
        ("[roles]\n'" + "x" * 5000 + "' = 'bass'", "no file"),
        ("[roles]\nbass.wav = 'bass'", "in quotes"),
        ("[roles]\n'bass.wav' = 'bass'\n'bass.wav' = 'keys'", "not TOML"),
        ("[roles]\n'bass.wav' = 'bass'\n'bass' = 'keys'", "two roles"),
        ("[roles]\n'b*' = 'bass'\n'*.wav' = 'keys'", "two roles"),
        ("[roles]\n'bass.wav' = 'bass'\nignore = ['x.wav']", "before [roles]"),
        ("ignore = [1]", "list of file names"),
        ("ignore = {a = 1}", "list of file names"),
        ("roles = 1979-05-27", "table"),
        ("x" * 100 + " = 1", "unknown key"),
        ("ignore = ['bass.wav']\n[roles]\n".encode("utf-16"), "UTF-8"),
        (b"\xff\xfe", "UTF-8"),
        (b"\0" * 100, "not TOML"),
        ("['" + "'.'".join(["a"] * 50_000) + "']", "line 1, column 2: a name has over 100 parts"),
        ('"\\' * 100_000, "line 1"),
        (b"#" * (2 << 20), "bytes"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, text: str | bytes, part: str) -> None:
    assert part in refused(toml(song(tmp_path, "bass.wav", "x.wav"), text))


def test_what_is_no_toml_is_an_error_of_the_stems(tmp_path: Path) -> None:
    with pytest.raises(StemsError, match=r"stems\.toml is not TOML: line 1, column 10: invalid value"):
        load_stems(toml(song(tmp_path, "bass.wav"), "ignore = x"))


def test_dots_in_texts_and_comments_are_no_names(tmp_path: Path) -> None:
    dots = "a." * 200
    text = f"# {dots}\nignore = ['{dots}*', \"{dots}?\", '''\n{dots}*''']"
    assert load_stems(toml(song(tmp_path, "bass.wav"), text)).names == ("bass",)


def test_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    text = b'\xef\xbb\xbfignore = ["x.wav"]\r\n[roles]\r\n"bass.wav" = "keys"\r\n'
    assert roles(load_stems(toml(song(tmp_path, "bass.wav", "x.wav"), text))) == {"bass": "keys"}


def test_patterns(tmp_path: Path) -> None:
    song(tmp_path, "Gtr 1.wav", "gtr 2.wav", "x1.wav", "[x].wav", "Drums/a.wav", "Drums/b.wav", "vocals.wav")
    text = 'ignore = ["x?.wav", "[x]*", "no*"]\n[roles]\n"Gtr*.wav" = "keys"\n"Gtr 1" = "bass"\n"Drums/*" = "snare"'
    stems = load_stems(toml(tmp_path, text))
    assert roles(stems) == {
        "Drums a": "snare",
        "Drums b": "snare",
        "Gtr 1": "bass",
        "gtr 2": "keys",
        "vocals": "vocal",
    }
    assert set(left_out(tmp_path)) == {"x1.wav", "[x].wav"}
    assert "stems.toml: 'no*' matches no file" in stems.notes


@pytest.mark.parametrize("key", ["B", "b/", "B/*"])
def test_a_folder_is_ignored(tmp_path: Path, key: str) -> None:
    song(tmp_path, "A/vocals.wav", "A/bass.wav", "B/vocals.wav", "B/bass.wav")
    toml(tmp_path, f'ignore = ["{key}"]')
    assert load_stems(tmp_path).names == ("bass", "vocals")
    assert left_out(tmp_path) == {"B/": "stems.toml ignores it (2 audio files)"}


def test_what_is_left_out_anyway_may_be_named(tmp_path: Path) -> None:
    song(tmp_path, "vocals.wav", "old.sd2", "Mix/final.wav", "mix.wav")
    assert load_stems(toml(tmp_path, 'ignore = ["old.sd2", "Mix", "mix.wav"]')).names == ("vocals",)


def test_a_folder_around_the_stems_may_hold_it(tmp_path: Path) -> None:
    song(tmp_path, "Stems/a.wav", "Stems/b.wav")
    toml(tmp_path, '[roles]\n"a.wav" = "vocal"\n"Stems/b.wav" = "bass"')
    assert roles(load_stems(tmp_path)) == {"a": "vocal", "b": "bass"}
    toml(tmp_path / "Stems", '[roles]\n"a.wav" = "keys"')
    assert load_stems(tmp_path)["a"].role == "keys"


def test_files_that_were_meant_are_named(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav")
    (tmp_path / "Stems.toml.txt").write_text("ignore = ['bass.wav']")
    assert load_stems(tmp_path).notes == ("Stems.toml.txt is not read: stems.toml is the name",)


def test_what_is_no_file(tmp_path: Path) -> None:
    song(tmp_path, "bass.wav")
    path = tmp_path / "stems.toml"
    path.mkdir()
    assert "is a folder" in refused(tmp_path)
    path.rmdir()
    path.symlink_to("nowhere")
    assert "does not exist" in refused(tmp_path)
    path.unlink()
    os.mkfifo(path)
    assert "no regular file" in refused(tmp_path)


def test_guides_are_left_out_and_may_be_brought_back(tmp_path: Path) -> None:
    song(tmp_path, "vocals.wav", "bass.wav", "Click.wav", "Count In.wav", "Guide Vox.wav", "Talkback.wav")
    stems = load_stems(tmp_path)
    assert roles(stems) == {"bass": "bass", "vocals": "vocal"}
    assert set(left_out(tmp_path)) == {"Click.wav", "Count In.wav", "Guide Vox.wav", "Talkback.wav"}
    assert load_stems(toml(tmp_path, '[roles]\n"Click.wav" = "percussion"'))["Click"].role == "percussion"
    assert load_stems(tmp_path, roles={"Guide Vox": "backing_vocal"})["Guide Vox"].role == "backing_vocal"
    assert "bass" not in load_stems(tmp_path, roles={"bass": "guide"}).names


def test_guides_alone_are_no_song(tmp_path: Path) -> None:
    with pytest.raises(MixrulesError, match=r"no stem besides .*Click\.wav: .*guide"):
        load_stems(song(tmp_path, "Click.wav", "Talkback.wav"))
