"""Players: one segment of several sounds, at the same loudness, in a fragment of HTML."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import synthetic

from mixrules import integrated_loudness, true_peak
from mixrules.errors import AudioError, ParameterError
from mixrules.report import Player, players

RATE = 44_100


def noise(peak: float, seconds: float = 3.0, channels: int = 2) -> npt.NDArray[np.float32]:
    """Without the highest octave, which MP3 leaves out."""
    drawn = synthetic.noise(seconds, 100.0, 8000.0, rate=RATE).reshape(-1, 1)
    return np.repeat(drawn * np.float32(peak / np.abs(drawn).max()), channels, axis=1)


def decoded(player: Player) -> npt.NDArray[np.float64]:
    audio, sample_rate = soundfile.read(io.BytesIO(player.encoded), always_2d=True)
    assert sample_rate == RATE
    return np.asarray(audio)


def test_all_are_played_at_one_loudness() -> None:
    made = players({"soft": noise(0.01), "loud": noise(0.9), "mono": noise(0.2, channels=1)}, RATE)
    assert made.lufs == -18.0
    for player in made.players:
        assert integrated_loudness(decoded(player), RATE) == pytest.approx(-18.0, abs=0.3)


def test_peaks_leave_the_loudness_of_all_lower() -> None:
    clicks = 1e-4 * np.ones((3 * RATE, 1))
    clicks[:: RATE // 2] = 1.0
    made = players({"clicks": clicks, "noise": noise(0.1)}, RATE)
    assert made.lufs < -20.0
    played = clicks * 10 ** (made.players[0].gain_db / 20)
    assert true_peak(played, RATE) == pytest.approx(-1.0, abs=0.1)
    assert integrated_loudness(decoded(made.players[1]), RATE) == pytest.approx(made.lufs, abs=0.3)


def test_what_is_played_is_the_segment_asked_for() -> None:
    audio = np.concatenate([noise(0.1, 1.0), noise(0.001, 1.0), noise(0.1, 1.0)])
    before = audio.copy()
    made = players({"middle": audio}, RATE, start_s=1.0, length_s=1.0)
    assert (made.start_s, made.length_s) == (1.0, 1.0)
    assert made.players[0].gain_db == pytest.approx(
        -18.0 - integrated_loudness(audio[RATE : 2 * RATE], RATE), abs=0.2
    )
    assert len(decoded(made.players[0])) == RATE
    np.testing.assert_array_equal(audio, before)


def test_a_sound_that_ends_early_is_played_to_its_end() -> None:
    made = players({"a": noise(0.1, 2.0), "b": noise(0.1, 5.0)}, RATE, start_s=1.0)
    assert [len(decoded(player)) for player in made.players] == [RATE, 4 * RATE]
    assert made.length_s == 4.0


def test_silence_is_played_as_it_is() -> None:
    made = players({"silence": np.zeros(RATE), "noise": noise(0.1)}, RATE)
    assert made.players[0].gain_db == 0.0
    assert made.lufs == -18.0
    assert not decoded(made.players[0]).any()
    alone = players({"silence": np.zeros(RATE)}, RATE)
    assert alone.caption == "silent, 1.0 s from 0.0 s on"


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sounds: list[dict[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag == "audio":
            self.sounds.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_needs_no_other_file_and_names_every_sound() -> None:
    made = players({'<b> & "q"': noise(0.1), "two\nlines": noise(0.2)}, RATE, length_s=1.0)
    page = Page()
    page.feed(made.to_html())
    assert page.open == []
    assert page.text == ['<b> & "q"', "two\\nlines", made.caption]
    assert [sound["aria-label"] for sound in page.sounds] == page.text[:2]
    for sound, player in zip(page.sounds, made.players, strict=True):
        kind, _, content = str(sound["src"]).partition(";base64,")
        assert kind == "data:audio/mpeg"
        assert base64.b64decode(content) == player.encoded
    assert made._repr_html_() == made.to_html()
    assert "encoded" not in repr(made), "printed, it is no flood of bytes"
    assert not re.search(r'src="(?!data:)', made.to_html())


def test_rates_that_mp3_lacks_are_resampled() -> None:
    made = players({"noise": noise(0.1, 1.0)}, 96_000)
    audio, sample_rate = soundfile.read(io.BytesIO(made.players[0].encoded))
    assert sample_rate == 48_000
    assert len(audio) == pytest.approx(RATE / 2, abs=2)


def test_without_mp3_it_is_ogg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"OGG": "", "WAV": ""})
    made = players({"noise": noise(0.1, 1.0)}, RATE)
    assert made.players[0].media_type == "audio/ogg"
    assert made.players[0].encoded.startswith(b"OggS")
    assert "data:audio/ogg;base64," in made.to_html()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sounds": {}}, ParameterError, "at least one"),
        ({"sounds": {"a": np.zeros((9, 3))}}, AudioError, "sound 'a'"),
        ({"start_s": 3.0}, AudioError, r"sound 'a' ends at 3\.0 s, the segment from 3 s on holds nothing"),
        ({"start_s": -1.0}, ParameterError, "start_s must be 0 or more"),
        ({"length_s": 0.0}, ParameterError, "length_s must be above 0"),
        ({"length_s": float("nan")}, ParameterError, "length_s must be above 0"),
    ],
)
def test_what_cannot_be_played_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"sounds": {"a": noise(0.1)}, "sample_rate": RATE}
    with pytest.raises(error, match=message):
        players(**given | arguments)


def test_the_function_stands_where_a_module_has_its_name() -> None:
    import mixrules.report.players

    assert callable(mixrules.report.players)
    assert all(hasattr(mixrules.report, name) for name in mixrules.report.__all__)
