"""A project for the Web Audio Evaluation Tool (github.com/BrechtDeMan/WebAudioEvaluationTool).

A 0 to 100 scale becomes its APE interface, an axis for each attribute, all on one page a song. A Likert
scale becomes its discrete interface, which has one axis a page: a page for each attribute of each song.
The structure is that of the tool's ``xml/test-schema.xsd``.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from mixrules.listening.exports.common import audio_address, trial_id
from mixrules.listening.format.testfile import Attribute, ListeningTest, Page, Scale

_METRICS = (
    "testTimer",
    "elementTimer",
    "elementInitialPosition",
    "elementTracker",
    "elementFlagListenedTo",
    "elementFlagMoved",
    "elementListenTracker",
)
_CROSS_FADE_S = "0.01"


def waet_project(test: ListeningTest, *, audio_url: str = "") -> str:
    """Return a test as a project of the Web Audio Evaluation Tool.

    Parameters
    ----------
    test : ListeningTest
        The test.
    audio_url : str
        Where the audio files are; empty: ``media/TEST_ID/``.

    Returns
    -------
    str
        XML. Pages are called after ours (``page-01``, or ``page-01.ATTRIBUTE``), audio elements
        ``PAGE.STIMULUS_ID``, axes after the attributes.
    """
    base = (audio_url or f"media/{test.test_id}").rstrip("/") + "/"
    root = Xml.Element(
        "waet",
        {
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": "test-schema.xsd",
        },
    )
    continuous = test.scale.kind == "continuous"
    root.append(_setup(test, continuous=continuous))
    for page in test.pages:
        if continuous:
            root.append(_page(page, page.id, page.label, test.attributes, test.scale, base))
        else:
            for attribute in test.attributes:
                title = f"{page.label}: {attribute.label}"
                root.append(_page(page, trial_id(page, attribute), title, [attribute], test.scale, base))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _setup(test: ListeningTest, *, continuous: bool) -> Xml.Element:
    setup = Xml.Element(
        "setup",
        interface="APE" if continuous else "discrete",
        projectReturn="save.php",
        randomiseOrder="true",
        crossFade=_CROSS_FADE_S,
    )
    _text(setup, "exitText", "Thank you for taking part.")
    survey = Xml.SubElement(setup, "survey", location="before")
    welcome = Xml.SubElement(survey, "surveystatement", id="welcome")
    _text(
        welcome,
        "statement",
        f"{test.title}. Set a comfortable volume and leave it as it is until the end of the test.",
    )
    for question in test.questions:
        kind = "surveyradio" if question.options else "surveyquestion"
        entry = Xml.SubElement(
            survey, kind, id=f"question-{question.id}", mandatory="true" if question.required else "false"
        )
        _text(entry, "statement", question.label)
        for number, option in enumerate(question.options, 1):
            _text(entry, "option", option, name=f"option-{number}")
    metric = Xml.SubElement(setup, "metric")
    for name in _METRICS:
        _text(metric, "metricenable", name)
    interface = Xml.SubElement(setup, "interface")
    checks = ["fragmentPlayed", *(["fragmentMoved"] if continuous else [])]
    for kind, names in (("check", checks), ("show", ["volume", "playhead", "page-count"])):
        for name in names:
            Xml.SubElement(interface, "interfaceoption", type=kind, name=name)
    return setup


def _page(
    page: Page, page_id: str, title: str, attributes: Sequence[Attribute], scale: Scale, base: str
) -> Xml.Element:
    element = Xml.Element(
        "page",
        id=page_id,
        hostURL=base,
        randomiseOrder="true",
        repeatCount="0",
        loop="true",
        synchronous="true",
        label="capital",
    )
    _text(element, "title", title)
    for attribute in attributes:
        interface = Xml.SubElement(element, "interface", name=attribute.id)
        _text(
            interface, "title", f"{attribute.label}. {attribute.hint}" if attribute.hint else attribute.label
        )
        scales = Xml.SubElement(interface, "scales")
        steps = len(scale.labels) - 1
        for number, label in enumerate(scale.labels):
            _text(scales, "scalelabel", label, position=str(round(100 * number / steps)))
    for stimulus in page.stimuli:
        Xml.SubElement(
            element,
            "audioelement",
            # An id stands only once in the document, and starts with a letter.
            id=f"{page_id}.{stimulus.id}",
            url=audio_address(stimulus.file, "").lstrip("/"),
            name=stimulus.id,
        )
    return element


def _text(parent: Xml.Element, tag: str, text: str, **attributes: str) -> None:
    Xml.SubElement(parent, tag, attributes).text = text
