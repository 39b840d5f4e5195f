"""Small data sets with the real names of files and folders, to try layouts and commands on.

``build(name, folder)`` writes the data set of a layout and returns the folder to name; ``python tests/corpus/trees.py
NAME FOLDER`` does so by hand. Every file holds a tone of its own, so that a test can tell what was read:
`parts_in`.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import soundfile

RATE = 8_000
SECONDS = 1.0
HERTZ = {
    **{"vocals": 440.0, "drums": 110.0, "bass": 60.0, "other": 660.0, "guitar": 330.0, "piano": 550.0},
    **{"accompaniment": 220.0, "backing vocals": 880.0, "strings": 770.0},
}
"""The frequency of what a file holds."""

AMPLITUDE = 0.2
PARTS = ("vocals", "drums", "bass", "other")
MUSDB_SONGS = (
    "train/Actions - One Minute Smile",
    "train/Music Delta - 80s Rock",
    "test/AM Contra - Heart Peripheral",
    "test/Punkdisco - Oral Hygiene",
)


def tone(name: str, *, seconds: float = SECONDS, rate: int = RATE) -> np.ndarray:
    """Return the tone of a part, mono; it pulses once every half second so that there are onsets."""
    time = np.arange(round(seconds * rate)) / rate
    return AMPLITUDE * np.sin(2 * np.pi * HERTZ[name] * time) * np.exp(-2.0 * (time % 0.5))


def parts_in(audio: np.ndarray, rate: int) -> set[str]:
    """Return the parts whose tones are in some audio, at about the level that they were written with."""
    mono = audio.mean(axis=1) if audio.ndim == 2 else audio
    time = np.arange(len(mono)) / rate
    envelope = np.exp(-2.0 * (time % 0.5))

    def level(hertz: float) -> float:
        wave = np.exp(-2j * np.pi * hertz * time) * envelope
        return float(2.0 * np.abs(np.vdot(wave.conj(), mono)) / np.sum(envelope**2))

    return {name for name, hertz in HERTZ.items() if level(hertz) > 0.7 * AMPLITUDE}


def write(path: Path, *parts: str, channels: int = 2, seconds: float = SECONDS, rate: int = RATE) -> None:
    """Write the sum of some parts."""
    audio = sum(tone(part, seconds=seconds, rate=rate) for part in parts)
    put(path, np.repeat(np.asarray(audio)[:, None], channels, axis=1), rate)


def put(path: Path, audio: np.ndarray, rate: int = RATE) -> None:
    """Write samples to a file whose extension says how."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".m4a":
        _put_m4a(path, audio, rate)
    elif path.suffix == ".ogg":
        soundfile.write(path, audio, rate, format="OGG", subtype="VORBIS")
    else:
        soundfile.write(path, audio, rate, subtype="PCM_16")


def _put_m4a(path: Path, audio: np.ndarray, rate: int) -> None:
    import av

    with av.open(str(path), "w", format="mp4") as container:
        _encode(container, [audio], rate)


def _encode(container: object, streams: list[np.ndarray], rate: int) -> None:
    import av

    made = []
    for audio in streams:
        stream = container.add_stream("aac", rate=rate)  # type: ignore[attr-defined]
        stream.layout = "stereo"
        stream.bit_rate = 128_000
        made.append((stream, audio))
    for stream, audio in made:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(audio.T, dtype=np.float32), format="fltp", layout="stereo"
        )
        frame.sample_rate = rate
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)  # type: ignore[attr-defined]


def musdb18(folder: Path) -> Path:
    import av

    rate = 44_100
    for song in MUSDB_SONGS:
        path = folder / f"{song}.stem.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        parts = {name: np.repeat(tone(name, rate=rate)[:, None], 2, axis=1) for name in PARTS}
        mixture = np.add.reduce(list(parts.values()))
        order = [mixture, parts["drums"], parts["bass"], parts["other"], parts["vocals"]]
        with av.open(str(path), "w", format="mp4") as container:
            _encode(container, order, rate)
    return folder


def musdb18hq(folder: Path) -> Path:
    for song in MUSDB_SONGS:
        for part in PARTS:
            write(folder / song / f"{part}.wav", part)
        write(folder / song / "mixture.wav", *PARTS)
    return folder


def dsd100(folder: Path) -> Path:
    for song in (
        "Dev/055 - Angels In Amplifiers - I'm Alright",
        "Test/005 - Angela Thomas Wade - Milk Cow Blues",
    ):
        for part in PARTS:
            write(folder / "Sources" / song / f"{part}.wav", part)
        write(folder / "Mixtures" / song / "mixture.wav", *PARTS)
    (folder / "dsd100.txt").write_text("read me")
    return folder


MOISES_SONGS = {
    "0f2b4c6e-1a3d-4e5f-8a7b-9c0d1e2f3a4b": ("Rainy Days", "Bright Sparks"),
    "5b7d9f1a-2c4e-4a6b-8c8d-0e1f2a3b4c5d": ("Open Road", "Bright Sparks"),
}


def moisesdb(folder: Path) -> Path:
    tracks = (
        ("vocals", "lead female singer", "vocals"),
        ("vocals", "background vocals", "backing vocals"),
        ("drums", "kick drum", "drums"),
        ("drums", "full acoustic drumkit", "drums"),
        ("bass", "bass guitar", "bass"),
        ("guitar", "clean electric guitar", "guitar"),
        ("guitar", "clean electric guitar", "other"),
        ("other", "click track", "piano"),
    )
    for uuid, (song, artist) in MOISES_SONGS.items():
        place = folder / "moisesdb_v0.1" / uuid
        stems: dict[str, list[dict[str, object]]] = {}
        for number, (stem, kind, part) in enumerate(tracks):
            name = f"{number:08x}-aaaa-4bbb-8ccc-0123456789ab"
            write(place / stem / f"{name}.wav", part)
            stems.setdefault(stem, []).append(
                {
                    "id": name,
                    "trackType": kind,
                    "type": "audio/x-wav",
                    "extension": "wav",
                    "has_bleed": number == 3,
                }
            )
        data = {
            "song": song,
            "artist": artist,
            "genre": "pop",
            "stems": [{"id": name, "stemName": name, "tracks": found} for name, found in stems.items()],
        }
        (place / "data.json").write_text(json.dumps(data))
    return folder


def medleydb(folder: Path) -> Path:
    for name, artist, title, bleed in (
        ("LizNelson_Rainfall", "Liz Nelson", "Rainfall", "no"),
        ("Meaxic_TakeAStep", "Meaxic", "Take A Step", "yes"),
    ):
        place = folder / "Audio" / name
        stems = (
            ("male singer", ["male singer", "Unlabeled"], ("vocals",)),
            ("drum set", ["kick drum", "drum set"], ("drums",)),
            (["acoustic guitar", "piano"], ["acoustic guitar", "piano"], ("guitar", "piano")),
            ("vocalists", ["female singer"], ("backing vocals",)),
        )
        lines = [
            *("album: Small Songs", f"artist: {artist}", "excerpt: 'no'", f"has_bleed: '{bleed}'"),
            *("instrumental: 'no'", f"mix_filename: {name}_MIX.wav", f"raw_dir: {name}_RAW"),
            *(f"stem_dir: {name}_STEMS", "stems:"),
        ]
        for number, (instrument, raw, parts) in enumerate(stems, 1):
            stem = f"{name}_STEM_{number:02}.wav"
            write(place / f"{name}_STEMS" / stem, *parts)
            lines += [f"  S{number:02}:", "    component: ''", f"    filename: {stem}"]
            if isinstance(instrument, list):
                lines += ["    instrument:", *(f"    - {one}" for one in instrument)]
            else:
                lines += [f"    instrument: {instrument}"]
            lines += ["    raw:"]
            for inner, played in enumerate(raw, 1):
                file = f"{name}_RAW_{number:02}_{inner:02}.wav"
                write(place / f"{name}_RAW" / file, parts[min(inner, len(parts)) - 1], channels=1)
                lines += [f"      R{inner:02}:", f"        filename: {file}", f"        instrument: {played}"]
        lines += [f"title: {title}", "version: 1.2"]
        write(place / f"{name}_MIX.wav", "vocals", "drums", "guitar", "piano", "backing vocals")
        # The first release has the metadata beside the audio, the second apart.
        where = place if bleed == "no" else folder / "Metadata"
        where.mkdir(exist_ok=True)
        (where / f"{name}_METADATA.yaml").write_text("\n".join(lines) + "\n")
    return folder


def cambridge_mt(folder: Path) -> Path:
    tracks = {
        "01_Kick.wav": "drums",
        "02_Bass.wav": "bass",
        "03_ElecGtr.wav": "guitar",
        "04_LeadVox.wav": "vocals",
    }
    for song in (
        "AngelsInAmplifiers_ImAlright_Full",
        "JamesMay_AllSoulsMoon_Full",
        "3DMARCo_ACapella_Edited",
    ):
        for file, part in tracks.items():
            write(folder / song / file, part, channels=1)
    write(folder / "AllSoulsMoon_UnmasteredWAV" / "AllSoulsMoon_UnmasteredWAV.wav", *PARTS)
    write(folder / "ImAlright_UnmasteredWAV.wav", *PARTS)
    (folder / "__MACOSX" / "JamesMay_AllSoulsMoon_Full").mkdir(parents=True)
    return folder


def _two_channels(path: Path) -> None:
    put(path, np.stack([tone("accompaniment"), tone("vocals")], axis=1))


def mir1k(folder: Path) -> Path:
    for clip in ("abjones_1_01", "abjones_1_02", "abjones_1_10", "amy_3_04"):
        _two_channels(folder / "Wavfile" / f"{clip}.wav")
    for song in ("abjones_1", "amy_3"):
        _two_channels(folder / "UndividedWavfile" / f"{song}.wav")
    return folder


def ikala(folder: Path) -> Path:
    for name in ("10161_chorus", "10161_verse", "21025_verse"):
        _two_channels(folder / "Wavfile" / f"{name}.wav")
    (folder / "id_mapping.txt").write_text("singer\tsong\n1\t10161\n2\t21025\n")
    return folder


def ccmixter(folder: Path) -> Path:
    for song in ("_ghost_-_Ice_and_Chilli", "Admiral Bob - Choice"):
        write(folder / song / "source-01.wav", "accompaniment")
        write(folder / song / "source-02.wav", "vocals")
        write(folder / song / "mix.wav", "vocals", "accompaniment")
    return folder


def damp_vsep(folder: Path) -> Path:
    for place, voices in (
        ("18/RU/en/1002157620_2796433719", ("vocal",)),
        ("10/RU/en/374273983_2783055897", ("vocal1", "vocal2")),
    ):
        write(folder / place / "background.m4a", "accompaniment", rate=44_100)
        write(folder / place / "mix.m4a", "accompaniment", "vocals", rate=44_100)
        for voice in voices:
            write(folder / place / f"{voice}.ogg", "vocals", rate=44_100, channels=1)
    return folder


def demucs(folder: Path) -> Path:
    for song in ("01 First", "02 Second"):
        write(folder / "htdemucs" / song / "vocals.wav", "vocals")
        write(folder / "htdemucs" / song / "no_vocals.wav", "drums", "bass", "other")
    for part in (*PARTS, "guitar", "piano"):
        write(folder / "htdemucs" / "10 Third" / f"{part}.wav", part)
    return folder


def spleeter(folder: Path) -> Path:
    write(folder / "first" / "vocals.wav", "vocals")
    write(folder / "first" / "accompaniment.wav", "accompaniment")
    for part in (*PARTS, "piano"):
        write(folder / "second" / f"{part}.wav", part)
    return folder


def folders(folder: Path) -> Path:
    for song in ("Lone Song", "Some Artist/First Album/01 One", "Some Artist/First Album/02 Two"):
        for part in PARTS:
            write(folder / song / f"{part}.wav", part)
        write(folder / song / "mix.wav", *PARTS)
    for group, part in (("Drums", "drums"), ("Vox", "vocals"), ("Guitars", "guitar")):
        write(folder / "Grouped Song" / group / "01.wav", part)
    return folder


def manifest_rows() -> list[Mapping[str, object]]:
    """Return the rows of the manifest that `manifest` writes."""
    rows: list[Mapping[str, object]] = []
    for song, split in (("one", "train"), ("two", "test")):
        shared = {"song": song, "title": song.title(), "artist": "Someone", "split": split}
        rows += [
            {**shared, "path": f"audio/{song}_vox.wav", "stem": "voice", "role": "vocal"},
            {**shared, "path": f"audio/{song}_kick.wav", "stem": "kit", "role": "drums", "vocal": "no"},
            {**shared, "path": f"audio/{song}_snare.wav", "stem": "kit", "role": "drums", "vocal": "no"},
            {**shared, "path": f"audio/{song}_mix.wav", "kind": "mixture"},
        ]
    return rows


def manifest(folder: Path) -> Path:
    for song in ("one", "two"):
        write(folder / "audio" / f"{song}_vox.wav", "vocals")
        write(folder / "audio" / f"{song}_kick.wav", "drums")
        write(folder / "audio" / f"{song}_snare.wav", "bass")
        write(folder / "audio" / f"{song}_mix.wav", "vocals", "drums", "bass")
    rows = manifest_rows()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with open(folder / "manifest.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return folder / "manifest.csv"


TREES: dict[str, Callable[[Path], Path]] = {
    "musdb18": musdb18,
    "musdb18hq": musdb18hq,
    "dsd100": dsd100,
    "moisesdb": moisesdb,
    "moisesdb-tracks": moisesdb,
    "medleydb": medleydb,
    "medleydb-raw": medleydb,
    "cambridge-mt": cambridge_mt,
    "mir1k": mir1k,
    "mir1k-songs": mir1k,
    "ikala": ikala,
    "ccmixter": ccmixter,
    "damp-vsep": damp_vsep,
    "demucs": demucs,
    "spleeter": spleeter,
    "folders": folders,
    "manifest": manifest,
}
"""By the name of its layout: what writes a data set into a folder and returns what to give to a command."""

NEEDS = {
    "musdb18": ("av",),
    "damp-vsep": ("av",),
    "medleydb": ("yaml",),
    "medleydb-raw": ("yaml",),
}
"""Packages without which a data set cannot be written or read."""


def build(name: str, folder: Path) -> Path:
    """Write the data set of a layout into a folder; return what to give to a command."""
    folder.mkdir(parents=True, exist_ok=True)
    return TREES[name](folder)


if __name__ == "__main__":
    print(build(sys.argv[1], Path(sys.argv[2])))
