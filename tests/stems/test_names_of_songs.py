"""Names guessed together: what all share is looked past, folders decide where names say nothing."""

from __future__ import annotations

import pytest

from mixrules.errors import ParameterError
from mixrules.stems.roles import ROLES, guess_role, guess_roles, supported_role

SONGS = {
    "a title with an instrument": {
        "Bass Down Low Vocals.wav": "vocal",
        "Bass Down Low Guitar.wav": "guitar",
        "Bass Down Low Bass.wav": "bass",
        "Bass Down Low Synth.wav": "synth",
    },
    "a title that is two roles": {
        "DrumAndBass_Strings": "strings",
        "DrumAndBass_Guitar": "guitar",
        "DrumAndBass_Rhodes": "keys",
        "DrumAndBass_Drums": "drums",
        "DrumAndBass_Bass": "bass",
    },
    "a title that makes a support": {
        "Echo Reverb - Vox": "vocal",
        "Echo Reverb - Vox Dbl": "support",
        "Echo Reverb - Snare": "snare",
    },
    "tempo, key and version": {
        "ride 92bpm Fm gtr v3": "guitar",
        "ride 92bpm Fm keys v3": "keys",
        "ride 92bpm Fm ride v3": "cymbals",
    },
    "an artist and a date at the end": {
        "Kick_The Pianos_2024-03-11.wav": "kick",
        "Vox_The Pianos_2024-03-11.wav": "vocal",
        "Cello_The Pianos_2024-03-11.wav": "strings",
        "Piano_The Pianos_2024-03-11.wav": "piano",
    },
    "a separator": {
        "Guitar Hero_(Vocals)_htdemucs_6s.wav": "vocal",
        "Guitar Hero_(Drums)_htdemucs_6s.wav": "drums",
        "Guitar Hero_(Guitar)_htdemucs_6s.wav": "guitar",
        "Guitar Hero_(Other)_htdemucs_6s.wav": "other",
    },
    "one file without the title": {
        "Click.wav": "guide",
        "Piano Man Vox.wav": "vocal",
        "Piano Man Bass.wav": "bass",
        "Piano Man Drums.wav": "drums",
        "Piano Man Organ.wav": "keys",
        "Piano Man.wav": "unknown",
    },
    "a file that is the title alone": {
        "Sax Machine - Sax.wav": "winds",
        "Sax Machine - Vox.wav": "vocal",
        "Sax Machine - Drums.wav": "drums",
        "Sax Machine.wav": "unknown",
    },
    "a shared word that all need": {
        "Guitar L": "guitar",
        "Guitar R": "guitar",
        "Guitar DI": "guitar",
    },
    "a hint beside a shared instrument": {
        "Acoustic Guitar Loop": "guitar",
        "Acoustic Guitar Verse": "guitar",
        "Acoustic Guitar Solo": "guitar",
    },
    "parts of a kit": {
        "Drums Kick": "kick",
        "Drums Snare": "snare",
        "Drums OH": "drums",
        "Drums Room": "drums",
    },
    "voices": {
        "Vox Main": "vocal",
        "Vox Dbl L": "support",
        "Vox Verb": "support",
        "Backing Vox": "backing_vocal",
    },
    "Japanese": {"歌う犬_ボーカル": "vocal", "歌う犬_ドラム": "drums", "歌う犬_ギター左": "guitar"},
    "folders": {
        "Drums/Kick.wav": "kick",
        "Drums/01.wav": "drums",
        "Vox/Lead.wav": "vocal",
        "Vox/Dbl L.wav": "support",
        "BGV/Hi.wav": "backing_vocal",
        "BGV/Vox 3.wav": "backing_vocal",
        "Gtr/Room.wav": "guitar",
        "Returns/Vox Plate.wav": "support",
        "FX Returns/01.wav": "support",
        "Guides/Vox.wav": "guide",
        "Bass/Synth.wav": "synth",
        "Keys\\Left.wav": "keys",
        "bass.wav": "bass",
    },
    "a name without words": {
        "Piano Man Vox.wav": "vocal",
        "Piano Man Kit.wav": "drums",
        "Drums/01.wav": "drums",
    },
    "a folder that all share": {"Bass Down Low/Kick.wav": "kick", "Bass Down Low/Vox.wav": "vocal"},
}
CASES = [(song, name, role) for song, names in SONGS.items() for name, role in names.items()]


@pytest.mark.parametrize(("song", "name", "role"), CASES)
def test_names_of_a_song(song: str, name: str, role: str) -> None:
    guesses = guess_roles(list(SONGS[song]))
    assert list(guesses) == list(SONGS[song])
    assert guesses[name].role == role, guesses[name]


def test_one_name_is_guessed_as_alone() -> None:
    for name in ("Bass Down Low - Vocals.wav", "Kick.wav", "", "x"):
        assert guess_roles([name])[name].role == guess_role(name).role
    assert guess_roles([]) == {}
    assert [g.role for g in guess_roles(["Vox.wav", "Vox.wav", "Kick.wav"]).values()] == ["vocal", "kick"]


TITLES = {
    "Bass Down Low - Vocals.wav": "vocal",
    "Piano Man_Drums.wav": "drums",
    "Drummer Boy (Vocals).wav": "vocal",
    "Choir Boys - Lead Vocal": "vocal",
    "Strings of Life - Synth Pad": "synth",
    "Reverb City - Lead Vox": "vocal",
    "Click Clack Song - Bass": "bass",
    "Ride On - Drums": "drums",
    "MySong - Final Mix": "mixture",
    "Bass Down Low - Final Mix": "mixture",
    "Vocals (mix 2)": "vocal",
    "Drums - Kick": "kick",
    "Vocal - Reverb": "support",
    "Reverb - Gtr": "support",
    "Lead Vox (Dbl)": "support",
    "Vox (Reverb)": "support",
    "MY SONG VOX_CHORUS DBL CENTRE": "support",
    "Click track (do not mix)": "guide",
    "CLICK_QN": "guide",
    "Drums - Piano Man": "drums",
    "Vocals_Bass Down Low": "vocal",
    "Bass Down Low": "bass",
}


@pytest.mark.parametrize(("name", "role"), TITLES.items())
def test_a_title_does_not_decide(name: str, role: str) -> None:
    assert guess_role(name).role == role


DECORATED = (
    "{}_bip|{}-01|{}.1|{} (print)|{}_1-Audio|{} Bounce|{}_Consolidated|{} Rendered|{} FREEZE|{} Comp|{} Glued|"
    "2024-05-01_{}|{} 01.05.2024|{}_20240501|{} 120bpm|{}_Am|{} C# minor|{}.dup1|{}_v12|{}-48k|{}.wav.wav"
)


@pytest.mark.parametrize("decoration", DECORATED.split("|"))
def test_what_daws_add_does_not_decide(decoration: str) -> None:
    for stem, role in (
        ("Kick In", "kick"),
        ("LdVox", "vocal"),
        ("OH L", "drums"),
        ("B3", "keys"),
        ("Clap", "percussion"),
    ):
        assert guess_role(decoration.format(stem)).role == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Vocal Reverb", "vocal"),
        ("Lead Vox Plate", "vocal"),
        ("Lead Vox Dbl", "vocal"),
        ("Lead Double", "vocal"),
        ("Snare Verb", "snare"),
        ("Drum Room Verb", "drums"),
        ("Vox (Reverb)", "vocal"),
        ("BV Verb", "backing_vocal"),
        ("Gtr Delay", "guitar"),
        ("sax verb2.83.5BPM.L.wav", "winds"),
        ("主唱混响", "vocal"),
        ("Gesang Hall", "vocal"),
        ("Reverb", None),
        ("FX Return", None),
        ("Lead Vox", None),
        ("Kick", None),
        ("", None),
    ],
)
def test_what_a_support_supports(name: str, role: str | None) -> None:
    assert supported_role(name) == role


FALSE_FRIENDS = {
    "Clicky Perc": "percussion",
    "Click_Perc": "percussion",
    "Finger Clicks": "percussion",
    "Kick Click": "kick",
    "Double Bass": "bass",
    "Slap Bass": "bass",
    "Bass Slap": "bass",
    "Reverb Guitar": "guitar",
    "Guitar with reverb": "guitar",
    "Vox (no reverb)": "vocal",
    "Vox wet": "vocal",
    "Overhead Hats": "drums",
    "Caja abajo": "snare",
    "Reverse Cymbal": "cymbals",
    "Rev Crash": "cymbals",
    "Gtr Double L": "guitar",
    "BGV DT": "backing_vocal",
    "Bass Clarinet": "winds",
    "DJ Scratch": "effects",
    "bas": "bass",
    "bajo": "bass",
    "batterie": "drums",
    "coro": "backing_vocal",
    "Atom": "unknown",
    "Basement": "unknown",
    "Mixolydian": "unknown",
    "Hall of Fame": "unknown",
    "Spring": "unknown",
    "Verses": "unknown",
}


@pytest.mark.parametrize(("name", "role"), FALSE_FRIENDS.items())
def test_false_friends(name: str, role: str) -> None:
    assert guess_role(name).role == role


@pytest.mark.parametrize(
    "name",
    ["", " ", ".wav", "...", "/", "\\", "a/", "()", "x" * 10_000, "vox " * 2_500, "\ud800", "ボ" * 10_000],
)
def test_odd_names_have_a_guess(name: str) -> None:
    assert guess_role(name).role in ROLES
    assert guess_roles([name, "Kick"])[name].role in ROLES


@pytest.mark.parametrize("name", [None, 3, b"vox.wav", ["vox"]])
def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(ParameterError, match="a stem's name must be a string, got"):
        guess_role(name)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="must be a string"):
        supported_role(name)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="must be a string"):
        guess_roles([name])  # type: ignore[list-item]


def test_a_string_is_no_list_of_names() -> None:
    with pytest.raises(ParameterError, match="must be a sequence of names"):
        guess_roles("Vox.wav")


def test_composed_and_decomposed_names_are_alike() -> None:
    assert guess_role("Flu\u0308gel").role == guess_role("Fl\u00fcgel").role == "piano"
    assert guess_role("ホ\u3099ーカル").role == guess_role("ボーカル").role == "vocal"
