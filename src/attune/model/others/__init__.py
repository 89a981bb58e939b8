"""Models that are not the paper's network: on an encoder's frames, on descriptors, support vectors, imported ones."""
