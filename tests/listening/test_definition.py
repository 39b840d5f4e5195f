"""test.toml: what is written is read, every mistake is a line, and a change reaches the page without new audio."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from listening.small_listening import CONDITIONS, definition, key_of, write_small_test
from mixrules.errors import ListeningTestError
from mixrules.listening import Attribute, Completion, Consent, Key, ListeningTest, Question, Scale
from mixrules.listening.format.definition import Definition, DefinitionError
from mixrules.listening.format.definition_reading import page_words, parse_definition, read_definition
from mixrules.listening.format.definition_writing import definition_toml
from mixrules.listening.format.revisions import definition_of
from mixrules.listening.making.applying import apply_definition

EVERYTHING = Definition(
    title='Which "mix"?',
    introduction="First paragraph.\n\nSecond, with a \\ and a tab\tin it.",
    contact="ask@example.org",
    language="fr",
    words={"next": "Suivant"},
    consent=Consent(text="Your answers are kept.\nYou may stop.", label="Yes"),
    listener_parameter="PROLIFIC_PID",
    headphone_check="required",
    scale=Scale(kind="ab", no_preference=False, trials=4, labels=("1", "2", "3", "4", "5")),
    layout="all",
    require_full_listen=False,
    comments="mix",
    attributes=(Attribute(id="vocal_level", label="Vocal level", hint="Where is the voice better?"),),
    attribute_order="random",
    reference="human",
    anchors=("random",),
    pairs="reference",
    condition_labels={"survey-2022": "Rules of 2022", "human": "The engineer"},
    repeats=1,
    songs_per_listener=2,
    training=False,
    training_labels=("Bon", "Mauvais"),
    training_text="Listen.",
    training_lines={"vocal_level": "Is it buried?"},
    questions=(
        Question(id="age", label="Your age", number=True, minimum=18, maximum=99.5, required=True),
        Question(id="tool", label="Your tool", when="after"),
        Question(id="ears", label="Your ears", options=("good", "not so good")),
    ),
    completion=Completion(text="Done.", code="C1", url="https://example.org/?cc={code}&id={listener}"),
)


@pytest.mark.parametrize("of", [Definition(), EVERYTHING, dataclasses.replace(Definition(), questions=())])
def test_what_is_written_is_read(of: Definition) -> None:
    text = definition_toml(of, conditions=(*CONDITIONS, 'a "model"'))
    assert parse_definition(text) == of
    tomllib.loads(text)  # by a reader that is not ours


@given(
    st.builds(
        dataclasses.replace,
        st.just(EVERYTHING),
        introduction=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40).map(
            str.strip
        ),
        condition_labels=st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), st.just("x")
        ),
    )
)
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back(of: Definition) -> None:
    assert parse_definition(definition_toml(of)) == of


def test_nothing_at_all_is_the_default() -> None:
    assert parse_definition("") == Definition()
    german = parse_definition('language = "de"')
    assert german.attributes[1].label == "Klangfarbe (EQ)"
    assert german.scale.labels[0] == "Sehr schlecht"
    assert german.questions[2].options == ("Kopfhörer", "Lautsprecher")
    ab = parse_definition('[scale]\nkind = "ab"')
    assert [(a.id, a.hint) for a in ab.attributes] == [("overall", "All in all, which mix do you prefer?")]
    assert parse_definition('[scale]\nkind = "abx"').attributes == ()


MISTAKES: list[tuple[str, str]] = [
    ("title = 5", "title: a text of at most 20000 characters is accepted, got 5"),
    ('titel = "x"', "titel: unknown key; did you mean title?"),
    ('[scale]\nkind = "mushra"', "scale.kind: one of likert, continuous, ab, abx is accepted, got 'mushra'"),
    (
        '[scale]\nlabels = ["a", "b"]',
        "scale.labels: a list of 5 texts, none of them empty, is accepted, got ['a', 'b']",
    ),
    ("[scale]\ntrials = 0", "scale.trials: a whole number from 1 to 100 is accepted, got 0"),
    ('[scale]\nno_preference = "yes"', "scale.no_preference: true or false is accepted, got 'yes'"),
    ("scale = 3", "scale: a table is accepted, got 3"),
    ("[pages]\nrepeats = -1", "pages.repeats: a whole number from 0 to 10000 is accepted, got -1"),
    ("[pages]\nrepeat = 1", "pages.repeat: unknown key; did you mean repeats?"),
    ("[consent]\nlabel = 'yes'", "consent.text: a text is needed, it is missing or empty"),
    (
        '[completion]\nurl = "example.org"',
        "completion: url must be an address that begins with https:// or http://",
    ),
    (
        '[listeners]\nparameter = "a b"',
        "listener_parameter must be 1 to 64 letters, digits, _ or -, got 'a b'",
    ),
    ('[[attributes]]\nid = "a b"', "attributes[1]: id must be 1 to 64 letters, digits, _ or -, got 'a b'"),
    ("[[attributes]]\nlabel = 'x'", "attributes[1].id: a text is needed, it is missing or empty"),
    ("attributes = 3", "attributes: a list of tables, [[attributes]], is accepted, got 3"),
    ("attributes = []", "attributes: one at least is needed"),
    ('[[attributes]]\nid="a"\n[[attributes]]\nid="a"', "attributes: 'a' stands twice"),
    (
        '[scale]\nkind = "abx"\n[[attributes]]\nid="a"',
        "attributes: an ABX test asks which of two X is, and rates nothing",
    ),
    (
        '[[questions]]\nid="q"\nlabel="Q"\nkind="choice"',
        "questions[1].options: a choice needs a list of texts to choose from",
    ),
    (
        '[[questions]]\nid="q"\nlabel="Q"\nkind="number"\nminimum="a"',
        "questions[1].minimum: a number is accepted, got 'a'",
    ),
    (
        '[[questions]]\nid="q"\nlabel="Q"\nkind="number"\nminimum=3\nmaximum=1',
        "questions[1]: minimum is 3, above the maximum of 1",
    ),
    (
        '[[questions]]\nid="q"\nlabel="Q"\nminimum=3',
        "questions[1]: minimum and maximum are those of a number",
    ),
    (
        '[[questions]]\nid="q"\nlabel="Q"\nwhen="never"',
        "questions[1].when: one of before, after is accepted, got 'never'",
    ),
    ('[words]\nnxt = "x"', "words.nxt: unknown key; did you mean next?"),
    ("[words]\nnext = 3", "words.next: a text is accepted, got 3"),
    ('[training.lines]\nloud = "x"', "training.lines.loud: unknown key, known are level_balance"),
    (
        '[reference]\npairs = "reference"',
        "pairs: each is compared with the reference, but no reference is named",
    ),
    ('[reference]\ncondition="a"\nanchors=["a"]', "anchors: 'a' is the reference"),
    ("title = ", "is not TOML: line 1, column 8: invalid value"),
    ('title = "a"\ntitle = "b"', "is not TOML: line 2,"),
]


@pytest.mark.parametrize(("text", "says"), MISTAKES)
def test_a_mistake_is_one_line_that_names_the_key_and_what_is_accepted(text: str, says: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text, source="mine.toml")
    (mistake,) = caught.value.mistakes
    assert "\n" not in mistake
    assert mistake.removeprefix("mine.toml: ").startswith(says.removeprefix("mine.toml: "))


def test_all_mistakes_are_told_at_once() -> None:
    text = 'titel = "x"\n[scale]\nkind = "mushra"\ntrials = 0\n[[questions]]\nid = "?"\nlabel = "Q"\n'
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text)
    assert [mistake.split(":")[1].strip() for mistake in caught.value.mistakes] == [
        "scale.kind",
        "scale.trials",
        "questions[1]",
        "titel",
    ]
    assert "\n" not in str(caught.value)


def write_test(folder: Path, text: str = "", **changes: Any) -> ListeningTest:
    """A test's folder as it is before its definition is applied for the first time."""
    test = write_small_test(folder, definition(songs=3, repeat=True, **changes), seconds=0.05)
    (folder / "test.toml").write_text(text, encoding="utf-8")
    return test


def test_a_change_reaches_the_page_and_makes_no_audio(tmp_path: Path) -> None:
    before = write_test(tmp_path, 'title = "Before"')
    audio = sorted((tmp_path / "site" / "audio").iterdir())
    first = apply_definition(tmp_path)
    assert first.title == "Before"
    assert first.test_id == before.test_id
    (tmp_path / "test.toml").write_text(
        'title = "After"\ncontact = "me"\n[scale]\nkind = "ab"\n[pages]\nrepeats = 2\n[training]\nshow = false\n'
    )
    second = apply_definition(tmp_path)
    assert ListeningTest.load(tmp_path / "site" / "test.json") == second
    assert (second.title, second.contact, second.scale.kind, second.training) == ("After", "me", "ab", None)
    assert [page.repeat_of for page in second.pages] == [
        None,
        None,
        None,
        "page-01",
        *[second.pages[4].repeat_of],
    ]
    Key.load(tmp_path / "key.json").require_fits(second)
    assert sorted((tmp_path / "site" / "audio").iterdir()) == audio
    # What was shown before is kept, so that ratings of it can be read; and the training comes back.
    assert definition_of(tmp_path, first.revision) == first
    assert definition_of(tmp_path, "0" * 16) is None
    assert definition_of(tmp_path, "../../key") is None
    (tmp_path / "test.toml").write_text('title = "Before"')
    third = apply_definition(tmp_path)
    assert third == first
    Key.load(tmp_path / "key.json").require_fits(third)


def test_applying_twice_changes_nothing(tmp_path: Path) -> None:
    write_test(tmp_path, '[reference]\ncondition = "human"')
    first = apply_definition(tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert apply_definition(tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == times


def test_the_open_reference_is_a_copy_under_a_name_of_its_own(tmp_path: Path) -> None:
    write_test(tmp_path, '[reference]\ncondition = "human"\nanchors = ["random"]\npairs = "reference"')
    test = apply_definition(tmp_path)
    key = Key.load(tmp_path / "key.json")
    assert (key.reference, key.anchors) == ("human", ("random",))
    condition = {s.id: s.condition for page in key.pages for s in page.stimuli}
    for page in test.pages:
        assert page.reference is not None
        hidden = next(s for s in page.stimuli if condition[s.id] == "human")
        assert page.reference.id not in condition
        site = tmp_path / "site"
        assert (site / page.reference.file).read_bytes() == (site / hidden.file).read_bytes()
        assert len(page.all_pairs()) == 2
        assert all(hidden.id in pair for pair in page.pairs)
    # A change of words leaves it where it is.
    (tmp_path / "test.toml").write_text('title = "New"\n[reference]\ncondition = "human"')
    assert [p.reference for p in apply_definition(tmp_path).pages] == [p.reference for p in test.pages]


def test_subsets_of_songs_come_with_repeats_of_their_own(tmp_path: Path) -> None:
    write_test(tmp_path, "[pages]\nrepeats = 1\nsongs_per_listener = 2")
    test = apply_definition(tmp_path)
    assert (test.songs_per_listener, test.repeats_per_listener) == (2, 1)
    originals = {page.id for page in test.pages if page.repeat_of is None}
    assert {page.repeat_of for page in test.pages if page.repeat_of is not None} == originals
    (tmp_path / "test.toml").write_text("[pages]\nsongs_per_listener = 3")
    whole = apply_definition(tmp_path)
    assert (whole.songs_per_listener, whole.repeats_per_listener, len(whole.pages)) == (None, None, 3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            '[reference]\ncondition = "humans"',
            "test.toml: reference.condition: 'humans' is no condition of this test, accepted are random, survey-2022,",
        ),
        ('[conditions]\nhumans = "x"', "test.toml: conditions.humans: 'humans' is no condition of this test"),
        ("[pages]\nrepeats = 9", "test.toml: pages.repeats: the test has 3 songs, got 9; 0 to 3 is accepted"),
        (
            "[pages]\nsongs_per_listener = 9",
            "test.toml: pages.songs_per_listener: the test has 3 songs, got 9",
        ),
    ],
)
def test_a_definition_that_does_not_fit_the_test_changes_nothing(
    tmp_path: Path, text: str, says: str
) -> None:
    before = write_test(tmp_path, text)
    with pytest.raises(DefinitionError) as caught:
        apply_definition(tmp_path)
    assert caught.value.mistakes[0].startswith(says)
    assert ListeningTest.load(tmp_path / "site" / "test.json") == before
    assert not (tmp_path / "definitions").exists()


def test_a_folder_of_an_earlier_release_stays_as_it_is(tmp_path: Path) -> None:
    test = write_small_test(tmp_path, seconds=0.05)
    document = json.loads((tmp_path / "site" / "test.json").read_text()) | {"version": 1}
    new = {
        "language",
        "words",
        "introduction",
        "consent",
        "contact",
        "attribute_order",
        "comments",
        "completion",
    }
    new |= {"songs_per_listener", "repeats_per_listener", "headphone_check", "listener_parameter", "revision"}
    (tmp_path / "site" / "test.json").write_text(
        json.dumps({k: v for k, v in document.items() if k not in new})
    )
    assert dataclasses.replace(apply_definition(tmp_path), version=2) == test
    assert not (tmp_path / "definitions").exists()
    assert definition_of(tmp_path, "") is not None


def test_every_language_has_all_words_with_the_same_places() -> None:
    words = page_words()
    for language, texts in words.items():
        assert texts.keys() == words["en"].keys(), language
        for key, text in texts.items():
            places = {part.split("}")[0] for part in text.split("{")[1:]}
            assert places == {part.split("}")[0] for part in words["en"][key].split("{")[1:]}, (language, key)


def test_a_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="does not exist"):
        read_definition(tmp_path / "test.toml")


def test_a_key_names_conditions_that_there_are() -> None:
    key = key_of(definition())
    assert dataclasses.replace(key, labels={"human": "The engineer"}).label("human") == "The engineer"
    assert key.label("human") == "human"
    for change in ({"reference": "humans"}, {"anchors": ("humans",)}):
        with pytest.raises(ListeningTestError, match="'humans' is no condition"):
            dataclasses.replace(key, **change)
