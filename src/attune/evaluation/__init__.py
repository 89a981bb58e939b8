"""The quality of predictions: scores, clustered intervals, comparisons, groups, published numbers."""
