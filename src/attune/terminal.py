"""The terminal: what is printed there may name files of any name, and only looks, never acts."""

from typing import Any

import rich.console
from rich.text import Text

from attune.visible import visible


class Console(rich.console.Console):
    """rich's, which shows control characters in the texts and cells it is given instead of passing them on."""

    def render_str(self, text: str, **options: Any) -> Text:
        """As rich's."""
        return super().render_str(visible(text), **options)
