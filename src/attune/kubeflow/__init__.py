"""The Kubeflow side of a step running in a container: where its artifacts are, and what to report."""
