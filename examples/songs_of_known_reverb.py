"""Make songs whose reverb times are known, to ask `reverb_time_study.py` what it finds.

Each song has a voice and drums, dry, at a tempo of its own, and an impulse response: the
reverb that was chosen for it. In FOLDER/by_rule our reverb rule chose it from the tempo; in
FOLDER/by_chance nothing did. reverb_times.csv has what each response measures, and manifest.csv
says which is whose.

python examples/songs_of_known_reverb.py [FOLDER [SONGS]]
"""

import csv
import dataclasses
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mixrules import Stems, plan, presets
from mixrules.analysis import decay_time
from mixrules.files import make_folder, write_audio
from mixrules.processors import impulse_response

OUT = Path(__file__).parent / "out" / "songs_of_known_reverb"
RATE, SECONDS, SONGS = 22_050, 12, 12
BPM = (80.0, 165.0)
TIMES_S = (0.5, 2.4)
"""Between these, what chance chooses; the rule's are about the same."""
BANDS_HZ = (500.0, 1000.0)
"""The octave bands whose mean is `decay_s`, as in the ground truth."""
SCALE_HZ = 220.0 * 2.0 ** (np.array([0, 2, 4, 7, 9, 12]) / 12.0)
Audio = npt.NDArray[np.float32]


def song(bpm: float, rng: np.random.Generator) -> dict[str, Audio]:
    """Return the stems of a song: a drum on every beat, and a sung line."""
    drums, vocals = np.zeros((2, RATE * SECONDS))
    beat_s = 60.0 / bpm
    for beat in range(int(SECONDS / beat_s) - 1):
        start = round(beat * beat_s * RATE)
        put(drums, start, hit(rng, 0.2))
        if rng.random() < 0.7:
            pitch_hz = rng.choice(SCALE_HZ)
            put(vocals, start, tone(pitch_hz, beat_s * rng.choice([0.5, 0.9])))
    return {
        "vocals": (0.2 * vocals).astype(np.float32),
        "drums": (0.4 * drums).astype(np.float32),
    }


def hit(rng: np.random.Generator, seconds: float) -> npt.NDArray[np.float64]:
    t = np.arange(round(seconds * RATE)) / RATE
    body = np.sin(2.0 * np.pi * 60.0 * t) + rng.normal(0.0, 0.3, t.size)
    return np.asarray(body * np.exp(-6.9 * t / seconds))


def tone(pitch_hz: float, seconds: float) -> npt.NDArray[np.float64]:
    t = np.arange(round(seconds * RATE)) / RATE
    partials = [np.sin(2.0 * np.pi * pitch_hz * n * t) / n for n in range(1, 9)]
    edge = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.03)
    return np.asarray(sum(partials) * edge)


def put(
    track: npt.NDArray[np.float64], start: int, sound: npt.NDArray[np.float64]
) -> None:
    end = min(start + sound.size, track.size)
    track[start:end] += sound[: end - start]


def decay_s(response: Audio) -> float:
    """Return T30, the mean of both bands."""
    bands = [decay_time(response, RATE, band_hz=band_hz) for band_hz in BANDS_HZ]
    return float(np.mean(bands))


def write(folder: Path, songs: int, by_rule: bool) -> None:
    """Write the songs, a response each, and the table of times."""
    rng = np.random.default_rng(2022)
    default = presets.load("default")
    others = {str(rule).partition(":")[0] for rule in default.chain} - {"reverb"}
    rules = default.without(*others)
    times, manifest = [("song", "decay_s")], [("song", "path", "stem", "kind")]
    for number in range(songs):
        name = f"song_{number + 1:03}"
        stems = song(rng.uniform(*BPM), rng)
        decided = plan(Stems.from_arrays(stems, RATE, title=name), rules=rules)
        room = decided.reverb("room")
        if not by_rule:
            room = dataclasses.replace(room, t60_s=rng.uniform(*TIMES_S))
        response = impulse_response(RATE, room)
        make_folder(folder / name)
        for stem, audio in stems.items():
            write_audio(folder / name / f"{stem}.wav", audio, RATE)
        make_folder(folder / "_impulse_responses")
        write_audio(
            folder / "_impulse_responses" / f"{name}.wav",
            response,
            RATE,
            subtype="FLOAT",
        )
        times.append((name, f"{decay_s(response):.3f}"))
        manifest += [(name, f"{name}/{stem}.wav", stem, "stem") for stem in stems]
        response_of = f"_impulse_responses/{name}.wav"
        manifest.append((name, response_of, "vocals", "impulse_response"))
    for table, rows in (("reverb_times.csv", times), ("manifest.csv", manifest)):
        with open(folder / table, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    shown = [float(time_s) for _, time_s in times[1:]]
    print(
        f"{folder}: {songs} songs, reverb times {min(shown):.2f} to {max(shown):.2f} s"
    )


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    songs = int(sys.argv[2]) if len(sys.argv) > 2 else SONGS
    write(folder / "by_rule", songs, by_rule=True)
    write(folder / "by_chance", songs, by_rule=False)


if __name__ == "__main__":
    main()
