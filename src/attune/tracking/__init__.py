"""Following training runs in MLflow: events on disk, a sender beside, a tree of runs."""
