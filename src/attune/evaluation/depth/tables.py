"""Tables in depth for every system and task: calibration, label noise, sessions, speakers, a regression."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attune.evaluation.bootstrap import Array, around, clusters, draw, gain_of, holm, interval, resampled_sums
from attune.evaluation.depth import calibration
from attune.evaluation.depth.ceiling import Ceiling, ceiling, noise_variance
from attune.evaluation.depth.parts import Part, divided
from attune.evaluation.depth.regression import Fitted, regressed, resampled_ccc
from attune.evaluation.depth.sessions import compare
from attune.evaluation.depth.speakers import extremes
from attune.evaluation.scores import ccc, names, summands
from attune.evaluation.scoring import several
from attune.params import Evaluate
from attune.tasks import Task, Tasks

AS_TRAINED, TEMPERED = "as trained", "with temperature"
SESSION_SCORES = ("uar", "ccc")

NOISE_RESAMPLES = 200
"""Resamples for the ceiling, each of which fits a distribution."""

_ROUNDING = 1e-12  # difference of two sums of the same errors


class Depth(NamedTuple):
    """The tables that `attune.artifacts.evaluation` writes under the same names."""

    calibration: pd.DataFrame
    reliability: pd.DataFrame
    temperatures: pd.DataFrame
    ceiling: pd.DataFrame
    sessions: pd.DataFrame
    extremes: pd.DataFrame
    regression: pd.DataFrame
    learning: pd.DataFrame
    """From `attune.evaluation.depth.learning.curve`, for systems that were trained on parts of the data."""


def look_deeper(rows: pd.DataFrame, tasks: Tasks, settings: Evaluate) -> Depth:
    """Compute all tables beyond the scores themselves.

    Args:
        rows: predictions and truth: ``system, fold, partition, utterance, task``, a column per class,
            ``predicted, score, actual, rating, speaker, dialog, raters, spread``. Ratings and scores are on the
            corpus' own scale, the raters' spread is on the scale from 1 to 5.
        tasks: what is predicted.
    """
    parts = list(divided(rows, tasks, settings))
    rated = [part for part in parts if part.about.rated]
    return Depth(
        calibration=adjusted(_table(parts, _calibration), "p", "predictions", "score"),
        reliability=_table(parts, _reliability),
        temperatures=_table(parts, _temperatures),
        ceiling=_table(_first_system(rated), _ceiling),
        sessions=adjusted(_table(parts, _sessions), "over_p", "score"),
        extremes=adjusted(_table(parts, _extremes), "p", "end"),
        regression=adjusted(_table(rated, _regression), "over_p"),
        learning=pd.DataFrame(),
    )


def _first_system(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of one system: the labels are the same for all."""
    return [part for part in parts if part.system == parts[0].system]


def _table(parts: Sequence[Part], records: Callable[[Part], Iterator[dict[str, Any]]]) -> pd.DataFrame:
    return pd.DataFrame(
        [{"system": part.system, "task": part.task, **record} for part in parts for record in records(part)]
    )


def _fitted(part: Part) -> dict[str, float]:
    """Return the temperature of each fold, fitted on its development partition."""
    return {
        str(fold): calibration.fit_temperature(own[part.classes], own["actual"])
        for fold, own in part.development.groupby("fold", sort=False, observed=True)
    }


def _temperatures(part: Part) -> Iterator[dict[str, Any]]:
    sizes = part.development["fold"].value_counts()
    for fold, temperature in _fitted(part).items():
        yield {"fold": fold, "temperature": temperature, "n": int(sizes[fold])}


def _kinds(part: Part) -> Iterator[tuple[str, Array]]:
    """Yield probabilities of the test partition: as the network gives them, and with their fold's temperature."""
    given = part.test[part.classes].to_numpy(np.float64)
    yield AS_TRAINED, given
    fitted = _fitted(part)
    if set(part.test["fold"]) <= set(fitted):
        yield TEMPERED, calibration.at_temperature(given, part.test["fold"].astype(str).map(fitted))


def _calibration(part: Part) -> Iterator[dict[str, Any]]:
    settings = part.settings
    for kind, probabilities in _kinds(part):
        summed = calibration.summands(probabilities, part.test["actual"])
        resampled = resampled_sums(summed, part.draws)
        null = calibration.ece_by_chance(summed, part.test["speaker"], rounds=settings.resamples, seed=settings.seed)
        for name, score in calibration.SCORES.items():
            value = float(score(summed.sum(axis=0)))
            low, high = around(value, interval(score(resampled), settings.confidence))
            record = {"predictions": kind, "score": name, "value": value, "low": low, "high": high}
            beside = {"expected": float("nan"), "p": float("nan")}
            if name == "ece" and len(null):
                as_large = (null >= value - _ROUNDING).sum()
                beside = {"expected": float(null.mean()), "p": float(as_large + 1) / (len(null) + 1)}
            yield record | {"n": len(part.test)} | beside


def _reliability(part: Part) -> Iterator[dict[str, Any]]:
    for kind, probabilities in _kinds(part):
        summed = calibration.summands(probabilities, part.test["actual"])
        resampled = calibration.accuracies(resampled_sums(summed, part.draws))
        for number, found in enumerate(calibration.reliability(summed.sum(axis=0))):
            if found is not None:
                drawn = resampled[:, number][~np.isnan(resampled[:, number])]
                low, high = interval(drawn, part.settings.confidence)
                yield {"predictions": kind, "bin": number, **found._asdict(), "low": low, "high": high}


def _ceiling(part: Part) -> Iterator[dict[str, Any]]:
    """Yield nothing if no utterance has two raters, or if a class is absent, which the score then leaves out.

    Everything here is on the scale from 1 to 5, except for the noise that is told.
    """
    to_class = part.about.to_class
    rated = part.test["raters"].to_numpy(np.float64) >= 1
    labels, raters, spread = (
        part.test.loc[rated, name].to_numpy(np.float64) for name in ("rating", "raters", "spread")
    )
    labels = part.about.inside(labels)
    noise = noise_variance(spread, raters)
    if np.isnan(noise) or len(np.unique(to_class(labels))) < len(part.classes):
        return
    found = ceiling(labels, raters, noise, to_class)
    drawn: list[Ceiling] = []
    for times in part.draws[:NOISE_RESAMPLES, rated]:
        resampled = noise_variance(spread, raters, times)
        if not np.isnan(resampled):
            drawn.append(ceiling(labels, raters, resampled, to_class, times))
    told, *sampled = (_told(one, part.about, labels) for one in (found, *drawn))
    for score, value in told._asdict().items():
        low, high = interval(np.array([getattr(one, score) for one in sampled]), part.settings.confidence)
        yield {
            **{"score": score, "value": value, "low": low, "high": high},
            **{"n": int(rated.sum()), "raters": float(raters.mean())},
        }


def _told(found: Ceiling, task: Task, labels: Array) -> Ceiling:
    """Return it with the noise on the corpus's own scale: the mean over labels, which it may stretch differently."""
    half = found.noise / 2
    return found._replace(noise=float(np.mean(task.own(labels + half) - task.own(labels - half))))


def _summands(part: Part, score: "pd.Series[float] | Array | None" = None) -> Array:
    own = part.test
    said = own["score"] if score is None else score
    return summands(own["actual"], own["predicted"], own["rating"], said, len(part.classes))


def _sessions(part: Part) -> Iterator[dict[str, Any]]:
    folds = part.test["fold"].to_numpy(str)
    if len(set(folds)) < 2:
        return
    for score in (score for score in SESSION_SCORES if score in names(part.about)):
        independent = clusters(part.test["speaker"], part.test["dialog"])
        found = compare(_summands(part), folds, score, part.draws, part.settings.confidence, independent)
        lowest, highest = (pick(found.by_fold, key=found.by_fold.__getitem__) for pick in (min, max))
        yield {
            **{
                "score": score,
                "pooled": found.pooled,
                "mean": found.mean,
                "n": len(folds),
                "folds": len(found.by_fold),
            },
            **{f"over_{name}": value for name, value in found.over._asdict().items()},
            **{"lowest": found.by_fold[lowest], "lowest_fold": lowest},
            **{"highest": found.by_fold[highest], "highest_fold": highest},
            **_shift(part.test),
        }


def _shift(test: pd.DataFrame) -> dict[str, float]:
    """Return the lowest and highest of the sessions' mean ratings and mean predictions."""
    means = test.groupby("fold", observed=True)[["rating", "score"]].mean()
    return {
        f"{name}_{end}": float(getattr(means[name], pick)())
        for name in ("rating", "score")
        for end, pick in (("lowest", "min"), ("highest", "max"))
    }


def _extremes(part: Part) -> Iterator[dict[str, Any]]:
    own, settings = several(part.test), part.settings
    if own.empty:
        return
    found = extremes(
        own["actual"].to_numpy(np.intp),
        own["predicted"].to_numpy(np.intp),
        own["speaker"].to_numpy(str),
        own["dialog"].to_numpy(str),
        rounds=settings.resamples,
        seed=settings.seed,
        confidence=settings.confidence,
    )
    speakers = int(own["speaker"].nunique())
    yield from ({**one._asdict(), "speakers": speakers} for one in found)


def _regression(part: Part) -> Iterator[dict[str, Any]]:
    beside, fits, settings = np.full(len(part.test), np.nan), list[Fitted](), part.settings
    for number, (fold, own) in enumerate(part.development.groupby("fold", sort=False, observed=True), start=1):
        asked = (part.test["fold"] == fold).to_numpy()
        test, drawn = part.test.loc[asked], part.draws[:, asked]
        given, ratings = own[part.classes].to_numpy(np.float64), own["rating"].to_numpy(np.float64)
        developed = draw(own["speaker"], own["dialog"], resamples=len(drawn), seed=settings.seed + number)
        fits.append(Fitted(given, ratings, developed, test[part.classes], test["rating"], drawn))
        beside[asked] = regressed(given, ratings, test[part.classes])
    if np.isnan(beside).any():
        return
    summed = _summands(part)
    means, fitted = float(ccc(summed.sum(axis=0))), float(ccc(_summands(part, beside).sum(axis=0)))
    samples = resampled_ccc(fits) - ccc(resampled_sums(summed, part.draws))
    independent = clusters(part.test["speaker"], part.test["dialog"])
    over = gain_of(fitted - means, samples, settings.confidence, independent)
    yield {
        **{"expected": means, "regression": fitted},
        **{f"over_{name}": value for name, value in over._asdict().items()},
        "n": len(part.test),
    }


def adjusted(table: pd.DataFrame, p: str, *by: str) -> pd.DataFrame:
    """Add ``<p>_holm``: p with Holm's adjustment over the tasks of each system."""
    if table.empty:
        return table
    adjusted = table.groupby(["system", *by], sort=False)[p].transform(lambda values: holm(values.tolist()))
    return table.assign(**{f"{p}_holm": adjusted})
