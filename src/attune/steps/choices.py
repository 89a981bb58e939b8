"""Check that the parameters are compatible with the system and with the corpus' tasks."""

from attune.errors import AttuneError
from attune.model.objectives import OBJECTIVES
from attune.model.others import handcrafted
from attune.params import Train
from attune.tasks import Tasks, names_of


def check(settings: Train, system: str, tasks: Tasks) -> None:
    """Check the settings before anything is trained.

    Raises:
        AttuneError: settings, system and tasks are not compatible; the message names them.
    """
    settings.task_weights.check(names_of(tasks))
    if refused := settings.refused(system):
        raise AttuneError(refused)
    categories = [task.name for task in tasks if not task.rated]
    if categories and system not in handcrafted.SYSTEMS and OBJECTIVES[settings.objective].takes_ratings:
        raise AttuneError(
            f"train.objective: {settings.objective!r} needs ratings, and {categories[0]} has categories",
            remedy=f"Set it to 'classes', or leave {categories[0]} out of the corpus' tasks.",
        )
