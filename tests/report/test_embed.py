import base64
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from attune.report.embed import csp_hash, data_uri, script_json

HOSTILE = "</script><!-- \u2028\u2029 ]]> & ' \" \\ <script>"


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=6,
    )
)
@example(HOSTILE)
@example({HOSTILE: [HOSTILE]})
def test_json_comes_back_and_holds_nothing_html_would_notice(value):
    text = str(script_json(value))
    assert json.loads(text) == value
    assert text.isascii()
    assert not set(text) & set("<>&'")


def test_json_refuses_what_is_not_a_number():
    with pytest.raises(ValueError, match="JSON"):
        script_json([float("nan")])


def test_the_hash_of_a_script_is_the_one_of_the_csp_specification():
    # "Usage of hashes", Content Security Policy Level 3: alert('Hello, world.');
    assert csp_hash("alert('Hello, world.');") == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"


def test_a_data_uri_holds_the_bytes():
    head, body = data_uri(b"\x00\xff", "audio/flac").split(",")
    assert head == "data:audio/flac;base64"
    assert base64.b64decode(body) == b"\x00\xff"
