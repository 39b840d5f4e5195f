"""The page of a mix: one file, every name escaped, what it says and plays is what was measured."""

from __future__ import annotations

import base64
import hashlib
import io
import itertools
import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from synthetic import RATE, band, noise

from mixrules import MixResult, Stems, integrated_loudness, load_stems, mix, presets, starting_plan
from mixrules.errors import MixrulesError, in_one_line
from mixrules.files import write_audio
from mixrules.report.song.page import write_song_page
from mixrules.report.song.recipe import input_files, recipe_rows

HOSTILE = "<script>alert('x')</script> & \"bass\"\n\x1b[31m"


class Outline(HTMLParser):
    """What a page holds: its texts, where it points, its headings and controls."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.addresses: list[str] = []
        self.headings: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.unnamed: list[str] = []
        self._heading = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.addresses += [str(found[name]) for name in ("src", "href", "xlink:href") if name in found]
        self.ids += [str(found["id"])] if "id" in found else []
        if (tag == "audio" or found.get("role") == "img") and not found.get("aria-label"):
            self.unnamed.append(tag)
        self._heading = tag if re.fullmatch("h[1-6]", tag) else ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._heading:
            self.headings.append((self._heading, data))
            self._heading = ""


@pytest.fixture(scope="module")
def stems() -> Stems:
    song = {name: audio[:, None] for name, audio in band(5.0).items()}
    song[HOSTILE] = song.pop("bass")
    return Stems.from_arrays(song, RATE, roles={HOSTILE: "bass"}, title="Song <b>")


@pytest.fixture(scope="module")
def result(stems: Stems) -> MixResult:
    return mix(stems)


@pytest.fixture(scope="module")
def page(stems: Stems, result: MixResult, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "report.html"
    rules = presets.load("default")
    assert write_song_page(path, stems, result, rules=rules, command="mixrules mix 'a b'") == path
    return path.read_text("utf-8")


def test_it_needs_no_other_file_and_asks_nobody(page: str) -> None:
    outline = Outline(page)
    assert outline.addresses
    assert all(address.startswith(("data:", "#")) for address in outline.addresses)
    assert "link" not in outline.tags
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttp", page)


def test_what_it_points_to_within_is_there_once(page: str) -> None:
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    assert {address[1:] for address in outline.addresses if address.startswith("#")} <= set(outline.ids)


def test_names_are_text(page: str) -> None:
    assert "alert('x')</script>" not in page
    assert "\x1b" not in page
    shown = " ".join(Outline(page).texts)
    assert "<script>alert('x')</script> & \"bass\"" in shown
    assert "Song <b>: what was done, and why" in shown


def test_headings_follow_one_another_and_everything_has_a_name(page: str) -> None:
    outline = Outline(page)
    levels = [int(tag[1]) for tag, _ in outline.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    parts = [text for tag, text in outline.headings if tag == "h2"]
    assert parts == [
        "Listen",
        "The whole mix",
        "The stems",
        "Who hides whom",
        "What each rule did",
        "The recipe",
    ]
    assert not outline.unnamed
    assert outline.tags.count("svg") >= 5 * 3


def test_every_decision_stands_on_it_with_its_check(page: str, result: MixResult) -> None:
    shown = re.sub(r"\s+", " ", " ".join(Outline(page).texts))
    for decision in result.plan.decisions:
        if not decision.superseded:
            assert re.sub(r"\s+", " ", in_one_line(decision.sentence)).strip() in shown
    checked = [s for d in result.plan.decisions if not d.superseded for s in d.statements]
    assert f"{len(checked)} of {len(checked)} checks hold" in shown


def test_the_plan_on_it_is_the_plan(page: str, result: MixResult) -> None:
    texts = Outline(page).texts
    (document,) = [text for text in texts if text.startswith("{\n")]
    assert json.loads(document) == json.loads(result.plan.to_json())
    assert "mixrules mix 'a b'" in texts


def test_sounds_of_a_choice_have_one_loudness_and_one_length(page: str, result: MixResult) -> None:
    rows = [row.split("</div>\n</div>")[0] for row in page.split('<div class="player"')[1:]]
    assert len(rows) == 1 + len(result.plan.stems) + 1
    for row in rows:
        lufs, seconds = [], []
        for encoded in re.findall(r'src="data:audio/\w+;base64,([^"]+)"', row):
            audio, rate = soundfile.read(io.BytesIO(base64.b64decode(encoded)), always_2d=True)
            lufs.append(integrated_loudness(audio, rate))
            seconds.append(len(audio) / rate)
        assert len(lufs) >= 2
        assert max(lufs) - min(lufs) < 0.7  # MP3 leaves out the highest octave of noise
        assert max(seconds) - min(seconds) < 0.1


@pytest.mark.parametrize("audio", ["none", "full"])
def test_it_plays_as_much_as_is_asked_for(
    stems: Stems, result: MixResult, tmp_path: Path, audio: str
) -> None:
    html = write_song_page(tmp_path / "r.html", stems, result, audio=audio).read_text("utf-8")  # type: ignore[arg-type]
    players = re.findall(r'src="data:audio/\w+;base64,([^"]+)"', html)
    if audio == "none":
        assert not players
        assert 'id="listen"' not in html
        return
    assert len(players) == 2 * (1 + len(stems))
    decoded, rate = soundfile.read(io.BytesIO(base64.b64decode(players[0])))
    assert len(decoded) / rate == pytest.approx(len(result.audio) / RATE, abs=0.1)


def test_without_rules_there_is_nothing_to_leave_out(stems: Stems, tmp_path: Path) -> None:
    given = mix(stems, mix_plan=starting_plan(stems))
    html = write_song_page(tmp_path / "r.html", stems, given, audio="none").read_text("utf-8")
    assert "What each rule did" not in html
    assert "The plan states nothing that could be checked." in html


def test_sixteen_stems_fit_into_three_megabytes_without_audio(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    names = ["vocals", "drums", "bass", *(f"guitar {i}" for i in range(7)), *(f"synth {i}" for i in range(6))]
    song = {
        name: noise(12.0, 60.0 * (i + 1), 400.0 * (i + 1), seed=i)[:, None] * 0.2 * rng.uniform(0.2, 1.0)
        for i, name in enumerate(names)
    }
    stems = Stems.from_arrays(song, RATE)
    path = write_song_page(tmp_path / "r.html", stems, mix(stems), audio="none")
    assert path.stat().st_size <= 3_000_000


@pytest.mark.parametrize(
    "song",
    [
        {"vocals": np.full((1, 1), 0.5)},
        {"vocals": np.zeros((30_000, 1)), "piano": 0.1 * noise(2.0, 100, 4000)[:, None]},
        {"short": 0.1 * noise(0.3, 100, 4000)[:, None], "click": np.eye(1, 5000).T},
    ],
    ids=["one sample", "a silent stem", "half a second"],
)
def test_odd_songs_have_a_page(song: dict[str, np.ndarray], tmp_path: Path) -> None:
    stems = Stems.from_arrays(song, RATE)
    path = write_song_page(tmp_path / "r.html", stems, mix(stems), rules=presets.load("default"))
    shown = " ".join(Outline(path.read_text("utf-8")).texts)
    assert "nan" not in re.findall(r"[a-z]+", shown)
    assert not re.search(r"[-−]inf\b", shown)


def test_files_are_named_with_the_hash_of_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "song").mkdir()
    for name, audio in band(2.0).items():
        write_audio(tmp_path / "song" / f"{name}.wav", audio[:, None], RATE)
    stems = load_stems(tmp_path / "song")
    files = sorted((tmp_path / "song").iterdir())
    path = write_song_page(tmp_path / "r.html", stems, mix(stems), audio="none", sources=files)
    html = path.read_text("utf-8")
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() in html
        assert f">{file.stat().st_size}<" in html


def test_an_audio_that_there_is_not_is_refused(stems: Stems, result: MixResult, tmp_path: Path) -> None:
    with pytest.raises(MixrulesError, match="none, excerpts, full"):
        write_song_page(tmp_path / "r.html", stems, result, audio="loud")  # type: ignore[arg-type]
    assert not math.isnan(result.loudness.integrated_lufs)
    assert not list(tmp_path.iterdir())


def test_what_has_one_side_only_is_said_in_words(tmp_path: Path) -> None:
    left = np.zeros((2 * RATE, 2))
    left[:, 0] = 0.1 * noise(2.0, 100, 4000)
    stems = Stems.from_arrays({"vocals": 0.1 * noise(2.0, 200, 2000)[:, None], "guitar": left}, RATE)
    html = write_song_page(
        tmp_path / "r.html", stems, mix(stems, mix_plan=starting_plan(stems)), audio="none"
    )
    texts = Outline(html.read_text("utf-8")).texts
    assert "left only" in texts
    assert "mono" in texts


def test_a_plan_of_halves_that_were_joined_has_its_page(tmp_path: Path) -> None:
    sound = 0.1 * noise(2.0, 100, 4000)[:, None]
    halves = {"OH L": sound, "OH R": 0.5 * sound, "vocals": 0.1 * noise(2.0, 200, 2000)[:, None]}
    apart = Stems.from_arrays(halves, RATE, join_pairs=False)
    joined = Stems.from_arrays(halves, RATE)
    assert len(joined) == 2
    result = mix(joined, mix_plan=mix(apart).plan)
    html = write_song_page(tmp_path / "r.html", joined, result, audio="none").read_text("utf-8")
    assert ">OH R</h3>" in html


def test_a_reverb_is_in_the_recipe_and_files_are_told_apart_by_their_folders(
    stems: Stems, result: MixResult
) -> None:
    rows = {row.name: row for row in recipe_rows(result.plan)}
    (bus,) = result.plan.reverbs
    assert f"t60 {bus.params.t60_s:.4g} s" in rows["reverb “room”"].more[0]
    assert list(rows)[: len(stems)] == list(stems.names)


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    paths = []
    for folder in ("drums", "percussion"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / "kick.wav")
        paths[-1].write_bytes(folder.encode())
    assert [file.name for file in input_files(paths)] == ["drums/kick.wav", "percussion/kick.wav"]
    assert input_files([]) == ()
