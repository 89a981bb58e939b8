"""A few functions that build SVG elements as text, escape everything, and round coordinates.

Colours are left to CSS classes, so that the page's style sheet themes every picture for light, dark and print.
"""

from collections.abc import Callable

from markupsafe import Markup, escape

Attribute = str | float | int
Scale = Callable[[float], float]


def tag(name: str, *children: str, **attributes: Attribute | None) -> Markup:
    """Return an element; ``class_`` -> ``class``, ``stroke_width`` -> ``stroke-width``; None omits an attribute.

    Example:
        >>> tag("text", "a < b", x=1.0, class_="label")
        Markup('<text x="1" class="label">a &lt; b</text>')
    """
    given = [(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items() if value is not None]
    opening = "".join(f' {key}="{escape(_short(value))}"' for key, value in given)
    inside = "".join(escape(child) for child in children)
    return Markup(f"<{name}{opening}>{inside}</{name}>")


def figure(
    label: str, width: float, height: float, *children: str, class_: str = "plot", opens: bool = False
) -> Markup:
    """Return a whole picture that scales with its column; `label` is its text for screen readers.

    Args:
        opens: whether something in it can be opened, which makes its role `group` instead of `img`.
    """
    role, box = "group" if opens else "img", f"0 0 {_short(width)} {_short(height)}"
    return tag("svg", *children, class_=class_, viewBox=box, role=role, aria_label=label)


def opening(name: str, *children: str, label: str, class_: str = "", **attributes: Attribute | None) -> Markup:
    """Return an element that opens utterances on click or Enter; its ``data-`` attributes say which."""
    classes = f"opens {class_}".rstrip()
    return tag(name, *children, class_=classes, role="button", tabindex=0, aria_label=label, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def text(x: float, y: float, content: str, class_: str = "note", anchor: str | None = None) -> Markup:
    return tag("text", content, x=x, y=y, class_=class_, text_anchor=anchor)


def cut(words: str, letters: int) -> str:
    """Truncate text to a number of characters, with an ellipsis."""
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


def path(points: list[tuple[float, float]], class_: str) -> Markup:
    """Return an open path through points."""
    steps = " ".join(f"{'L' if i else 'M'}{_short(x)} {_short(y)}" for i, (x, y) in enumerate(points))
    return tag("path", d=steps, class_=class_)


def linear(domain: tuple[float, float], target: tuple[float, float]) -> Scale:
    """Return the linear map from `domain` to `target`, which may be descending."""
    (low, high), (start, end) = domain, target
    slope = (end - start) / (high - low)
    return lambda value: start + (value - low) * slope


def _short(value: Attribute) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
