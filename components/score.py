"""Component `score`."""

from kfp import dsl
from kfp.dsl import Dataset, Output

from components.command import step


@dsl.container_component
def score(audio: str, model: str, table: str, scores: Output[Dataset]) -> dsl.ContainerSpec:
    """Score speech with a registered model: the tasks it was trained for, and the probability of each class.

    Args:
        audio: audio files, or a table of paths: a folder on the mounted volume, or an address.
        model: a version number, an alias, or models:/NAME@ALIAS.
        table: address that scores.csv is copied to; empty to leave it with Kubeflow's artifacts.
        scores: a folder with scores.csv.
    """
    options = {"model": model, "out": f"{scores.path}/scores.csv"}
    return step("score", None, options, arguments=[audio], download=audio, extra=["--upload", "scores", table])
