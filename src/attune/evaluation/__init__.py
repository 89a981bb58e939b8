"""How good predictions are: scores, clustered intervals, comparisons, groups, published numbers."""
