"""Data docs as one page that opens offline, contains no timestamp and runs no script.

Great Expectations renders the results; its own site is not used, because its pages load styles, scripts and a
time-stamped logo from the network, contain random ids, and print values from the corpus without escaping them.
"""

from importlib import resources
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from attune.validation.engine import Checked
from attune.validation.verdict import Verdict, listed, refusal, summary
from attune.visible import visible


def render(verdict: Verdict) -> str:
    """Return the page as HTML."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(resources.files(__package__).joinpath("data_docs.html").read_text("utf-8"))
    said = summary(verdict)
    page = template.render(
        counts=said["utterances"],
        refusal=refusal(verdict),
        rules=[
            {**rule, "offenders": listed(one, 3)} for rule, one in zip(said["rules"], verdict.outcomes, strict=True)
        ],
        tables=[(one.table, Markup(_sections(one))) for one in verdict.checked],
    )
    return visible(page)


def _sections(checked: Checked) -> str:
    """Return Great Expectations' sections on one table, without its overview, which contains the time of day."""
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaSectionView

    _, *columns = ValidationResultsPageRenderer().render(checked.result).sections
    view: Any = DefaultJinjaSectionView()
    return "".join(
        view.render({"section": _settled(column.to_json_dict()), "section_loop": {"index": f"{checked.table}-{place}"}})
        for place, column in enumerate(columns)
    )


def _settled(block: Any) -> Any:
    """Return rendered content without collapsible blocks, which have random ids and need a script to open."""
    if isinstance(block, dict):
        return {key: _settled(value) for key, value in block.items()}
    if isinstance(block, list):
        return [_settled(one) for one in block if not _folds(one)]
    return block


def _folds(block: Any) -> bool:
    return isinstance(block, dict) and block.get("content_block_type") == "collapse"
