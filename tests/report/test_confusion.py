import itertools
from xml.etree import ElementTree

import pytest

from attune.report.pictures import confusion
from attune.tasks import CLASSES

COUNTS = [[8, 2, 0], [1, 1, 2], [0, 0, 0]]


def test_cells_hold_counts_and_are_coloured_by_their_share_of_the_row():
    picture = ElementTree.fromstring(confusion.plot(COUNTS, "valence", CLASSES))
    counts = [text.text for text in picture.iterfind(".//text[@class='count']")]
    shares = [float(cell.get("fill-opacity")) for cell in picture.iterfind(".//rect[@class='cell']")]
    assert counts == ["8", "2", "0", "1", "1", "2", "0", "0", "0"]
    assert shares == [0.8, 0.2, 0, 0.25, 0.25, 0.5, 0, 0, 0]


def test_the_diagonal_is_marked():
    picture = ElementTree.fromstring(confusion.plot(COUNTS, "valence", CLASSES))
    marked = [group.find("text[@class='count']").text for group in picture.iterfind("g[@class='diagonal']")]
    assert marked == ["8", "1", "0"]


def test_a_screen_reader_hears_every_count():
    label = ElementTree.fromstring(confusion.plot(COUNTS, "valence", CLASSES)).get("aria-label")
    assert "of 10 rated low, 8 predicted low, 2 predicted middle, 0 predicted high" in label
    assert "of 0 rated high" in label


def test_many_classes_get_smaller_cells_so_that_their_text_is_not_scaled_away():
    names = [f"c{number}" for number in range(7)]
    few, many = (
        ElementTree.fromstring(confusion.plot([[1] * len(own)] * len(own), "mood", own)) for own in (CLASSES, names)
    )
    widths = [float(picture.get("viewBox").split()[2]) for picture in (few, many)]
    assert widths[1] < 1.5 * widths[0]


@pytest.mark.parametrize(
    "names",
    [
        ["neutral", "happiness", "frustration", "excitement", "sadness", "surprise", "disgust"],
        ["hardly satisfied at all", "somewhat dissatisfied", "entirely satisfied"],
    ],
)
def test_names_of_classes_neither_overlap_nor_leave_the_picture(names):
    picture = ElementTree.fromstring(confusion.plot([[1] * len(names)] * len(names), "mood", names))
    width = float(picture.get("viewBox").split()[2])
    *columns, last = ([*map(float, (one.get("x"), one.get("y"))), len(one.text)] for one in labels(picture, "middle"))
    for (x, y, letters), (beside, line, more) in itertools.combinations([*columns, last], 2):
        assert y != line or beside - x >= 6.8 * (letters + more) / 2
    assert last[0] + 6.8 * last[2] / 2 <= width
    cells = min(float(cell.get("x")) for cell in picture.iterfind(".//rect"))
    assert all(6.8 * len(one.text) <= cells for one in labels(picture, None))


def labels(picture, anchor):
    return [one for one in picture.iterfind("text[@class='label']") if one.get("text-anchor") == anchor]
