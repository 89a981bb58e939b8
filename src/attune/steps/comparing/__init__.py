"""Corpora looked at beside the graph: one by itself, or two side by side."""
