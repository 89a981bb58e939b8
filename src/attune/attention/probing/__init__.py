"""Results of probing trained networks: masking, replaced weights, randomised layers, other networks, gradients."""
