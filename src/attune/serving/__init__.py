"""Score with registered models: over HTTP, and on many files."""
