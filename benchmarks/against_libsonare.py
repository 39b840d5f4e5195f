"""Compare our mix with libsonare's on the same stems: levels, masking, range, width, said against done.

    python -m venv peers && peers/bin/pip install libsonare==1.9.1
    python benchmarks/against_libsonare.py songs/* --demo --sonare peers/bin/sonare

libsonare's command (`suggest-mix`, then `mix`) runs with its defaults. A stem as it sits in its mix is
rendered by feeding that strip alone, which is sound while its scene has no processor on a bus that
several strips share; the sum of these renders is compared with the mix, and the largest difference
printed. Everything is measured by mixrules, the same way for both mixes and for the plain sum of the
stems. Its "said" is what its scene and its explanations hold: a level staged by trim and fader, an EQ
gain, a send in dB (a setting, where our plan states the loudness of the return). Without libsonare
the script says so and ends.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mixrules import MixResult, Stems, integrated_loudness, load_stems, loudness_range, mix
from mixrules.analysis import block_band_powers, erb_bands, masking, side_to_mid_db
from mixrules.demo import write_demo
from mixrules.engine import Renderer, load_engine
from mixrules.files import read_audio, write_audio
from mixrules.loudness import measure
from mixrules.processors import EqBand, EqualizerParams, frequency_response
from mixrules.session import Session

Audio = npt.NDArray[np.float32]
Scene = dict[str, Any]

SYSTEMS = ("plain sum", "mixrules", "libsonare")


@dataclass(frozen=True, slots=True, kw_only=True)
class StemFigures:
    """One stem as it sits in one mix."""

    level_lu: float
    """Integrated loudness against that of the mix before its master."""
    loudness_range_lu: float
    side_to_mid_db: float
    share_masked: float
    mean_smr_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixFigures:
    """One mix."""

    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    side_to_mid_db: float
    vocal_to_backing_lu: float | None
    share_masked: float
    mean_smr_db: float
    stems: Mapping[str, StemFigures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a system said about a stem, and what its render does."""

    stem: str
    what: str
    said: float
    done: float
    unit: str


class Sonare:
    """libsonare's command line, for one song."""

    def __init__(self, program: str, stems: Stems, scratch: Path) -> None:
        self.program = program
        self.rate = stems.sample_rate
        self.scratch = scratch
        self.files = {
            stem.name: write_audio(scratch / f"{stem.name}.wav", stem.audio, self.rate, subtype="PCM_24").path
            for stem in stems
        }

    def suggest(self) -> dict[str, Any]:
        """Return what `suggest-mix` prints; its scene is what `render` takes."""
        scene = self.scratch / "scene.json"
        text = self._run("suggest-mix", "--json", *self._inputs(self.files), "--scene-out", str(scene))
        return {**json.loads(text), "scene": json.loads(scene.read_text())}

    def render(self, scene: Scene, names: Sequence[str]) -> Audio:
        """Render a scene with only some strips fed."""
        path, output = self.scratch / "rendered.json", self.scratch / "rendered.wav"
        path.write_text(json.dumps(scene))
        self._run("mix", "--scene", str(path), *self._inputs(names), "-o", str(output))
        return np.asarray(read_audio(output).audio, np.float32)

    def _inputs(self, names: Sequence[str] | Mapping[str, Path]) -> list[str]:
        pairs = [("--input", f"{name}={self.files[name]}") for name in names]
        return [word for pair in pairs for word in pair]

    def _run(self, command: str, *words: str) -> str:
        words = (command, *words, "--sample-rate", str(self.rate))
        return subprocess.run([self.program, *words], check=True, capture_output=True, text=True).stdout


def figures(
    mixed: Audio, stems: Mapping[str, Audio], vocals: Sequence[str], sample_rate: int, samples: int
) -> MixFigures:
    """Measure a mix and its stems; those are before the master, `mixed` is after it.

    A stem's loudness range is that of its first `samples`: a reverb's tail past its end does not count.
    """
    total = _sum(stems.values())
    total_lufs = integrated_loudness(total, sample_rate)
    bands = erb_bands().below(sample_rate / 2)
    powers = {name: block_band_powers(audio, sample_rate, bands) for name, audio in stems.items()}
    blocks = max(len(p) for p in powers.values())
    powers = {name: np.pad(p, ((0, blocks - len(p)), (0, 0))) for name, p in powers.items()}
    rows = {}
    for name, audio in stems.items():
        found = masking(powers[name], sum(p for n, p in powers.items() if n != name), bands)
        rows[name] = StemFigures(
            level_lu=integrated_loudness(audio, sample_rate) - total_lufs,
            loudness_range_lu=loudness_range(audio[:samples], sample_rate),
            side_to_mid_db=side_to_mid_db(audio),
            share_masked=found.share_masked,
            mean_smr_db=found.mean_smr_db,
        )
    read = measure(mixed, sample_rate)
    backing = [audio for name, audio in stems.items() if name not in vocals]
    vocal = [stems[name] for name in vocals]
    return MixFigures(
        integrated_lufs=read.integrated_lufs,
        loudness_range_lu=read.loudness_range_lu,
        true_peak_dbtp=read.true_peak_dbtp,
        side_to_mid_db=side_to_mid_db(mixed),
        vocal_to_backing_lu=integrated_loudness(_sum(vocal), sample_rate)
        - integrated_loudness(_sum(backing), sample_rate)
        if vocal and backing
        else None,
        share_masked=float(np.mean([row.share_masked for row in rows.values()])),
        mean_smr_db=float(np.mean([row.mean_smr_db for row in rows.values()])),
        stems=rows,
    )


def sonare_claims(sonare: Sonare, suggested: Mapping[str, Any]) -> Iterator[Claim]:
    """Yield what libsonare said about levels, cuts and reverb, with what its render of the stem does."""
    rate = sonare.rate
    open_scene = _without_master_trim(suggested["scene"])
    for track in suggested["tracks"]:
        name = track["name"]
        own_scene = only(open_scene, name)
        strip = _strip(own_scene, name)
        dry_scene = _changed(own_scene, name, sends=[])
        dry = sonare.render(dry_scene, [name])
        dry_lufs = integrated_loudness(dry, rate)
        said = track["integratedLufs"] + strip["inputTrimDb"] + strip["faderDb"]
        yield Claim(stem=name, what="level: measured + trim + fader", said=said, done=dry_lufs, unit="LUFS")
        cuts = [i for i in strip["inserts"] if i["processor"] == "eq.parametric"]
        if cuts:
            before, after = (
                sonare.render(_changed(dry_scene, name, inserts=kept), [name]) for kept in ([], cuts)
            )
            yield from _eq_claims(name, _equalizer(cuts[0]["params"]), before, after, rate)
        for send in strip["sends"]:
            one = _changed(own_scene, name, sends=[send])
            wet = _sum([sonare.render(one, [name]), -dry])
            done = integrated_loudness(wet, rate) - dry_lufs
            yield Claim(
                stem=name,
                what=f"send to {send['destinationBusId']}",
                said=send["sendDb"],
                done=done,
                unit="LU",
            )


def our_claims(stems: Stems, result: MixResult) -> Iterator[Claim]:
    """Yield our plan's statements, measured on the render, and its EQ bands, measured on the stems."""
    for decision in result.plan.decisions:
        for statement in () if decision.superseded else decision.statements:
            what = statement.kind.replace("_", " ")
            done = math.nan if statement.measured is None else statement.measured
            yield Claim(
                stem=decision.stem or "mix", what=what, said=statement.stated, done=done, unit=statement.unit
            )
    renderer = Renderer(stems, load_engine("native"))
    for strip in result.plan.stems:
        if strip.equalizer.bands:
            before, after = (
                renderer.stem(result.plan, strip.name, through=s) for s in ("input", "equalizer")
            )
            yield from _eq_claims(strip.name, strip.equalizer, before, after, stems.sample_rate)


def compare(folder: Path, program: str) -> dict[str, Any]:
    """Mix one folder with both systems; return all figures as plain data."""
    stems = load_stems(folder)
    result = mix(stems)
    session = Session(stems)
    plain = {name: _stereo(session.audio(name)) for name in stems.names if not stems[name].silent}
    with tempfile.TemporaryDirectory() as scratch:
        sonare = Sonare(program, stems, Path(scratch))
        suggested = sonare.suggest()
        theirs = sonare.render(suggested["scene"], stems.names)
        alone = {name: sonare.render(only(suggested["scene"], name), [name]) for name in plain}
        claims = list(sonare_claims(sonare, suggested))
    residual = np.max(np.abs(_sum([*alone.values(), -theirs])))
    ours = {name: result.stems[name] for name in plain}
    mixes = zip(SYSTEMS, (_sum(plain.values()), result.audio, theirs), (plain, ours, alone), strict=True)
    return {
        "song": folder.name,
        "roles": {name: session.role(name) for name in plain},
        "libsonare_roles": {t["name"]: t["source"] for t in suggested["tracks"]},
        "systems": {
            system: dataclasses.asdict(
                figures(mixed, parts, session.vocals, stems.sample_rate, stems.samples)
            )
            for system, mixed, parts in mixes
        },
        "libsonare_sum_residual_db": 20.0 * math.log10(residual / np.max(np.abs(theirs)) + 1e-9),
        "libsonare_explanation": suggested["explanation"],
        "claims": {
            "mixrules": [dataclasses.asdict(claim) for claim in our_claims(stems, result)],
            "libsonare": [dataclasses.asdict(claim) for claim in claims],
        },
    }


def print_song(found: Mapping[str, Any]) -> None:
    """Print one song's comparison."""
    systems = found["systems"]
    print(f"\n== {found['song']}")
    print(
        f"{'':12}{'LUFS':>8}{'LRA':>6}{'dBTP':>7}{'S/M dB':>8}{'vocal-backing':>15}{'masked':>8}{'SMR dB':>8}"
    )
    for system, f in systems.items():
        vocal = "-" if f["vocal_to_backing_lu"] is None else f"{f['vocal_to_backing_lu']:.1f}"
        print(
            f"{system:12}{f['integrated_lufs']:8.1f}{f['loudness_range_lu']:6.1f}{f['true_peak_dbtp']:7.1f}"
            f"{f['side_to_mid_db']:8.1f}{vocal:>15}{f['share_masked']:8.2f}{f['mean_smr_db']:8.1f}"
        )
    print("each: plain sum, mixrules, libsonare")
    print(
        f"{'stem':16}{'role, as libsonare':26}{'level LU':>20}{'LRA':>18}{'S/M dB':>21}{'masked':>18}{'SMR dB':>20}"
    )
    for name, role in found["roles"].items():
        rows = [systems[system]["stems"][name] for system in SYSTEMS]
        cells = [
            " ".join(f"{row[key]:{width}.{digits}f}" for row in rows)
            for key, width, digits in (
                ("level_lu", 6, 1),
                ("loudness_range_lu", 5, 1),
                ("side_to_mid_db", 6, 1),
                ("share_masked", 5, 2),
                ("mean_smr_db", 6, 1),
            )
        ]
        both = f"{role}, {found['libsonare_roles'].get(name, '-')}"
        print(f"{name:16}{both:26}" + " ".join(cells))
    print(
        f"libsonare: its stems sum to its mix within {found['libsonare_sum_residual_db']:.0f} dB of its peak"
    )
    for system, claims in found["claims"].items():
        for claim in claims:
            if system == "libsonare" or not abs(claim["said"] - claim["done"]) <= 0.1:
                print(
                    f"  {system} {claim['stem']}: {claim['what']}: said {claim['said']:.2f}, "
                    f"measured {claim['done']:.2f} {claim['unit']}"
                )


def print_summary(songs: Sequence[Mapping[str, Any]]) -> None:
    """Print, for every kind of claim, how many there were and how far off they are."""
    print("\n== said against done: number of claims, median and largest absolute difference")
    for system in SYSTEMS[1:]:
        kinds: dict[str, list[float]] = {}
        for song in songs:
            for claim in song["claims"][system]:
                kind = claim["what"].split(" at ")[0].split(":")[0]
                kinds.setdefault(f"{kind}, {claim['unit']}", []).append(abs(claim["said"] - claim["done"]))
        for kind, errors in kinds.items():
            print(f"{system:12}{kind:36}{len(errors):4}{np.nanmedian(errors):8.2f}{np.nanmax(errors):8.2f}")


def _sum(parts: Any) -> Audio:
    """Return the sum of signals of two channels and any lengths."""
    parts = [_stereo(part) for part in parts]
    total = np.zeros((max(len(part) for part in parts), 2), np.float32)
    for part in parts:
        total[: len(part)] += part
    return total


def _stereo(audio: Audio) -> Audio:
    """Return two channels; one is carried on both at equal power, as in the centre of our pan."""
    return audio if audio.shape[1] == 2 else np.repeat(audio, 2, axis=1) * np.float32(math.sqrt(0.5))


def _strip(scene: Scene, name: str) -> dict[str, Any]:
    return next(strip for strip in scene["strips"] if strip["id"] == name)


def _changed(scene: Scene, name: str, **changes: Any) -> Scene:
    scene = copy.deepcopy(scene)
    _strip(scene, name).update(changes)
    return scene


def _without_master_trim(scene: Scene) -> Scene:
    scene = copy.deepcopy(scene)
    for bus in scene["buses"]:
        if bus["role"] == "master":
            bus["inputTrimDb"] = 0.0
    return scene


def only(scene: Scene, name: str) -> Scene:
    """Return a scene with one source, the buses and returns kept: much faster than feeding silence."""
    scene = copy.deepcopy(scene)
    returns = {c["destination"] for c in scene["connections"]}
    kept = {s["id"] for s in scene["strips"] if s["id"] == name or s["id"] in returns}
    dropped = {s["id"] for s in scene["strips"]} - kept
    scene["strips"] = [s for s in scene["strips"] if s["id"] in kept]
    scene["connections"] = [c for c in scene["connections"] if c["source"] not in dropped]
    for group in scene["vcaGroups"]:
        group["members"] = [member for member in group["members"] if member not in dropped]
    return scene


def _equalizer(params: Mapping[str, Any]) -> EqualizerParams:
    """Return the peaking bands of libsonare's parametric equaliser."""
    numbers = range(sum(key.endswith(".gainDb") for key in params))
    return EqualizerParams(
        bands=tuple(
            EqBand(
                frequency_hz=params[f"band{n}.frequencyHz"],
                gain_db=params[f"band{n}.gainDb"],
                q=params[f"band{n}.q"],
            )
            for n in numbers
        )
    )


def _eq_claims(
    stem: str, equalizer: EqualizerParams, before: Audio, after: Audio, sample_rate: int
) -> Iterator[Claim]:
    """Yield what an equaliser's bands do together at their frequencies, by formula and on the audio."""
    for band in equalizer.bands:
        said = 20.0 * math.log10(abs(frequency_response(equalizer, sample_rate, [band.frequency_hz])[0]))
        done = _level_at(after, sample_rate, band.frequency_hz) - _level_at(
            before, sample_rate, band.frequency_hz
        )
        yield Claim(stem=stem, what=f"EQ at {band.frequency_hz:.0f} Hz", said=said, done=done, unit="dB")


def _level_at(audio: Audio, sample_rate: int, frequency_hz: float) -> float:
    """Return the level of a twelfth of an octave around a frequency, in dB."""
    mono = audio.mean(axis=1, dtype=np.float64)
    powers = np.abs(np.fft.rfft(mono)) ** 2 / len(mono) ** 2
    bins = np.fft.rfftfreq(len(mono), 1.0 / sample_rate)
    near = np.abs(np.log2(np.maximum(bins, 1e-9) / frequency_hz)) <= 1.0 / 24.0
    return 10.0 * math.log10(float(powers[near].sum()) + 1e-30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a folder of stems")
    parser.add_argument("--demo", action="store_true", help="the demo song as well")
    parser.add_argument("--sonare", default="sonare", metavar="PATH", help="libsonare's command")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the tables")
    options = parser.parse_args()
    program = shutil.which(options.sonare)
    if program is None:
        print(f"{options.sonare} is not there: install libsonare==1.9.1, or name its command with --sonare")
        return
    songs = []
    with tempfile.TemporaryDirectory() as scratch:
        folders = list(options.folders)
        if options.demo:
            folders.append(write_demo(Path(scratch) / "demo")[0].parent)
        for folder in folders:
            songs.append(compare(folder, program))
            if not options.json:
                print_song(songs[-1])
    if options.json:
        print(json.dumps(songs, indent=2))
    else:
        print_summary(songs)


if __name__ == "__main__":
    main()
