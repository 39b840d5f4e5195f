"""Roles guessed from names as people write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixrules.errors import ParameterError
from mixrules.stems.roles import ROLES, guess_role, require_role

NAMES = {
    "vocal": """vox|vocals|Vocal|voice|Lead Vox|lead vocals|LD VOX|LdVox|LeadVox|leadvox|LEAD_VOCALS|03 - Main Vocal|
        MySong - Lead Vox 2 (bounce).wav|Vox Verse 1.flac|Vocal DI|rap|spoken word|Voz|voce|Gesang|chant|wokal|ボーカル|
        вокал|11_LeadVox_01.wav|vocals.stem.wav|Bass Song - Vocals.wav|VOX_comp_FINAL_v2.wav|Master Vox|vox room""",
    "backing_vocal": """BV|BVs|BGV|bgvs|bvox|BGVox|backing vocals|Backing Vox 3|background vocals|backingvocals|choir|
        harmony vox|Harmonies|Vox Harmony L|BV Dbl|Harmony Double|Gang Vocals|adlibs|coros|Chor|choeurs|BV Choir|oohs""",
    "support": """Vocal Reverb|Vox Delay|Lead Vox Plate|Verb Return|Drum Room Verb|Snare Verb|Vox Throw|Slap|FX Return|
        Print Vox Verb|vocal dbl|Lead Vox Dbl|Vox Double L|LeadVoxDT|Doppelung|Gesang Hall|doublage voix|主唱混响""",
    "guide": """Click|Click Track|Metronome|Count In|Countoff|Cue Mix|Talkback|TB|Guide Vox|Scratch Vox|Scratch Gtr|Ref|
        Reference Mix|SMPTE|LTC|Timecode|Slate|2-pop|Klick|Leitstimme|claqueta|voz guía|仮歌|导唱|가이드보컬""",
    "drums": """drums|Drums.wav|Drum Kit|drumkit|drum bus|DRUM_LOOP|drumloop|OH|OHs|Overheads|overhead L|room|Room Mics|
        Schlagzeug|batterie|batería|end_drums|Drums Room|outro_drum""",
    "kick": """kick|kik|KICK IN|01_Kick In.wav|Kick Out|BD|bassdrum|bass drum|Bass_Drum|sub kick|808 kick|kickdrum|
        Drums - Kick""",
    "snare": "snare|SD|Snare Top|sn top|SnareBtm|SN_BOT|Snare Drum|rimshot|snare room|caisse claire",
    "toms": "toms|tom 1|Floor Tom|RackTom|Tom-Tom",
    "hihat": "hat|HH|hihat|Hi-Hat|hats|high hat|HiHat 2|hat loop",
    "cymbals": "ride|crash|Crash Cymbal|cymbals|china|Ride_L",
    "percussion": "perc|shaker|tamb|Tambourine|conga|Congas L|loop|Perc Loop|claps|Bongos|Cowbell|cajón",
    "bass": """bass|Bass.wav|DI bass|bass DI|BassDI|Bass_Amp|bass_synth|Synth Bass|SynthBass|bass guitar|Bass Gtr|
        guitar bass|sub|SubBass|808|Upright Bass|double bass|basso|bajo|baixo|bass_fretless|Moog Bass|Kontrabass""",
    "guitar": """gtr|guitar|egtr|EGtr 1|E Gtr|acoustic guitar|ac gtr|AcGtr|lead_guitar|Guitar Lead|Elec Gtr L|rhythm gtr|
        gtr_di|guitare|Gitarre|chitarra|guitarra|banjo|ukulele|Mandolin|guitar_dist_1|gtr room|acoustic""",
    "piano": "piano|Grand Piano|pno|Klavier|Piano L|upright piano|pianoforte",
    "keys": "keys|Rhodes|organ|Hammond B3|E-Piano|ePiano|Electric Piano|Wurli|keyboard|celesta|mallet|EP 1|teclado",
    "synth": "synth|pad|Pads 2|arp|Synth Lead|lead synth|SynthPad|pluck|Synth_Arp|synthesizer",
    "strings": "strings|violin|Violin 1|cello|Vln 2|Viola|string section|synth strings|Geige|violon|harp",
    "winds": "brass|sax|sax_harmony|Alto Sax|trumpet|flute|Trombones|horns|French Horn|clarinet|Trompete|bass clarinet",
    "effects": "FX|effects|noise|riser|SFX 3|vocal fx|Vox_FX|gtr fx|impact|sound effects|sweep",
    "accompaniment": """no_vocals|novocals|No Vox|instrumental|accompaniment|backing|backing track|BackingTrack|karaoke|
        music|minus one|without vocals|Song (Instrumental).wav|Begleitung""",
    "other": "other|Other.wav|others|no_drums|no bass",
    "mixture": "mixture|mixture.wav|mix|Mix 3|full mix|FullMix|master|song mix|MySong - Final Mix|mixdown|mix.flac",
    "unknown": "Track 01|Audio 3|untitled|x|||.wav|2|Lead 1|Mixolydian|Basement|Padme|classic|tomorrow|stem 4",
}
TABLE = [(n.strip(), role) for role, names in NAMES.items() for n in names.split("|")]


def test_the_table_is_long() -> None:
    assert len(TABLE) >= 240
    assert set(NAMES) == set(ROLES)


@pytest.mark.parametrize(("name", "role"), TABLE)
def test_names(name: str, role: str) -> None:
    guess = guess_role(name)
    assert guess.role == role, guess
    assert (guess.confidence == 0.0) == (role == "unknown")
    assert guess.reason


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("vocals", 0.95, 0.95),
        ("01 Lead Vox.wav", 0.95, 0.95),
        ("MySong - Lead Vox 2 (bounce).wav", 0.8, 0.8),
        ("BV", 0.7, 0.7),
        ("gtr", 0.7, 0.7),
        ("MySong gtr", 0.7, 0.7),
        ("loop", 0.3, 0.65),
        ("qwertz", 0.0, 0.0),
    ],
)
def test_confidence(name: str, low: float, high: float) -> None:
    assert low <= guess_role(name).confidence <= high


def test_folders_and_extensions_do_not_count() -> None:
    for name in ("/songs/bass/vocals.wav", "C:\\bass\\vocals.wav", "vocals.WAV", "vocals.stem.mp4", "vocals"):
        assert guess_role(name).role == "vocal"


def test_require_role() -> None:
    assert require_role("kick") == "kick"
    with pytest.raises(ParameterError, match=r"'tuba' is not a role, one of these is: vocal, .*mixture"):
        require_role("tuba")
    with pytest.raises(ParameterError, match=r"unknown$"):
        require_role("mixture", mixable=True)
    with pytest.raises(ParameterError, match=r"unknown$"):
        require_role("guide", mixable=True)
    with pytest.raises(ParameterError):
        require_role(None)


def test_roles_are_plain_json() -> None:
    assert json.loads(json.dumps(ROLES)) == ROLES
    assert all(text and "\n" not in text for text in ROLES.values())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_has_a_guess(name: str) -> None:
    guess = guess_role(name)
    assert guess.role in ROLES
    assert 0.0 <= guess.confidence <= 1.0
    assert guess == guess_role(name)


@pytest.mark.parametrize(
    "end", ["bwf", "mp2", "au", "WAVE", "aifc", "dsf", "mov", "stem.m4a", "eac3", "wav.rf64"]
)
def test_extensions_are_no_words(end: str) -> None:
    assert guess_role(f"Kick.{end}") == guess_role("Kick")
    assert guess_role(f"zzz.{end}").role == "unknown"


@pytest.mark.parametrize(
    ("name", "role"), [("Lead.voc", "vocal"), ("Lead.Voc.wav", "vocal"), ("Kick.snd", "kick")]
)
def test_extensions_that_are_words_stay(name: str, role: str) -> None:
    assert guess_role(name).role == role
