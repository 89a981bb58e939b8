"""The Kubeflow pipelines, their settings, and the client that submits them. Imports kfp and no torch."""
