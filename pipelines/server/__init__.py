"""A Kubeflow Pipelines server: reaching it, and putting pipelines, runs and schedules onto it."""
