"""A small song whose plan uses every setting, and DAW projects edited as a DAW would edit them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring, tostring

import numpy as np
from synthetic import RATE, noise

from mixrules import Decision, MasterPlan, MixPlan, ReverbBus, Send, StemPlan, Stems
from mixrules.processors import (
    CompressorParams,
    DynamicEqBand,
    EqBand,
    EqualizerParams,
    GainPoint,
    LimiterParams,
    PanParams,
    ReverbParams,
    WidthParams,
)

ROOM = ReverbBus(name="room", params=ReverbParams(t60_s=0.3, lines=8))
BANDS = EqualizerParams(
    bands=(
        EqBand(kind="high_pass", frequency_hz=81.3, q=0.7071),
        EqBand(kind="peaking", frequency_hz=317.25, gain_db=-2.37, q=1.41),
        EqBand(kind="high_shelf", frequency_hz=5000.0, gain_db=1.5, q=0.7),
    )
)
COMPRESSOR = CompressorParams(
    threshold_db=-23.7, ratio=2.8, attack_ms=12.0, release_ms=140.0, knee_db=6.0, makeup_db=1.3
)


def song(seconds: float = 2.0, rate: int = RATE) -> Stems:
    """Four stems: mono and stereo, one shorter than the others."""
    mono = noise(seconds, 200, 5000, rate=rate, seed=1)[:, np.newaxis]
    wide = np.stack([noise(seconds, 100, 4000, rate=rate, seed=each) for each in (2, 3)], axis=1)
    short = noise(seconds / 2.0, 60, 900, rate=rate, seed=4)[:, np.newaxis]
    return Stems.from_arrays(
        {"Lead Vóx": mono, "guitars / 左": wide, "bass": short, "shaker": 0.5 * mono[::-1]},
        rate,
        title="A song",
    )


def held_plan(stems: Stems) -> MixPlan:
    """A plan with all that a DAWproject holds, at numbers of no round value."""
    return MixPlan(
        title="A song",
        sample_rate=stems.sample_rate,
        stems=(
            StemPlan(
                name="Lead Vóx",
                role="vocal",
                input_gain_db=-1.7,
                equalizer=BANDS,
                compressor=COMPRESSOR,
                automation=(
                    GainPoint(time_s=0.25, gain_db=0.0),
                    GainPoint(time_s=0.5, gain_db=-4.2),
                    GainPoint(time_s=1.75, gain_db=1.1),
                ),
                sends=(Send(to="room", level_db=-11.3),),
                gain_db=-3.284712,
            ),
            StemPlan(
                name="guitars / 左",
                role="guitar",
                pan=PanParams(pan=0.23),
                limiter=LimiterParams(ceiling_dbtp=-6.1, lookahead_ms=2.0, release_ms=70.0),
                sends=(Send(to="room", level_db=-20.0),),
                gain_db=1 / 3,
            ),
            StemPlan(name="bass", role="bass", pan=PanParams(pan=-0.4), gain_db=-2.05),
            StemPlan(name="shaker", role="percussion", mute=True, gain_db=-60.123),
        ),
        reverbs=(ROOM,),
        master=MasterPlan(
            equalizer=EqualizerParams(bands=(EqBand(kind="low_shelf", frequency_hz=120.0, gain_db=0.7),)),
            gain_db=3.21,
            limiter=LimiterParams(ceiling_dbtp=-1.0),
        ),
        decisions=(
            Decision(
                rule="level",
                sentence="vocal up",
                source="ours",
                stem="Lead Vóx",
                parameters={"gain_db": -3.284712},
            ),
        ),
    )


def lacking_plan(stems: Stems) -> MixPlan:
    """The same with what no DAWproject holds."""
    plan = held_plan(stems)
    plan = plan.replace_stem(
        "Lead Vóx", dynamic_equalizer=(DynamicEqBand(frequency_hz=4000.0, threshold_db=-35.0),)
    )
    plan = plan.replace_stem("guitars / 左", width=WidthParams(side_gain_db=3.0))
    return plan.replace_stem("bass", invert_polarity=True)


def project_xml(path: Path) -> Element:
    """The root of an archive's project.xml."""
    with zipfile.ZipFile(path) as archive:
        return fromstring(archive.read("project.xml"))


def saved_again(path: Path, to: Path, edit: Callable[[Element], None], *, keeps_plan: bool = False) -> Path:
    """Write an archive as a DAW would save it: edited, numbers with six decimals, and without the plan."""
    root = project_xml(path)
    for element in root.iter():
        for name in ("value", "min", "max", "time", "duration"):
            text = element.get(name, "")
            if text and text not in ("true", "false"):
                element.set(name, f"{float(text):.6f}")
    edit(root)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for entry in old.infolist():
            if entry.filename == "project.xml":
                new.writestr(entry.filename, tostring(root, encoding="utf-8"))
            elif keeps_plan or entry.filename != "mixrules/plan.json":
                new.writestr(entry, old.read(entry))
    return to


def track(root: Element, name: str) -> Element:
    """The track of that name."""
    return next(each for each in root.iter("Track") if each.get("name") == name)


def parameter(root: Element, name: str, path: str) -> Element:
    """A parameter of a track's channel."""
    found = track(root, name).find(f"Channel/{path}")
    assert found is not None
    return found
