from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from attune.report.pictures import svg

XML_TEXT = st.text(
    st.characters(min_codepoint=32, blacklist_categories=("Cs",), blacklist_characters="\x7f\ufffe\uffff")
)


@given(XML_TEXT, XML_TEXT)
def test_text_and_attributes_come_back_as_given(content, label):
    element = ElementTree.fromstring(svg.tag("text", content, aria_label=label))
    assert (element.text or "") == content
    assert element.get("aria-label") == label


def test_attribute_names_and_numbers_are_written_as_svg_has_them():
    assert svg.tag("line", x1=1.0, y1=0.333333, stroke_width=2, class_="a") == (
        '<line x1="1" y1="0.33" stroke-width="2" class="a"></line>'
    )
    assert "class" not in svg.tag("g", class_=None)


def test_children_that_are_markup_stay_markup():
    assert svg.tag("g", svg.tag("a"), "<b>") == "<g><a></a>&lt;b&gt;</g>"


def test_a_figure_says_what_it_shows():
    element = ElementTree.fromstring(svg.figure('UAR "so" & so', 10, 20.5))
    assert element.get("role") == "img"
    assert element.get("aria-label") == 'UAR "so" & so'
    assert element.get("viewBox") == "0 0 10 20.5"


def test_a_scale_maps_ends_to_ends_and_may_run_down():
    scale = svg.linear((1, 5), (100, 0))
    assert [scale(1), scale(2), scale(5)] == [100, 75, 0]
