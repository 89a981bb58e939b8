"""The sections of params.yaml: their keys, their limits, and how their text is read."""
