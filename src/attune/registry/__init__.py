"""Model versions in MLflow's registry: register, find, load and trace them back."""
