"""One command per step of the graph."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from attune.cli.corpus import corpus
from attune.cli.options import PARAMS, ROOT, declared, replaceable, root_of

Command = Callable[..., None]


def _path(name: str, text: str, **extra: Any) -> Callable[[Command], Command]:
    return click.option(name, type=click.Path(path_type=Path), required=True, help=text, **extra)


CORPUS = _path("--corpus", "Folder written by `attune corpus`.")
VALIDATED = _path("--validated", "Folder written by `attune validate`.")
STORE = _path("--store", "Folder written by `attune preprocess`.")
FEATURES = click.option(
    "--features",
    type=click.Path(path_type=Path),
    default=Path("data/features"),
    show_default=True,
    help="Folder written by `attune features`; only some systems use it.",
)
CHECKPOINTS = click.option(
    "--checkpoints",
    type=click.Path(path_type=Path),
    default=Path("checkpoints"),
    show_default=True,
    help="Where an interrupted run resumes from; emptied once it is complete.",
)
MODEL = _path("--model", "Folder written by `attune train`.")
MODELS = _path("--models", "A folder written by `attune train`, or a parent of several; repeatable.", multiple=True)
PREDICTIONS = _path(
    "--predictions", "A folder written by `attune predict`, or a parent of several; repeatable.", multiple=True
)
EVALUATION = _path("--evaluation", "Folder written by `attune evaluate`.")
ATTENTION = _path("--attention", "Folder written by `attune attention`.")
METRICS = _path("--metrics", "The metrics.json written by `attune evaluate`.")
OUT = _path("--out", "Where to write; replaced only when the step succeeds.", callback=replaceable)


@click.command()
@PARAMS
@CORPUS
@ROOT
@OUT
def validate(params_source: str, corpus: Path, root: Path | None, out: Path) -> None:
    """Check labels and audio; quarantine doubtful utterances.

    A critical fault stops the run; quarantine.csv names the rule for each utterance that is left out.
    """
    from attune.steps import validate as step

    step.run(declared(step, params_source), corpus=corpus, root=root_of(root, params_source), out=out)


@click.command()
@PARAMS
@CORPUS
@ROOT
@VALIDATED
@OUT
def preprocess(params_source: str, corpus: Path, root: Path | None, validated: Path, out: Path) -> None:
    """Pack the accepted audio into the waveform store."""
    from attune.steps import preprocess as step

    step.run(
        declared(step, params_source), corpus=corpus, root=root_of(root, params_source), validated=validated, out=out
    )


@click.command()
@PARAMS
@VALIDATED
@STORE
@CHECKPOINTS
@OUT
def features(params_source: str, **paths: Any) -> None:
    """Compute features for systems that do not use the waveform.

    Computed once for all folds. Existing features are kept, and an interrupted run resumes where it stopped.
    """
    from attune.steps import features as step

    step.run(declared(step, params_source), **paths)


@click.command()
@PARAMS
@click.option("--system", required=True, metavar="NAME", help="A system, such as mtl-att (docs/model.md).")
@click.option("--fold", required=True, metavar="NAME", help="A fold of the protocol, such as session1.")
@VALIDATED
@STORE
@FEATURES
@CHECKPOINTS
@OUT
def train(params_source: str, system: str, fold: str, **paths: Any) -> None:
    """Train one system on one fold.

    Stops early on development UAR; an interrupted run resumes from its last checkpoint.
    """
    from attune.steps import train as step

    step.run(declared(step, params_source), system=system, fold=fold, **paths)


@click.command()
@PARAMS
@MODEL
@VALIDATED
@STORE
@FEATURES
@OUT
def predict(params_source: str, **paths: Any) -> None:
    """Predict a fold's development and test utterances.

    Writes probabilities, scores and attention weights.
    """
    from attune.steps import predict as step

    step.run(declared(step, params_source), **paths)


@click.command()
@PARAMS
@VALIDATED
@FEATURES
@PREDICTIONS
@METRICS
@OUT
def evaluate(params_source: str, **paths: Any) -> None:
    """Score all predictions, with confidence intervals.

    Intervals come from a clustered bootstrap; chance, the majority class and the published results are listed for
    comparison. Systems that train in seconds are retrained on subsets of the data, for a learning curve.
    """
    from attune.steps import evaluate as step

    step.run(declared(step, params_source), **paths)


@click.command()
@PARAMS
@CORPUS
@VALIDATED
@STORE
@MODELS
@PREDICTIONS
@CHECKPOINTS
@OUT
def attention(params_source: str, **paths: Any) -> None:
    """Analyse the attention weights, and probe the networks.

    Measures how peaked the weights are, whether they follow loudness and find the known cue, and whether the networks
    need what they attend to. An interrupted run resumes where it stopped.
    """
    from attune.steps import attention as step

    step.run(declared(step, params_source), **paths)


@click.command()
@PARAMS
@CORPUS
@VALIDATED
@STORE
@MODELS
@PREDICTIONS
@METRICS
@EVALUATION
@ATTENTION
@click.option("--curves", type=click.Path(path_type=Path), required=True, help="Also write a table of all epochs here.")
@OUT
def report(params_source: str, **paths: Any) -> None:
    """Write the results page: one self-contained HTML file."""
    from attune.steps import report as step

    step.run(declared(step, params_source), **paths)


@click.command()
@PARAMS
@MODELS
@METRICS
@EVALUATION
@ATTENTION
@click.option("--report", type=click.Path(path_type=Path), required=True, help="The page written by `attune report`.")
@OUT
def register(params_source: str, **paths: Any) -> None:
    """Track the run in MLflow and register its model.

    The chosen system becomes a new version with the alias `candidate`.
    """
    from attune.steps import register as step

    step.run(declared(step, params_source), **paths)


STEP_COMMANDS = (
    corpus,
    validate,
    preprocess,
    features,
    train,
    predict,
    evaluate,
    attention,
    report,
    register,
)
