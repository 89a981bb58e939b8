"""Print safely to a terminal: file names in the output may contain control characters, which must not take effect."""

from typing import Any

import rich.console
from rich.text import Text

from attune.visible import visible


class Console(rich.console.Console):
    """rich's console, which shows control characters in texts and cells instead of passing them on."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The same as rich's, for visible text."""
        return super().render_str(visible(text), **options)
