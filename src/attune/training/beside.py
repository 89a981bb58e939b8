"""What is trained with a network but is not part of the model: task weights and auxiliary tasks."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from attune.model.network import TaskNetwork
from attune.params import Train
from attune.training import losses
from attune.training.auxiliary import AUXILIARIES
from attune.training.auxiliary.base import Auxiliary, Labels
from attune.training.weighting import Uncertainty


class Beside(nn.Module):
    """The extra modules of one network; by default they have no parameters.

    Args:
        labels: by auxiliary task.
    """

    def __init__(self, settings: Train, network: TaskNetwork, labels: Mapping[str, Labels]) -> None:
        super().__init__()
        self.settings = settings
        self.uncertainty = Uncertainty(network.tasks) if settings.task_weighting == "uncertainty" else None
        width = network.front_end.width
        self.auxiliaries = nn.ModuleDict({name: AUXILIARIES[name](width, own.outputs) for name, own in labels.items()})

    def reset(self, seed: int) -> "Beside":
        """Reinitialise all parameters, part by part, from the seed."""
        torch.manual_seed(seed)
        for part in (self.uncertainty, *self.auxiliaries.values()):
            if isinstance(part, Uncertainty | Auxiliary):
                part.reset_parameters()
        return self

    def weighed(self, found: Mapping[str, Tensor], utterances: int) -> Tensor:
        """Combine the tasks' losses, each summed over `utterances` utterances, into one."""
        if self.uncertainty is None:
            return losses.weighted(found, self.settings)
        weighed: Tensor = self.uncertainty(found, utterances)
        return weighed

    def helped(self, shared: Tensor, frames: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """Sum the auxiliary tasks' losses over a batch's utterances, with the weights that the parameters specify."""
        weights = self.settings.auxiliary.model_dump()
        found = [torch.zeros((), device=shared.device)]
        for name, own in self.auxiliaries.items():
            assert isinstance(own, Auxiliary)
            found.append(weights[name] * own.loss(own.answers(shared, frames), labels[name]))
        return torch.stack(found).sum()
