"""Events of training runs, spooled on disk and sent to MLflow by a separate process."""
