"""The whole files that mutants are made of: small, of every kind that this package reads."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from ratings.panels import definition, key_of, session

from mixrules.evaluation.comparison_cache import write_result
from mixrules.evaluation.comparison_results import Result
from mixrules.files.own_documents import COMPARISON_CACHE
from mixrules.listening.format.definition import Definition
from mixrules.listening.format.definition_writing import definition_toml
from mixrules.mixplan import MixPlan, StemPlan
from mixrules.processors import CompressorParams, EqBand, EqualizerParams

RATE = 8_000
KEPT_FILE = "audio/song.ogg"
KEPT_RESULT = Result(
    song="song", system="equal", values={"balance_lu": 2.5, "width_db": 0.25}, lufs=-14.0, audio=KEPT_FILE
)
_NO_FILE_ALONE = ("RAW", "SD2")  # without a header; with a second file beside it
_USUAL = ("WAV", "WAVEX", "AIFF", "FLAC", "OGG", "MP3")
_NAMES = ("random", "default", "human")


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A file as it should be: what reads it, its name, its content, whether it is text."""

    target: str
    name: str
    data: bytes
    text: bool = False


def seed_files() -> list[SeedFile]:
    """Return all of them, the same at every call but for what encoders draw by chance."""
    found = [*_audio(), *_texts()]
    with tempfile.TemporaryDirectory() as folder:
        found += _containers(Path(folder))
    return found


def _tone(seconds: float, channels: int, rate: int = RATE) -> np.ndarray:
    time = np.arange(int(seconds * rate))[:, np.newaxis] / rate
    return 0.25 * np.sin(2 * np.pi * 440.0 * time * (1 + np.arange(channels)))


def _audio() -> list[SeedFile]:
    """Every format and sample format that libsndfile writes, mono or stereo in turns."""
    found = []
    for form in soundfile.available_formats():
        for number, subtype in enumerate(soundfile.available_subtypes(form)):
            rate = 48_000 if subtype == "OPUS" else RATE
            for channels in (1 + number % 2, 2 - number % 2):
                if soundfile.check_format(form, subtype) and form not in _NO_FILE_ALONE:
                    try:
                        buffer = io.BytesIO()
                        soundfile.write(
                            buffer, _tone(0.5, channels, rate), rate, format=form, subtype=subtype
                        )
                    except soundfile.LibsndfileError:  # this many channels have no place in it
                        continue
                    name = f"{subtype.lower()}.{form.lower()}"
                    often = 3 if form in _USUAL else 1
                    found += [SeedFile("audio", name, buffer.getvalue())] * often
                    found += [SeedFile("song", name, buffer.getvalue())] * often
                    break
    return found


def _containers(folder: Path) -> list[SeedFile]:
    """Songs in one file, and what only libav reads."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("vocals.wav", "Drums/Kick.wav"):
            part = io.BytesIO()
            soundfile.write(part, _tone(0.2, 1), RATE, format="WAV")
            archive.writestr(f"song/{name}", part.getvalue())
    found = [SeedFile("container", "song.zip", buffer.getvalue())] * 8
    try:
        import av
    except ImportError:
        return found
    for name, codec, streams, target in (
        ("song.stem.mp4", "aac", 3, "container"),
        ("stem.m4a", "aac", 1, "audio"),
        ("stem.mka", "aac", 1, "audio"),
    ):
        path = folder / name
        with av.open(str(path), "w", format={"mka": "matroska"}.get(name[-3:], "mp4")) as container:
            made: list[Any] = [container.add_stream(codec, rate=RATE, layout="mono") for _ in range(streams)]
            for stream in made:
                tone = (_tone(0.5, 1).T * 32767).astype(np.int16)
                frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
                frame.sample_rate = RATE
                for packet in (*stream.encode(frame), *stream.encode(None)):
                    container.mux(packet)
        found += [SeedFile(target, name, path.read_bytes())] * 8
    return found


def _csv(rows: Iterable[Iterable[object]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def _kept() -> str:
    """Return what a comparison keeps of a result."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder)
        (output / KEPT_FILE).parent.mkdir()
        (output / KEPT_FILE).write_bytes(b"audio")
        write_result(output, "key", KEPT_RESULT, [KEPT_FILE])
        return (output / COMPARISON_CACHE / "key.json").read_text()


def _texts() -> list[SeedFile]:
    plan = MixPlan(
        title="song",
        sample_rate=RATE,
        stems=(
            StemPlan(
                name="vocals",
                role="vocal",
                gain_db=-3.0,
                equalizer=EqualizerParams(bands=(EqBand(kind="peaking", frequency_hz=900.0, gain_db=-2.0),)),
            ),
            StemPlan(name="bass", role="bass", compressor=CompressorParams(threshold_db=-20.0, ratio=2.0)),
        ),
    )
    toml = 'ignore = ["old.wav"]\n[roles]\n"vocals.wav" = "vocal"\n"bass" = "bass"\n'
    rules = resources.files("mixrules.presets").joinpath("default.toml").read_text(encoding="utf-8")
    test = definition()
    own = json.dumps(session(test, "ann", lambda _page, place, _attribute: place + 2), indent=1)
    counts = _csv(
        [["condition", "attribute", "poor", "fair", "good"], ["A", "eq", 3, 9, 12], ["B", "eq", 11, 9, 4]]
    )
    mushra = [
        ["session_test_id", "session_uuid", "trial_id", "rating_stimulus", "rating_score", "rating_time"]
    ]
    mushra += [["t", f"u{i}", "s1", c, str(v), "9000"] for i in range(4) for c, v in (("A", 40), ("B", 60))]
    heads = [
        "StartDate",
        "Status",
        "Duration (in seconds)",
        "Finished",
        "ResponseId",
        "s1__A__eq",
        "s1__B__eq",
    ]
    survey = [heads, heads, [f'{{"ImportId":"{h}"}}' for h in heads]]
    survey += [["x", "0", "300", "1", f"R_{i}", str(60 + i), "30,5"] for i in range(4)]
    waet = (
        '<waet state="complete"><page ref="s1" presentedId="0"><audioelement ref="A"><value interface-name="eq">'
        '0.5</value></audioelement><audioelement ref="B"><value interface-name="eq">0.25</value></audioelement>'
        "</page></waet>"
    )
    texts = (
        ("plan", "mix.plan.json", plan.to_json(), 40),
        ("rules", "rules.toml", rules, 25),
        ("stems.toml", "stems.toml", toml, 40),
        ("ratings", "ann.json", own, 25),
        ("ratings", "counts.csv", counts, 20),
        ("ratings", "mushra.csv", _csv(mushra), 20),
        ("ratings", "survey.csv", _csv(survey, ";"), 20),
        ("ratings", "waet.xml", waet, 20),
        ("test", "test.json", test.to_json(), 20),
        ("test.toml", "test.toml", definition_toml(Definition(reference="human", repeats=1)), 20),
        ("kept", "kept.json", _kept(), 20),
        ("key", "key.json", key_of(test, _NAMES).to_json(), 20),
    )
    return [
        SeedFile(t, name, text.encode(), text=True) for t, name, text, often in texts for _ in range(often)
    ]
