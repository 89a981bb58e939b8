"""Runs of the pipelines on a server: followed, explained, listed, cancelled."""
