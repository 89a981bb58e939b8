"""The section `train` of params.yaml: how networks are built and trained, and which settings are incompatible."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from attune.errors import AttuneError
from attune.settings.section import Count, NotNegative, Positive, Section, Seed, Share
from attune.signal import SAMPLE_RATE, WINDOW


class Augment(Section):
    """Augmentation of training waveforms; 0 disables a kind."""

    level: Annotated[float, Field(ge=0, le=60)] = 0.0
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    speed: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    room: Annotated[float, Field(ge=0, le=1)] = 0.0


RECIPES: dict[str, dict[str, Any]] = {
    "tuned": {},
    "paper": {
        "front_end": "paper",
        "objective": "classes",
        "learning_rate": 1e-4,
        "dropout": 0.1,
        "standardise": False,
        "attention_rate": 1.0,
        "zero_output": False,
        "warm_up": 0.0,
        "average": 0.0,
        "augment": Augment().model_dump(),
        "task_weighting": "fixed",
        "auxiliary": dict.fromkeys(("category", "gender", "rater_spread", "speaker"), 0.0),
    },
}
"""Named settings of `train`: `tuned` is the defaults, `paper` exactly what Zhang et al. 2019 report."""


ON_RATINGS = ("values", "both")
"""Objectives whose loss takes ratings, and so the concordance of a batch."""


class TaskWeights(Section):
    """Weights of the paper's tasks, and of any others that the corpus has."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)
    __pydantic_extra__: dict[str, NotNegative]

    arousal: NotNegative = 1.0
    valence: NotNegative = 1.0
    dominance: NotNegative = 1.0

    def of(self, task: str) -> float:
        """Return a task's weight; 1 by default."""
        return float(self.model_dump().get(task, 1.0))

    def check(self, tasks: Iterable[str]) -> None:
        """Refuse a weight for a task that does not exist, and weights that are all 0.

        Raises:
            AttuneError: the message names the task or the section.
        """
        known = list(tasks)
        for name, weight in self.model_dump().items():
            if name not in known and weight != 1:
                raise AttuneError(
                    f"train.task_weights: the corpus has no task {name!r}",
                    remedy=f"Its tasks are {', '.join(known)}; leave others out.",
                )
        if not any(self.of(name) for name in known):
            raise AttuneError("train.task_weights: all are 0", remedy="Give the tasks to be learnt a positive weight.")


class Auxiliary(Section):
    """Weights of tasks that are only used in training; 0 disables one."""

    category: NotNegative = 0.0
    gender: NotNegative = 0.0
    rater_spread: NotNegative = 0.0
    speaker: NotNegative = 0.0

    @property
    def wanted(self) -> list[str]:
        """The tasks with a weight."""
        return [name for name, weight in self.model_dump().items() if weight]


class Train(Section):
    seed: Seed = 1
    front_end: Literal["paper", "paper-windowed", "strided"] = "paper"
    direction: Literal["forward", "bidirectional"] = "forward"
    objective: Literal["classes", "values", "both"] = "classes"
    epochs: Count = 10
    patience: Count = 5
    batch_size: Count = 4
    learning_rate: Positive = 5e-4
    standardise: bool = True
    attention_rate: Positive = 20.0
    zero_output: bool = True
    warm_up: NotNegative = 1.0
    average: Share = 0.985
    l2: NotNegative = 0.0
    dropout: Share = 0.1
    gradient_clip: NotNegative = 5.0
    class_weights: Literal["balanced", "none"] = "balanced"
    task_weights: TaskWeights = TaskWeights()
    task_weighting: Literal["fixed", "uncertainty"] = "fixed"
    auxiliary: Auxiliary = Auxiliary()
    max_seconds: Annotated[float, Field(ge=WINDOW / SAMPLE_RATE, allow_inf_nan=False)] = 20.0
    augment: Augment = Augment()

    @model_validator(mode="before")
    @classmethod
    def _a_recipe_by_name(cls, values: Any) -> Any:
        """Expand `train: paper`, or `recipe: paper` with other keys that the recipe does not set."""
        if isinstance(values, str):
            values = {"recipe": values}
        if not isinstance(values, dict) or "recipe" not in values:
            return values
        given = {key: value for key, value in values.items() if key != "recipe"}
        recipe = values["recipe"]
        if not isinstance(recipe, str) or recipe not in RECIPES:
            raise ValueError(f"train: no recipe is called {recipe!r}; there are {', '.join(RECIPES)}")
        for key, value in RECIPES[recipe].items():
            own = given.get(key, value)
            if (value | own if isinstance(value, dict) and isinstance(own, dict) else own) != value:
                raise ValueError(
                    f"train.{key}: {given[key]} contradicts the recipe {recipe!r}, which has {value}; leave it out"
                )
        return RECIPES[recipe] | given

    @model_validator(mode="after")
    def _values_need_company(self) -> "Train":
        if self.objective in ON_RATINGS and self.batch_size == 1:
            raise ValueError(
                f"train.batch_size: objective {self.objective!r} needs batches of 2 utterances at least, because"
                " a concordance of one utterance does not exist"
            )
        return self

    @model_validator(mode="after")
    def _weights_are_fixed_or_learnt(self) -> "Train":
        if self.task_weighting == "uncertainty" and set(self.task_weights.model_dump().values()) != {1.0}:
            raise ValueError("train.task_weights: task_weighting 'uncertainty' learns them; leave them all at 1")
        return self

    def refused(self, system: str) -> str | None:
        """Return why a system cannot be trained with these settings, in a sentence that names the key; None if it can.

        This section does not apply to support vector machines.
        """
        hears = {"lld-rnn": "descriptors", "ssl-att": "an encoder's frames"}.get(system)
        if hears and self.front_end != "paper":
            return (
                f"train.front_end: {system} uses {hears} and has no front end of its own; leave it at 'paper', or"
                f" remove {system} from the systems"
            )
        if system == "lld-rnn" and self.auxiliary.wanted:
            return (
                f"train.auxiliary.{self.auxiliary.wanted[0]}: the tasks of lld-rnn share no layer that it could help;"
                " set it to 0, or remove lld-rnn from the systems"
            )
        if system.startswith("stl") and self.task_weighting == "uncertainty":
            return (
                f"train.task_weighting: the networks of {system} have one task each and nothing to weigh; set it to"
                f" 'fixed', or remove {system} from the systems"
            )
        idle = next((task for task, weight in self.task_weights.model_dump().items() if weight == 0), None)
        if idle and (system.startswith("stl") or system == "lld-rnn"):
            return (
                f"train.task_weights.{idle}: at 0, what {system} has for this task alone would learn nothing; give it a"
                f" positive weight, or remove {system} from the systems"
            )
        if system == "ssl-att" and self.direction != "forward":
            return "train.direction: ssl-att has no GRUs; leave it at 'forward', or remove ssl-att from the systems"
        return None
