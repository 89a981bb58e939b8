"""What a file is called reaches a terminal as text, never as a command to it."""

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.markup import escape
from rich.table import Table

from attune.errors import AttuneError
from attune.terminal import Console
from attune.visible import on_a_line, visible

NAME = os.fsdecode(b"\x1b[31m\x9b2J\xc2\x9b1m\xe2\x80\xae\r\x07\nerror: gone.wav")
SHOWN = r"\x1b[31m\x9b2J\x9b1m\u202e\r\x07\nerror: gone.wav"


def test_a_name_is_one_line_that_can_be_printed():
    assert on_a_line(NAME) == SHOWN
    assert on_a_line(f"ümlaut 語 🎙 {NAME}").isprintable()


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_encoded_and_has_no_control_but_tabs_and_line_ends(text):
    shown = visible(text)
    shown.encode()
    assert visible(shown) == shown
    assert not {"\x1b", "\r", "\x9b", "\u202e", "\u2066", "\u2028"} & set(shown)
    assert on_a_line(text).count("\n") == 0
    if text.isprintable():
        assert shown == text


def test_an_error_names_a_file_on_one_line():
    error = AttuneError("is odd:\n  two lines", where=NAME, remedy=f"Rename {NAME}")
    assert str(error).splitlines()[0] == f"{SHOWN}: is odd:"
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("terminal", [True, False])
def test_the_console_writes_no_control_characters_but_its_own_colours(terminal):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, color_system=None, width=200)
    table = Table("file")
    table.add_row(escape(NAME))
    console.print(escape(NAME), table)
    assert out.getvalue().count(r"\x1b[31m\x9b2J\x9b1m\u202e\r\x07") == 2
    assert "\x1b" not in out.getvalue()
