"""Whether what the parameters choose goes together with a system and with what the corpus is rated for."""

from attune.errors import AttuneError
from attune.model.objectives import OBJECTIVES
from attune.params import Train
from attune.tasks import Tasks, names_of


def check(settings: Train, system: str, tasks: Tasks) -> None:
    """Look at it before anything is trained.

    Raises:
        AttuneError: names what does not go together.
    """
    settings.task_weights.check(names_of(tasks))
    if refused := settings.refused(system):
        raise AttuneError(refused)
    categories = [task.name for task in tasks if not task.rated]
    if categories and OBJECTIVES[settings.objective].takes_ratings:
        raise AttuneError(
            f"train.objective: {settings.objective!r} needs ratings, and {categories[0]} has categories",
            remedy=f"Set it to 'classes', or leave {categories[0]} out of the corpus' tasks.",
        )
