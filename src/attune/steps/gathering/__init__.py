"""Results gathered: of many utterances for `predict`, of the other steps for `register` and `report`."""
