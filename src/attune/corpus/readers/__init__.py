"""A file for each kind of corpus, which ends in the contract's tables; nothing else knows how a corpus lies on disk."""
