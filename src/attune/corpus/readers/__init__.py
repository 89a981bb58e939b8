"""One module per kind of corpus, which returns the contract's tables; only it knows the corpus's layout on disk."""
