"""Whether speakers are known is the same from params.yaml, for a card, as from the corpus that was read."""

import pytest

from attune.corpus.origin import of_settings
from attune.settings.corpus import Corpus

NAMED, UNNAMED = ({"kind": "table", "table": {"columns": columns}} for columns in ({"speaker": "who"}, {}))
PODCAST = {"kind": "msp-podcast", "root": "podcast"}


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        *((NAMED, True), (UNNAMED, False), ({"kind": "audformat", "audformat": {"columns": {}}}, False)),
        *((PODCAST, True), ({"kind": "msp-improv"}, True), ({"kind": "iemocap"}, True), ({}, True)),
        ({"kind": "several", "several": {"corpora": {"one": NAMED, "two": PODCAST}}}, True),
        ({"kind": "several", "several": {"corpora": {"one": NAMED, "two": UNNAMED}}}, False),
    ],
)
def test_speakers_are_known_where_the_reader_finds_them(settings, known):
    assert of_settings(Corpus.model_validate(settings)).speakers_known == known
