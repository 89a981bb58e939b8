"""Which extra of the distribution brings a package that is not installed here."""

import re
from collections import Counter
from importlib import metadata

DISTRIBUTION = "attune-speech"
_IMPORTED_AS = {"sklearn": "scikit-learn", "mlflow": "mlflow-skinny", "psycopg2": "psycopg2-binary", "git": "gitpython"}
"""Packages that are imported by another name than they are installed by; most differ in `_` for `-` alone."""


def advice(module: str) -> str | None:
    """How to install what brings `module`, such as ``great_expectations``; None where no extra does."""
    root = module.split(".")[0]
    package = _IMPORTED_AS.get(root, root.replace("_", "-"))
    extras = Counter(extra for _, extra in _requirements())
    bringing = [extra for name, extra in _requirements() if name == package]
    if not bringing:
        return None
    smallest = min(bringing, key=lambda extra: extras[extra])
    return f"pip install '{DISTRIBUTION}[{smallest}]'" if smallest else f"pip install {DISTRIBUTION}"


def _requirements() -> list[tuple[str, str]]:
    found = []
    for requirement in metadata.requires(DISTRIBUTION) or []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if name:
            found.append((name.group(0).lower(), extra.group(1) if extra else ""))
    return found
