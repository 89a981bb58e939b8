"""Shared by training and prediction: a fold and its labels, the models to fit, and progress display."""
