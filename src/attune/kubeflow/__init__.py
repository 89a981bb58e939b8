"""What a step needs to know of Kubeflow when it runs inside a container: where its artifacts lie, what to report."""
