"""What is trained beside a network and left behind: how its tasks are weighed, and the auxiliary tasks."""

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
    """For one network; by default nothing is learnt in it.

    Args:
        labels: those of the auxiliary tasks there are.
    """

    def __init__(self, settings: Train, network: TaskNetwork, labels: Mapping[str, Labels]) -> None:
        super().__init__()
        self.settings = settings
        self.uncertainty = Uncertainty(network.tasks) if settings.task_weighting == "uncertainty" else None
        width = network.front_end.width
        self.auxiliaries = nn.ModuleDict({name: AUXILIARIES[name](width, own.outputs) for name, own in labels.items()})

    def reset(self, seed: int) -> "Beside":
        """Draw all parameters anew from the seed, each part its own."""
        torch.manual_seed(seed)
        for part in (self.uncertainty, *self.auxiliaries.values()):
            if isinstance(part, Uncertainty | Auxiliary):
                part.reset_parameters()
        return self

    def weighed(self, found: Mapping[str, Tensor], utterances: int) -> Tensor:
        """The tasks' losses, each added up over so many utterances, as one."""
        if self.uncertainty is None:
            return losses.weighted(found, self.settings)
        weighed: Tensor = self.uncertainty(found, utterances)
        return weighed

    def helped(self, shared: Tensor, frames: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """The auxiliary tasks' losses, added up over a batch's utterances, by the weights that the parameters fix."""
        weights = self.settings.auxiliary.model_dump()
        found = [torch.zeros((), device=shared.device)]
        for name, own in self.auxiliaries.items():
            assert isinstance(own, Auxiliary)
            found.append(weights[name] * own.loss(own.answers(shared, frames), labels[name]))
        return torch.stack(found).sum()
