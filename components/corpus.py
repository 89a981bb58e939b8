"""Component `corpus`."""

from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Output

from components.command import step


@dsl.container_component
def corpus(
    # `corpus` is both a section of params.yaml and this step's output
    corpus_params: dict[str, Any],
    root: str,
    data_version: str,
    corpus: Output[Dataset],
) -> dsl.ContainerSpec:
    """Read a corpus, or make a synthetic one, into tables of utterances and ratings.

    Args:
        corpus_params: section of params.yaml.
        root: a real corpus: a folder on the mounted volume, or an address.
        data_version: what identifies the bytes at root; used only so that the cache notices changes.
        corpus: tables of utterances and ratings; a synthetic corpus includes its audio.
    """
    return step("corpus", {"corpus": corpus_params}, {"root": root, "out": corpus.path}, download=root)
