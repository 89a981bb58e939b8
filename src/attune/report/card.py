"""The model card of the system that is registered, as a section of the page."""

from markdown_it import MarkdownIt
from markupsafe import Markup

from attune.card import Facts, markdown

_ELSEWHERE = "See the section Attention of this page."


def section(facts: Facts) -> Markup:
    """The card as HTML; its headings lie below the page's own. Markup inside it is shown, not obeyed."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(markdown(facts, attention=_ELSEWHERE))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))
