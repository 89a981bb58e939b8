"""Fit support vector machines: standardise on training data, choose C and the temperature on development data."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from attune.artifacts.history import COSTS
from attune.errors import AttuneError
from attune.model.others.handcrafted import Array, Machine, pairs
from attune.tasks import Task, Tasks
from attune.training.examples import Classes
from attune.training.history import Epoch, best
from attune.training.scores import recall

TEMPERATURES = np.logspace(-2, 1, 31)

_ALWAYS = 1e3  # the margin by which any class beats one that is absent from training


def fit(
    system: str, task: Task, training: tuple[Array, Classes], development: tuple[Array, Classes]
) -> tuple[Machine, list[Epoch]]:
    """Return the machine with the best development UAR, and a record for each C in place of epochs.

    Args:
        training, development: functionals (utterances, 88), classes (utterances,).

    Raises:
        AttuneError: the training partition has only one class.
    """
    if len(np.unique(training[1])) < 2:
        raise AttuneError(
            f"every utterance of the training partition is {task.classes[training[1][0]]} in {task.name}",
            where=system,
            remedy="A classifier needs two classes: use more utterances.",
        )
    machines = [_machine(*training, c, len(task.classes)) for c in COSTS]
    machines = [machine._replace(temperature=_temperature(machine, *development)) for machine in machines]
    history = [
        Epoch(
            network=task.name,
            epoch=number,
            train_loss=_loss(machine, *training),
            development_loss=_loss(machine, *development),
            development_uar={task.name: recall(development[1], machine.decisions(development[0]).argmax(1))},
        )
        for number, machine in enumerate(machines, start=1)
    ]
    return machines[best(history).epoch - 1], history


def fit_all(
    system: str,
    tasks: Tasks,
    training: tuple[Array, Mapping[str, Classes]],
    development: tuple[Array, Mapping[str, Classes]],
) -> dict[str, tuple[Machine, list[Epoch]]]:
    """Call `fit` for every task."""
    return {
        task.name: fit(system, task, (training[0], training[1][task.name]), (development[0], development[1][task.name]))
        for task in tasks
    }


def _machine(functionals: Array, classes: Classes, c: float, count: int) -> Machine:
    from sklearn.svm import SVC  # takes a second: not where networks are trained

    mean, spread = np.nanmean(functionals, axis=0), np.nanstd(functionals, axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    standardised = np.nan_to_num((functionals - mean) / scale)
    fitted = SVC(kernel="linear", C=c, class_weight="balanced").fit(standardised, classes)
    present = fitted.classes_.tolist()
    sides = -1 if len(present) == 2 else 1  # scikit-learn flips the sign if there is only one pair
    found = dict(
        zip(combinations(present, 2), zip(sides * fitted.coef_, sides * fitted.intercept_, strict=True), strict=True)
    )
    nobody = np.zeros(functionals.shape[1])
    planes = [found.get(pair, (nobody, _ALWAYS if pair[0] in present else -_ALWAYS)) for pair in pairs(count)]
    weight, bias = np.array([plane[0] for plane in planes]), np.array([plane[1] for plane in planes])
    return Machine(mean, scale, weight, bias, 1.0)


def _temperature(machine: Machine, functionals: Array, classes: Classes) -> float:
    losses = [_loss(machine._replace(temperature=float(t)), functionals, classes) for t in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _loss(machine: Machine, functionals: Array, classes: Classes) -> float:
    """Mean cross-entropy."""
    own = machine.probabilities(functionals)[np.arange(len(classes)), classes]
    return float(-np.log(np.maximum(own, 1e-12)).mean())
