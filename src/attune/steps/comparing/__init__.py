"""Inspect corpora outside the graph: check one, or compare two."""
