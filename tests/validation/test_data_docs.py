"""The page says everything, opens offline, and is the same bytes for the same data."""

import re
from html.parser import HTMLParser

import pytest
from reading import IEMOCAP

from attune.params import Validate
from attune.validation.data_docs import render
from attune.validation.rules import rules

pytestmark = pytest.mark.slow

HOSTILE = "Session1/<script>alert(1)</script><img src=x onerror=alert(2)>&.txt"


class Tags(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def broken(corpus):
    corpus.set("Ses01F_impro01_F000", valence=5.5, source=HOSTILE)
    corpus.set("Ses01F_impro01_F001", audio=None, source=HOSTILE)
    corpus.utterances.loc[corpus.utterances["session"] == 5, "audio"] = None
    return corpus


def test_it_is_the_same_bytes_each_time(broken):
    assert render(broken.judge()) == render(broken.judge())


def test_it_holds_no_clock_and_no_random_id(broken):
    page = render(broken.judge())
    assert not re.search(r"20\d\d-?[01]\d-?[0-3]\d|[0-9a-f]{8}-[0-9a-f]{4}-", page)


def test_it_loads_and_runs_nothing(broken):
    page = render(broken.judge())
    tags = Tags(page)
    assert {tag for tag, _ in tags.elements} & {"script", "img", "link", "iframe", "object", "form"} == set()
    assert not [attrs for _, attrs in tags.elements if {"src", "href", "onerror", "onclick"} & set(attrs)]
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page


def test_what_came_out_of_the_corpus_is_shown_as_text(broken):
    text = Tags(render(broken.judge())).text
    assert text.count(HOSTILE) >= 6  # above and in Great Expectations' tables


def test_it_shows_the_verdict_and_every_rule_twice(broken):
    text = Tags(render(broken.judge())).text
    assert "Stopped: the data breaks 2 critical rules" in text
    assert "50 utterances, 38 accepted, 12 in quarantine." in text
    for rule in rules(Validate(), IEMOCAP):
        assert rule.name in text
        assert f"{rule.name} ({rule.action}): {rule.description}" in text


def test_a_sound_corpus_is_told_so(corpus):
    text = Tags(render(corpus.judge())).text
    assert "No critical rule is broken." in text
    assert "Stopped" not in text


def test_pairs_that_differ_come_as_one_value_in_an_order_that_no_hash_seed_changes(corpus):
    for speaker, session in (("Ses01F", 2), ("Ses02M", 4), ("Ses03F", 1)):
        rows = corpus.utterances["speaker"] == speaker
        corpus.utterances.loc[corpus.utterances.index[rows][1:3], "session"] = session
    text = Tags(render(corpus.judge())).text
    assert text.index("1, 3") < text.index("2, 1") < text.index("4, 2")
