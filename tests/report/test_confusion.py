from xml.etree import ElementTree

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
