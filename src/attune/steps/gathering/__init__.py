"""Results of the other steps, gathered for `register` and `report`."""
