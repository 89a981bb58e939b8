"""Everything needed to reproduce the page: settings, versions, commands."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

import pandas as pd

from attune import __version__, protocols
from attune.numbers import count, counted, level
from attune.report.contents import Contents

MOST_NAMED = 6
"""Most folds or systems listed among the facts; all are listed under Reproduce."""

PACKAGES = ("torch", "numpy", "pandas", "scikit-learn")

COMMANDS = (
    ("make run", "everything, from the corpus to this page"),
    ("dvc repro", "only what changed"),
    ("dvc exp run -S train.learning_rate=3e-4", "the same with another parameter"),
    ("dvc metrics show", "the scores in the terminal"),
    ("attune score FILE.wav", "score a recording of your own"),
    ("mlflow ui --backend-store-uri sqlite:///mlflow.db", "runs and models"),
)


def facts(contents: Contents) -> list[tuple[str, str]]:
    """Return the lines under the key numbers: what was measured on what."""
    run = contents.run
    tested = contents.tested.drop_duplicates("utterance")
    return [
        ("Protocol", f"{run.protocol}: {_protocol(run.protocol)}"),
        ("Folds tested", _few(run.folds)),
        ("Systems", _few(run.systems)),
        ("Corpus", f"{run.origin.name}, {count(len(contents.corpus))} utterances, {_minutes(contents)}"),
        *([("Speakers", run.origin.caution)] if run.origin.caution else []),
        ("Tested", counted(len(tested), "utterance") + (_of_speakers(tested) if run.origin.speakers_known else "")),
    ]


def settings(contents: Contents) -> list[tuple[str, str]]:
    """Return the parameters and versions behind the page."""
    run = contents.run
    seeds = sorted({str(model["seed"]) for model in contents.models.values()})
    return [
        ("Code", _code(contents)),
        *([("Pipeline run", contents.pipeline_run)] if contents.pipeline_run else []),
        *((f"md5 of {path}", md5) for path, md5 in contents.data_md5.items()),
        ("Protocol", run.protocol),
        ("Folds", ", ".join(run.folds)),
        ("Systems", ", ".join(run.systems)),
        ("Training seed", ", ".join(seeds)),
        ("Parameters of the model", ", ".join(_sizes(contents))),
        ("Bootstrap", f"{run.resamples} resamples, seed {run.seed}, {level(run.confidence)} intervals"),
        ("attune", __version__),
        ("Python", platform.python_version()),
        *((package, version(package)) for package in PACKAGES),
    ]


def _code(contents: Contents) -> str:
    """Return the commit from which the page was made."""
    if contents.card.commit is None:
        return "not in a git repository"
    return f"commit {contents.card.commit[:12]}" + ("" if contents.card.clean else ", with uncommitted changes")


def _protocol(name: str) -> str:
    found = protocols.find(name)
    return found.description if found else "unknown"


def _sizes(contents: Contents) -> list[str]:
    """Return the number of parameters by system, as ``mtl-att 1 990 409``; it is the same for all folds."""
    sizes = {system: model["parameters"] for (system, _), model in contents.models.items()}
    return [f"{system} {count(size)}" for system, size in sizes.items()]


def _of_speakers(tested: pd.DataFrame) -> str:
    number = tested["speaker"].nunique()
    return " of one speaker" if number == 1 else f" of {count(number)} speakers"


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:MOST_NAMED])} and {more} more"


def _minutes(contents: Contents) -> str:
    seconds = float(contents.corpus["duration"].sum())
    if seconds >= 5400:
        return f"{seconds / 3600:.1f} hours"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
