"""Print safely to a terminal: file names in the output may contain control characters, which must not take effect."""

from collections.abc import Iterable
from typing import Any, TypeVar

import rich.console
from rich.progress import track
from rich.text import Text

from attune.visible import visible

T = TypeVar("T")


class Console(rich.console.Console):
    """rich's console, which shows control characters in texts and cells instead of passing them on."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The same as rich's, for visible text."""
        return super().render_str(visible(text), **options)


def tracked(things: Iterable[T], doing: str, total: int | None = None) -> Iterable[T]:
    """Return the things; while they are taken, a terminal at standard error shows how many are left.

    Args:
        total: their number, if they have no length.
    """
    console = Console(stderr=True)
    return track(things, doing, total, console=console, disable=not console.is_terminal, transient=True)
