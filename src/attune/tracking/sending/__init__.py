"""What a training run says, spooled on the disk and sent to MLflow by a process of its own."""
