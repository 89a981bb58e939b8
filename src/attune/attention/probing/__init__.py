"""What probing trained networks says: masking, other weights, redrawn layers, other networks, gradients."""
