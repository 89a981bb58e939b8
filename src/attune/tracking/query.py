"""Filters in MLflow's query language."""

from attune.errors import AttuneError


def named(name: str) -> str:
    """Return the filter for a registered model of this name.

    Raises:
        AttuneError: the name has both kinds of quotation marks, which the language cannot express.
    """
    mark = '"' if "'" in name else "'"
    if mark in name:
        raise AttuneError(
            f"MLflow cannot search for a model whose name has both kinds of quotation marks: {name}",
            remedy="Rename the model: register.name in params.yaml, and in MLflow.",
        )
    return f"name={mark}{name}{mark}"
