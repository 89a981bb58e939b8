"""Versions in MLflow's registry: made, found, loaded, traced back."""
