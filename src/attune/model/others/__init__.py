"""Models other than the paper's network: on an encoder's frames, on descriptors, support vector machines, imported."""
