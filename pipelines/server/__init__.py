"""Connect to a Kubeflow Pipelines server, and create pipelines, runs and schedules on it."""
