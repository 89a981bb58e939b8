"""An example of hypothesis may take as long as a busy machine lets it."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=1)
@given(st.just(0.3))
def test_an_example_may_be_slow(seconds):
    time.sleep(seconds)
