"""Find the extra of the distribution that installs a missing package."""

import re
from collections import Counter

DISTRIBUTION = "attune-speech"
_IMPORTED_AS = {
    **{"sklearn": "scikit-learn", "mlflow": "mlflow-skinny", "psycopg2": "psycopg2-binary", "git": "gitpython"},
    **{"markdown_it": "markdown-it-py", "yaml": "pyyaml", "ruamel": "ruamel-yaml"},
}
"""Packages whose import name differs from their distribution name by more than `_` for `-`."""
_INSTEAD = {
    "psycopg": f"Name the other driver: postgresql+psycopg2://..., of pip install '{DISTRIBUTION}[postgresql]'.",
    "MySQLdb": "Name another driver: mysql+pymysql://..., of pip install pymysql.",
    "pyodbc": "Name another driver: mssql+pymssql://..., of pip install pymssql.",
    "pymysql": "pip install pymysql",
    "pymssql": "pip install pymssql",
}
"""Drivers of databases that no extra brings; the first three are those of an address that names none."""


def advice(module: str, *, for_graph: bool = False) -> str | None:
    """Return how to install `module`, such as ``great_expectations``; None if no extra has it.

    Args:
        module: as it is imported.
        for_graph: whether training, promoting or a comparison needs it, which needs the rest of `train` too.
    """
    root = module.split(".")[0]
    if root in _INSTEAD:
        return _INSTEAD[root]
    package = _IMPORTED_AS.get(root, root.replace("_", "-"))
    extras = Counter(extra for _, extra in _requirements())
    bringing = [extra for name, extra in _requirements() if name == package]
    if not bringing:
        return None
    smallest = min(bringing, key=lambda extra: extras[extra])
    if for_graph and smallest == "score":
        smallest = "train"
    return f"pip install '{DISTRIBUTION}[{smallest}]'" if smallest else f"pip install {DISTRIBUTION}"


def _requirements() -> list[tuple[str, str]]:
    from importlib import metadata  # a third of what starting the command line takes

    found = []
    for requirement in metadata.requires(DISTRIBUTION) or []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra == ['\"]([\w-]+)['\"]", requirement)
        if name:
            found.append((name.group(0).lower(), extra.group(1) if extra else ""))
    return found
