"""The published table on one's own folds and seeds: many systems trained and tested, several at once."""
