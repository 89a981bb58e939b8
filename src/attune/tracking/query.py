"""What MLflow is asked in its own little language."""

from attune.errors import AttuneError


def named(name: str) -> str:
    """The filter for a registered model of this name.

    Raises:
        AttuneError: a name with both kinds of quotation marks, which the language cannot say.
    """
    mark = '"' if "'" in name else "'"
    if mark in name:
        raise AttuneError(
            f"MLflow cannot search for a model whose name has both kinds of quotation marks: {name}",
            remedy="Rename the model: register.name in params.yaml, and in MLflow.",
        )
    return f"name={mark}{name}{mark}"
