"""Comparison of two sets of recordings, and the page that shows it."""
