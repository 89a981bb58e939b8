"""The one error people see, as a message and as a line of a table."""

import pytest

from attune.errors import AttuneError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (AttuneError("is silent"), "is silent"),
        (AttuneError("is silent", where="a b.wav"), "a b.wav: is silent"),
        (AttuneError("is no text", remedy="Send text.\nOr nothing."), "is no text; send text. Or nothing"),
        (AttuneError("is off", where="x", remedy="MLFLOW_X=1 turns it on."), "x: is off; MLFLOW_X=1 turns it on"),
        (AttuneError("is odd", remedy="`fix it`"), "is odd; `fix it`"),
    ],
)
def test_a_message_fits_one_line_with_what_to_do_after_a_semicolon(error, line):
    assert error.on_one_line() == line
