"""The message of a training run's processes when one is lost. Imports nothing, since `attune.kubeflow` uses it too."""

LOST = "another process of this training run was lost"
