"""Render the page: sections and templates into one HTML file."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import cycle
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from attune.numbers import level
from attune.report import attention, card, depth, explorer, groups, reproduce, scores, validation
from attune.report.contents import Contents, title
from attune.report.embed import csp_hash, script_json
from attune.report.pictures import confusion, curves, scatter
from attune.visible import visible

STYLES = ("page.css", "plots.css", "explorer.css", "narrow.css")
HUES = 6
"""Colours in page.css; a seventh task reuses that of the first."""

SCRIPTS = ("dom.js", "wave.js", "player.js", "detail.js", "explorer.js")


def render(contents: Contents) -> str:
    """Return the whole page: self-contained, offline, the same bytes for the same contents.

    Its Content-Security-Policy allows the templates' one script and one style sheet by hash, and nothing else.
    """
    style, script = _joined(STYLES) + hues(contents.run.tasks), f'(() => {{\n"use strict";\n{_joined(SCRIPTS)}}})();\n'
    template = _environment().get_template("index.html")
    policy = _policy(style, script)
    return visible(template.render(style=Markup(style), script=Markup(script), policy=policy, **_content(contents)))


def hues(tasks: Sequence[str]) -> str:
    """Return the style rules that give each task, whose name is a CSS class, a colour."""
    rules = zip(tasks, cycle(range(1, HUES + 1)), strict=False)
    return "".join(f".{task} {{ --hue: var(--hue-{n}); --hue-line: var(--line-{n}); }}\n" for task, n in rules)


def _content(contents: Contents) -> dict[str, Any]:
    run = contents.run
    explored = explorer.section(contents)
    return {
        "tasks": run.tasks,
        "rated": list(run.scales),
        "run": run,
        "confidence": level(run.confidence),
        "facts": reproduce.facts(contents),
        "speakers": contents.tested["speaker"].nunique() if run.origin.speakers_known else None,
        "has_published": scores.has_published(contents),
        "scores": scores.section(contents),
        "explorer": explored,
        "explorer_json": script_json(explored["data"]),
        "confusion": confusion.section(contents),
        "scatter": scatter.section(contents),
        "depth": depth.section(contents),
        "groups": groups.section(contents),
        "attention": attention.section(contents),
        "curves": curves.section(contents),
        "validation": validation.section(contents),
        "card": card.section(contents.card),
        "settings": reproduce.settings(contents),
        "commands": reproduce.COMMANDS,
    }


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {csp_hash(style)}; script-src {csp_hash(script)}; "
        "img-src data:; media-src blob:; base-uri 'none'; form-action 'none'"
    )


@cache
def _joined(names: tuple[str, ...]) -> str:
    folder = files("attune.report") / "templates"
    return "".join((folder / name).read_text(encoding="utf-8") for name in names)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("attune.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["title_of"] = title
    return environment
