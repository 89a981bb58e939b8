"""The model card of the registered system, as a section of the page."""

from markdown_it import MarkdownIt
from markupsafe import Markup

from attune.card import Facts, markdown

_ELSEWHERE = "See the section Attention of this page."


def section(facts: Facts) -> Markup:
    """Return the card as HTML, with headings one level below the page's; markup in its text is escaped."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown(facts, attention=_ELSEWHERE))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))
