"""docs/parameters.md and params.yaml name every parameter, and say the same of it as the code."""

import re
from pathlib import Path

import pytest

from tools.parameters_page import keys, page

REPOSITORY = Path(__file__).parent.parent


def test_the_page_is_as_the_models_and_the_comments_make_it():
    assert (REPOSITORY / "docs/parameters.md").read_text() == page(), "run `make generate`"


@pytest.mark.parametrize("key", keys(), ids=lambda key: key.name)
def test_every_parameter_is_explained_in_params_yaml(key):
    assert key.comment, f"say in params.yaml what {key.name} means"


def test_the_page_shows_the_limits_that_the_code_enforces():
    text = page()
    assert re.search(r"`train.epochs` \| whole number, at least 1 ", text)
    assert re.search(r"`train.dropout` \| number, at least 0, below 1 ", text)
