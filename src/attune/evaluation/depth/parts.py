"""Predictions and truth by system and task, from which all tables in depth are computed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from attune.evaluation.bootstrap import Draws, draw
from attune.params import Evaluate
from attune.tasks import Task, Tasks


class Part(NamedTuple):
    """One system and task: its test rows, in the order of the draws, and its development rows."""

    system: str
    task: str
    test: pd.DataFrame
    development: pd.DataFrame
    draws: Draws
    about: Task
    settings: Evaluate

    @property
    def classes(self) -> list[str]:
        return list(self.about.classes)


def divided(rows: pd.DataFrame, tasks: Tasks, settings: Evaluate) -> Iterator[Part]:
    """Yield every system and task, all with the same draws; see `attune.evaluation.depth.tables.look_deeper`."""
    test = rows[rows["partition"] == "test"]
    who = test.drop_duplicates("utterance").set_index("utterance")
    draws = draw(who["speaker"], who["dialog"], resamples=settings.resamples, seed=settings.seed)
    order = pd.Index(who.index.astype(str))
    for system in test["system"].unique():
        for task in tasks:
            own = rows[(rows["system"] == system) & (rows["task"] == task.name)]
            tested = own[own["partition"] == "test"]
            if len(tested):
                places = order.get_indexer(pd.Index(tested["utterance"].astype(str)))
                tested = tested.iloc[places.argsort()]
                drawn = draws if len(tested) == len(order) else draws[:, np.sort(places)]
                developed = own[own["partition"] == "development"]
                yield Part(str(system), task.name, tested, developed, drawn, task, settings)
