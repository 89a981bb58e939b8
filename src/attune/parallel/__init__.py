"""Work spread over threads or processes, its results in order."""
