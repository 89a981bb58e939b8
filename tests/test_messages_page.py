"""docs/messages.md has every message that the code of the registry, of scoring, serving and storage can end with."""

import re
from pathlib import Path

import pytest

from attune.errors import AttuneError
from attune.storage import addresses
from attune.storage import faults as storage_faults
from attune.tracking import client, faults, query
from tools import messages_page

REPOSITORY = Path(__file__).parent.parent


def rows():
    """What is said and what is to be done, as patterns: `...` stands for anything."""
    lines = (REPOSITORY / "docs/messages.md").read_text().splitlines()
    cells = [re.split(r"(?<!\\) \| ", line.removeprefix("| ").removesuffix(" |")) for line in lines if line[:2] == "| "]
    return [tuple(re.escape(cell.replace("&lt;", "<")).replace(r"\.\.\.", ".*") for cell in row) for row in cells]


def is_listed(error):
    said = " ".join(error.what.split())
    return [row for row in rows() if re.fullmatch(row[0], said) and re.fullmatch(row[1], error.remedy or "")]


def test_the_page_is_as_the_code_makes_it():
    assert messages_page.PAGE.read_text() == messages_page.page(), "run `make generate`"


def test_every_message_comes_with_what_to_do_about_it():
    lines = messages_page.page().splitlines()
    assert [line for line in lines if re.search(r"\|\s*\|$", line)] == []


@pytest.mark.parametrize("fault", [*faults.FAULTS, *storage_faults.FAULTS], ids=lambda fault: fault.what)
def test_every_fault_that_is_recognised_is_listed(fault):
    where = fault.what.removeprefix("the store of artifacts: ")
    assert is_listed(AttuneError(where, remedy=fault.remedy))


@pytest.mark.parametrize(
    "act",
    [
        lambda: query.named('it\'s "mine"'),
        lambda: addresses.fetch("s3://", Path("x")),
        lambda: addresses.inside(Path("x"), "a//b"),
        lambda: client.connect_to_read(),
    ],
)
def test_a_message_as_it_is_raised_is_listed(act, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(AttuneError) as caught:
        act()
    assert is_listed(caught.value)


def test_messages_are_read_from_every_way_of_writing_them(tmp_path):
    module = tmp_path / "module.py"
    module.write_text(
        'NAME, MOST = "x.db", 3\n'
        "def act(path, old):\n"
        "    if old:\n"
        '        what = f"{path} is older than {MOST}" if path else "is nobody\'s"\n'
        '        raise AttuneError(what, where=path, remedy=f"Move {NAME}.")\n'
        "    raise AttuneError(old.what, where=path)\n"
        "async def wait():\n"
        '    advice = "Try again."\n'
        '    raise AttuneError("is late", remedy=advice)\n'
    )
    assert list(messages_page.messages(module)) == [
        ("... is older than 3", "Move x.db."),
        ("is nobody's", "Move x.db."),
        ("is late", "Try again."),
    ]
