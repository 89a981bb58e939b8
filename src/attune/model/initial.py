"""Initial weights. The paper does not report its own; these are our choice.

Convolutions: He. GRU: Xavier inputs and orthogonal recurrences, gate by gate. Output: Xavier. Biases: zero.
Attention vector: zero, so that training starts from the plain mean over windows.
"""

import torch
from torch import nn

from attune.model.branch import Branch
from attune.model.network import Network

GATES = 3


def initialise(network: Network, seed: int) -> Network:
    """Draw all weights anew from the seed, and return the network."""
    torch.manual_seed(seed)
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    for convolution in (network.front_end.convolution1, network.front_end.convolution2):
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    for branch in network.branches.values():
        _initialise_branch(branch)
    return network


def _initialise_branch(branch: nn.Module) -> None:
    assert isinstance(branch, Branch)
    for name, parameter in branch.gru.named_parameters():
        for gate in parameter.data.chunk(GATES):
            if name.startswith("weight_ih"):
                nn.init.xavier_uniform_(gate)
            elif name.startswith("weight_hh"):
                nn.init.orthogonal_(gate)
    nn.init.xavier_uniform_(branch.output.weight)
