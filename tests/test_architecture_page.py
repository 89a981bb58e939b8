"""docs/architecture.md draws the layers that the import rule enforces."""

import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent


def test_the_page_shows_the_layers_that_are_enforced():
    contracts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if "containers" in contract]
    assert "\n".join(layers) in (REPOSITORY / "docs/architecture.md").read_text()
