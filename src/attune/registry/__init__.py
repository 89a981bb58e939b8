"""MLflow: tracked runs, registered versions, their lineage, and the model as it is served."""
