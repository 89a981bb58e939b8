"""`attune pipeline` and `attune component`: runs on Kubeflow, or in containers here."""
