"""Training: examples, batches, loss, the loop and its checkpoints."""
