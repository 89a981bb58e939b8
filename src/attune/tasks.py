"""The prediction tasks, each with its name, its classes and, if it is rated, its scale.

The corpus defines the tasks; the paper's three are the default. Internally, ratings are mapped piecewise linearly to
1 to 5, so that a rating keeps its class whatever the scale; outputs use the corpus's own scale.
"""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attune.errors import AttuneError

CLASSES = ("low", "middle", "high")
"""Low is [1, 2], middle is (2, 4), high is [4, 5] (Zhang et al. 2019, section 3.1)."""

INSIDE = (1.0, 2.0, 4.0, 5.0)
"""Lowest rating, upper edge of low, lower edge of high, highest rating."""


class Task(NamedTuple):
    """A rated dimension or, without `knots`, a categorical task."""

    name: str
    classes: tuple[str, ...] = CLASSES
    knots: tuple[float, ...] | None = INSIDE
    """The lowest rating, the edges between classes and the highest one; None for categories, which have no order."""

    @property
    def rated(self) -> bool:
        """Whether there is a score to predict besides the class."""
        return self.knots is not None

    @property
    def title(self) -> str:
        """The display name.

        >>> Task("task_load").title
        'Task load'
        """
        return self.name.replace("_", " ").capitalize()

    @property
    def scale(self) -> tuple[float, float]:
        """The lowest and highest rating; for categories, the numbers of the first and last."""
        return (self.knots[0], self.knots[-1]) if self.knots else (0.0, len(self.classes) - 1.0)

    @property
    def chance(self) -> float:
        """The expected UAR of guessing blindly, whatever the balance of classes and guesses."""
        return 1 / len(self.classes)

    @property
    def middles(self) -> list[float]:
        """The middle of each class's range, on the corpus's own scale; empty for categories."""
        ends = self.knots or ()
        return [(low + high) / 2 for low, high in pairwise(ends)]

    def inside(self, ratings: ArrayLike) -> NDArray[np.float64]:
        """Map ratings from this scale to 1 to 5; ratings off the scale stay off it."""
        return _stretched(ratings, self.knots, self.knots_inside)

    def own(self, ratings: ArrayLike) -> NDArray[np.float64]:
        """Map ratings from 1 to 5 to this scale."""
        return _stretched(ratings, self.knots_inside, self.knots)

    def to_class(self, ratings: ArrayLike) -> NDArray[np.int8]:
        """Return the class of each rating from 1 to 5, as an index into `classes`; for a category, its number.

        An edge belongs to the outer class. Ratings off the scale fall into the nearest outer class, which reproduces
        the published class counts; validation decides whether such rows are kept.

        Args:
            ratings: of any shape.

        Returns:
            Classes of the same shape.

        Raises:
            AttuneError: a rating is missing or infinite.
        """
        values = np.asarray(ratings, dtype=np.float64)
        unusable = int(np.count_nonzero(~np.isfinite(values)))
        if unusable:
            raise AttuneError(
                f"{unusable} of {values.size} ratings are missing or not finite and so belong to no class",
                remedy="Use the accepted utterances that `attune validate` writes.",
            )
        if not self.rated:
            return values.astype(np.int8)
        edges = self.knots_inside[1:-1]
        lower = len(edges) // 2
        above = [values > edge for edge in edges[:lower]] + [values >= edge for edge in edges[lower:]]
        return np.sum(above, axis=0, dtype=np.int8)

    @property
    def knots_inside(self) -> tuple[float, ...]:
        """`knots` mapped to ratings from 1 to 5."""
        return knots_inside(len(self.classes))


def knots_inside(classes: int) -> tuple[float, ...]:
    """Return the lowest rating, the edges between the classes, and the highest rating, on 1 to 5."""
    return INSIDE if classes == len(CLASSES) else tuple(np.linspace(1, 5, classes + 1).tolist())


Tasks = tuple[Task, ...]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
"""Valid task names: they name files, columns and parts of a network."""

RESERVED = frozenset(
    """
    utterance dialog session speaker gender scenario start end category transcript audio source line partition
    fold corpus language raters frames sample_rate channels duration path samples rate warnings error model
    joint chance add_module apply bfloat16 buffers call_super_init children clear compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    items keys load_state_dict modules mtia named_buffers named_children named_modules named_parameters
    parameters pop register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_module register_parameter
    requires_grad_ set_extra_state smart_apply T_destination register_state_dict_post_hook register_state_dict_pre_hook
    set_submodule share_memory state_dict to to_empty train training type update values xpu zero_grad
    copy fromkeys get popitem setdefault
    """.split()  # noqa: SIM905 - forty quoted words would hide what they are
)
"""Names already taken by the tables' columns, or by attributes of network modules in torch and transformers."""

RESERVED_CLASSES = frozenset(
    """
    system fold partition utterance task predicted score weights dialog session speaker gender scenario rating
    actual
    """.split()  # noqa: SIM905 - forty quoted words would hide what they are
)
"""The same for classes, whose probabilities are columns beside these."""

PAPER: Tasks = (Task("arousal"), Task("valence"), Task("dominance"))
"""The tasks of Zhang et al. 2019."""

TASKS = tuple(task.name for task in PAPER)
"""Their names."""


def names_of(tasks: Tasks) -> list[str]:
    """Return the names of tasks, in order."""
    return [task.name for task in tasks]


def class_names(tasks: Tasks) -> list[str]:
    """Return the classes of all tasks, each once: the columns of a table with their probabilities."""
    return list(dict.fromkeys(name for task in tasks for name in task.classes))


def ordered(tasks: Sequence[Task]) -> Tasks:
    """Return the paper's tasks first, in its order, then others as given: the order of a network's parts."""
    place = {name: number for number, name in enumerate(TASKS)}
    return tuple(sorted(tasks, key=lambda task: place.get(task.name, len(place))))


def as_json(tasks: Tasks) -> list[Any]:
    """Return tasks as stored in artefacts: a dimension from 1 to 5 by name, any other as its fields."""
    return [task.name if task == Task(task.name) else task._asdict() for task in tasks]


def parse(values: Sequence[Any]) -> Tasks:
    """Parse the output of `as_json`.

    Raises:
        ValueError: it is something else.
    """
    try:
        return tuple(map(_task, values))
    except (TypeError, KeyError) as error:
        raise ValueError(f"no tasks ({error})") from None


def to_text(tasks: Tasks) -> str:
    """Return `as_json` as text."""
    return json.dumps(as_json(tasks), ensure_ascii=False)


def _task(value: "str | Task | Mapping[str, Any]") -> Task:
    if isinstance(value, Task):
        return value
    if isinstance(value, str):
        return Task(value)
    knots = value["knots"]
    return Task(str(value["name"]), tuple(value["classes"]), None if knots is None else tuple(map(float, knots)))


def _stretched(values: ArrayLike, knots: tuple[float, ...] | None, to: tuple[float, ...] | None) -> NDArray[np.float64]:
    given = np.asarray(values, dtype=np.float64)
    if knots is None or to is None or knots == to:
        return given
    piece = np.searchsorted(np.array(knots[1:-1]), given, side="right")
    left, right = np.array(knots)[piece], np.array(knots)[piece + 1]
    bottom, top = np.array(to)[piece], np.array(to)[piece + 1]
    return np.asarray(bottom + (given - left) * ((top - bottom) / (right - left)))
