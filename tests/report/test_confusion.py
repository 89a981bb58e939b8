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
