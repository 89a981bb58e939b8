"""Track training runs in MLflow: events spooled on disk, a separate sender process, a tree of runs."""
