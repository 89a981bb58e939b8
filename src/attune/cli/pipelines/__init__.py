"""`attune pipeline`: runs on Kubeflow, or in containers on this machine."""
